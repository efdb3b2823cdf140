"""What somebody wants to know of a test besides its whole report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    Attributes:
        segment: Only of these customers, as an address names them; None: of everybody.
        kpi: Whose groups and days are told; None: the primary's.
    """

    segment: str | None = None
    kpi: str | None = None


EVERYTHING = Asked()

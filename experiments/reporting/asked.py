"""What somebody wants to know of a test besides its whole report, and as of when."""

from dataclasses import dataclass
from datetime import datetime

from experiments.errors import Invalid


class StillToCome(Invalid):
    """A report is asked for as of a moment that nobody knows anything of yet."""

    template = (
        "{moment} is still to come: name a moment that has come, or none for the report as of now"
    )


def check_moment(as_of: datetime | None, now: datetime) -> None:
    """Refuse a moment that is still to come.

    Raises:
        StillToCome: If it is.
    """
    if as_of is not None and as_of > now:
        raise StillToCome(field="as_of", moment=as_of.isoformat())


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

"""A decision: which variant goes out, and the three lines that say why."""

from dataclasses import dataclass
from datetime import datetime

from experiments.kpis.checks import check_text

LONGEST_LINE = 2_000


@dataclass(frozen=True)
class Reason:
    """Three lines, each at least a word long.

    Attributes:
        saw: What we saw.
        why: Why we think it came about.
        next: What we do next.
    """

    saw: str
    why: str
    next: str

    def __post_init__(self) -> None:
        for name in ("saw", "why", "next"):
            line = getattr(self, name)
            check_text(line, name, longest=LONGEST_LINE)
            check_text(line.strip(), name, shortest=1)


@dataclass(frozen=True)
class Decision:
    """What was decided of a stopped test.

    Attributes:
        variant: Key of the variant that goes out; None where nothing changes.
        reason: The three lines.
        decided_by: Name of the actor.
        decided_at: When.
    """

    variant: str | None
    reason: Reason
    decided_by: str
    decided_at: datetime

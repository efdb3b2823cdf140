"""What a KPI's document is shown with before anybody uses it: its value and its past.

Only the interface: whoever can measure supplies a :class:`PreviewsKpi`. Nothing here touches
events.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_whole
from experiments.kpis.document import PERIODS, KpiDocument

FEWEST_MONTHS, MOST_MONTHS = 3, 6


@dataclass(frozen=True)
class PreviewRequest:
    """A question for the past of a KPI.

    Attributes:
        project_id: Whose events.
        document: As it stands, saved or not.
        as_of: Up to when; aware. Customers whose window is open then are not counted.
        months: How far back: 3 to 6 calendar months before ``as_of``.
        period: Of each point: ``day``, ``week``, ``month`` or ``quarter``.
        segment: Key of a saved segment; None: everybody.
        channel: One channel; None: all of them.
    """

    project_id: int
    document: KpiDocument
    as_of: datetime
    months: int = MOST_MONTHS
    period: str = "week"
    segment: str | None = None
    channel: str | None = None

    def __post_init__(self) -> None:
        check_whole(self.months, FEWEST_MONTHS, MOST_MONTHS, "months")
        check_choice(self.period, PERIODS, "period")
        if self.as_of.tzinfo is None:
            raise Invalid(field="as_of", expected="a time with its zone", got=str(self.as_of))


@dataclass(frozen=True)
class PastValue:
    """The KPI in one period.

    Attributes:
        starts_on: First local day.
        units: Customers in the denominator.
        value: In the KPI's unit (rates as fractions); None where nobody was counted.
        complete: Whether every window that started in it has closed.
    """

    starts_on: date
    units: int
    value: Decimal | None
    complete: bool


@dataclass(frozen=True)
class Preview:
    """A KPI's past, and what would be its baseline.

    Attributes:
        points: Oldest first.
        baseline: Over all complete points together; None if there are none.
        weekdays: Value by weekday over the baseline, Monday first, where there are at least
            eight weeks; None else. 1.1 is ten per cent above.
        months: Value by calendar month over the baseline, for the months that were seen.
        excluded: Events left out, by reason.
        position: Of the ledger that was read.
        sql: What measured it.
    """

    points: tuple[PastValue, ...]
    baseline: Decimal | None
    weekdays: tuple[Decimal, ...] | None
    months: dict[int, Decimal]
    excluded: dict[str, int]
    position: int
    sql: str


class PreviewsKpi(Protocol):
    """Whoever can look a KPI's past up."""

    def __call__(self, request: PreviewRequest) -> Preview:
        """Measure the past.

        Raises:
            NotMeasuredYet: Naming the part of the document that cannot be measured.
            Unavailable: If the engine cannot be reached; nothing is ever answered as zero.
        """
        ...

"""What may come: the question, the answer, and when there is none. The work is `fitted.py`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from experiments.tracking.periods import first_day

# Periods that must be known before anything is said of the next: two seasons of weekdays four
# times over, or of months two years.
FEWEST = {"day": 56, "week": 20, "month": 24, "quarter": 12}
CONFIDENCE = 0.95
FINER = {"quarter": "month", "month": "week", "week": "day"}


@dataclass(frozen=True)
class History:
    """A past to learn from.

    Attributes:
        period: Of each value.
        values: First day and value of complete periods, oldest first, none left out between.
        holidays: By first day, how many holidays a period has; those to come too.
        campaigns: Likewise, how many days with a campaign.
        outages: First days of periods with an outage: nothing is learned from them.
        share: Whether values are shares, between 0 and 1.
    """

    period: str
    values: tuple[tuple[date, Decimal], ...]
    holidays: dict[date, int]
    campaigns: dict[date, int]
    outages: frozenset[date] = frozenset()
    share: bool = False


@dataclass(frozen=True)
class ForecastPoint:
    """A period to come: the middle and a range of what may be."""

    starts_on: date
    value: Decimal
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True)
class BackTest:
    """How the same method would have done in the past.

    Attributes:
        origins: Moments from which it looked ahead, knowing nothing later.
        horizon: So many periods each time, at most.
        points: Values held against what came.
        error: Mean absolute error, in the KPI's unit.
        relative_error: Over the mean of what came.
        naive_error: Mean absolute error of saying "as in the same period before" (a week
            before for days, the period before for others).
        coverage: Share of what came that lay in its range; each origin's range is widened by
            what the other origins had shown.
        confidence: The share that is meant to.
    """

    origins: int
    horizon: int
    points: int
    error: Decimal
    relative_error: Decimal | None
    naive_error: Decimal
    coverage: Decimal
    confidence: Decimal


@dataclass(frozen=True)
class Forecast:
    """What may come, or why nothing is said.

    Attributes:
        period: Of each point.
        points: From the first period after the last complete one.
        summed: Of totals, the same added up to whole periods of ``summed_by``.
        method: Parts of the method: ``level`` or ``trend``, ``weekday``, ``holidays``,
            ``campaigns``, ``outages_left_out``; ``log`` or ``logit`` where it works in them.
        learned_from: Periods.
        back_test: None where there is no forecast.
        gap: ``too_little_history``, ``too_far``, ``nothing_to_come``, ``does_not_vary``.
        needed: Of ``too_little_history``: periods.
    """

    period: str
    points: tuple[ForecastPoint, ...]
    method: tuple[str, ...]
    learned_from: int
    back_test: BackTest | None
    gap: str | None = None
    needed: int | None = None
    summed_by: str | None = None
    summed: tuple[ForecastPoint, ...] = ()

    def at(self, day: date) -> ForecastPoint | None:
        """The point of the period that holds a day."""
        return _holding(self.points, self.period, day)

    def sum_at(self, day: date) -> ForecastPoint | None:
        """The sum over the longer period that holds a day."""
        return _holding(self.summed, self.summed_by, day)


def _holding(
    points: Sequence[ForecastPoint], period: str | None, day: date
) -> ForecastPoint | None:
    if period is None:
        return None
    return next((each for each in points if each.starts_on == first_day(day, period)), None)


def no_forecast(history: History, gap: str, needed: int | None = None) -> Forecast:
    """A stated gap."""
    return Forecast(history.period, (), (), len(history.values), None, gap, needed)

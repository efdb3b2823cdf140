"""What a forecast is made of and made in: the past without gaps, its periods, its days."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from experiments.kpis.document import KpiDocument
from experiments.tracking.annotations import Annotation
from experiments.tracking.forecast import (
    FEWEST,
    FINER,
    Forecast,
    ForecastPoint,
    History,
    no_forecast,
)
from experiments.tracking.periods import day_after, first_day
from experiments.tracking.series import Series

_ADDS_UP = ("count", "amount", "number", "message_cost", "series")


class AsWritten:
    """A history as a key: it holds dictionaries, which have no hash."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._text = repr(history)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsWritten) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=64)
def remembered(past: AsWritten, until: date, summed_by: str | None) -> Forecast:
    """The same past says the same: it is reckoned once."""
    if len(past.history.values) < FEWEST[past.history.period]:
        return no_forecast(past.history, "too_little_history", FEWEST[past.history.period])
    from experiments.tracking.fitted import forecast  # noqa: PLC0415 - loads statsmodels

    return forecast(past.history, until, summed_by)


def of_due(
    ahead: Forecast, series: Series, document: KpiDocument, due: date
) -> ForecastPoint | None:
    """What the forecast says of the KPI's own period at the due date; a day is no month."""
    if ahead.period == series.period or not is_total(document):
        return ahead.at(due)
    return ahead.sum_at(due)


def adds_up(document: KpiDocument) -> bool:
    """Whether the totals of days are those of months: not of different customers or days."""
    terms = document.formula.all_terms.values()
    rolls = document.tracking is not None and document.tracking.rolling_days is not None
    plain = all(term.value in _ADDS_UP for term in terms) and document.formula.cap is None
    return is_total(document) and plain and not rolls


def is_total(document: KpiDocument) -> bool:
    """Whether it is read as the sum over all customers."""
    return document.tracking is not None and document.tracking.aggregate == "total"


def finer_periods(period: str) -> list[str]:
    """Every finer period, the next first."""
    return [FINER[period], *finer_periods(FINER[period])] if period in FINER else []


def unbroken(series: Series) -> list[tuple[date, Decimal]]:
    """The complete values, oldest first, after the last gap among them."""
    found: list[tuple[date, Decimal]] = []
    for each in series.complete:
        assert each.value is not None  # noqa: S101 - narrows a type: complete ones have a value
        if found and day_after(found[-1][0], series.period) != each.starts_on:
            found = []
        found.append((each.starts_on, each.value))
    return found


def days_of(notes: Collection[Annotation], until: date) -> list[date]:
    """Every day that a note touches, up to one."""
    days: set[date] = set()
    for note in notes:
        last = min(note.ends_on, until)
        days |= {
            note.starts_on + timedelta(days=n) for n in range((last - note.starts_on).days + 1)
        }
    return sorted(days)


def days_in(period: str, days: Collection[date]) -> dict[date, int]:
    """How many of the days each period has."""
    found: dict[date, int] = {}
    for day in days:
        start = first_day(day, period)
        found[start] = found.get(start, 0) + 1
    return found

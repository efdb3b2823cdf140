"""What a KPI's past says at a glance: its baseline, its pattern by weekday and by month."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal, localcontext

from experiments.kpis.preview import PastValue
from experiments.tracking.series import PeriodValue, Series

FEWEST_WEEKS = 8
_DIGITS = 28


def months_before(on: date, months: int) -> date:
    """The first day of the month so many months before that of a day.

    Examples:
        >>> months_before(date(2025, 3, 31), 6)
        datetime.date(2024, 9, 1)
    """
    number = on.year * 12 + on.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def past_values(series: Series) -> tuple[PastValue, ...]:
    """The points of a preview."""
    return tuple(
        PastValue(each.starts_on, each.units, each.value, each.complete) for each in series.values
    )


def weekday_pattern(by_day: Series) -> tuple[Decimal, ...] | None:
    """Value by weekday over that of all days, Monday first; None below eight whole weeks."""
    days = by_day.complete
    found = _pattern(days, lambda each: each.starts_on.weekday())
    per_weekday: dict[int, int] = defaultdict(int)
    for each in days:
        per_weekday[each.starts_on.weekday()] += 1
    if len(per_weekday) < 7 or min(per_weekday.values()) < FEWEST_WEEKS or not found:
        return None
    return tuple(found[number] for number in range(7))


def month_pattern(by_day: Series) -> dict[int, Decimal]:
    """Value by calendar month over that of all days, of months known to their 28th day."""
    days = by_day.complete
    known = {each.starts_on for each in days}
    whole = [each for each in days if _is_known(each.starts_on, known)]
    found = _pattern(whole, lambda each: each.starts_on.month)
    return {number: found[number] for number in sorted(found)}


def _is_known(day: date, known: set[date]) -> bool:
    first = day.replace(day=1)
    return first in known and first + timedelta(days=27) in known


def _pattern(
    values: Iterable[PeriodValue], key: Callable[[PeriodValue], int]
) -> dict[int, Decimal]:
    kept = list(values)
    level = _level(kept)
    if not level:
        return {}
    groups: dict[int, list[PeriodValue]] = defaultdict(list)
    for each in kept:
        groups[key(each)].append(each)
    with localcontext() as context:
        context.prec = _DIGITS
        return {
            name: found / level
            for name, group in groups.items()
            if (found := _level(group)) is not None
        }


def _level(values: list[PeriodValue]) -> Decimal | None:
    """The value over several periods: of quotients that of the sums, else the mean."""
    if not values:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        above = [each.numerator for each in values]
        below = [each.denominator for each in values]
        if None not in above and None not in below:
            whole = sum(each for each in below if each is not None)
            return sum((e for e in above if e is not None), Decimal(0)) / whole if whole else None
        known = [each.value for each in values if each.value is not None]
        return sum(known, Decimal(0)) / len(known) if known else None

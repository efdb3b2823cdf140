"""Two periods of a KPI compared: its values by group, and the change between them split."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from experiments.errors import Conflict, Invalid
from experiments.tracking.changes import Change, GroupSums, Sums, split_change
from experiments.tracking.narrowed import tracking_of
from experiments.tracking.periods import first_day
from experiments.tracking.series import PeriodValue, Series, SeriesRequest

CHANNEL, SEGMENT = "channel", "segment:"
INSIDE, OUTSIDE, REST = "inside", "outside", "rest"
Measure = Callable[[SeriesRequest], Series]


class NotSplittable(Invalid):
    """A KPI that is no quotient of sums."""

    template = (
        "a change of this KPI ({kind}) cannot be split: it is no sum, and no quotient of sums"
    )


class NothingThere(Conflict):
    """A period without a value."""

    template = "the KPI has no value in the period from {start} on ({gap})"


@dataclass(frozen=True)
class Comparison:
    """The answer.

    Attributes:
        period: day, week, month or quarter.
        before, after: First days of the two periods.
        by: ``channel``, or ``segment:`` and its key.
        total: Whether the value is a total.
        change: With its groups; ``rest`` names what has no channel, or several.
        complete: Whether both periods are over, and every window in them.
        ledger_identity, position: What was read.
    """

    period: str
    before: date
    after: date
    by: str
    total: bool
    change: Change
    complete: bool
    ledger_identity: str | None
    position: int | None
    sql: str


def compared(
    measure: Measure,
    asked: SeriesRequest,
    *,
    before: date,
    after: date,
    by: str,
    channels: Collection[str] = (),
) -> Comparison:
    """Split the change of a KPI from one period to another.

    Args:
        measure: Gives the values of a request.
        asked: Whose KPI, in which periods; its days are not looked at.
        before: A day of the one period.
        after: A day of the other.
        by: ``channel``, or ``segment:`` and the key of a ready segment.
        channels: Those that there are.

    Raises:
        NotSplittable: If the KPI is no quotient of sums.
        NothingThere: If it has no value in one of the periods.
        Invalid: If ``by`` is neither, or both days lie in one period.
    """
    starts = (first_day(before, asked.period), first_day(after, asked.period))
    if starts[0] == starts[1]:
        raise Invalid(field="after", expected="a day of another period", got=after.isoformat())
    groups = dict(_groups(asked, by, channels))
    found = [
        _in_both(measure, asked, starts),
        *(_in_both(measure, each, starts) for each in groups.values()),
    ]
    whole = found[0]
    for start, value in zip(starts, whole.values, strict=True):
        _check(value, start, asked)
    total = whole.values[0].denominator is None
    alone = total and bool(asked.document.formula.series)
    parts = [
        GroupSums(name, *(_sums(value, alone=alone) for value in each.values))
        for name, each in zip(groups, found[1:], strict=True)
    ]
    everybody = GroupSums("", *(_sums(value, alone=alone) for value in whole.values))
    rest = None if alone else _rest(everybody, parts, by)
    first = whole.series[0]
    return Comparison(
        period=asked.period,
        before=starts[0],
        after=starts[1],
        by=by,
        total=total and not alone,
        change=split_change(
            everybody, [*parts, *([rest] if rest else [])], total=total and not alone
        ),
        complete=all(value.complete for value in whole.values),
        ledger_identity=first.ledger_identity,
        position=first.position,
        sql=first.sql,
    )


@dataclass(frozen=True)
class _Both:
    """A group's values in the two periods."""

    series: tuple[Series, Series]
    values: tuple[PeriodValue, PeriodValue]


def _in_both(measure: Measure, asked: SeriesRequest, starts: tuple[date, date]) -> _Both:
    first, last = (measure(replace(asked, since=start, until=start)) for start in starts)
    return _Both((first, last), (first.values[0], last.values[0]))


def _groups(
    asked: SeriesRequest, by: str, channels: Collection[str]
) -> Iterator[tuple[str, SeriesRequest]]:
    if by == CHANNEL:
        for channel in sorted(channels):
            yield channel, replace(asked, channel=channel)
        return
    key = by.removeprefix(SEGMENT)
    if key == by:
        raise Invalid(field="by", expected="channel, or segment: and its key", got=by[:60])
    yield INSIDE, replace(asked, segment=key)


def _check(value: PeriodValue, start: date, asked: SeriesRequest) -> None:
    if value.value is None:
        raise NothingThere(start=start.isoformat(), gap=value.gap or "nobody")
    if value.numerator is None:
        raise NotSplittable(field="key", kind=asked.document.kind)
    if value.denominator is None and tracking_of(asked.document).aggregate != "total":
        raise NotSplittable(field="key", kind=asked.document.kind)


def _sums(value: PeriodValue, *, alone: bool) -> Sums:
    """What is divided, and by what: of a total by its customers, of figures by nothing."""
    numerator = Fraction(value.numerator or Decimal(0))
    if value.denominator is not None:
        return Sums(numerator, Fraction(value.denominator))
    return Sums(numerator, Fraction(1) if alone else Fraction(value.units))


def _rest(whole: GroupSums, parts: list[GroupSums], by: str) -> GroupSums | None:
    """Whoever is in no group; None where groups overlap, so that nobody can be told apart."""
    left = []
    for name in ("before", "after"):
        of_whole: Sums = getattr(whole, name)
        mine = [getattr(each, name) for each in parts]
        value = of_whole.value - sum((each.value for each in mine), Fraction(0))
        units = of_whole.units - sum((each.units for each in mine), Fraction(0))
        left.append(Sums(value, units))
    if any(each.units < 0 for each in left) or all(
        each == Sums(Fraction(0), Fraction(0)) for each in left
    ):
        return None
    return GroupSums(REST if by == CHANNEL else OUTSIDE, *left)

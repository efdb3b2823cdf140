"""A KPI against its target: where it is, where it should be by now, and whether it will hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise

from experiments.kpis.document import KpiDocument
from experiments.kpis.target import KpiTarget

YES, NO, UNCLEAR = "yes", "no", "unclear"
_DIGITS = 28


@dataclass(frozen=True)
class Between:
    """A range of values; an end without limit is None."""

    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True)
class LevelState:
    """One level of a target, beside what is.

    Attributes:
        level: ``realistic``, ``bold``, or ``milestone``.
        value: In the KPI's unit.
        due_on: The day by which it should be reached.
        reached: Whether the actual value is there; None without one.
        holds: Whether the actual's range lies wholly on the good side (yes), wholly on the
            other (no), or around the level (unclear); None without a range.
        expected: The same of the forecast for the due date; None without one.
        to_go: What is missing, in the direction wanted; 0 or less where it is reached.
    """

    level: str
    value: Decimal
    due_on: date | None
    reached: bool | None
    holds: str | None
    expected: str | None
    to_go: Decimal | None


@dataclass(frozen=True)
class Pace:
    """Where the KPI should be by now.

    Attributes:
        expected: On the line through the baseline, the milestones and the target; None where
            there is no line, with the reason.
        ahead: The actual beyond it, in the direction wanted; None without an actual.
        on_pace: Whether the actual is there.
        gap: ``no_baseline``, ``no_due_date``, ``no_actual``.
    """

    expected: Decimal | None
    ahead: Decimal | None
    on_pace: bool | None
    gap: str | None


@dataclass(frozen=True)
class Standing:
    """All facts about a target at one moment."""

    actual: Decimal | None
    between: Between | None
    pace: Pace
    levels: tuple[LevelState, ...]


def level_of(target: KpiTarget, value: Decimal, baseline: Decimal | None) -> Decimal | None:
    """A level in the KPI's unit; None for growth over a baseline that nobody knows.

    Examples:
        >>> level_of(KpiTarget(Decimal("0.1"), relative=True), Decimal("0.1"), Decimal(40))
        Decimal('44.0')
    """
    if not target.relative:
        return value
    return None if baseline is None else baseline * (1 + value)


def standing(
    document: KpiDocument,
    *,
    actual: Decimal | None,
    between: Between | None,
    forecast: Between | None,
    today: date,
    since: date,
) -> Standing | None:
    """What there is to say of a target; None without one.

    Args:
        document: With its target and baseline.
        actual: Of the last complete period.
        between: Range of the actual.
        forecast: Range of the value at the due date.
        today: Local day that is looked at.
        since: When the way to the target began.
    """
    target = document.target
    if target is None:
        return None
    better = 1 if document.direction == "up" else -1
    named: list[tuple[str, Decimal, date | None]] = [
        ("milestone", each.value, each.due_on) for each in target.milestones
    ]
    named.append(("realistic", target.value, target.due_on))
    if target.bold is not None:
        named.append(("bold", target.bold, target.due_on))
    levels = tuple(
        _level(name, value, due, (actual, between, forecast), better)
        for name, said, due in named
        if (value := level_of(target, said, document.baseline)) is not None
    )
    return Standing(actual, between, _pace(document, target, actual, today, since), levels)


def holds(between: Between | None, level: Decimal, better: int) -> str | None:
    """Whether a range lies on the good side of a level.

    Examples:
        >>> holds(Between(Decimal("4.68"), Decimal("5.28")), Decimal("4.8"), better=1)
        'unclear'
    """
    if between is None:
        return None
    worst, best = (between.lower, between.upper)[::better]
    if worst is not None and (worst - level) * better >= 0:
        return YES
    if best is not None and (best - level) * better < 0:
        return NO
    return UNCLEAR


def _level(
    name: str,
    value: Decimal,
    due: date | None,
    known: tuple[Decimal | None, Between | None, Between | None],
    better: int,
) -> LevelState:
    actual, between, forecast = known
    of_due = forecast if name != "milestone" else None
    return LevelState(
        level=name,
        value=value,
        due_on=due,
        reached=None if actual is None else (actual - value) * better >= 0,
        holds=holds(between, value, better),
        expected=holds(of_due, value, better),
        to_go=None if actual is None else (value - actual) * better,
    )


def _pace(
    document: KpiDocument, target: KpiTarget, actual: Decimal | None, today: date, since: date
) -> Pace:
    if target.due_on is None:
        return Pace(None, None, None, "no_due_date")
    if document.baseline is None:
        return Pace(None, None, None, "no_baseline")
    stops = [(each.due_on, each.value) for each in target.milestones]
    stops.append((target.due_on, target.value))
    levels = [(day, level_of(target, said, document.baseline)) for day, said in stops]
    line = [(since, document.baseline)]
    line += [(day, level) for day, level in levels if level is not None and day > since]
    expected = on_line(line, today)
    if actual is None:
        return Pace(expected, None, None, "no_actual")
    ahead = (actual - expected) * (1 if document.direction == "up" else -1)
    return Pace(expected, ahead, ahead >= 0, None)


def on_line(stops: Sequence[tuple[date, Decimal]], today: date) -> Decimal:
    """The height of a line through stops on a day; level before the first and after the last.

    Examples:
        >>> stops = [(date(2025, 1, 1), Decimal(10)), (date(2025, 1, 11), Decimal(20))]
        >>> on_line(stops, date(2025, 1, 4)), on_line(stops, date(2025, 2, 1))
        (Decimal('13.0'), Decimal('20'))
    """
    for (day, level), (next_day, next_level) in pairwise(stops):
        if day <= today < next_day:
            with localcontext() as context:
                context.prec = _DIGITS
                share = Decimal((today - day).days) / Decimal((next_day - day).days)
                return level + (next_level - level) * share
    return stops[0][1] if today < stops[0][0] else stops[-1][1]

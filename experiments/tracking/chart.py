"""A KPI over time as a picture: what was, what may come, the target, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor

from experiments.reporting.pictures.canvas import Canvas, Drawing, ems, number, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend, step_within
from experiments.reporting.wording.scales import Scale
from experiments.tracking.forecast import ForecastPoint
from experiments.tracking.periods import day_after
from experiments.tracking.series import PeriodValue

_HEIGHT, _HEAD, _FOOT, _EM = 200.0, 26.0, 30.0, 12.5
_FEWEST = 2
# A level further away than this from what was would flatten everything else.
_MOST_STRETCH = 2.5


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day: a number that the list beside the picture explains."""

    on: date
    label: str


@dataclass(frozen=True)
class ChartFacts:
    """What is drawn.

    Attributes:
        title, description: In words.
        values: Oldest first; those without a value are gaps.
        ahead: What may come.
        levels: Of the target, in the KPI's unit.
        marks: What happened.
        quiet: Days of less weight, such as holidays.
        legend: Words for ``line``, ``band``, ``target`` and ``marks``.
        period: Of each value.
    """

    title: str
    description: str
    values: Sequence[PeriodValue]
    ahead: Sequence[ForecastPoint]
    levels: Sequence[float]
    marks: Sequence[Mark]
    quiet: Sequence[date]
    legend: dict[str, str]
    period: str


@dataclass(frozen=True)
class _Frame:
    left: float
    right: float
    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> float:
        whole = max(1, (self.last - self.first).days)
        return self.left + (day - self.first).days / whole * (self.right - self.left)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEAD + (1 - max(0.0, min(1.0, share))) * _HEIGHT

    @property
    def bottom(self) -> float:
        return _HEAD + _HEIGHT


def chart(facts: ChartFacts, scale: Scale, layout: Layout) -> Drawing | None:
    """Draw it; None before there are two values.

    Args:
        facts: What is drawn.
        scale: How the KPI's numbers are written.
        layout: For a wide page or for a phone.
    """
    known = [each for each in facts.values if each.value is not None]
    if len(known) < _FEWEST:
        return None
    canvas, frame = Canvas(), _frame(facts, known, scale, layout)
    _put_axes(canvas, scale, frame, layout)
    _put_ahead(canvas, facts.ahead, frame)
    _put_levels(canvas, facts.levels, frame)
    _put_marks(canvas, facts, frame)
    _put_values(canvas, facts, frame)
    signs = [Sign("line", facts.legend["line"])]
    signs += [Sign("always", facts.legend["band"])] if facts.ahead else []
    signs += [Sign("target", facts.legend["target"])] if facts.levels else []
    signs += [Sign("look", facts.legend["marks"])] if facts.marks else []
    height = put_legend(canvas, layout, signs, frame.bottom + _FOOT)
    return Drawing(
        layout.name, layout.width, height, canvas.content, facts.title, facts.description
    )


def _frame(facts: ChartFacts, known: Sequence[PeriodValue], scale: Scale, layout: Layout) -> _Frame:
    seen = [float(each.value) for each in known if each.value is not None]
    seen += [float(end) for each in facts.ahead for end in (each.lower, each.upper)]
    low, high = min(seen), max(seen)
    reach = (high - low) or abs(high) or 1.0
    near = [
        each
        for each in facts.levels
        if low - reach * _MOST_STRETCH <= each <= high + reach * _MOST_STRETCH
    ]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.06 * ((high - low) or reach)
    floor_ = 0.0 if low >= 0 and low < 0.35 * high else low - margin
    last = facts.ahead[-1].starts_on if facts.ahead else known[-1].starts_on
    labels = scale.values(*_ticks(floor_, high + margin))
    left = 12.0 + _EM * max((ems(label) for label in labels), default=4.0)
    right = float(layout.width - 8)
    return _Frame(left, right, known[0].starts_on, last, floor_, high + margin)


def _ticks(low: float, high: float) -> list[float]:
    step = step_within((high - low) / 3)
    return [n * step for n in range(ceil(low / step), floor(high / step) + 1)]


def _put_axes(canvas: Canvas, scale: Scale, frame: _Frame, layout: Layout) -> None:
    ticks = _ticks(frame.low, frame.high)
    for value, label in zip(ticks, scale.values(*ticks), strict=True):
        y = frame.y(value)
        canvas.line("f-grid", frame.left, y, frame.right, y)
        canvas.text(frame.left - 8, y + 4, label, "f-tick", "end")
    for day in _month_starts(frame, 4 if layout.name == "narrow" else 12):
        x = frame.x(day)
        canvas.line("f-grid", x, frame.bottom, x, frame.bottom + 5)
        canvas.text(x, frame.bottom + 19, _month(day, scale.language), "f-tick", "middle")


def _month_starts(frame: _Frame, most: int) -> list[date]:
    found, day = [], frame.first.replace(day=1)
    while day <= frame.last:
        if day >= frame.first:
            found.append(day)
        day = day_after(day, "month")
    step = max(1, ceil(len(found) / most))
    near = timedelta(days=(frame.last - frame.first).days // 40)
    return [each for each in found[::step] if each + near <= frame.last]


def _month(day: date, language: str) -> str:
    if language == "ko":
        return f"{day.year}년 1월" if day.month == 1 else f"{day.month}월"
    return f"{day:%b %Y}" if day.month == 1 else f"{day:%b}"


def _put_ahead(canvas: Canvas, ahead: Sequence[ForecastPoint], frame: _Frame) -> None:
    if not ahead:
        return
    upper = [(frame.x(each.starts_on), frame.y(float(each.upper))) for each in ahead]
    lower = [(frame.x(each.starts_on), frame.y(float(each.lower))) for each in reversed(ahead)]
    canvas.path("f-always", _steps([*upper, *lower]) + " z")
    middle = [(frame.x(each.starts_on), frame.y(float(each.value))) for each in ahead]
    for (x1, y1), (x2, y2) in pairwise(middle):
        canvas.line("f-look", x1, y1, x2, y2)


def _put_levels(canvas: Canvas, levels: Sequence[float], frame: _Frame) -> None:
    for level in levels:
        if frame.low <= level <= frame.high:
            canvas.line("f-target", frame.left, frame.y(level), frame.right, frame.y(level))


def _put_marks(canvas: Canvas, facts: ChartFacts, frame: _Frame) -> None:
    for day in facts.quiet:
        if frame.first <= day <= frame.last:
            canvas.line("f-limit", frame.x(day), frame.bottom - 5, frame.x(day), frame.bottom)
    taken = -100.0
    for mark in facts.marks:
        if frame.first <= mark.on <= frame.last:
            x = frame.x(mark.on)
            canvas.line("f-look", x, _HEAD, x, frame.bottom)
            if x - taken > 14:
                canvas.text(x, _HEAD - 8, shortened(mark.label, 4), "f-tick", "middle")
                taken = x


def _put_values(canvas: Canvas, facts: ChartFacts, frame: _Frame) -> None:
    """A line through what is whole, broken at gaps; open circles for what may still change."""
    for run in _runs(facts.values):
        places = [(frame.x(each.starts_on), frame.y(float(each.value or 0))) for each in run]
        if len(places) > 1:
            canvas.path("f-line", _steps(places))
    shown = [each for each in facts.values if each.value is not None]
    for each in shown:
        x, y = frame.x(each.starts_on), frame.y(float(each.value or 0))
        if not each.complete:
            canvas.dot("f-dot", x, y, 3.5)
    whole = [each for each in shown if each.complete]
    if whole:
        last = whole[-1]
        canvas.dot("f-last", frame.x(last.starts_on), frame.y(float(last.value or 0)), 4.5)


def _runs(values: Sequence[PeriodValue]) -> list[list[PeriodValue]]:
    runs: list[list[PeriodValue]] = [[]]
    for each in values:
        if each.complete and each.value is not None:
            runs[-1].append(each)
        elif runs[-1]:
            runs.append([])
    return runs


def _steps(places: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{number(x)} {number(y)}" for x, y in places)

"""Past tests as a picture: what each did to a leading KPI, and to a lagging one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from experiments.reporting.pictures.canvas import Canvas, Drawing, ems
from experiments.reporting.pictures.layout import Layout, Sign, put_legend, step_within
from experiments.reporting.wording.scales import Scale
from experiments.tracking.correlations import Foretelling

# Of a range of 95 %, in standard errors.
REACH = 1.96
_TOP, _HEIGHT, _FOOT, _EM, _MARGIN = 12.0, 240.0, 52.0, 12.5, 0.06
_FEWEST = 2
# More numbers than this hide each other.
_MOST_NUMBERED = 30


@dataclass(frozen=True)
class PastFacts:
    """What is drawn.

    Attributes:
        title, description: In words.
        names: Of the leading and the lagging KPI, for the axes.
        scales: Of both KPIs' differences.
        found: The tests, and the line through them.
        legend: Words for ``value`` and ``line``.
    """

    title: str
    description: str
    names: tuple[str, str]
    scales: tuple[Scale, Scale]
    found: Foretelling
    legend: dict[str, str]


@dataclass(frozen=True)
class _Axis:
    """Differences along one edge, from ``start`` to ``end`` on paper."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        step = step_within((self.high - self.low) / 3)
        return [n * step for n in range(ceil(self.low / step), floor(self.high / step) + 1)]


def past_chart(facts: PastFacts, layout: Layout) -> Drawing | None:
    """Draw it; None before there are two tests.

    Args:
        facts: What is drawn.
        layout: For a wide page or for a phone.
    """
    if len(facts.found.tests) < _FEWEST:
        return None
    canvas = Canvas()
    across, up = _axes(facts, layout)
    _put_axes(canvas, facts, across, up)
    _put_line(canvas, facts.found, across, up)
    _put_tests(canvas, facts.found, across, up)
    signs = [Sign("value", facts.legend["value"])]
    signs += [Sign("line", facts.legend["line"])] if facts.found.slope is not None else []
    height = put_legend(canvas, layout, signs, up.start + _FOOT)
    return Drawing(
        layout.name, layout.width, height, canvas.content, facts.title, facts.description
    )


def _axes(facts: PastFacts, layout: Layout) -> tuple[_Axis, _Axis]:
    tests = facts.found.tests
    low, high = _reach([e.lagging for e in tests], [e.lagging_error for e in tests])
    up = _Axis(low, high, _TOP + _HEIGHT + _EM * 1.6, _TOP + _EM * 1.6)
    labels = facts.scales[1].marks(*up.ticks)
    left = 12.0 + _EM * max((ems(label) for label in labels), default=4.0)
    low, high = _reach([e.leading for e in tests], [e.leading_error for e in tests])
    return _Axis(low, high, left, float(layout.width - 12)), up


def _reach(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest end, nothing among them, with room around."""
    low = min(0.0, *(value - REACH * error for value, error in zip(values, errors, strict=True)))
    high = max(0.0, *(value + REACH * error for value, error in zip(values, errors, strict=True)))
    room = _MARGIN * ((high - low) or 1.0)
    return low - room, high + room


def _put_axes(canvas: Canvas, facts: PastFacts, across: _Axis, up: _Axis) -> None:
    leading, lagging = facts.names
    canvas.text(0, _TOP + 3, lagging, "f-sub")
    for value, label in zip(up.ticks, facts.scales[1].marks(*up.ticks), strict=True):
        y = up.place(value)
        canvas.line("f-grid" if value else "f-zero", across.start, y, across.end, y)
        canvas.text(across.start - 8, y + 4, label, "f-tick", "end")
    for value, label in zip(across.ticks, facts.scales[0].marks(*across.ticks), strict=True):
        x = across.place(value)
        canvas.line("f-grid" if value else "f-zero", x, up.end, x, up.start)
        canvas.text(x, up.start + 19, label, "f-tick", "middle")
    canvas.text(across.end, up.start + 38, leading, "f-sub", "end")


def _put_line(canvas: Canvas, found: Foretelling, across: _Axis, up: _Axis) -> None:
    """The line as far as it stays within the picture."""
    if found.slope is None or found.intercept is None:
        return
    ends = [across.low, across.high]
    if not found.slope and not up.low <= found.intercept <= up.high:
        return
    if found.slope:
        crossings = sorted((edge - found.intercept) / found.slope for edge in (up.low, up.high))
        ends = [max(ends[0], crossings[0]), min(ends[1], crossings[1])]
    if ends[0] < ends[1]:
        first, last = ((across.place(x), up.place(found.intercept + found.slope * x)) for x in ends)
        canvas.line("f-line", *first, *last)


def _put_tests(canvas: Canvas, found: Foretelling, across: _Axis, up: _Axis) -> None:
    numbered = len(found.tests) <= _MOST_NUMBERED
    for number, each in enumerate(found.tests, start=1):
        x, y = across.place(each.leading), up.place(each.lagging)
        aside, above = REACH * each.leading_error, REACH * each.lagging_error
        canvas.line("f-whisker", across.place(each.leading - aside), y,
                    across.place(each.leading + aside), y)  # fmt: skip
        canvas.line("f-whisker", x, up.place(each.lagging - above),
                    x, up.place(each.lagging + above))  # fmt: skip
        canvas.dot("f-dot", x, y, 4.0)
        if numbered:
            canvas.text(x + 8, y - 7, str(number), "f-sub")

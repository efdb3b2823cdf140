"""The forest plot as places: every variant against the control, a scale for each KPI.

A rate and an amount share no scale, so every KPI has a panel; zero stands at one place in
all of them. The targets, limits and differences too small to matter are marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experiments.reporting.figures import Figures, lift_of
from experiments.reporting.goal_facts import Comparison, Goal, Range
from experiments.reporting.pictures.canvas import shortened
from experiments.reporting.pictures.layout import NARROW, WIDE, Layout, Tick, step_within
from experiments.reporting.report import Report
from experiments.reporting.wording import say_withheld

__all__ = ["NARROW", "WIDE", "Bar", "Panel", "Plot", "draw"]

HEADROOM = 1.12
# A mark further out than so many times the widest bar would flatten the bars: it is named only.
FARTHEST_MARK = 2.5


@dataclass(frozen=True)
class Mark:
    """The target or the limit of a guardrail."""

    x: float
    kind: str
    label: str


@dataclass(frozen=True)
class Bar:
    """A row: one variant against the control.

    Attributes:
        tone: better, worse, unclear or withheld.
        y: Middle of the bar.
        outer, inner: From and to, of the range for all variants together and read alone.
        open_left, open_right: Whether the range has no limit on that side.
        said: The difference in words; the reason where there is none.
        between: Its range in words.
    """

    name: str
    full_name: str
    tone: str
    y: float
    dot: float | None
    outer: tuple[float, float] | None
    inner: tuple[float, float] | None
    open_left: bool
    open_right: bool
    said: str
    between: str


@dataclass(frozen=True)
class Panel:
    """A KPI: its title, scale and rows.

    Attributes:
        top, bottom: Of the rows, without title and ticks.
        stripes: Where lines across the scale run, from and to: clear of a row's words.
        band: The differences too small to matter, from and to.
    """

    title: str
    note: str
    y: float
    top: float
    bottom: float
    stripes: tuple[tuple[float, float], ...]
    ticks: tuple[Tick, ...]
    band: tuple[float, float] | None
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Plot:
    """A whole drawing."""

    layout: Layout
    height: float
    zero: float
    panels: tuple[Panel, ...]


def draw(report: Report, figures: Figures, layout: Layout) -> Plot:
    """The forest plot of a report in one layout."""
    panels, y = [], 4.0
    for goal in report.goals:
        if any(entry.difference is not None for entry in goal.comparisons):
            panel = _panel(report, goal, figures, layout, y)
            panels.append(panel)
            y = panel.bottom + layout.foot
    return Plot(layout, y, (layout.left + layout.right) / 2, tuple(panels))


@dataclass(frozen=True)
class Scale:
    """From differences to places; zero is in the middle."""

    layout: Layout
    reach: float

    def x(self, difference: float) -> float:
        """The place of a difference, held within the drawing."""
        middle = (self.layout.left + self.layout.right) / 2
        share = max(-1.0, min(1.0, difference / self.reach))
        return round(middle + share * (self.layout.right - middle), 1)

    def holds(self, difference: float) -> bool:
        """Whether the difference lies within the drawing."""
        return abs(difference) <= self.reach


def _panel(report: Report, goal: Goal, figures: Figures, layout: Layout, y: float) -> Panel:
    scale = Scale(layout, _reach(goal))
    top = y + layout.head
    bars = tuple(
        _bar(report, goal, entry, figures, scale, top + layout.row * index)
        for index, entry in enumerate(goal.comparisons)
    )
    return Panel(
        title=figures.short_name(goal),
        note=figures.wanted(goal),
        y=y,
        top=top,
        bottom=top + layout.row * len(bars),
        stripes=_stripes(layout, bars, top),
        ticks=tuple(_ticks(goal, figures, scale)),
        band=_band(goal, scale),
        marks=tuple(_marks(goal, figures, scale)),
        bars=bars,
    )


def _stripes(layout: Layout, bars: Sequence[Bar], top: float) -> tuple[tuple[float, float], ...]:
    if layout.words_above:
        return tuple((bar.y - 13, bar.y + 13) for bar in bars)
    return ((top, top + layout.row * len(bars)),)


def _reach(goal: Goal) -> float:
    """How far the scale goes on either side: what there is to see, and the marks near it."""
    seen = [abs(end) for entry in goal.comparisons for end in _ends(entry)]
    widest = max([*seen, 0.0]) or 1.0
    marks = [abs(value) for _, value in _mark_values(goal)]
    marks += [goal.minimum_effect or 0.0]
    return HEADROOM * max([widest, *(mark for mark in marks if mark <= FARTHEST_MARK * widest)])


def _ends(entry: Comparison) -> Iterator[float]:
    if entry.difference is not None:
        yield entry.difference
    for between in (entry.interval, entry.interval_adjusted, entry.always_valid):
        if between is not None:
            yield from (end for end in (between.lower, between.upper) if end is not None)


def _band(goal: Goal, scale: Scale) -> tuple[float, float] | None:
    effect = goal.minimum_effect
    return (scale.x(-effect), scale.x(effect)) if effect else None


def _mark_values(goal: Goal) -> Iterator[tuple[str, float]]:
    """Differences from the control at which the target is met, or the limit broken."""
    control = goal.control.value
    target = next((arm.target for arm in goal.arms if arm.target), None)
    if target is not None and control is not None:
        yield "target", target.value - control
    if goal.guardrails:
        margin = goal.guardrails[0].margin
        yield "limit", margin if goal.direction == "down" else -margin


def _marks(goal: Goal, figures: Figures, scale: Scale) -> Iterator[Mark]:
    for kind, value in _mark_values(goal):
        if scale.holds(value):
            yield Mark(scale.x(value), kind, figures.difference(goal, value))


def _ticks(goal: Goal, figures: Figures, scale: Scale) -> Iterator[Tick]:
    step = step_within(scale.reach)
    below, above = figures.ticks(goal, [-step, step])
    for value, text in ((-step, below), (0.0, "0"), (step, above)):
        yield Tick(scale.x(value), text)


def _bar(
    report: Report, goal: Goal, entry: Comparison, figures: Figures, scale: Scale, top: float
) -> Bar:
    layout = scale.layout
    outer = lift_of(report, entry)
    inner = entry.interval if entry.interval != outer else None
    said, between = _words(report, goal, entry, figures)
    return Bar(
        name=shortened(entry.name, layout.label_ems),
        full_name=entry.name,
        tone="withheld" if report.withheld else figures.tone(entry),
        y=top + (layout.row - 17 if layout.words_above else layout.row / 2),
        dot=None if entry.difference is None else scale.x(entry.difference),
        outer=_places(outer, scale),
        inner=_places(inner or outer, scale) if report.final else None,
        open_left=outer is not None and (outer.lower is None or not scale.holds(outer.lower)),
        open_right=outer is not None and (outer.upper is None or not scale.holds(outer.upper)),
        said=said,
        between=between,
    )


def _words(report: Report, goal: Goal, entry: Comparison, figures: Figures) -> tuple[str, str]:
    """The difference and its range; where results are withheld, the reason in its place."""
    if entry.difference is None:
        return figures.gap(entry), ""
    between = lift_of(report, entry)
    said, written = figures.lift(goal, entry.difference, between)
    if report.withheld:
        return said, say_withheld(report, figures.language)
    return said, written if between else ""


def _places(between: Range | None, scale: Scale) -> tuple[float, float] | None:
    if between is None:
        return None
    lower = scale.layout.left if between.lower is None else scale.x(between.lower)
    upper = scale.layout.right if between.upper is None else scale.x(between.upper)
    return lower, upper

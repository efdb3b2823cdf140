"""The difference day by day, in the range that holds whenever one looks, with the looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.reporting.figures import Figures
from experiments.reporting.goal_facts import Goal
from experiments.reporting.pictures.canvas import Canvas, Drawing, number, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend, step_within
from experiments.reporting.report import Look, Report, TimelinePoint
from experiments.reporting.wording import say_withheld
from experiments.reporting.words import word

_PLOT_HEIGHT, _HEAD, _FOOT, _AXIS = 170.0, 56.0, 46.0, 64.0
_LEAST_POINTS = 2
# The first days' ranges are so wide that the later ones would be flat beside them.
_MOST_REACH = 2.0
Shown = tuple[datetime, float, float, float]


@dataclass(frozen=True)
class Frame:
    """Where time and difference lie on paper."""

    left: float
    right: float
    top: float
    first: datetime
    last: datetime
    reach: float

    def x(self, at: datetime) -> float:
        """The place of a moment."""
        whole = (self.last - self.first).total_seconds()
        share = (at - self.first).total_seconds() / whole if whole else 0.0
        return self.left + max(0.0, min(1.0, share)) * (self.right - self.left)

    def y(self, difference: float) -> float:
        """The place of a difference, held within the frame; above is more."""
        share = max(-1.0, min(1.0, difference / self.reach))
        return self.top + (1 - share) * _PLOT_HEIGHT / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + _PLOT_HEIGHT


def timeline(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """The primary KPI over time; None before there are two days to show."""
    goal = _goal(report)
    if goal is None or report.timeline is None:
        return None
    shown = {
        variant: points
        for variant in report.variants
        if len(points := _shown(report.timeline.points, variant)) >= _LEAST_POINTS
    }
    if not shown:
        return None
    canvas, y = Canvas(), 4.0
    for place, (variant, points) in enumerate(shown.items()):
        if place:
            canvas.line("f-rule", 0, y, layout.width, y)
        name = shortened(report.variants[variant], layout.label_ems)
        title = f"{figures.short_name(goal)} · {name}"
        frame = _frame(points, layout, y + _HEAD)
        canvas.text(0, y + 26, title, "f-title", whole=report.variants[variant])
        with canvas.group("withheld" if report.withheld else ""):
            _put_axes(canvas, goal, figures, frame)
            _put_looks(canvas, report.timeline.looks, frame)
            _put_points(canvas, points, frame)
        _put_last(canvas, report, goal, figures, points, (frame, layout, y))
        y = frame.bottom + _FOOT
    end = put_legend(canvas, layout, _legend(report, figures.language), y)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=end + 4,
        content=canvas.content,
        title=word("timeline", figures.language),
        description=_describe(report, goal, figures, shown),
    )


def _goal(report: Report) -> Goal | None:
    key = report.timeline.kpi if report.timeline else None
    return next((goal for goal in report.goals if goal.kpi == key), None)


def _shown(points: Sequence[TimelinePoint], variant: str) -> list[Shown]:
    """The days of a variant that have a difference with a range."""
    return [
        (point.at, point.difference, point.always_valid.lower, point.always_valid.upper)
        for point in points
        if point.variant == variant
        and point.difference is not None
        and point.always_valid is not None
        and point.always_valid.lower is not None
        and point.always_valid.upper is not None
    ]


def _frame(points: Sequence[Shown], layout: Layout, top: float) -> Frame:
    at, _, lower, upper = points[-1]
    last = max(abs(lower), abs(upper))
    widest = max(max(abs(low), abs(high)) for _, _, low, high in points)
    seen = max(abs(difference) for _, difference, _, _ in points)
    reach = 1.08 * max(min(widest, _MOST_REACH * last), seen) or 1.0
    right = layout.right if not layout.words_above else layout.width - 4
    return Frame(_AXIS, right, top, points[0][0], at, reach)


def _put_axes(canvas: Canvas, goal: Goal, figures: Figures, frame: Frame) -> None:
    step = step_within(frame.reach)
    below, above = figures.ticks(goal, [-step, step])
    for value, label in ((step, above), (0.0, "0"), (-step, below)):
        y = frame.y(value)
        canvas.line("f-grid" if value else "f-zero", frame.left, y, frame.right, y)
        canvas.text(frame.left - 8, y + 4, label, "f-tick", "end")
    for at, anchor in ((frame.first, "start"), (frame.last, "end")):
        label = figures.short_day(at)
        canvas.text(frame.x(at), frame.bottom + 20, label, "f-tick", anchor)


def _put_looks(canvas: Canvas, looks: Sequence[Look], frame: Frame) -> None:
    for look in looks:
        if look.at is not None and frame.first <= look.at <= frame.last:
            x = frame.x(look.at)
            canvas.line("f-look", x, frame.top, x, frame.bottom)
            label = f"{look.number}/{len(looks)}"
            canvas.text(x, frame.top - 4, label, "f-tick", "middle" if x > frame.left else "start")


def _put_points(canvas: Canvas, points: Sequence[Shown], frame: Frame) -> None:
    upper = [(frame.x(at), frame.y(high)) for at, _, _, high in points]
    lower = [(frame.x(at), frame.y(low)) for at, _, low, _ in reversed(points)]
    canvas.path("f-always", _steps([*upper, *lower]) + " z")
    zero = frame.y(0.0)
    canvas.line("f-zero", frame.left, zero, frame.right, zero)
    canvas.path("f-line", _steps([(frame.x(at), frame.y(seen)) for at, seen, _, _ in points]))
    at, seen, _, _ = points[-1]
    canvas.dot("f-last", frame.x(at), frame.y(seen), 4.5)


def _steps(places: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{number(x)} {number(y)}" for x, y in places)


def _put_last(
    canvas: Canvas,
    report: Report,
    goal: Goal,
    figures: Figures,
    points: Sequence[Shown],
    where: tuple[Frame, Layout, float],
) -> None:
    """The newest day in words: beside the plot, or above it on a phone."""
    frame, layout, y = where
    said, between = _newest(report, goal, figures, points)
    if layout.words_above:
        canvas.text(layout.width, y + 26, said, "f-value", "end")
        canvas.text(layout.width, frame.bottom + 38, between, "f-sub", "end")
        return
    middle = frame.top + _PLOT_HEIGHT / 2
    canvas.text(layout.width, middle - 3, said, "f-value", "end")
    canvas.text(layout.width, middle + 15, between, "f-sub", "end")


def _newest(
    report: Report, goal: Goal, figures: Figures, points: Sequence[Shown]
) -> tuple[str, str]:
    if report.withheld:
        return "", say_withheld(report, figures.language)
    _, seen, lower, upper = points[-1]
    return figures.scale(goal).of_differences.signed_with_range(seen, lower, upper)


def _legend(report: Report, language: str) -> list[Sign]:
    looks = report.timeline.looks if report.timeline else ()
    kinds = ["line", "always"]
    if any(look.at is not None for look in looks):
        kinds.append("look")
    return [Sign(kind, word(kind, language)) for kind in kinds]


def _describe(report: Report, goal: Goal, figures: Figures, shown: dict[str, list[Shown]]) -> str:
    lines = []
    for variant, points in shown.items():
        said, between = _newest(report, goal, figures, points)
        told = f"{said} ({between})" if said else between
        name = report.variants[variant]
        until = figures.short_day(points[-1][0])
        lines.append(f"{figures.short_name(goal)}, {name}, {until}: {told}")
    return ". ".join(lines)

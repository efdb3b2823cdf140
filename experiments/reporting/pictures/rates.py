"""Every variant's own value with its interval, and the target: one panel for each KPI."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experiments.reporting.figures import Figures
from experiments.reporting.goal_facts import Arm, Goal
from experiments.reporting.pictures.canvas import Canvas, Drawing, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.reporting.report import Report
from experiments.reporting.words import word

_MARGIN = 0.12


@dataclass(frozen=True)
class Span:
    """What the scale of a KPI holds, and where."""

    least: float
    most: float
    layout: Layout

    def x(self, value: float) -> float:
        """The place of a value, held within the scale."""
        share = (value - self.least) / (self.most - self.least)
        width = self.layout.right - self.layout.left
        return self.layout.left + max(0.0, min(1.0, share)) * width


def rates(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """The values of all variants; None where no KPI has one."""
    goals = [goal for goal in report.goals if any(arm.value is not None for arm in goal.arms)]
    if not goals:
        return None
    canvas, y = Canvas(), 4.0
    for place, goal in enumerate(goals):
        if place:
            canvas.line("f-rule", 0, y, layout.width, y)
        y = _put_goal(canvas, goal, figures, layout, y)
    end = put_legend(canvas, layout, _legend(goals, figures.language), y)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=end + 4,
        content=canvas.content,
        title=word("rates", figures.language),
        description=_describe(goals, figures),
    )


def _put_goal(canvas: Canvas, goal: Goal, figures: Figures, layout: Layout, y: float) -> float:
    canvas.text(0, y + 26, figures.short_name(goal), "f-title")
    canvas.text(layout.width, y + 26, figures.wanted(goal), "f-sub", "end")
    span, top = _span(goal, layout), y + layout.head
    target = _target(goal)
    said = figures.values(goal, [arm.value for arm in goal.arms])
    for row, arm in enumerate(goal.arms):
        above = top + layout.row * row
        middle = above + (layout.row - 17 if layout.words_above else layout.row / 2)
        stripe = (middle - 13, middle + 13) if layout.words_above else (above, above + layout.row)
        canvas.line("f-grid", layout.left, middle, layout.right, middle)
        if target is not None:
            x = span.x(target)
            canvas.line("f-target", x, stripe[0], x, stripe[1])
        with canvas.group("unclear"):
            name = f"{arm.name} ({word('control', figures.language)})" if arm.control else arm.name
            _put_words(
                canvas, layout, middle, name, (said[row], figures.around(goal, arm.interval))
            )
            _put_arm(canvas, span, middle, arm)
    bottom = top + layout.row * len(goal.arms)
    low, high = figures.values(goal, [span.least, span.most])
    canvas.text(layout.left, bottom + 18, low, "f-tick")
    canvas.text(layout.right, bottom + 18, high, "f-tick", "end")
    return bottom + layout.foot


def _put_words(canvas: Canvas, layout: Layout, y: float, whole: str, said: tuple[str, str]) -> None:
    name, (value, around) = shortened(whole, layout.label_ems), said
    if layout.words_above:
        canvas.text(0, y - 39, name, whole=whole)
        canvas.text(layout.width, y - 39, value, "f-value", "end")
        canvas.text(layout.width, y - 21, around, "f-sub", "end")
        return
    canvas.text(0, y + 5, name, whole=whole)
    canvas.text(layout.width, y - (3 if around else -5), value, "f-value", "end")
    canvas.text(layout.width, y + 15, around, "f-sub", "end")


def _put_arm(canvas: Canvas, span: Span, y: float, arm: Arm) -> None:
    limits = arm.interval
    if limits is not None and limits.lower is not None and limits.upper is not None:
        left, right = span.x(limits.lower), span.x(limits.upper)
        canvas.line("f-whisker", left, y, right, y)
        for end in (left, right):
            canvas.line("f-whisker", end, y - 5, end, y + 5)
    if arm.value is not None:
        canvas.dot("f-dot", span.x(arm.value), y)


def _span(goal: Goal, layout: Layout) -> Span:
    """From the lowest to the highest there is to see, with some air; the target if it is near."""
    seen = list(_seen(goal))
    least, most = min(seen), max(seen)
    target, reach = _target(goal), most - least
    if target is not None and least - 2 * reach <= target <= most + 2 * reach:
        least, most = min(least, target), max(most, target)
    air = _MARGIN * (most - least) or abs(most) * 0.5 or _nothing(goal)
    floor = 0.0 if least >= 0 else least - air
    return Span(max(floor, least - air), most + air, layout)


def _nothing(goal: Goal) -> float:
    """How far the scale goes where every value is 0."""
    return 0.01 if goal.unit_of_measure == "rate" else 1.0


def _seen(goal: Goal) -> Iterator[float]:
    for arm in goal.arms:
        if arm.value is not None:
            yield arm.value
        if arm.interval is not None:
            yield from (end for end in (arm.interval.lower, arm.interval.upper) if end is not None)


def _target(goal: Goal) -> float | None:
    return next((arm.target.value for arm in goal.arms if arm.target), None)


def _legend(goals: Sequence[Goal], language: str) -> list[Sign]:
    ranged = any(arm.interval for goal in goals for arm in goal.arms)
    kinds = ["value" if ranged else "value_alone"]
    if any(_target(goal) is not None for goal in goals):
        kinds.append("target")
    return [Sign(kind, word(kind, language)) for kind in kinds]


def _describe(goals: Sequence[Goal], figures: Figures) -> str:
    return ". ".join(
        f"{figures.short_name(goal)}, {arm.name}: {value}{_between(figures, goal, arm)}"
        for goal in goals
        for arm, value in zip(
            goal.arms, figures.values(goal, [arm.value for arm in goal.arms]), strict=True
        )
    )


def _between(figures: Figures, goal: Goal, arm: Arm) -> str:
    around = figures.around(goal, arm.interval)
    return f" ({around})" if around else ""

"""The steps of a funnel KPI: how many customers of each variant took each, and went on."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.reporting.figures import Figures
from experiments.reporting.goal_facts import Goal
from experiments.reporting.pictures.canvas import Canvas, Drawing, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.reporting.report import Report
from experiments.reporting.wording import say_withheld
from experiments.reporting.wording.numbers import count
from experiments.reporting.words import word

_BAR, _PITCH, _EM = 24.0, 32.0, 14.0
_HEAD, _AFTER = 40.0, 12.0
# Room beside a bar: before the variant's name, for what is said of it, and of a small letter.
_BESIDE, _SAID, _SMALL_EM = 12.0, 116.0, 12.5


@dataclass(frozen=True)
class Taken:
    """One variant at one step.

    Attributes:
        share: Of its customers counted, a fraction.
        said: How many, and that share.
        passed: Which share of the step before, in words; empty where there is none before.
    """

    variant: str
    share: float
    said: str
    passed: str


@dataclass(frozen=True)
class Rung:
    """A step with every variant."""

    name: str
    taken: tuple[Taken, ...]


def steps(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """The steps of every funnel KPI; None where there is none, or nobody is counted."""
    goals = [goal for goal in report.goals if goal.steps and any(arm.units for arm in goal.arms)]
    if not goals:
        return None
    canvas, y = Canvas(), 4.0
    for place, goal in enumerate(goals):
        if place:
            canvas.line("f-rule", 0, y, layout.width, y)
        canvas.text(0, y + 26, figures.short_name(goal), "f-title")
        y += _HEAD
        for rung in rungs(goal, figures):
            y = _put(canvas, report, rung, layout, y)
    canvas.text(0, y + 10, word("steps_note", figures.language), "f-sub")
    end = put_legend(canvas, layout, [Sign("control", word("control", figures.language))], y + 22)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=end + 4,
        content=canvas.content,
        title=word("steps", figures.language),
        description=". ".join(_described(report, goals, figures)),
    )


def rungs(goal: Goal, figures: Figures) -> Iterator[Rung]:
    """The customers counted, then every step."""
    counted = (
        Taken(arm.variant, 1.0 if arm.units else 0.0, count(arm.units), "") for arm in goal.arms
    )
    yield Rung(word("customers_counted", figures.language), tuple(counted))
    for number, step in enumerate(goal.steps, start=1):
        # Before the first step come all who are counted: that share is said already.
        before = {} if number == 1 else step.passed
        taken = []
        for arm in goal.arms:
            part, passed = step.shares[arm.variant], before.get(arm.variant)
            said = count(step.units[arm.variant])
            said += "" if part is None else f" ({figures.value(goal, part)})"
            taken.append(Taken(arm.variant, part or 0.0, said, _passed(goal, passed, figures)))
        yield Rung(f"{number}. {step.event}", tuple(taken))


def _passed(goal: Goal, share: float | None, figures: Figures) -> str:
    if share is None:
        return ""
    said = word("of_step_before", figures.language)
    return said.format(share=figures.value(goal, share))


def _put(canvas: Canvas, report: Report, rung: Rung, layout: Layout, y: float) -> float:
    """Draw one step from ``y`` down; where it ends."""
    put = _put_below if layout.words_above else _put_beside
    if layout.words_above:
        canvas.text(0, y + 14, shortened(rung.name, layout.width / _EM), "f-title", whole=rung.name)
        y += 22
    else:
        name = shortened(rung.name, layout.left / _EM)
        canvas.text(0, y + 17, name, "f-title", whole=rung.name)
    for taken in rung.taken:
        y = put(canvas, report, taken, layout, y)
    return y + _AFTER


def _put_beside(canvas: Canvas, report: Report, taken: Taken, layout: Layout, y: float) -> float:
    """A bar with its words to the right of it."""
    _put_bar(canvas, report, taken, (layout.left, layout.right), y)
    whole = report.variants.get(taken.variant, taken.variant)
    room = (layout.width - layout.right - _BESIDE - _SAID) / _SMALL_EM
    name = shortened(whole, min(layout.label_ems, room))
    canvas.text(layout.right + _BESIDE, y + (9 if taken.passed else 16), name, "f-sub", whole=whole)
    canvas.text(layout.width, y + (9 if taken.passed else 16), taken.said, "f-sub", "end")
    canvas.text(layout.width, y + 25, taken.passed, "f-sub", "end")
    return y + _PITCH + (6 if taken.passed else 0)


def _put_below(canvas: Canvas, report: Report, taken: Taken, layout: Layout, y: float) -> float:
    """A bar below its words."""
    whole = report.variants.get(taken.variant, taken.variant)
    canvas.text(0, y + 13, shortened(whole, layout.label_ems), "f-sub", whole=whole)
    canvas.text(layout.width, y + 13, taken.said, "f-sub", "end")
    y += 15 if taken.passed else 0
    canvas.text(layout.width, y + 13, taken.passed, "f-sub", "end")
    _put_bar(canvas, report, taken, (1, layout.width - 1), y + 19)
    return y + 19 + _BAR + 8


def _put_bar(
    canvas: Canvas, report: Report, taken: Taken, room: tuple[float, float], y: float
) -> None:
    if not taken.share:
        return
    kind = "f-step-control" if taken.variant == report.control else "f-step"
    canvas.box(kind, room[0], y, max(1.0, taken.share * (room[1] - room[0])), _BAR)


def _described(report: Report, goals: list[Goal], figures: Figures) -> Iterator[str]:
    if report.withheld:
        yield say_withheld(report, figures.language).rstrip(".")
    for goal in goals:
        for rung in rungs(goal, figures):
            for taken in rung.taken:
                name = report.variants.get(taken.variant, taken.variant)
                said = ", ".join(each for each in (taken.said, taken.passed) if each)
                yield f"{figures.short_name(goal)}, {rung.name}, {name}: {said}"

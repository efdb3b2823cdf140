"""How many customers of each variant came to each step: up to the anchor, then the KPIs."""

from dataclasses import dataclass

from experiments.reporting.figures import Figures
from experiments.reporting.goal_facts import Goal
from experiments.reporting.pictures.canvas import Canvas, Drawing, shortened
from experiments.reporting.pictures.layout import Layout, Sign, put_legend
from experiments.reporting.report import Report
from experiments.reporting.wording.numbers import count
from experiments.reporting.words import WORDS, word

_BAR, _STEP_HEAD, _STEP_GAP, _GAP = 14.0, 26.0, 14.0, 8.0


@dataclass(frozen=True)
class Place:
    """One variant at one step.

    Attributes:
        customers: Who came there.
        share: Of the customers at the first step, a fraction.
        said: Customers and, of a KPI, their rate, in words.
    """

    variant: str
    customers: float
    share: float
    said: str


@dataclass(frozen=True)
class Step:
    """A step of the funnel, with every variant."""

    name: str
    places: tuple[Place, ...]


def funnel(report: Report, figures: Figures, layout: Layout) -> Drawing | None:
    """The funnel of every variant; None where there are not two steps to compare."""
    steps = funnel_steps(report, figures)
    if len(steps) < 2:
        return None
    canvas, y = Canvas(), 4.0
    for step in steps:
        y = _put_step(canvas, report, step, layout, y)
    canvas.text(0, y + 10, word("funnel_note", figures.language), "f-sub")
    control = Sign("control", word("control", figures.language))
    end = put_legend(canvas, layout, [control], y + 22)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=end + 4,
        content=canvas.content,
        title=word("funnel", figures.language),
        description=_describe(report, steps),
    )


def funnel_steps(report: Report, figures: Figures) -> list[Step]:
    """The steps: stages up to the anchor, then the rates that are no guardrails, largest first."""
    stages = [_stage(split.stage, split.counts, figures) for split in report.health.splits]
    first = {place.variant: place.customers for place in stages[0].places} if stages else {}
    stages = [_shared(step, first) for step in stages]
    reached = {place.variant: place.share for place in stages[-1].places} if stages else {}
    rates = [goal for goal in report.goals if goal.kind == "proportion" and _counts(goal)]
    rates.sort(key=_pooled, reverse=True)
    return [*stages, *(_of_kpi(goal, reached, figures) for goal in rates)]


def _counts(goal: Goal) -> bool:
    return goal.role != "guardrail" and any(arm.units for arm in goal.arms)


def _pooled(goal: Goal) -> float:
    return sum(arm.total for arm in goal.arms) / sum(arm.units for arm in goal.arms)


def _stage(stage: str, counts: dict[str, int], figures: Figures) -> Step:
    name = word(stage, figures.language) if stage in WORDS else stage
    places = (Place(key, met, 1.0, count(met)) for key, met in counts.items())
    return Step(name, tuple(places))


def _shared(step: Step, first: dict[str, float]) -> Step:
    places = tuple(
        Place(place.variant, place.customers, _part(place, first), place.said)
        for place in step.places
    )
    return Step(step.name, places)


def _part(place: Place, first: dict[str, float]) -> float:
    whole = first.get(place.variant, 0)
    return min(1.0, place.customers / whole) if whole else 0.0


def _of_kpi(goal: Goal, reached: dict[str, float], figures: Figures) -> Step:
    values = figures.values(goal, [arm.value for arm in goal.arms])
    places = tuple(
        Place(
            variant=arm.variant,
            customers=arm.total,
            share=(arm.value or 0.0) * reached.get(arm.variant, 1.0),
            said=f"{count(arm.total)} ({value})",
        )
        for arm, value in zip(goal.arms, values, strict=True)
    )
    return Step(figures.short_name(goal), places)


def _put_step(canvas: Canvas, report: Report, step: Step, layout: Layout, y: float) -> float:
    left = 0 if layout.words_above else layout.left
    room = (layout.width if layout.words_above else layout.right) - left
    top = y + _STEP_HEAD if layout.words_above else y + _STEP_GAP
    canvas.text(0, y + 18 if layout.words_above else top + 12, step.name, "f-title")
    for place in step.places:
        whole = report.variants.get(place.variant, place.variant)
        name = shortened(whole, layout.label_ems)
        kind = "f-step-control" if place.variant == report.control else "f-step"
        if layout.words_above:
            canvas.text(0, top + 13, name, "f-sub", whole=whole)
            canvas.text(layout.width, top + 13, place.said, "f-sub", "end")
            canvas.box(kind, left + 1, top + 19, max(1.0, place.share * (room - 2)), _BAR)
            top += _BAR + 26
        else:
            canvas.box(kind, left, top, max(1.0, place.share * room), _BAR)
            canvas.text(layout.right + 12, top + 12, name, "f-sub", whole=whole)
            canvas.text(layout.width, top + 12, place.said, "f-sub", "end")
            top += _BAR + _GAP
    return top + (4 if layout.words_above else _GAP)


def _describe(report: Report, steps: list[Step]) -> str:
    return ". ".join(
        f"{step.name}, {report.variants.get(place.variant, place.variant)}: {place.said}"
        for step in steps
        for place in step.places
    )

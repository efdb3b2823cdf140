"""All KPIs of a test, each with what is known of the others: corrections, looks, days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from experiments.measurement.measure import Measurement
from experiments.reporting.adaptive.building import measured_in_batches
from experiments.reporting.besides import beside_of, by_credit, in_phases
from experiments.reporting.comparisons import answered
from experiments.reporting.corrections import Correction, among_secondaries
from experiments.reporting.days import days_of
from experiments.reporting.goal_facts import Goal
from experiments.reporting.goal_reading import Beside, GoalReading, Measured, setting_of
from experiments.reporting.goals import analyse_goal
from experiments.reporting.looks import first_shown, kept
from experiments.reporting.prior import Prior
from experiments.reporting.report import Look
from experiments.reporting.sources import GoalPlan, Source, measured_of

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Course:
    """How far a test has come.

    Attributes:
        final: Whether the planned end is reached.
        looks: The planned looks of the primary KPI.
        about: The goal that is told of in depth.
        asked: Whether somebody asked for it.
        priors: What lifts usually are, by kind and unit of measure of a KPI.
    """

    final: bool
    looks: tuple[Look, ...]
    about: GoalPlan | None
    asked: bool
    priors: Mapping[tuple[str, str], Prior] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether the test may end: at its planned end, or since a look showed a difference."""
        return self.final or first_shown(self.looks) is not None


def goals_of(
    source: Source, plans: Sequence[GoalPlan], found: Sequence[Measurement], course: Course
) -> tuple[Goal, ...]:
    """Every goal, analysed."""
    measured = [
        _measured(source, plan, each, course) for plan, each in zip(plans, found, strict=True)
    ]
    corrections = _corrections(source, plans, measured) if course.final else {}
    goals = [
        analyse_goal(
            source.experiment.draft,
            _reading(plan, course),
            each,
            final=course.final,
            ended=course.ended,
            corrections=corrections.get(plan.goal.kpi),
        )
        for plan, each in zip(plans, measured, strict=True)
    ]
    return tuple(
        _deepened(source, plan, goal, course) for plan, goal in zip(plans, goals, strict=True)
    )


def _measured(source: Source, plan: GoalPlan, found: Measurement, course: Course) -> Measured:
    """As measured; where shares follow results, with samples that only batches compare."""
    if source.experiment.draft.adaptive is not None:
        return measured_in_batches(source, plan, found)
    return measured_of(found, plan, source, _beside(source, plan, found, course))


def _reading(plan: GoalPlan, course: Course) -> GoalReading:
    reading = plan.reading
    return replace(
        reading, prior=course.priors.get((reading.kpi.kind, reading.kpi.unit_of_measure))
    )


def _beside(source: Source, plan: GoalPlan, found: Measurement, course: Course) -> Beside:
    beside = in_phases(source, plan, beside_of(source, plan, found))
    if course.final and plan is course.about:
        beside = by_credit(source, plan, beside, whatever=course.asked)
    if plan.goal.role != "primary":
        return beside
    came = tuple(look.seen for look in course.looks if look.seen is not None)
    return replace(beside, looks=came)


def _corrections(
    source: Source, plans: Sequence[GoalPlan], measured: Sequence[Measured]
) -> dict[str, dict[str, Correction]]:
    """Of the secondary KPIs, all their variants together."""
    draft = source.experiment.draft
    secondary = [
        (plan.goal.kpi, setting_of(draft, plan.reading, each))
        for plan, each in zip(plans, measured, strict=True)
        if plan.goal.role == "secondary"
    ]
    p_values: Mapping[tuple[str, str], float] = {
        (kpi, variant): lift.p_value
        for kpi, setting in secondary
        for variant, lift in answered(setting).items()
    }
    found: dict[str, dict[str, Correction]] = {kpi: {} for kpi, _ in secondary}
    for (kpi, variant), correction in among_secondaries(p_values).items():
        found[kpi][variant] = correction
    return found


def _deepened(source: Source, plan: GoalPlan, goal: Goal, course: Course) -> Goal:
    goal = replace(goal, days_needed=_days_needed(source, goal))
    if goal.role == "primary" and course.final:
        goal = kept(goal, course.looks)
    if course.final and plan is course.about:
        days, gap = days_of(source, plan)
        goal = replace(goal, days=days, days_gap=gap)
    return goal


def _days_needed(source: Source, goal: Goal) -> int | None:
    """At the pace so far; None where nothing is open, or everybody came at once."""
    test, units = source.experiment, sum(arm.units for arm in goal.arms)
    at_once = test.draft.shape in {"one_blast", "test_then_rest"}
    if goal.units_needed is None or test.started_at is None or at_once or not units:
        return None
    until = min(source.as_of, test.stopped_at or source.as_of)
    days = (until - test.started_at).total_seconds() / _SECONDS_PER_DAY
    missing = goal.units_needed * len(goal.arms) - units
    return max(0, ceil(missing * days / units)) if days > 0 else None

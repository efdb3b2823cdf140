"""One KPI of the test, from its samples to its arms, comparisons and facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.kpis.document import KpiDocument
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.reporting.comparisons import (
    Setting,
    final_comparisons,
    guardrail_facts,
    interval_range,
    running_comparisons,
    units_needed,
)
from experiments.reporting.families import FAMILIES, Sample, wanted
from experiments.reporting.report import (
    Accounting,
    Arm,
    Comparison,
    Goal,
    GuardrailFact,
    Range,
    TargetFact,
)
from stats.errors import NotEnoughData


@dataclass(frozen=True)
class Measured:
    """A KPI as measured.

    Attributes:
        samples: By variant key; every variant of the test has one.
        immature: Customers whose window has not closed, by variant key.
        sql: What measured it.
    """

    samples: Mapping[str, Sample]
    accounting: Accounting
    immature: Mapping[str, int]
    sql: str


@dataclass(frozen=True)
class GoalPlan:
    """A goal beside the document version it was fixed to."""

    goal: KpiGoal
    document: KpiDocument
    version: int
    window_hours: int


def analyse_goal(
    draft: ExperimentDraft, plan: GoalPlan, measured: Measured, *, final: bool
) -> Goal:
    """Analyse one KPI; before the planned end without intervals that would be peeked at."""
    document, goal = plan.document, plan.goal
    immature = {variant.key: measured.immature.get(variant.key, 0) for variant in draft.variants}
    setting = Setting(
        draft=draft,
        family=FAMILIES[document.kind],
        direction=document.direction,
        samples=measured.samples,
        planned_units=draft.plan.units_planned
        or sum(sample.units for sample in measured.samples.values()) + sum(immature.values()),
    )
    comparisons = final_comparisons(setting) if final else running_comparisons(setting)
    minimum = None if goal.minimum_effect is None else float(goal.minimum_effect)
    return Goal(
        kpi=document.key,
        version=plan.version,
        name=document.name,
        short_name=document.short_name or document.name,
        kind=document.kind,
        role=goal.role,
        unit_of_measure=document.unit_of_measure,
        currency=document.currency,
        direction=document.direction,
        window_hours=plan.window_hours,
        minimum_effect=minimum,
        exploratory=goal.role == "secondary",
        units_needed=_needed(setting, comparisons, minimum) if final else None,
        arms=tuple(_arm(setting, variant, plan, final=final) for variant in draft.variants),
        comparisons=comparisons,
        guardrails=_guardrails(setting, goal) if final else (),
        accounting=measured.accounting,
        immature=immature,
        sql=measured.sql,
    )


def _arm(setting: Setting, variant: Variant, plan: GoalPlan, *, final: bool) -> Arm:
    sample = setting.samples[variant.key]
    value, interval = _estimate(setting, sample)
    return Arm(
        variant=variant.key,
        name=variant.name,
        control=variant.control,
        units=sample.units,
        total=setting.family.total(sample),
        value=value,
        interval=interval if final else None,
        target=_target(setting, sample, plan) if final else None,
    )


def _estimate(setting: Setting, sample: Sample) -> tuple[float | None, Range | None]:
    """The value with its interval; with too few customers the value alone, or nothing."""
    try:
        estimate = setting.family.estimate(sample, confidence=setting.confidence)
    except NotEnoughData:
        total = setting.family.total(sample)
        return (total / sample.units if sample.units else None), None
    return estimate.value, interval_range(estimate.interval)


def _target(setting: Setting, sample: Sample, plan: GoalPlan) -> TargetFact | None:
    target = _target_value(setting, plan)
    if target is None:
        return None
    try:
        check = setting.family.target(
            sample, target, wanted=wanted(setting.direction), confidence=setting.confidence
        )
    except (NotEnoughData, ValueError):
        return None
    return TargetFact(target, check.reached, check.will_hold.value)


def _target_value(setting: Setting, plan: GoalPlan) -> float | None:
    """What the arms should reach: the goal's own target; of the primary, else the document's."""
    goal, document = plan.goal.target, plan.document
    if goal is not None:
        return _control_value(setting, float(goal.value)) if goal.relative else float(goal.value)
    if document.target is None or plan.goal.role != "primary":
        return None
    if not document.target.relative:
        return float(document.target.value)
    return (
        None
        if document.baseline is None
        else float(document.baseline * (1 + document.target.value))
    )


def _control_value(setting: Setting, growth: float) -> float | None:
    try:
        return setting.family.estimate(setting.control).value * (1 + growth)
    except NotEnoughData:
        return None


def _guardrails(setting: Setting, goal: KpiGoal) -> tuple[GuardrailFact, ...]:
    return () if goal.margin is None else guardrail_facts(setting, float(goal.margin))


def _needed(
    setting: Setting, comparisons: tuple[Comparison, ...], minimum: float | None
) -> int | None:
    """Customers per variant to settle what is open: the minimum effect, else what was seen."""
    open_ones = [abs(entry.difference or 0.0) for entry in comparisons if not entry.significant]
    effect = minimum or max(open_ones, default=0.0)
    return units_needed(setting, effect) if open_ones and effect else None

"""One KPI of the test, from its samples to its arms, comparisons and facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.kpis.reading import KpiReading
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
from experiments.reporting.families import FAMILIES, Sample, known_value, wanted
from experiments.reporting.goal_facts import (
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
class GoalReading:
    """A goal beside its KPI, as of the document version it was fixed to."""

    goal: KpiGoal
    kpi: KpiReading
    version: int
    window_hours: int


def analyse_goal(
    draft: ExperimentDraft, reading: GoalReading, measured: Measured, *, final: bool
) -> Goal:
    """Analyse one KPI; before the planned end without intervals that would be peeked at."""
    kpi, goal = reading.kpi, reading.goal
    immature = {variant.key: measured.immature.get(variant.key, 0) for variant in draft.variants}
    setting = Setting(
        draft=draft,
        family=FAMILIES[kpi.kind],
        direction=kpi.direction,
        samples=measured.samples,
        planned_units=draft.plan.units_planned or _met(kpi.kind, measured.samples, immature),
    )
    comparisons = final_comparisons(setting) if final else running_comparisons(setting)
    minimum = None if goal.minimum_effect is None else float(goal.minimum_effect)
    return Goal(
        kpi=kpi.key,
        version=reading.version,
        name=kpi.name,
        short_name=kpi.short_name,
        kind=kpi.kind,
        role=goal.role,
        unit_of_measure=kpi.unit_of_measure,
        currency=kpi.currency,
        direction=kpi.direction,
        window_hours=reading.window_hours,
        minimum_effect=minimum,
        exploratory=goal.role == "secondary",
        units_needed=_needed(setting, comparisons, minimum) if final else None,
        arms=tuple(_arm(setting, variant, reading, final=final) for variant in draft.variants),
        comparisons=comparisons,
        guardrails=_guardrails(setting, goal) if final else (),
        accounting=measured.accounting,
        immature=immature,
        sql=measured.sql,
    )


def _met(kind: str, samples: Mapping[str, Sample], immature: Mapping[str, int]) -> int:
    """Customers counted and still to be counted; times to an event count both already."""
    counted = sum(sample.units for sample in samples.values())
    return counted if kind == "time_to_event" else counted + sum(immature.values())


def _arm(setting: Setting, variant: Variant, reading: GoalReading, *, final: bool) -> Arm:
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
        target=_target(setting, sample, reading) if final else None,
    )


def _estimate(setting: Setting, sample: Sample) -> tuple[float | None, Range | None]:
    """The value with its interval; with too few customers the value alone, or nothing."""
    try:
        estimate = setting.family.estimate(sample, confidence=setting.confidence)
    except NotEnoughData:
        return known_value(setting.family, sample), None
    return estimate.value, interval_range(estimate.interval)


def _target(setting: Setting, sample: Sample, reading: GoalReading) -> TargetFact | None:
    target = _target_value(setting, reading)
    if target is None:
        return None
    try:
        check = setting.family.target(
            sample, target, wanted=wanted(setting.direction), confidence=setting.confidence
        )
    except (NotEnoughData, ValueError):
        return None
    return TargetFact(target, check.reached, check.will_hold.value)


def _target_value(setting: Setting, reading: GoalReading) -> float | None:
    """What the arms should reach: the goal's own target; of the primary, else the document's."""
    goal, kpi = reading.goal.target, reading.kpi
    if goal is not None:
        return _control_value(setting, float(goal.value)) if goal.relative else float(goal.value)
    if kpi.target is None or reading.goal.role != "primary":
        return None
    if not kpi.target.relative:
        return float(kpi.target.value)
    return None if kpi.baseline is None else float(kpi.baseline * (1 + kpi.target.value))


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

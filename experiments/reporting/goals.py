"""One KPI of the test, from its samples to its arms, comparisons and facts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.reporting.comparisons import (
    final_comparisons,
    guardrail_facts,
    interval_range,
    power_of,
    running_comparisons,
    units_needed,
)
from experiments.reporting.corrections import Correction
from experiments.reporting.families import Sample, known_value, wanted
from experiments.reporting.goal_depth import (
    credit_rules,
    expectation_of,
    steps_of,
    uncapped_of,
)
from experiments.reporting.goal_facts import (
    Arm,
    Comparison,
    Goal,
    GuardrailFact,
    Range,
    TargetFact,
)
from experiments.reporting.goal_reading import Beside, GoalReading, Measured, setting_of
from experiments.reporting.setting import Setting
from experiments.reporting.verdict import ruled_out
from stats.errors import NotEnoughData

__all__ = ["GoalReading", "Measured", "analyse_goal"]

TOO_FEW = "a variant has {units} units in the segment, expected {least} or more"


def analyse_goal(
    draft: ExperimentDraft,
    reading: GoalReading,
    measured: Measured,
    *,
    final: bool,
    ended: bool | None = None,
    corrections: Mapping[str, Correction] | None = None,
) -> Goal:
    """Analyse one KPI; before the planned end without intervals that would be peeked at.

    Args:
        draft: The test as registered.
        reading: The goal.
        measured: Its KPI.
        final: Whether the planned end is reached.
        ended: Whether the test may end, at its planned end or earlier.
        corrections: By variant, where other KPIs of the test are considered too.
    """
    kpi, goal = reading.kpi, reading.goal
    immature = {variant.key: measured.immature.get(variant.key, 0) for variant in draft.variants}
    setting = setting_of(draft, reading, measured)
    comparisons = _comparisons(setting, measured, corrections, final=final)
    target = _target_value(setting, reading) if final and not measured.of_segment else None
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
        power=_power(setting, comparisons, minimum) if final else None,
        arms=tuple(
            _arm(setting, variant, final=final, target=target) for variant in draft.variants
        ),
        comparisons=comparisons,
        guardrails=_guardrails(setting, goal) if final or ended else (),
        accounting=measured.accounting,
        immature=immature,
        sql=measured.sql,
        **_depth(setting, measured.beside, comparisons, final=final),
    )


def _comparisons(
    setting: Setting,
    measured: Measured,
    corrections: Mapping[str, Correction] | None,
    *,
    final: bool,
) -> tuple[Comparison, ...]:
    fewest = min(sample.units for sample in setting.samples.values())
    if fewest < measured.least_units:
        gap = TOO_FEW.format(units=fewest, least=measured.least_units)
        return tuple(Comparison(each.key, each.name, gap=gap) for each in setting.treatments)
    if not final:
        return running_comparisons(setting)
    found = final_comparisons(setting, corrections)
    return found if measured.of_segment else _with_expectations(setting, found)


def _with_expectations(setting: Setting, found: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    return tuple(_with_expectation(setting, each) for each in found)


def _with_expectation(setting: Setting, found: Comparison) -> Comparison:
    """What to expect of a variant that is shown to be better, or worse, in use."""
    if setting.role == "guardrail" or not found.significant:
        return found
    variant = next(each for each in setting.treatments if each.key == found.variant)
    return replace(found, expected=expectation_of(setting, variant))


def _depth(
    setting: Setting, beside: Beside, comparisons: tuple[Comparison, ...], *, final: bool
) -> dict[str, Any]:
    """What stands beside the comparisons; before the end only what is counted."""
    found: dict[str, Any] = {}
    if beside.steps is not None:
        found["steps"] = steps_of(beside.events, beside.steps, setting.samples)
    if final and beside.uncapped is not None and beside.cap is not None:
        found["uncapped"] = uncapped_of(setting, beside.cap, beside.uncapped, comparisons)
    if final and beside.by_credit is not None:
        found["credit"] = credit_rules(setting, beside.by_credit, beside.credit)
    return found


def _arm(setting: Setting, variant: Variant, *, final: bool, target: float | None) -> Arm:
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
        target=None if target is None else _target(setting, sample, target),
    )


def _estimate(setting: Setting, sample: Sample) -> tuple[float | None, Range | None]:
    """The value with its interval; with too few customers the value alone, or nothing."""
    try:
        estimate = setting.family.estimate(sample, confidence=setting.confidence)
    except NotEnoughData:
        return known_value(setting.family, sample), None
    return estimate.value, interval_range(estimate.interval)


def _target(setting: Setting, sample: Sample, target: float) -> TargetFact | None:
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


def _power(
    setting: Setting, comparisons: tuple[Comparison, ...], minimum: float | None
) -> float | None:
    """The chance to see the minimum effect; None where it is not asked, or nothing compared."""
    compared = any(entry.gap is None for entry in comparisons)
    if minimum is None or setting.role == "guardrail" or not compared:
        return None
    return power_of(setting, minimum)


def _needed(
    setting: Setting, comparisons: tuple[Comparison, ...], minimum: float | None
) -> int | None:
    """Customers per variant to settle what is open: the minimum effect, else what was seen.

    None of a guardrail, which its margin settles, and where so many have been met already.
    """
    open_ones = [
        abs(entry.difference or 0.0)
        for entry in comparisons
        if entry.gap is None and not entry.significant and not ruled_out(entry, minimum)
    ]
    effect = minimum or max(open_ones, default=0.0)
    if setting.role == "guardrail" or not open_ones or not effect:
        return None
    needed = units_needed(setting, effect)
    met = min(sample.units for sample in setting.samples.values())
    return None if needed is None or needed <= met else needed

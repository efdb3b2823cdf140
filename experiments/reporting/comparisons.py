"""One KPI's samples against the control's: lifts, or the reason why there is none.

`stats` raises where it cannot answer; here that becomes a stated gap.
"""

from collections.abc import Mapping

from experiments.registry.experiment import Variant
from experiments.reporting.adjusted import adjustments, decisive
from experiments.reporting.corrections import Correction, among_secondaries, among_variants
from experiments.reporting.families import judged, wanted
from experiments.reporting.goal_facts import Comparison, GuardrailFact, Range
from experiments.reporting.looks import at_the_end
from experiments.reporting.setting import Setting
from stats.errors import NotEnoughData
from stats.guardrails import GuardrailOutcome
from stats.lift import Interval, Lift
from stats.planning.means import MeanLift
from stats.planning.rates import RateLift
from stats.planning.rules import Rules
from stats.planning.sizing import power_reached, required_units
from stats.sequential.confidence_sequence import Progress, always_valid

NOT_CORRECTED = "the comparison cannot be corrected for the others"
# What planning is refused for: too few to go by, or an effect beyond what the KPI can be.
_NOT_TO_BE_SAID = (NotEnoughData, ValueError, OverflowError, ZeroDivisionError)


def interval_range(interval: Interval | None) -> Range | None:
    """An interval of `stats` as the report writes it."""
    return None if interval is None else Range(interval.lower, interval.upper)


def final_comparisons(
    setting: Setting, corrections: Mapping[str, Correction] | None = None
) -> tuple[Comparison, ...]:
    """Every treatment against the control, at the planned end.

    Args:
        setting: What is compared.
        corrections: By variant, where other KPIs are considered too; else among its variants.
    """
    lifts = answered(setting)
    corrections = _own_corrections(setting, lifts) if corrections is None else corrections
    return tuple(
        _final(setting, variant, lifts.get(variant.key), corrections.get(variant.key))
        for variant in setting.treatments
    )


def answered(setting: Setting) -> dict[str, Lift]:
    """The comparisons that can be made, read alone."""
    lifts = {key.key: _lift(setting, key, setting.confidence) for key in setting.treatments}
    return {key: lift for key, lift in lifts.items() if isinstance(lift, Lift)}


def _own_corrections(setting: Setting, lifts: Mapping[str, Lift]) -> dict[str, Correction]:
    if setting.role == "secondary":
        return among_secondaries({key: lift.p_value for key, lift in lifts.items()})
    return among_variants(setting, lifts)


def running_comparisons(setting: Setting) -> tuple[Comparison, ...]:
    """Every treatment against the control, before the planned end: only what always holds."""
    return tuple(_running(setting, variant) for variant in setting.treatments)


def guardrail_facts(setting: Setting, margin: float) -> tuple[GuardrailFact, ...]:
    """Whether each treatment harms; one that cannot be judged is not shown safe by silence."""
    return tuple(_guardrail_fact(setting, variant, margin) for variant in setting.treatments)


def units_needed(setting: Setting, effect: float) -> int | None:
    """Customers per variant that would show ``effect``; None where that cannot be said."""
    try:
        return max(required_units(_contrast(setting, effect), _rules(setting)).per_variant)
    except _NOT_TO_BE_SAID:
        return None


def power_of(setting: Setting, effect: float) -> float | None:
    """The chance that the customers met show ``effect``, if it is there; None if it cannot be said.

    The effect is that which the plan names: of the one that was seen it would say nothing new.
    """
    met = sum(sample.units for sample in setting.samples.values())
    try:
        return power_reached(_contrast(setting, effect), met, _rules(setting))
    except _NOT_TO_BE_SAID:
        return None


def _rules(setting: Setting) -> Rules:
    weights = [setting.draft.control.weight, *(variant.weight for variant in setting.treatments)]
    return Rules(
        alpha=float(setting.draft.plan.alpha),
        power=float(setting.draft.plan.power),
        weights=tuple(float(weight) for weight in weights),
    )


def _contrast(setting: Setting, effect: float) -> RateLift | MeanLift:
    widest = max(setting.treatments, key=lambda variant: setting.samples[variant.key].units)
    return setting.family.contrast(setting.control, setting.samples[widest.key], effect)


def _guardrail_fact(setting: Setting, variant: Variant, margin: float) -> GuardrailFact:
    treatment = setting.samples[variant.key]
    try:
        direction = wanted(setting.direction)
        found = judged(setting.family.guardrail, setting.control, treatment, margin, direction)
    except NotEnoughData:
        seen = setting.family.mean(treatment) - setting.family.mean(setting.control)
        worsening = -wanted(setting.direction).sign * seen
        unsure = GuardrailOutcome.NOT_SHOWN_SAFE.value
        return GuardrailFact(variant.key, variant.name, unsure, worsening, None, margin)
    return GuardrailFact(
        variant=variant.key,
        name=variant.name,
        outcome=found.outcome.value,
        worsening=found.worsening.value,
        worst=found.worsening.interval.upper,
        margin=margin,
    )


def _lift(setting: Setting, variant: Variant, confidence: float) -> Lift | NotEnoughData:
    try:
        return decisive(setting, variant, confidence)
    except NotEnoughData as reason:
        return reason


def _final(
    setting: Setting, variant: Variant, lift: Lift | None, correction: Correction | None
) -> Comparison:
    confidence = setting.confidence if correction is None else correction.confidence
    adjusted = _lift(setting, variant, confidence)
    if lift is None or correction is None or isinstance(adjusted, NotEnoughData):
        reason = _lift(setting, variant, setting.confidence)
        gap = reason.reason if isinstance(reason, NotEnoughData) else NOT_CORRECTED
        return Comparison(variant.key, variant.name, gap=gap)
    found = Comparison(
        variant=variant.key,
        name=variant.name,
        difference=lift.absolute.value,
        interval=interval_range(lift.absolute.interval),
        interval_adjusted=interval_range(adjusted.absolute.interval),
        relative=lift.relative.value,
        relative_interval=interval_range(lift.relative.interval),
        relative_gap=lift.relative.gap,
        p_value=lift.p_value,
        p_value_adjusted=correction.p_value,
        significant=correction.shown,
        better=_better(setting.direction, lift.absolute.value),
        method=lift.method,
        adjustments=adjustments(setting, variant, confidence),
    )
    return at_the_end(setting, variant, found) if setting.looks else found


def _running(setting: Setting, variant: Variant) -> Comparison:
    treatment = setting.samples[variant.key]
    try:
        estimate = setting.family.running(setting.control, treatment)
        progress = Progress(
            setting.control.units,
            treatment.units,
            max(1, setting.planned_of_pair(variant)),
            setting.family.conversions(setting.control, treatment),
        )
        valid = always_valid(estimate, progress, confidence=setting.shared_confidence)
    except NotEnoughData as reason:
        return Comparison(variant.key, variant.name, gap=reason.reason)
    return Comparison(
        variant=variant.key,
        name=variant.name,
        difference=estimate.value,
        always_valid=interval_range(valid.interval),
    )


def _better(direction: str, difference: float) -> bool | None:
    gain = wanted(direction).sign * difference
    return None if gain == 0 else gain > 0

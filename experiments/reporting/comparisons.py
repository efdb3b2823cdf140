"""One KPI's samples against the control's: lifts, or the reason why there is none.

`stats` raises where it cannot answer; here that becomes a stated gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.reporting.families import Family, Sample, wanted
from experiments.reporting.goal_facts import Comparison, GuardrailFact, Range
from stats.errors import NotEnoughData
from stats.guardrails import GuardrailOutcome
from stats.lift import Interval, Lift
from stats.multiplicity import Family as Treatments
from stats.planning.rules import Rules
from stats.planning.sizing import required_units
from stats.sequential.confidence_sequence import Progress, always_valid


@dataclass(frozen=True)
class Setting:
    """What is fixed for every comparison of one KPI.

    Attributes:
        draft: The test as registered.
        family: Methods of the KPI's kind.
        direction: ``up`` or ``down`` is better.
        samples: By variant key.
        planned_units: Of all variants together, at the planned end.
    """

    draft: ExperimentDraft
    family: Family
    direction: str
    samples: Mapping[str, Sample]
    planned_units: int

    @property
    def confidence(self) -> float:
        """Of every interval, from the plan's alpha."""
        return 1 - float(self.draft.plan.alpha)

    @property
    def control(self) -> Sample:
        """The control's sample."""
        return self.samples[self.draft.control.key]

    def planned_of_pair(self, variant: Variant) -> int:
        """Planned units of the control and one variant, by their weights."""
        pair = self.draft.control.weight + variant.weight
        whole = sum(each.weight for each in self.draft.variants)
        return round(self.planned_units * pair / whole)

    @property
    def treatments(self) -> tuple[Variant, ...]:
        """The variants that are not the control."""
        return tuple(variant for variant in self.draft.variants if not variant.control)


def interval_range(interval: Interval | None) -> Range | None:
    """An interval of `stats` as the report writes it."""
    return None if interval is None else Range(interval.lower, interval.upper)


def final_comparisons(setting: Setting) -> tuple[Comparison, ...]:
    """Every treatment against the control, at the planned end."""
    lifts = {
        variant.key: _lift(setting, variant, setting.confidence) for variant in setting.treatments
    }
    stricter, p_values = _correction(setting, lifts)
    return tuple(
        _final(setting, variant, lifts[variant.key], stricter, p_values.get(variant.key))
        for variant in setting.treatments
    )


def running_comparisons(setting: Setting) -> tuple[Comparison, ...]:
    """Every treatment against the control, before the planned end: only what always holds."""
    return tuple(_running(setting, variant) for variant in setting.treatments)


def guardrail_facts(setting: Setting, margin: float) -> tuple[GuardrailFact, ...]:
    """Whether each treatment harms; one that cannot be judged is not shown safe by silence."""
    return tuple(_guardrail_fact(setting, variant, margin) for variant in setting.treatments)


def units_needed(setting: Setting, effect: float) -> int | None:
    """Customers per variant that would show ``effect``; None where that cannot be said."""
    weights = [setting.draft.control.weight, *(variant.weight for variant in setting.treatments)]
    widest = max(setting.treatments, key=lambda variant: setting.samples[variant.key].units)
    try:
        rules = Rules(
            alpha=float(setting.draft.plan.alpha),
            power=float(setting.draft.plan.power),
            weights=tuple(float(weight) for weight in weights),
        )
        contrast = setting.family.contrast(setting.control, setting.samples[widest.key], effect)
        return max(required_units(contrast, rules).per_variant)
    except (NotEnoughData, ValueError, OverflowError, ZeroDivisionError):
        return None


def _guardrail_fact(setting: Setting, variant: Variant, margin: float) -> GuardrailFact:
    treatment = setting.samples[variant.key]
    try:
        judged = setting.family.guardrail(
            setting.control, treatment, margin=margin, wanted=wanted(setting.direction)
        )
    except NotEnoughData:
        seen = setting.family.mean(treatment) - setting.family.mean(setting.control)
        worsening = -wanted(setting.direction).sign * seen
        unsure = GuardrailOutcome.NOT_SHOWN_SAFE.value
        return GuardrailFact(variant.key, variant.name, unsure, worsening, None, margin)
    return GuardrailFact(
        variant=variant.key,
        name=variant.name,
        outcome=judged.outcome.value,
        worsening=judged.worsening.value,
        worst=judged.worsening.interval.upper,
        margin=margin,
    )


def _lift(setting: Setting, variant: Variant, confidence: float) -> Lift | NotEnoughData:
    try:
        return setting.family.compare(
            setting.control, setting.samples[variant.key], confidence=confidence
        )
    except NotEnoughData as reason:
        return reason


def _correction(
    setting: Setting, lifts: Mapping[str, Lift | NotEnoughData]
) -> tuple[float, dict[str, float]]:
    """Confidence and p-values that hold for all treatments together (Dunnett)."""
    answered = {key: lift for key, lift in lifts.items() if isinstance(lift, Lift)}
    if setting.draft.plan.correction == "none" or len(answered) < 2:
        return setting.confidence, {key: lift.p_value for key, lift in answered.items()}
    family = Treatments(
        setting.control.units, tuple(setting.samples[key].units for key in answered)
    )
    adjusted = family.adjust([lift.p_value for lift in answered.values()])
    return family.confidence(setting.confidence), dict(zip(answered, adjusted, strict=True))


def _final(
    setting: Setting,
    variant: Variant,
    lift: Lift | NotEnoughData,
    stricter: float,
    adjusted_p_value: float | None,
) -> Comparison:
    if isinstance(lift, NotEnoughData):
        return Comparison(variant.key, variant.name, gap=lift.reason)
    adjusted = _lift(setting, variant, stricter)
    assert isinstance(adjusted, Lift)  # noqa: S101 - the same samples answered just now
    difference = lift.absolute.value
    return Comparison(
        variant=variant.key,
        name=variant.name,
        difference=difference,
        interval=interval_range(lift.absolute.interval),
        interval_adjusted=interval_range(adjusted.absolute.interval),
        relative=lift.relative.value,
        relative_interval=interval_range(lift.relative.interval),
        relative_gap=lift.relative.gap,
        p_value=lift.p_value,
        p_value_adjusted=adjusted_p_value,
        significant=adjusted.significant,
        better=_better(setting.direction, difference),
        method=lift.method,
    )


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
        valid = always_valid(estimate, progress, confidence=setting.confidence)
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

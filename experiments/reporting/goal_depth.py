"""What stands beside a KPI's comparisons: without its cap, by step, by credit, in use."""

from collections.abc import Iterable, Mapping
from typing import Any

from experiments.registry.experiment import Variant
from experiments.reporting.adjusted import plain_of
from experiments.reporting.depth_facts import (
    CreditRule,
    Expectation,
    FunnelStep,
    Plain,
    Uncapped,
)
from experiments.reporting.families import Sample, compared, known_value
from experiments.reporting.goal_facts import Comparison
from experiments.reporting.ranges import Range
from experiments.reporting.setting import Setting
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.shrinkage import DEFAULT_PRIOR, ExpectedLift, LiftPrior, expected_lift


def uncapped_of(
    setting: Setting,
    cap: float,
    samples: Mapping[str, Sample],
    comparisons: Iterable[Comparison],
) -> Uncapped:
    """The KPI without its cap, beside what its comparisons say with it."""
    plain = plain_comparisons(setting, samples)
    agree = all(_says(plain[each.variant]) == _says_capped(each) for each in comparisons)
    return Uncapped(cap, values_of(setting, samples), plain, agree)


def credit_rules(
    setting: Setting, by_rule: Mapping[str, Mapping[str, Sample]], own: str
) -> tuple[CreditRule, ...]:
    """The KPI under every rule of credit."""
    return tuple(
        CreditRule(
            rule, rule == own, values_of(setting, samples), plain_comparisons(setting, samples)
        )
        for rule, samples in by_rule.items()
    )


def steps_of(
    events: Iterable[str], steps: Mapping[str, tuple[int, ...]], samples: Mapping[str, Sample]
) -> tuple[FunnelStep, ...]:
    """How many customers of each variant took each step of a funnel."""
    found, before = [], {key: samples[key].units for key in steps}
    for place, event in enumerate(events):
        units = {key: taken[place] for key, taken in steps.items()}
        shares = {key: _part(met, samples[key].units) for key, met in units.items()}
        passed = {key: _part(met, before[key]) for key, met in units.items()}
        found.append(FunnelStep(event, units, shares, passed))
        before = units
    return tuple(found)


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def plain_comparisons(setting: Setting, samples: Mapping[str, Sample]) -> dict[str, Plain]:
    """Every variant against the control, as sure as the verdict has to be of all together."""
    confidence = setting.shared_confidence
    return {
        variant.key: _plain(setting, samples, variant, confidence) for variant in setting.treatments
    }


def values_of(setting: Setting, samples: Mapping[str, Sample]) -> dict[str, float | None]:
    """The KPI's value of every variant."""
    return {key: _value(setting, sample) for key, sample in samples.items()}


def expectation_of(setting: Setting, variant: Variant) -> Expectation | None:
    """What to expect of a variant in use; None where there is no relative lift to draw in."""
    prior = setting.prior
    usual = DEFAULT_PRIOR if prior is None else LiftPrior(prior.sd, prior.past_tests, None)
    try:
        lift: Lift = compared(
            setting.family.compare,
            setting.control,
            setting.samples[variant.key],
            setting.confidence,
        )
        found: ExpectedLift = expected_lift(lift, usual, confidence=setting.confidence)
    except NotEnoughData:
        return None
    interval = found.interval
    return Expectation(
        relative=found.expected,
        relative_interval=Range(interval.lower, interval.upper),
        difference=found.expected * lift.control.value,
        share_kept=found.kept,
        past_tests=usual.past_tests,
        ended_tests=0 if prior is None else prior.ended_tests,
    )


def _plain(setting: Setting, samples: Any, variant: Variant, confidence: float) -> Plain:
    control = samples[setting.draft.control.key]
    try:
        return plain_of(compared(setting.family.compare, control, samples[variant.key], confidence))
    except NotEnoughData as reason:
        return Plain(None, None, None, shown=False, gap=reason.reason)


def _value(setting: Setting, sample: Sample) -> float | None:
    try:
        return setting.family.estimate(sample).value
    except NotEnoughData:
        return known_value(setting.family, sample)


def _says(found: Plain) -> int:
    return 0 if not found.shown or not found.difference else (1 if found.difference > 0 else -1)


def _says_capped(found: Comparison) -> int:
    if not found.significant or not found.difference:
        return 0
    return 1 if found.difference > 0 else -1

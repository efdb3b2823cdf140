"""Comparisons that account for something known before, beside those that do not.

Each phase of a changed allocation is compared with itself, since the phases' sums compare
different times. The customers' own values before the test make a mean or a ratio more precise.
Which of them decides is fixed here, not by the numbers: phases first, then the covariate.
"""

from typing import Any

from experiments.registry.experiment import Variant
from experiments.reporting.depth_facts import Adjustment, Plain
from experiments.reporting.families import compared
from experiments.reporting.ranges import Range
from experiments.reporting.setting import Setting
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.variance_reduction import compare_adjusted, compare_stratified
from stats.variance_reduction.cuped import AdjustedComparison
from stats.variance_reduction.stratified import StratifiedComparison, Stratum

# Of a rate the plain test decides: its interval and its p-value cannot disagree.
_BY_COVARIATE = frozenset({"mean", "ratio"})
_ADDS_UP = BinomialSample | MeanSample | RatioSample


def decisive(setting: Setting, variant: Variant, confidence: float) -> Lift:
    """The comparison that decides.

    Raises:
        NotEnoughData: If it cannot be made.
    """
    treatment = setting.samples[variant.key]
    plain = compared(setting.family.compare, setting.control, treatment, confidence)
    by_phase = _by_phase(setting, variant, confidence)
    if by_phase is not None:
        return by_phase.adjusted or plain
    by_covariate = _by_covariate(setting, variant, confidence)
    if by_covariate is not None and setting.kind in _BY_COVARIATE:
        return by_covariate.adjusted or plain
    return plain


def adjustments(setting: Setting, variant: Variant, confidence: float) -> tuple[Adjustment, ...]:
    """What was accounted for, with and without."""
    try:
        by_phase = _by_phase(setting, variant, confidence)
        by_covariate = _by_covariate(setting, variant, confidence)
    except NotEnoughData:
        return ()
    found = []
    if by_phase is not None:
        found.append(_phases(by_phase))
    if by_covariate is not None:
        decides = by_phase is None and setting.kind in _BY_COVARIATE
        found.append(_covariate(by_covariate, decides=decides))
    return tuple(found)


def plain_of(lift: Lift) -> Plain:
    """A comparison in few numbers."""
    interval = lift.absolute.interval
    between = Range(interval.lower, interval.upper)
    return Plain(lift.absolute.value, between, lift.p_value, lift.significant)


def _by_phase(setting: Setting, variant: Variant, confidence: float) -> StratifiedComparison | None:
    if len(setting.phases) < 2 or not isinstance(setting.control, _ADDS_UP):
        return None
    strata = [_stratum(phase, setting, variant) for phase in setting.phases]
    return compare_stratified(strata, confidence=confidence)


def _stratum(phase: Any, setting: Setting, variant: Variant) -> Stratum:
    return Stratum(phase[setting.draft.control.key], phase[variant.key])


def _by_covariate(
    setting: Setting, variant: Variant, confidence: float
) -> AdjustedComparison | None:
    found = setting.covariates
    if found is None:
        return None
    return compare_adjusted(
        found[setting.draft.control.key], found[variant.key], confidence=confidence
    )


def _phases(found: StratifiedComparison) -> Adjustment:
    return Adjustment(
        kind="phases",
        used=found.adjusted is not None,
        adjusted=None if found.adjusted is None else plain_of(found.adjusted),
        unadjusted=plain_of(found.unadjusted),
        gain=found.gain,
        left_out=found.left_out,
        why_not=None if found.why_not is None else found.why_not.value,
    )


def _covariate(found: AdjustedComparison, *, decides: bool) -> Adjustment:
    return Adjustment(
        kind="covariate",
        used=decides and found.adjusted is not None,
        adjusted=None if found.adjusted is None else plain_of(found.adjusted),
        unadjusted=plain_of(found.unadjusted),
        gain=found.gain,
        correlation=found.correlation,
        balance_p=found.balance_p,
        why_not=None if found.why_not is None else found.why_not.value,
    )

"""A comparison with the customers' values before the start, beside the one without.

When it is used: the covariate is known before assignment, it differs from customer to
customer, both variants have it alike, and it says enough about the outcome. Whatever
fails is named, and the unadjusted comparison decides.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtr

from stats.checks import check_confidence
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.means import welch_test
from stats.proportions import LEAST_EXPECTED, least_expected_count
from stats.samples import BinomialSample, CovariateSample, Outcome
from stats.score import pooled_statistic
from stats.variance_reduction.adjustment import (
    adjusted_lift,
    no_slope,
    one_slope,
    own_slopes,
    scores_of,
)
from stats.variance_reduction.outcomes import compare_outcomes, is_scarce
from stats.variance_reduction.scores import Scores

UNBALANCED_BELOW = 0.001
WORTH_ABOVE = 0.1
LEAST_UNITS = 20
EQUAL_SHARES = (0.45, 0.55)
# A regression of a variant's own needs more: of 30 units with a few missing covariates its
# intervals miss in 7 of 100, those with one slope in 6.
LEAST_UNITS_OF_OWN = 100


class WhyNot(StrEnum):
    """Why there is no adjusted comparison."""

    TOO_FEW_UNITS = "too_few_units"
    NO_COVARIATE = "no_covariate"
    UNBALANCED = "unbalanced"
    WEAK_COVARIATE = "weak_covariate"
    SCARCE_OUTCOMES = "scarce_outcomes"
    NOTHING_LEFT = "nothing_left"
    NO_SHARED_STRATUM = "no_shared_stratum"


@dataclass(frozen=True)
class AdjustedComparison:
    """A comparison without and with covariates.

    Attributes:
        unadjusted: The comparison of the outcomes alone.
        adjusted: The comparison that accounts for the covariates; None if withheld.
        gain: Share of the difference's variance that this removed; None if withheld.
        correlation: Of outcome and covariates over both variants, with the sign of the
            first slope; None if it does not exist.
        balance_p: Of equal covariates in both variants; None if there are none.
        why_not: Why the adjusted comparison is withheld; None if it is not.
    """

    unadjusted: Lift
    adjusted: Lift | None
    gain: float | None
    correlation: float | None
    balance_p: float | None
    why_not: WhyNot | None

    def __post_init__(self) -> None:
        if len({self.adjusted is None, self.gain is None, self.why_not is not None}) > 1:
            raise ValueError(f"why_not is {self.why_not} beside a gain of {self.gain}")

    @property
    def decisive(self) -> Lift:
        """The comparison that decides: the adjusted one where there is one."""
        return self.adjusted or self.unadjusted


def compare_adjusted(
    control: CovariateSample, treatment: CovariateSample, *, confidence: float = 0.95
) -> AdjustedComparison:
    """Compare two variants with CUPED, and without.

    One slope for both variants; where one has less than 45 % of the units, and each at
    least 100, a slope for each. Means, rates (as means of 0 and 1) and ratios (linearised).

    Args:
        control: Sample of the control variant, its covariate known before assignment.
        treatment: Sample of the treatment variant, of the same kind and scales.
        confidence: Of every interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If even the outcomes alone cannot be compared.
        ValueError: If kinds or scales differ, or ``confidence`` is out of range.

    Examples:
        >>> control = CovariateSample.of((x + x % 3, x) for x in range(40))
        >>> treatment = CovariateSample.of((x + x % 3 + 2, x) for x in range(40))
        >>> found = compare_adjusted(control, treatment)
        >>> round(found.unadjusted.p_value, 3), round(found.adjusted.p_value, 9)
        (0.448, 0.0)
        >>> round(found.gain, 3), round(found.correlation, 3), round(found.balance_p, 3)
        (0.995, 0.994, 1.0)
    """
    check_confidence(confidence)
    unadjusted = compare_outcomes(control.outcome, treatment.outcome, confidence=confidence)
    met = _Covariates.of(control, treatment)
    why_not, adjusted, gain = _objection(control, treatment, met), None, None
    if why_not is None and met.scores is not None:
        try:
            adjusted, gain = _adjusted(control.outcome, met.scores, confidence)
        except NotEnoughData:
            why_not = WhyNot.NOTHING_LEFT
    return AdjustedComparison(unadjusted, adjusted, gain, met.correlation, met.balance_p, why_not)


def check_balance(control: CovariateSample, treatment: CovariateSample) -> float | None:
    """Give the p-value of equal covariates; None if they differ between no units at all.

    Welch's test of the values and, if some are missing, the test of the missing shares; of
    two p-values the lower one, doubled (Bonferroni).

    Examples:
        >>> control = CovariateSample.of((0, x) for x in range(100))
        >>> treatment = CovariateSample.of((0, x + 20) for x in range(100))
        >>> check_balance(control, treatment) < 0.001
        True
    """
    p_values = []
    c, t = control.covariate, treatment.covariate
    try:
        p_values.append(welch_test(c, t).p_value)
    except NotEnoughData:
        if c.exact_mean != t.exact_mean:
            return 0.0
    if 0 < control.missing + treatment.missing < control.units + treatment.units:
        p_values.append(_missing_alike(control, treatment))
    return min(1.0, len(p_values) * min(p_values)) if p_values else None


def _missing_alike(control: CovariateSample, treatment: CovariateSample) -> float:
    """Give the p-value of equal missing shares: the score test's, or Fisher's for few."""
    c, t = (BinomialSample(sample.units, sample.missing) for sample in (control, treatment))
    if least_expected_count(c, t) >= LEAST_EXPECTED:
        return float(2 * ndtr(-abs(pooled_statistic(c, t))))
    from scipy.stats import fisher_exact  # noqa: PLC0415 - takes seconds to import

    table = np.array([[c.successes, c.failures], [t.successes, t.failures]])
    return min(1.0, float(fisher_exact(table).pvalue))


def correlation_of(pooled: Scores) -> float | None:
    """Give the correlation of scores with their best combination of covariates.

    Returns:
        Pearson's of one covariate; of two the multiple one, with the sign of the first
        slope. None if the scores do not vary, or the slopes are not settled.
    """
    slopes = pooled.slopes
    if slopes is None or pooled.squares == 0:
        return None
    size = math.sqrt(pooled.explained(slopes) / pooled.squares)
    return math.copysign(min(1.0, size), slopes[0])


@dataclass(frozen=True)
class _Covariates:
    """What is known of the covariates before they are used."""

    scores: tuple[Scores, Scores] | None
    correlation: float | None
    balance_p: float | None

    @classmethod
    def of(cls, control: CovariateSample, treatment: CovariateSample) -> "_Covariates":
        try:
            scores = scores_of(control, treatment)
        except NotEnoughData:
            return cls(None, None, None)
        correlation = correlation_of(scores[0] + scores[1])
        return cls(scores, correlation, check_balance(control, treatment))


def _objection(
    control: CovariateSample, treatment: CovariateSample, met: _Covariates
) -> WhyNot | None:
    if met.scores is None:
        return WhyNot.NO_COVARIATE
    if met.balance_p is not None and met.balance_p < UNBALANCED_BELOW:
        return WhyNot.UNBALANCED
    if min(control.units, treatment.units) < LEAST_UNITS:
        return WhyNot.TOO_FEW_UNITS
    if is_scarce(control.outcome, treatment.outcome):
        return WhyNot.SCARCE_OUTCOMES
    if met.correlation is None or abs(met.correlation) <= WORTH_ABOVE:
        return WhyNot.WEAK_COVARIATE
    return None


def _adjusted(
    control: Outcome, scores: tuple[Scores, Scores], confidence: float
) -> tuple[Lift, float]:
    c, t = scores
    lowest, highest = EQUAL_SHARES
    uneven = not lowest <= c.units / (c.units + t.units) <= highest
    settled = min(c.units, t.units) >= LEAST_UNITS_OF_OWN and None not in (c.slopes, t.slopes)
    if uneven and settled:
        effect, method = own_slopes(c, t), "cuped_interacted"
    else:
        effect, method = one_slope(c, t), "cuped"
    gain = 1 - (effect.test.error / no_slope(c, t).test.error) ** 2
    return adjusted_lift(control, effect, confidence, method), gain

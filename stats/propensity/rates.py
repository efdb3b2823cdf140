"""Two rates from a run in batches whose shares followed the results.

Within a batch the shares were fixed, so its two rates are compared without bias; weighing each
unit by one over its propensity, normalised within the batch, gives just these rates (Hajek 1971).
The batches' contrasts are added with the weights of `stats.propensity.batches`, known before the
batch's outcomes and in proportion to one over its standard error: the variance-stabilising
weights of Hadad, Hirshberg, Zhan, Wager and Athey (2021), "Confidence intervals for policy
evaluation in adaptive experiments", Proceedings of the National Academy of Sciences 118,
e2014602118, for a contrast; in batches also Zhang, Janson and Murphy (2020), "Inference for
batched bandits", NeurIPS 33. With them the sum is normal in the limit although the shares
depended on earlier outcomes.

The variance is that of a score test in each batch (Miettinen and Nurminen 1985, "Comparative
analysis of two rates", Statistics in Medicine 4, 213-226, section on strata):

    z(d) = sum_k h_k (p_tk - p_ck - d) / sqrt(sum_k h_k^2 V_k(d)),

V_k at the rates that fit batch k best under the difference d; for a ratio r likewise with
p_tk - r p_ck. At d = 0 and r = 1 they are one number, so the p-value and both intervals give
one verdict. One batch gives the score test of `stats.proportions`.
"""

from collections.abc import Sequence

from scipy.special import ndtr

from stats.checks import check_confidence
from stats.lift import Estimate, Interval, Lift, RelativeLift
from stats.propensity.batches import Batch, strata
from stats.propensity.score import Sides, StratifiedScore
from stats.samples import BinomialSample

NO_CONTROL_SUCCESSES = "the control has no successes, so a share of them has no upper limit"


def compare_rates_by_batch(
    batches: Sequence[Batch[BinomialSample]],
    control: str,
    treatment: str,
    *,
    confidence: float = 0.95,
) -> Lift:
    """Compare the treatment's rate with the control's within batches.

    Args:
        batches: Each with its propensities, in any order.
        control: Name of the control variant.
        treatment: Name of the treatment variant.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift. Both rates are averages over the same batches with the same weights, so they
        are not those of the added samples. Fractions.

    Raises:
        NotEnoughData: If no batch has units in both variants, or fewer than 5 successes or
            failures are expected in a variant: no exact test knows of batches.
        ValueError: If a name is unknown, or ``confidence`` is out of range.

    Examples:
        >>> from decimal import Decimal
        >>> even = {"A": Decimal("0.5"), "B": Decimal("0.5")}
        >>> ahead = {"A": Decimal("0.2"), "B": Decimal("0.8")}
        >>> B = BinomialSample
        >>> lift = compare_rates_by_batch([
        ...     Batch(even, {"A": B(1000, 50), "B": B(1000, 64)}),
        ...     Batch(ahead, {"A": B(400, 32), "B": B(1600, 150)}),
        ... ], "A", "B")
        >>> round(lift.absolute.value, 4), round(lift.p_value, 4)
        (0.0139, 0.1303)
    """
    check_confidence(confidence)
    score = StratifiedScore.of(strata(batches, control, treatment, fewest=1))
    p_value = float(2 * ndtr(-abs(score.pooled)))
    sides = Sides(score, confidence, significant=p_value < 1 - confidence)
    return Lift(
        control=Estimate(score.control, score.control_interval(confidence)),
        treatment=Estimate(score.treatment, score.treatment_interval(confidence)),
        absolute=Estimate(score.difference, sides.of_difference()),
        relative=_relative(score, sides),
        p_value=p_value,
        statistic=score.pooled,
        confidence=confidence,
        method="inverse_propensity_rates",
    )


def _relative(score: StratifiedScore, sides: Sides) -> RelativeLift:
    lower, upper = sides.of_lift()
    if score.control == 0:
        return RelativeLift(None, Interval(lower, None), gap=NO_CONTROL_SUCCESSES)
    return RelativeLift(score.difference / score.control, Interval(lower, upper), gap=None)

"""Beta-binomial posteriors of rates: the second lens on opens, clicks and conversions.

With a Beta(a, b) prior and x successes of n units a rate's posterior is Beta(a + x, b + n - x):
Gelman et al. (2013), "Bayesian Data Analysis", third edition, section 2.4. The probability that
one of two is higher has a closed form of as many terms as there are successes (Miller 2015,
"Formulas for Bayesian A/B testing"); here it is an integral over one dimension on a fixed
number of nodes, equal to it and as fast for ten million units as for ten.

A second lens on the data of a test: no verdict rests on it, and watching a probability until it
passes a bar is no stopping rule.
"""

from dataclasses import dataclass

from stats.bayes.beta import UNIFORM, Beta, beta_curves
from stats.bayes.contrasts import difference_quantiles, ratio_quantiles
from stats.checks import check_confidence, check_units
from stats.direction import Direction
from stats.lift import Estimate, Interval, RelativeLift
from stats.samples import BinomialSample

NO_CONTROL_SUCCESSES = "the control has no successes, so the prior alone would limit the lift"


@dataclass(frozen=True)
class RatesPosterior:
    """A treatment's rate beside the control's, as the posterior has them.

    Attributes:
        control: Posterior mean of the control's rate, with its credible interval.
        treatment: The same of the treatment's.
        absolute: The difference, treatment minus control: mean and credible interval.
        relative: The same as a share of the control's rate; the value is the median.
        beats_control: Probability that the treatment is better than the control.
        loss_of_treatment: Rate that choosing the treatment is expected to lose.
        loss_of_control: Rate that staying with the control is expected to lose.
        confidence: Of every interval, a fraction in (0, 1).
    """

    control: Estimate
    treatment: Estimate
    absolute: Estimate
    relative: RelativeLift
    beats_control: float
    loss_of_treatment: float
    loss_of_control: float
    confidence: float


def posterior_of_rates(
    control: BinomialSample,
    treatment: BinomialSample,
    *,
    prior: Beta = UNIFORM,
    direction: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> RatesPosterior:
    """Give the posterior of two rates, each with the same prior.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant.
        prior: Of each rate; every rate equally likely unless said otherwise.
        direction: Whether a higher rate is better.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The posterior; rates, lifts and losses are fractions.

    Raises:
        NotEnoughData: If a variant has no units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> found = posterior_of_rates(BinomialSample(100, 49), BinomialSample(100, 51))
        >>> round(found.beats_control, 6), round(found.loss_of_treatment, 6)
        (0.610771, 0.019116)
    """
    check_confidence(confidence)
    check_units(control, treatment)
    c, t = prior.updated(control), prior.updated(treatment)
    curves = beta_curves([c.towards(direction), t.towards(direction)])
    loss_of_control, loss_of_treatment = curves.losses()
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    return RatesPosterior(
        control=Estimate(c.mean, c.interval(confidence)),
        treatment=Estimate(t.mean, t.interval(confidence)),
        absolute=Estimate(t.mean - c.mean, Interval(*difference_quantiles(c, t, tails))),
        relative=_relative(control, c, t, tails),
        beats_control=curves.best()[1],
        loss_of_treatment=loss_of_treatment,
        loss_of_control=loss_of_control,
        confidence=confidence,
    )


def _relative(
    control: BinomialSample, c: Beta, t: Beta, tails: tuple[float, float]
) -> RelativeLift:
    if control.successes == 0:
        return RelativeLift(None, None, gap=NO_CONTROL_SUCCESSES)
    lower, middle, upper = (ratio - 1 for ratio in ratio_quantiles(c, t, (tails[0], 0.5, tails[1])))
    return RelativeLift(middle, Interval(lower, upper), gap=None)

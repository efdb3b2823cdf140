"""What to expect after a win: the observed lift, drawn towards what lifts usually are.

A treatment is called a winner partly because chance was with it, so winners' observed lifts are
too large on average. With a normal prior on the log lift, log(treatment / control) ~ N(0, t^2),
the posterior is N(w y, w s^2) for an observed log lift y of standard error s, w = t^2 / (t^2 +
s^2): the expectation is right whatever was selected (van Zwet, Schwab and Senn 2021, "The
statistical properties of RCTs and a proposal for shrinkage", Statistics in Medicine 40,
6107-6117; Efron 2011, "Tweedie's formula and selection bias", Journal of the American
Statistical Association 106, 1602-1614).

The prior's mean is 0, so exchanging the variants' names mirrors the answer. Its standard
deviation is 0.1 unless past tests tell one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import expm1, inf

from scipy.optimize import brentq

from stats.bayes.normal import Normal
from stats.checks import check_confidence
from stats.differences import log_ratio_of
from stats.lift import Interval, Lift
from stats.sequential.estimates import NormalEstimate

DEFAULT_SD = 0.1
FEWEST_TESTS = 10
# The default counts as much as so many past tests without sampling error.
_WORTH = 5


@dataclass(frozen=True)
class LiftPrior:
    """How much log lifts of tests like this one differ from 0.

    Attributes:
        sd: Standard deviation of the log lifts, above 0.
        past_tests: Tests it rests on; 0 for the default.
        note: Why it is the default; None if past tests told it.

    Raises:
        ValueError: If the standard deviation is not a number above 0.
    """

    sd: float
    past_tests: int
    note: str | None

    def __post_init__(self) -> None:
        if not 0 < self.sd < inf:
            raise ValueError(f"the standard deviation is {self.sd}, expected a number above 0")


DEFAULT_PRIOR = LiftPrior(DEFAULT_SD, 0, "no past tests were given, so the default is used")


@dataclass(frozen=True)
class ExpectedLift:
    """What was observed, and what to expect of it in use.

    Attributes:
        observed: The relative lift as observed, a fraction.
        expected: The posterior median of the relative lift, nearer to 0.
        interval: Its credible interval with equal tails.
        kept: Share of the observed log lift that is expected to remain, in (0, 1).
        prior: What the expectation rests on beside the data.
        confidence: Of the interval, a fraction in (0, 1).
    """

    observed: float
    expected: float
    interval: Interval
    kept: float
    prior: LiftPrior
    confidence: float


def expected_lift(
    found: Lift | NormalEstimate, prior: LiftPrior = DEFAULT_PRIOR, *, confidence: float = 0.95
) -> ExpectedLift:
    """Say what lift to expect where this one was observed.

    Args:
        found: A comparison's lift, or the estimate of a log lift with its standard error.
        prior: From past tests (`prior_from_past`), or the default.
        confidence: Of the interval, a fraction in (0, 1).

    Returns:
        Observed and expected lift. The expectation is the median, so that exchanging the
        variants gives the reciprocal ratio and no lift stays no lift.

    Raises:
        NotEnoughData: If the lift has no value, or an interval without a limit or down to
            a ratio of 0.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> from math import log
        >>> expectation = expected_lift(NormalEstimate(log(1.2), 0.07))
        >>> round(expectation.observed, 3), round(expectation.expected, 3)
        (0.2, 0.13)
        >>> round(expectation.interval.lower, 3), round(expectation.interval.upper, 3)
        (0.01, 0.265)
    """
    check_confidence(confidence)
    estimate = log_ratio_of(found) if isinstance(found, Lift) else found
    belief = Normal(0.0, prior.sd).updated(estimate)
    sides = belief.interval(confidence)
    return ExpectedLift(
        observed=expm1(estimate.value),
        expected=expm1(belief.mean),
        interval=Interval(*(_lift_of(side) for side in (sides.lower, sides.upper))),
        kept=(belief.sd / estimate.standard_error) ** 2,
        prior=prior,
        confidence=confidence,
    )


def prior_from_past(past: Sequence[NormalEstimate]) -> LiftPrior:
    """Estimate the prior from the log lifts of past tests, won, lost and undecided alike.

    The variance t^2 solves Paule and Mandel's moment equation (1982, "Consensus values and
    weighting factors", Journal of Research of the National Bureau of Standards 87, 377-385)
    around a mean of 0, to which the default adds as many terms as it is worth:

        sum_i y_i^2 / (t^2 + s_i^2) + 5 * 0.1^2 / t^2 = k + 5.

    Past tests too noisy to tell thereby leave the default as it is, and no answer is 0.

    Args:
        past: Every past test of the kind, not the winners only: one estimate each.

    Returns:
        The prior; the default, with the reason, where there are fewer than 10 tests.

    Examples:
        >>> past = [NormalEstimate(value, 0.02) for value in (0.05, -0.03, 0.0, 0.02) * 10]
        >>> round(prior_from_past(past).sd, 4)
        0.0425
        >>> prior_from_past(past[:3]).note
        'only 3 past tests were given, 10 needed, so the default is used'
    """
    count = len(past)
    if count == 0:
        return DEFAULT_PRIOR
    if count < FEWEST_TESTS:
        note = f"only {count} past tests were given, {FEWEST_TESTS} needed, so the default is used"
        return LiftPrior(DEFAULT_SD, 0, note)

    def excess(sd: float) -> float:
        spread = sum(test.value**2 / (sd**2 + test.standard_error**2) for test in past)
        return spread + _WORTH * (DEFAULT_SD / sd) ** 2 - count - _WORTH

    least = DEFAULT_SD * (_WORTH / (count + _WORTH)) ** 0.5 / 2
    most = max(2 * DEFAULT_SD, 2 * max(abs(test.value) for test in past))
    return LiftPrior(float(brentq(excess, least, most, xtol=1e-12)), count, None)


METHODS: dict[str, Callable[..., ExpectedLift]] = {"shrinkage": expected_lift}


def _lift_of(log_ratio: float | None) -> float | None:
    return None if log_ratio is None else expm1(log_ratio)

"""What is compared with and without covariates or strata: a rate, a mean or a ratio."""

from stats.lift import Estimate, Lift
from stats.means import compare_means, estimate_mean
from stats.proportions import compare_proportions, estimate_rate, least_expected_count
from stats.ratios import compare_ratios, estimate_ratio
from stats.samples import BinomialSample, MeanSample, Outcome, RatioSample

# Below, a rate treated as a mean of 0 and 1 has intervals that miss too often.
LEAST_EXPECTED = 10


def compare_outcomes(control: Outcome, treatment: Outcome, *, confidence: float = 0.95) -> Lift:
    """Compare two samples of one kind by the method of their kind.

    Raises:
        NotEnoughData: If that method says so.
        ValueError: If the samples are of two kinds or scales, or ``confidence`` is out of
            range.

    Examples:
        >>> compare_outcomes(BinomialSample(80, 48), BinomialSample(70, 56)).method
        'score'
    """
    match control, treatment:
        case BinomialSample(), BinomialSample():
            return compare_proportions(control, treatment, confidence=confidence)
        case MeanSample(), MeanSample():
            return compare_means(control, treatment, confidence=confidence)
        case RatioSample(), RatioSample():
            return compare_ratios(control, treatment, confidence=confidence)
    raise ValueError(f"outcomes are {control} and {treatment}, expected one kind")


def estimate_outcome(sample: Outcome, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's rate, mean or ratio by the method of its kind.

    Raises:
        NotEnoughData: If that method says so.
        ValueError: If ``confidence`` is out of range.
    """
    match sample:
        case BinomialSample():
            return estimate_rate(sample, confidence=confidence)
        case MeanSample():
            return estimate_mean(sample, confidence=confidence)
    return estimate_ratio(sample, confidence=confidence)


def noun_of(outcome: Outcome) -> str:
    """Name the value of an outcome, for the sentence of a gap."""
    match outcome:
        case BinomialSample():
            return "rate"
        case RatioSample():
            return "ratio"
    return "mean"


def is_scarce(control: Outcome, treatment: Outcome) -> bool:
    """Say whether two rates have too few outcomes to be treated as means."""
    match control, treatment:
        case BinomialSample(), BinomialSample():
            return least_expected_count(control, treatment) < LEAST_EXPECTED
    return False

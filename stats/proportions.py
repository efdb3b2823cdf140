"""Comparing two proportions: open rate, click rate, conversion rate.

One family of statistics answers everything (`stats.score`): the score test gives the
p-value, the interval of the difference is Miettinen and Nurminen's (1985), that of the
lift is the ratio's, which is Koopman's (1984) but for the factor N / (N - 1). The factor
is in all three, so that p < alpha exactly if both intervals exclude no effect. Where an
expected count is below 5 the same statistic orders the tables of an exact test
(`stats.exact`), inverted for both intervals. Each rate has Wilson's interval (1927,
Journal of the American Statistical Association 22, 209-212).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scipy.special import ndtr, ndtri

from stats import exact
from stats.checks import check_confidence, check_units
from stats.edges import Ends, outermost_accepted, outermost_within
from stats.lift import Estimate, Interval, Lift, RelativeLift
from stats.samples import BinomialSample
from stats.score import Contrast, Difference, Floats, Ratio, Tables, pooled_statistic

LEAST_EXPECTED = 5
NO_CONTROL_SUCCESSES = "the control has no successes, so a share of them has no upper limit"

Contrasts = Callable[[Floats], Contrast]


@dataclass(frozen=True)
class _Test:
    """A test of every contrast, as two one-sided tests at half of alpha each.

    Attributes:
        p_value: Two-sided, of equal rates.
        sides: Finds the contrasts that the treatment is not shown to be above, nor below:
            between the ends of a search from below, and of one from above.
    """

    p_value: float
    sides: Callable[[Contrasts, Ends, Ends], tuple[float, float]]


def compare_proportions(
    control: BinomialSample, treatment: BinomialSample, *, confidence: float = 0.95
) -> Lift:
    """Compare the treatment's rate with the control's.

    The score test, or the exact test where a count expected under equal rates is below
    5; the lift's ``method`` says which.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift. Rates and lifts are fractions: 0.02 is two percentage points.

    Raises:
        NotEnoughData: If a variant has no units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> lift = compare_proportions(BinomialSample(80, 48), BinomialSample(70, 56))
        >>> round(lift.absolute.interval.lower, 4), round(lift.absolute.interval.upper, 4)
        (0.0528, 0.3382)
        >>> lift.method, lift.significant
        ('score', True)
    """
    check_confidence(confidence)
    check_units(control, treatment)
    scarce = least_expected_count(control, treatment) < LEAST_EXPECTED
    return METHODS["exact" if scarce else "score"](control, treatment, confidence)


def compare_by_score(control: BinomialSample, treatment: BinomialSample, confidence: float) -> Lift:
    """Compare two rates with the score test and its two intervals, whatever the counts.

    Raises:
        NotEnoughData: If a variant has no units.

    Examples:
        >>> lift = compare_by_score(BinomialSample(100, 0), BinomialSample(100, 5), 0.95)
        >>> round(lift.relative.interval.lower + 1, 6), lift.relative.interval.upper
        (1.323651, None)
    """
    check_units(control, treatment)
    tables = Tables.of(control, treatment)
    critical = float(ndtri((1 + confidence) / 2))
    test = _Test(
        p_value=float(2 * ndtr(-abs(pooled_statistic(control, treatment)))),
        sides=partial(_sides_by_score, tables, critical),
    )
    return _lift(control, treatment, test, confidence, "score")


def compare_exactly(control: BinomialSample, treatment: BinomialSample, confidence: float) -> Lift:
    """Compare two rates with the exact unconditional test and its two intervals.

    Raises:
        NotEnoughData: If a variant has no units.

    Examples:
        >>> lift = compare_exactly(BinomialSample(1000, 0), BinomialSample(1000, 8), 0.95)
        >>> round(lift.p_value, 4), lift.relative.gap
        (0.0043, 'the control has no successes, so a share of them has no upper limit')
    """
    check_units(control, treatment)
    tables, tail = Tables.of(control, treatment), (1 - confidence) / 2
    test = _Test(
        p_value=exact.p_value(tables),
        sides=partial(_sides_exactly, tables, tail),
    )
    return _lift(control, treatment, test, confidence, "exact")


METHODS: dict[str, Callable[[BinomialSample, BinomialSample, float], Lift]] = {
    "score": compare_by_score,
    "exact": compare_exactly,
}


def estimate_rate(sample: BinomialSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's rate, with Wilson's interval.

    Raises:
        NotEnoughData: If the sample has no units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> interval = estimate_rate(BinomialSample(263, 81)).interval
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (0.2553, 0.3662)
    """
    lower, upper = wilson_limits(sample, confidence)
    return Estimate(sample.rate, Interval(lower, upper))


def wilson_limits(sample: BinomialSample, confidence: float) -> tuple[float, float]:
    """Give both of Wilson's limits (1927), fractions.

    Raises:
        NotEnoughData: If the sample has no units.
        ValueError: If ``confidence`` is out of range.
    """
    check_confidence(confidence)
    rate, units = sample.rate, sample.units
    z = float(ndtri((1 + confidence) / 2))
    centre = (sample.successes + z**2 / 2) / (units + z**2)
    half = z * (rate * (1 - rate) * units + z**2 / 4) ** 0.5 / (units + z**2)
    # The closed form leaves a trace of rounding where the side is 0 or 1.
    lower = max(0.0, centre - half) if sample.successes else 0.0
    upper = min(1.0, centre + half) if sample.failures else 1.0
    return min(lower, rate), max(upper, rate)


def least_expected_count(control: BinomialSample, treatment: BinomialSample) -> float:
    """Give the least of the four counts expected under equal rates.

    Examples:
        >>> least_expected_count(BinomialSample(1000, 0), BinomialSample(1000, 8))
        4.0
    """
    pooled = control + treatment
    scarcer = min(pooled.successes, pooled.failures)
    return min(control.units, treatment.units) * scarcer / pooled.units


def _lift(
    control: BinomialSample,
    treatment: BinomialSample,
    test: _Test,
    confidence: float,
    method: str,
) -> Lift:
    significant = test.p_value < 1 - confidence
    difference = float(treatment.exact_rate - control.exact_rate)
    lower, upper = _sides(test, Difference, difference, significant)
    return Lift(
        control=estimate_rate(control, confidence=confidence),
        treatment=estimate_rate(treatment, confidence=confidence),
        absolute=Estimate(difference, Interval(lower, upper)),
        relative=_relative_lift(control, treatment, test, significant),
        p_value=test.p_value,
        statistic=pooled_statistic(control, treatment),
        confidence=confidence,
        method=method,
    )


def _relative_lift(
    control: BinomialSample, treatment: BinomialSample, test: _Test, significant: bool
) -> RelativeLift:
    """Search the ratio r on the scale (r - 1) / (r + 1), where no lift is 0.

    On that scale every ratio lies between -1 (0) and 1 (no limit), and exchanging the
    variants only changes the sign.
    """
    pooled = control + treatment
    if pooled.successes in {0, pooled.units}:
        return RelativeLift(None, None, gap="every unit of both variants has the same outcome")
    c, t = control.exact_rate, treatment.exact_rate
    lower, upper = _sides(test, _ratio_at, float((t - c) / (t + c)), significant)
    if control.successes == 0:
        interval = Interval(2 * lower / (1 - lower), None)
        return RelativeLift(None, interval, gap=NO_CONTROL_SUCCESSES)
    interval = Interval(2 * lower / (1 - lower), 2 * upper / (1 - upper))
    return RelativeLift(float(t / c - 1), interval, gap=None)


def _ratio_at(values: Floats) -> Ratio:
    return Ratio((1 + values) / (1 - values))


def _sides(
    test: _Test, contrasts: Contrasts, observed: float, significant: bool
) -> tuple[float, float]:
    """Find both ends of the accepted contrasts between -1 and 1.

    The verdict at 0 is known, so 0 is where the search for the nearer side starts if it
    was rejected, and lies inside if it was not: p-value and sides agree by construction.
    """
    low, high = (observed, observed) if significant else (min(observed, 0.0), max(observed, 0.0))
    floor = 0.0 if significant and observed > 0 else -1.0
    ceiling = 0.0 if significant and observed < 0 else 1.0
    return test.sides(contrasts, (floor, low), (ceiling, high))


def _sides_by_score(
    tables: Tables, critical: float, contrasts: Contrasts, below: Ends, above: Ends
) -> tuple[float, float]:
    def statistic(at: Floats) -> Floats:
        return contrasts(at).statistic(tables)

    return outermost_within(statistic, critical, below, above, points=63)


def _sides_exactly(
    tables: Tables, tail: float, contrasts: Contrasts, below: Ends, above: Ends
) -> tuple[float, float]:
    search = partial(outermost_accepted, points=7, fine=1e-7)
    return (
        search(partial(exact.first_not_above, tables, tail, contrasts), *below),
        search(partial(exact.first_not_below, tables, tail, contrasts), *above),
    )

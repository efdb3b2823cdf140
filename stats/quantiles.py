"""Comparing two quantiles: median order value, 90th percentile of days to delivery.

One quantile has the interval of its order statistics, which is exact: Thompson (1936),
Annals of Mathematical Statistics 7, 122-128. Two are compared by empirical likelihood:
a pair of quantiles agrees with the data if the log-likelihood ratios of both
(`stats.ranks`) add up to at most the quantile of chi-square with one degree of freedom;
Qin and Zhao (2000), Systems Science and Mathematical Sciences 13, 23-30. The p-value is
that of the best pair of equal quantiles; the intervals of the difference and of the lift
are those of all pairs that agree. So there is one verdict, without a bootstrap, a
density estimate or an assumption on the shape of the values; and no transformation
that keeps their order changes the p-value. The price: somewhat wide intervals.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.special import betaincc, chdtrc, chdtri

from stats.checks import check_confidence, check_units
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.ranks import Ranks
from stats.samples import ValueCounts
from stats.score import Floats

NOT_ABOVE_0 = "the control's quantile is not above 0"
NOT_TOLD_FROM_0 = "the control's quantile cannot be told from 0"
NO_LIMIT = "too few units to set a limit to the treatment's quantile"

Places = npt.NDArray[np.intp]

_FINEST = 1_000_000  # 0.1 is a tenth, not the nearest binary fraction


def compare_quantiles(
    control: ValueCounts, treatment: ValueCounts, *, quantile: float, confidence: float = 0.95
) -> Lift:
    """Compare a quantile of the treatment's values with the control's.

    Args:
        control: Value counts of the control variant.
        treatment: Value counts of the treatment variant, of the same scale.
        quantile: Which one, a fraction in (0, 1): 0.5 is the median.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift; quantiles and the absolute lift in the value's unit of measure. A side
        that too few units can limit is None.

    Raises:
        NotEnoughData: If a variant has no units.
        ValueError: If the scales differ, or ``quantile`` or ``confidence`` is out of range.

    Examples:
        >>> control, treatment = ValueCounts.of(range(100)), ValueCounts.of(range(20, 120))
        >>> lift = compare_quantiles(control, treatment, quantile=0.5)
        >>> lift.absolute.value, lift.absolute.interval, round(lift.p_value, 3)
        (20.0, Interval(lower=6.0, upper=34.0), 0.007)
    """
    check_confidence(confidence)
    if control.scale != treatment.scale:
        raise ValueError(f"scales are {control.scale} and {treatment.scale}, expected one scale")
    check_units(control, treatment)
    share = _checked(quantile)
    c, t = Ranks.of(control, share), Ranks.of(treatment, share)
    difference = (t.observed() - c.observed()) / control.scale
    ratio = _equality_ratio(c, t)
    p_value = float(chdtrc(1, ratio))
    significant = p_value < 1 - confidence
    pairs = _pairs_that_agree(c, t, float(chdtri(1, 1 - confidence)))
    interval = settle(pairs.differences(control.scale), significant=significant)
    return Lift(
        control=_estimate(c, control.scale, confidence),
        treatment=_estimate(t, treatment.scale, confidence),
        absolute=Estimate(float(difference), interval),
        relative=_relative_lift(c, t, pairs, significant),
        p_value=p_value,
        statistic=ratio**0.5 * (1 if difference > 0 else -1) if ratio else 0.0,
        confidence=confidence,
        method="quantile_likelihood",
    )


def estimate_quantile(
    sample: ValueCounts, *, quantile: float, confidence: float = 0.95
) -> Estimate:
    """Estimate a quantile of one variant's values, with the exact interval of its ranks.

    Raises:
        NotEnoughData: If there are no units.
        ValueError: If ``quantile`` or ``confidence`` is out of range.

    Examples:
        >>> estimate_quantile(ValueCounts.of(range(1, 101)), quantile=0.5)
        Estimate(value=50.5, interval=Interval(lower=40.0, upper=61.0))
    """
    check_confidence(confidence)
    return _estimate(Ranks.of(sample, _checked(quantile)), sample.scale, confidence)


def order_ranks(
    units: int, *, quantile: float, confidence: float = 0.95
) -> tuple[int | None, int | None]:
    """Give the ranks between whose values a quantile lies, 1 for the least value.

    The number of units below the quantile is binomial; the ranks are its quantile at
    half of alpha, and one more than its quantile at the rest.

    Returns:
        Both ranks; None where not even the least or the greatest value is a limit.

    Raises:
        ValueError: If ``quantile`` or ``confidence`` is out of range.

    Examples:
        >>> order_ranks(100, quantile=0.5)
        (40, 61)
        >>> order_ranks(5, quantile=0.5)
        (None, None)
    """
    check_confidence(confidence)
    share, tail = float(_checked(quantile)), (1 - confidence) / 2

    def at_most(number: int) -> float:
        return float(betaincc(number + 1, units - number, share)) if number < units else 1.0

    numbers = range(units + 1)
    lower = bisect_left(numbers, tail, key=at_most)
    upper = bisect_left(numbers, 1 - tail, key=at_most) + 1
    return lower or None, upper if upper <= units else None


METHODS: dict[str, Callable[..., Lift | Estimate]] = {
    "quantile_likelihood": compare_quantiles,
    "order_statistics": estimate_quantile,
}


@dataclass(frozen=True)
class _Pairs:
    """The ends of all pairs of quantiles that agree with the data, scaled values.

    Attributes:
        control: Values that the control's quantile may have.
        least: For each, the least value that the treatment's may have beside it.
        greatest: For each, the greatest.
        control_open: Whether the control's quantile may be below, above all its values.
        treatment_open: The same of the treatment's.
    """

    control: tuple[int, ...]
    least: tuple[int, ...]
    greatest: tuple[int, ...]
    control_open: tuple[bool, bool]
    treatment_open: tuple[bool, bool]

    def differences(self, scale: int) -> Interval:
        """Give the interval of the difference, in the value's unit of measure."""
        lower = min(t - c for t, c in zip(self.least, self.control, strict=True))
        upper = max(t - c for t, c in zip(self.greatest, self.control, strict=True))
        return Interval(
            None if self.treatment_open[0] or self.control_open[1] else lower / scale,
            None if self.treatment_open[1] or self.control_open[0] else upper / scale,
        )

    def lifts(self) -> Interval:
        """Give the interval of the ratio minus 1; the control's values are above 0."""
        lower = [Fraction(t, c) for t, c in zip(self.least, self.control, strict=True)]
        upper = [Fraction(t, c) for t, c in zip(self.greatest, self.control, strict=True)]
        # Beside a control without an upper limit, no treatment is a share of it.
        nothing = [Fraction(0)] if self.control_open[1] else []
        return Interval(
            None if self.treatment_open[0] else float(min(lower + nothing) - 1),
            None if self.treatment_open[1] else float(max(upper + nothing) - 1),
        )


def _checked(quantile: float) -> Fraction:
    if not 0 < quantile < 1:
        raise ValueError(f"quantile is {quantile}, expected a fraction in (0, 1)")
    share = Fraction(quantile).limit_denominator(_FINEST)
    if share in {0, 1}:
        raise ValueError(f"quantile is {quantile}, expected steps of a millionth at least")
    return share


def _estimate(ranks: Ranks, scale: int, confidence: float) -> Estimate:
    lower, upper = order_ranks(ranks.units, quantile=float(ranks.quantile), confidence=confidence)
    return Estimate(
        float(ranks.observed() / scale),
        Interval(
            None if lower is None else ranks.ranked(lower) / scale,
            None if upper is None else ranks.ranked(upper) / scale,
        ),
    )


def _equality_ratio(control: Ranks, treatment: Ranks) -> float:
    """Give the log-likelihood ratio of the best value that both quantiles could have."""
    values = np.concatenate([control.values, treatment.values])
    both = control.likelihood_ratios(values) + treatment.likelihood_ratios(values)
    return float(both.min())


def _pairs_that_agree(control: Ranks, treatment: Ranks, most: float) -> _Pairs:
    c, t = (ranks.likelihood_ratios(ranks.values) for ranks in (control, treatment))
    kept = c <= most
    first, last = _ends(t, most - c[kept])
    open_ends = [tuple(ratio <= most for ratio in ranks.beyond()) for ranks in (control, treatment)]
    return _Pairs(
        tuple(control.values[kept].tolist()),
        tuple(treatment.values[first].tolist()),
        tuple(treatment.values[last].tolist()),
        (open_ends[0][0], open_ends[0][1]),
        (open_ends[1][0], open_ends[1][1]),
    )


def _ends(ratios: Floats, most: Floats) -> tuple[Places, Places]:
    """Find the first and the last place whose ratio is small enough, for each bound.

    Ratios fall to 0 and rise again.
    """
    best = int(np.argmin(ratios))
    first = np.searchsorted(-ratios[: best + 1], -most, side="left")
    last = best + np.searchsorted(ratios[best:], most, side="right") - 1
    return first, last


def _relative_lift(
    control: Ranks, treatment: Ranks, pairs: _Pairs, significant: bool
) -> RelativeLift:
    if control.observed() <= 0:
        return RelativeLift(None, None, gap=NOT_ABOVE_0)
    value = float(treatment.observed() / control.observed() - 1)
    if pairs.control[0] <= 0 or pairs.control_open[0]:
        return RelativeLift(value, None, gap=NOT_TOLD_FROM_0)
    interval = settle(pairs.lifts(), significant=significant)
    gap = NO_LIMIT if None in (interval.lower, interval.upper) else None
    return RelativeLift(value, interval, gap=gap)

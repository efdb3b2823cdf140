"""Means without the say of a few giants: values above a threshold count as the threshold.

One order of ten million won decides a test of revenue by chance. Kohavi, Deng, Longbotham
and Xu (2014), "Seven rules of thumb for web site experimenters", KDD 2014, 1857-1866, cap
such values; Dixon (1960), "Simplified estimation from censored normal samples", Annals of
Mathematical Statistics 31, 385-391, is the name's source. The threshold comes from the
values of all variants together, before anyone sees which is whose, so that it favours
none. The capped mean is another quantity than the mean: both are shown.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.means import compare_means
from stats.samples import MeanSample, ValueCounts

DEFAULT_QUANTILE = 0.999


@dataclass(frozen=True)
class WinsorisedComparison:
    """Two means as they are, and with large values capped.

    Attributes:
        raw: The comparison of the values as they are.
        winsorised: The comparison of the capped values.
    """

    raw: Lift
    winsorised: Lift

    @property
    def agree(self) -> bool:
        """Whether both say the same: better, worse, or no difference shown."""
        return _verdict(self.raw) == _verdict(self.winsorised)


def winsorising_threshold(pooled: ValueCounts, *, quantile: float = DEFAULT_QUANTILE) -> int:
    """Find the value that this share of the values other than 0 do not exceed.

    It is the least value met for which that holds: no interpolation, no rounding
    (definition 1 of Hyndman and Fan 1996, The American Statistician 50, 361-365).

    Args:
        pooled: Values of all variants together, fixed before any comparison is seen.
        quantile: A fraction in (0, 1), read as the decimal that it is written as.

    Returns:
        The threshold, scaled like the values.

    Raises:
        NotEnoughData: If all values are 0, or the threshold is not above 0.
        ValueError: If ``quantile`` is out of range.

    Examples:
        >>> pooled = ValueCounts.of([0] * 5000 + [100] * 1998 + [900, 50_000])
        >>> winsorising_threshold(pooled)
        100
    """
    if not 0 < quantile < 1:
        raise ValueError(f"the quantile is {quantile}, expected a fraction in (0, 1)")
    spent = [(value, units) for value, units in pooled.counts if value != 0]
    if not spent:
        raise NotEnoughData("every value is 0, so that none can be capped")
    needed = math.ceil(Fraction(str(quantile)) * sum(units for _, units in spent))
    threshold, met = 0, 0
    for value, units in spent:
        if met < needed:
            threshold, met = value, met + units
    if threshold <= 0:
        raise NotEnoughData("the threshold is not above 0")
    return threshold


def winsorised_sample(values: ValueCounts, threshold: int) -> MeanSample:
    """Sum up a variant's values, those above the threshold counted as the threshold.

    Raises:
        ValueError: If the threshold is not above 0.

    Examples:
        >>> winsorised_sample(ValueCounts.of([0, 100, 900, 50_000]), 900)
        MeanSample(units=4, total=1900, squares=1630000, scale=1)
    """
    if threshold <= 0:
        raise ValueError(f"the threshold is {threshold}, expected a value above 0")
    capped = [(min(value, threshold), units) for value, units in values.counts]
    return MeanSample(
        values.units,
        sum(value * units for value, units in capped),
        sum(value * value * units for value, units in capped),
        values.scale,
    )


def compare_winsorised(
    raw_control: MeanSample,
    raw_treatment: MeanSample,
    clipped_control: MeanSample,
    clipped_treatment: MeanSample,
    *,
    confidence: float = 0.95,
) -> WinsorisedComparison:
    """Compare two means as they are, and with both variants capped at one threshold.

    Args:
        raw_control: Values of the control variant.
        raw_treatment: Values of the treatment variant.
        clipped_control: The same units, capped.
        clipped_treatment: The same units, capped.
        confidence: Of every interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If a variant has fewer than two units, or no value varies.
        ValueError: If capped values are not those of the same units, scales differ, or
            ``confidence`` is out of range.

    Examples:
        >>> control = ValueCounts.of([0] * 80 + [100] * 19 + [90_000])
        >>> treatment = ValueCounts.of([0] * 70 + [100] * 20 + [300] * 10)
        >>> threshold = winsorising_threshold(control + treatment, quantile=0.96)
        >>> raw = [MeanSample.of(v for v, n in arm.counts for _ in range(n))
        ...        for arm in (control, treatment)]
        >>> capped = [winsorised_sample(arm, threshold) for arm in (control, treatment)]
        >>> found = compare_winsorised(*raw, *capped)
        >>> threshold, found.raw.absolute.value, found.winsorised.absolute.value
        (300, -869.0, 28.0)
        >>> found.raw.significant, found.winsorised.significant, found.agree
        (False, True, False)
    """
    for raw, clipped in ((raw_control, clipped_control), (raw_treatment, clipped_treatment)):
        _check_same_units(raw, clipped)
    capped = compare_means(clipped_control, clipped_treatment, confidence=confidence)
    return WinsorisedComparison(
        raw=compare_means(raw_control, raw_treatment, confidence=confidence),
        winsorised=replace(capped, method="winsorised"),
    )


METHODS: dict[str, Callable[..., WinsorisedComparison]] = {"winsorised": compare_winsorised}


def _check_same_units(raw: MeanSample, clipped: MeanSample) -> None:
    same = (raw.units, raw.scale) == (clipped.units, clipped.scale)
    if not same or clipped.total > raw.total or clipped.squares > raw.squares:
        raise ValueError(f"capped values are {clipped} of {raw}, expected those of its units")


def _verdict(lift: Lift) -> int:
    if not lift.significant:
        return 0
    return 1 if lift.absolute.value > 0 else -1

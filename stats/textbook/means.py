"""Textbook methods for means."""

import math
from typing import NamedTuple

from scipy.special import stdtr

from stats.errors import NotEnoughData
from stats.lift import Interval
from stats.means import welch_test
from stats.samples import MeanSample
from stats.textbook.normal import around


class RelativeDelta(NamedTuple):
    """A relative lift with its standard error, interval and p-value."""

    value: float
    error: float
    interval: Interval
    p_value: float


def relative_delta(
    control: MeanSample, treatment: MeanSample, confidence: float = 0.95
) -> RelativeDelta:
    """Give the lift of two means by the first-order delta method, with Welch's degrees.

    GrowthBook's default. Its p-value changes when the variants' names are exchanged, and
    for rare successes it misses true gains almost always.

    Raises:
        NotEnoughData: If a variant has fewer than two units, no value varies, or the
            control's mean is 0.
    """
    welch = welch_test(control, treatment)
    if control.total == 0:
        raise NotEnoughData("the control's mean is 0")
    ratio = float(treatment.exact_mean / control.exact_mean)
    c, t = (float(sample.exact_variance / sample.units) for sample in (control, treatment))
    error = math.sqrt(t + ratio**2 * c) / abs(control.mean)
    interval = around(ratio - 1, welch.critical(confidence) * error)
    p_value = 2 * float(stdtr(welch.degrees, -abs(ratio - 1) / error))
    return RelativeDelta(ratio - 1, error, interval, p_value)

"""A KPI against its target: two facts, never one.

The actual either reaches the target or does not. Whether the variant would reach it
again is another question, and the interval answers it.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from stats.direction import Direction
from stats.lift import Estimate
from stats.means import estimate_mean
from stats.proportions import estimate_rate
from stats.ratios import estimate_ratio
from stats.samples import BinomialSample, MeanSample, RatioSample


class WillHold(StrEnum):
    """Whether a target will hold, as far as the data tell."""

    YES = "yes"
    NOT_CERTAIN = "not_certain"
    NO = "no"


@dataclass(frozen=True)
class TargetCheck:
    """A variant's KPI and the target it was given.

    Attributes:
        actual: The KPI with its interval.
        target: What it should reach, in the same unit of measure.
        wanted: From which side.

    Raises:
        ValueError: If the target is NaN or infinite.
    """

    actual: Estimate
    target: float
    wanted: Direction

    def __post_init__(self) -> None:
        if not math.isfinite(self.target):
            raise ValueError(f"the target is {self.target}, expected a finite number")

    @property
    def reached(self) -> bool:
        """Whether the actual is at the target or beyond it."""
        return self.wanted.sign * (self.actual.value - self.target) >= 0

    @property
    def will_hold(self) -> WillHold:
        """Yes if the whole interval reaches the target, no if none of it does."""
        interval = self.actual.interval
        worst, best = interval.lower, interval.upper
        if self.wanted is Direction.DECREASE:
            worst, best = best, worst
        if worst is not None and self.wanted.sign * (worst - self.target) >= 0:
            return WillHold.YES
        if best is not None and self.wanted.sign * (best - self.target) < 0:
            return WillHold.NO
        return WillHold.NOT_CERTAIN


def check_rate_target(
    sample: BinomialSample,
    target: float,
    *,
    wanted: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> TargetCheck:
    """Hold a variant's rate against its target.

    Args:
        sample: Sample of the variant.
        target: A fraction: 0.048 is 4.8 %.
        wanted: From which side the target is reached.
        confidence: Of the interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If the sample has no units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> check = check_rate_target(BinomialSample(20_000, 994), 0.048)
        >>> check.reached, check.will_hold.value
        (True, 'not_certain')
    """
    return TargetCheck(estimate_rate(sample, confidence=confidence), target, wanted)


def check_mean_target(
    sample: MeanSample,
    target: float,
    *,
    wanted: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> TargetCheck:
    """Hold a variant's mean against its target, in the value's unit of measure.

    Raises:
        NotEnoughData: If the sample has fewer than two units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> check = check_mean_target(MeanSample.of([4, 5, 6]), 2.0, wanted=Direction.DECREASE)
        >>> check.reached, check.will_hold.value
        (False, 'no')
    """
    return TargetCheck(estimate_mean(sample, confidence=confidence), target, wanted)


def check_ratio_target(
    sample: RatioSample,
    target: float,
    *,
    wanted: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> TargetCheck:
    """Hold a variant's ratio of sums against its target, in units of y per unit of x.

    Raises:
        NotEnoughData: If the sample has fewer than two units or a denominator sum of 0.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> check = check_ratio_target(RatioSample.of([(1, 4), (0, 3), (2, 5), (0, 2)]), 0.2)
        >>> check.reached, check.will_hold.value
        (True, 'not_certain')
    """
    return TargetCheck(estimate_ratio(sample, confidence=confidence), target, wanted)

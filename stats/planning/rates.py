"""A rate's lift or margin as the aim of a test."""

from dataclasses import dataclass, replace
from math import copysign, sqrt
from typing import Self

import numpy as np

from stats.planning.contrasts import Spread
from stats.score import Difference, Tables


@dataclass(frozen=True)
class RateLift:
    """A rate that differs from the control's.

    The bar is set at the pooled rate, the chance to pass it at the two separate rates: the formula
    of Fleiss, Levin and Paik (2003), "Statistical Methods for Rates and Proportions", chapter 4
    (and of R's ``power.prop.test``). The opposite tail is left out.

    Attributes:
        control_rate: Expected rate of the control, a fraction in (0, 1).
        effect: Treatment minus control, a fraction: 0.02 is two percentage points.

    Raises:
        ValueError: If a rate is outside [0, 1] or the effect is 0.

    Examples:
        >>> spread = RateLift(0.10, 0.02).spread(ratio=1.0)
        >>> round(spread.refuted, 4), round(spread.planned, 4)
        (0.4425, 0.4423)
    """

    control_rate: float
    effect: float

    def __post_init__(self) -> None:
        _check_rate(self.control_rate)
        if not 0 <= self.treatment_rate <= 1 or self.effect == 0:
            raise ValueError(
                f"the effect is {self.effect} on a rate of {self.control_rate}, "
                "expected another rate in [0, 1]"
            )

    @property
    def treatment_rate(self) -> float:
        """The treatment's rate, a fraction."""
        return self.control_rate + self.effect

    @property
    def one_sided(self) -> bool:
        """False: a lift may go either way."""
        return False

    @property
    def size(self) -> float:
        """The effect."""
        return self.effect

    @property
    def distance(self) -> float:
        """The effect without its sign."""
        return abs(self.effect)

    @property
    def reach(self) -> tuple[float, float]:
        """From no effect to a treatment's rate of 1 or, where rates fall, 0."""
        return 0.0, 1 - self.control_rate if self.effect > 0 else -self.control_rate

    @property
    def variance_ratio(self) -> float:
        """1: without effect both variants have the control's rate."""
        return 1.0

    def sized(self, size: float) -> Self:
        """Ask about another effect."""
        return replace(self, effect=size)

    def spread(self, ratio: float) -> Spread:
        """Give the standard errors at the pooled and at the separate rates."""
        pooled = (self.control_rate + ratio * self.treatment_rate) / (1 + ratio)
        return Spread(
            refuted=sqrt(_binary(pooled) * (1 + 1 / ratio)),
            planned=sqrt(_binary(self.control_rate) + _binary(self.treatment_rate) / ratio),
        )


@dataclass(frozen=True)
class RateMargin:
    """A guardrail's rate that stays within a margin of the control's.

    The bar is set at the rates that fit best on the margin itself: Farrington and Manning (1990),
    "Test statistics and sample size formulae for comparative binomial trials with null hypothesis
    of non-zero risk difference or non-unity relative risk", Statistics in Medicine 9, 1447-1454.

    Attributes:
        control_rate: Expected rate of the control, a fraction in (0, 1).
        margin: Difference to be ruled out, a fraction with the sign of harm: +0.001 where a rise
            of a tenth of a point harms (unsubscribes), -0.02 where a fall of two points does.
        effect: True difference planned for, from 0 (harmless) to short of the margin.

    Raises:
        ValueError: If a rate is out of range or the effect is not between 0 and the margin.

    Examples:
        >>> spread = RateMargin(0.0025, 0.001).spread(ratio=1.0)
        >>> round(spread.refuted, 5), round(spread.planned, 5)
        (0.07196, 0.07062)
    """

    control_rate: float
    margin: float
    effect: float = 0.0

    def __post_init__(self) -> None:
        _check_rate(self.control_rate)
        _check_rate(self.treatment_rate)
        if not -1 < self.margin < 1 or self.margin == 0:
            raise ValueError(f"the margin is {self.margin}, expected one in (-1, 1) but 0")
        if not 0 <= self.effect / self.margin < 1:
            raise ValueError(f"the effect is {self.effect}, expected from 0 to {self.margin}")

    @property
    def treatment_rate(self) -> float:
        """The treatment's rate planned for, a fraction."""
        return self.control_rate + self.effect

    @property
    def one_sided(self) -> bool:
        """True: only harm counts."""
        return True

    @property
    def size(self) -> float:
        """The margin."""
        return self.margin

    @property
    def distance(self) -> float:
        """From the planned effect to the margin."""
        return abs(self.margin - self.effect)

    @property
    def reach(self) -> tuple[float, float]:
        """From a margin that leaves no room to the widest."""
        return self.effect, copysign(1.0, self.margin)

    @property
    def variance_ratio(self) -> float:
        """1: without effect both variants have the control's rate."""
        return 1.0

    def sized(self, size: float) -> Self:
        """Ask about another margin."""
        return replace(self, margin=size)

    def spread(self, ratio: float) -> Spread:
        """Give the standard errors on the margin and at the rates planned for."""
        control, treatment = self._rates_on_margin(ratio)
        return Spread(
            refuted=sqrt(_binary(control) + _binary(treatment) / ratio),
            planned=sqrt(_binary(self.control_rate) + _binary(self.treatment_rate) / ratio),
        )

    def _rates_on_margin(self, ratio: float) -> tuple[float, float]:
        """Fit both rates under the margin to what the planned rates would give."""
        units = 10**6, round(ratio * 10**6)
        expected = Tables(
            units[0],
            np.asarray(self.control_rate * units[0]),
            units[1],
            np.asarray(self.treatment_rate * units[1]),
        )
        control = float(Difference(np.asarray(self.margin)).restricted_control_rate(expected))
        return control, min(max(control + self.margin, 0.0), 1.0)


def _binary(rate: float) -> float:
    return rate * (1 - rate)


def _check_rate(rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"a rate is {rate}, expected a fraction in (0, 1)")

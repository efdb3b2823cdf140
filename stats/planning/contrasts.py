"""What a test is meant to show: a lift of a rate, of a mean, or that a harm stays in bounds.

Each contrast says how far the truth it is planned for lies from what is to be refuted, and how much
one unit of the control, with its share of treatment units, contributes to the error of the
estimate: if the refuted statement were true, and if the planned truth is.
"""

from dataclasses import dataclass, replace
from math import copysign, isfinite, sqrt
from typing import Protocol, Self

import numpy as np

from stats.score import Difference, Tables


@dataclass(frozen=True)
class Spread:
    """Standard errors of an estimate, times the root of the control's units.

    Attributes:
        refuted: If the statement to be refuted were true: it sets the bar.
        planned: If the planned truth is: it sets the chance to pass it.
    """

    refuted: float
    planned: float


class Contrast(Protocol):
    """What one treatment is to show against the control."""

    @property
    def one_sided(self) -> bool:
        """Whether only one direction counts: so for a margin, not for a lift."""

    @property
    def size(self) -> float:
        """The effect or margin in question, as treatment minus control."""

    @property
    def distance(self) -> float:
        """From the planned truth to the statement to be refuted, above 0."""

    @property
    def reach(self) -> tuple[float, float]:
        """The sizes between which the search goes: at no distance, and as far as there can be."""

    def sized(self, size: float) -> Self:
        """Ask the same about another effect or margin."""

    def spread(self, ratio: float) -> Spread:
        """Give the standard errors, with this many treatment units per unit of the control."""


@dataclass(frozen=True)
class RateLift:
    """A rate that differs from the control's.

    The bar is set at the pooled rate, the chance to pass it at the two separate rates: the formula
    of Fleiss, Levin and Paik (2003), "Statistical Methods for Rates and Proportions", section 4.3
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
class MeanLift:
    """A mean that differs from the control's: revenue, orders or, linearised, a ratio.

    The normal formula: n = (z_{alpha/2} + z_{power})^2 (sd_c^2 + sd_t^2 / r) / effect^2.

    Attributes:
        standard_deviation: Of the KPI's values per unit of the control.
        effect: Treatment minus control, in the KPI's unit of measure.
        treatment_standard_deviation: The treatment's, if it is not the control's.

    Raises:
        ValueError: If a standard deviation is not positive or the effect is 0.

    Examples:
        >>> MeanLift(standard_deviation=3.0, effect=1.0).spread(ratio=1.0)
        Spread(refuted=4.242640687119285, planned=4.242640687119285)
    """

    standard_deviation: float
    effect: float
    treatment_standard_deviation: float | None = None

    def __post_init__(self) -> None:
        for deviation in (self.standard_deviation, self._treatment_deviation):
            if not (isfinite(deviation) and deviation > 0):
                raise ValueError(f"a standard deviation is {deviation}, expected above 0")
        if not isfinite(self.effect) or self.effect == 0:
            raise ValueError(f"the effect is {self.effect}, expected a finite number but 0")

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
        """From no effect to a million standard deviations: means know no limit of their own."""
        far = 1e6 * max(self.standard_deviation, self._treatment_deviation)
        return 0.0, copysign(far, self.effect)

    def sized(self, size: float) -> Self:
        """Ask about another effect."""
        return replace(self, effect=size)

    def spread(self, ratio: float) -> Spread:
        """Give the standard error, the same whichever statement is true."""
        error = sqrt(self.standard_deviation**2 + self._treatment_deviation**2 / ratio)
        return Spread(error, error)

    @property
    def _treatment_deviation(self) -> float:
        given = self.treatment_standard_deviation
        return self.standard_deviation if given is None else given


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


def ratio_standard_deviation(
    ratio: float,
    denominator_mean: float,
    *,
    numerator_variance: float,
    denominator_variance: float,
    covariance: float,
) -> float:
    """Give the standard deviation per unit of a ratio of two sums, for `MeanLift`.

    By linearisation: a ratio N / D moves like the mean of (n - R d) / mean(d) over the units; Deng,
    Knoblich and Lu (2018), "Applying the delta method in metric analytics", KDD, equation 3.

    Args:
        ratio: Expected value of the control, sum over sum.
        denominator_mean: Mean of the denominator per unit (opens per customer), above 0.
        numerator_variance: Of the numerator per unit.
        denominator_variance: Of the denominator per unit.
        covariance: Of numerator and denominator within a unit.

    Returns:
        The standard deviation, in the ratio's unit of measure.

    Raises:
        ValueError: If the moments are impossible.

    Examples:
        >>> round(
        ...     ratio_standard_deviation(
        ...         0.12, 2.0, numerator_variance=0.3, denominator_variance=1.5, covariance=0.2
        ...     ),
        ...     4,
        ... )
        0.2615
    """
    variance = numerator_variance - 2 * ratio * covariance + ratio**2 * denominator_variance
    if not (denominator_mean > 0 and isfinite(variance) and variance > 0):
        raise ValueError(
            f"the linearised variance is {variance} over a mean of {denominator_mean}, "
            "expected both above 0"
        )
    return sqrt(variance) / denominator_mean


def _binary(rate: float) -> float:
    return rate * (1 - rate)


def _check_rate(rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"a rate is {rate}, expected a fraction in (0, 1)")

"""A mean's lift or margin, or a linearised ratio's, as the aim of a test."""

from dataclasses import dataclass, replace
from math import copysign, isfinite, sqrt
from typing import Self

from stats.planning.contrasts import Spread

_FARTHEST = 1e6  # standard deviations: no effect is larger


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
        _check_deviations(self.standard_deviation, self._treatment_deviation)
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
        far = _FARTHEST * max(self.standard_deviation, self._treatment_deviation)
        return 0.0, copysign(far, self.effect)

    @property
    def variance_ratio(self) -> float:
        """Of the two standard deviations, squared."""
        return (self._treatment_deviation / self.standard_deviation) ** 2

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
class MeanMargin:
    """A guardrail's mean, or linearised ratio, that stays within a margin of the control's.

    The normal formula, one-sided: n = (z_alpha + z_power)^2 (sd_c^2 + sd_t^2 / r) / (margin -
    effect)^2; Julious (2004), "Sample sizes for clinical trials with normal data", Statistics in
    Medicine 23, 1921-1986, section 5.

    Attributes:
        standard_deviation: Of the KPI's values per unit, in either variant.
        margin: Difference to be ruled out, in the KPI's unit of measure, with the sign of harm.
        effect: True difference planned for, from 0 (harmless) to short of the margin.

    Raises:
        ValueError: If the standard deviation is not positive, the margin is 0, or the effect is not
            between 0 and the margin.

    Examples:
        >>> MeanMargin(standard_deviation=40.0, margin=-2.0).distance
        2.0
    """

    standard_deviation: float
    margin: float
    effect: float = 0.0

    def __post_init__(self) -> None:
        _check_deviations(self.standard_deviation)
        if not isfinite(self.margin) or self.margin == 0:
            raise ValueError(f"the margin is {self.margin}, expected a finite number but 0")
        if not 0 <= self.effect / self.margin < 1:
            raise ValueError(f"the effect is {self.effect}, expected from 0 to {self.margin}")

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
        """From a margin that leaves no room to one of a million standard deviations."""
        return self.effect, self.effect + copysign(_FARTHEST * self.standard_deviation, self.margin)

    @property
    def variance_ratio(self) -> float:
        """1: one standard deviation for both variants."""
        return 1.0

    def sized(self, size: float) -> Self:
        """Ask about another margin."""
        return replace(self, margin=size)

    def spread(self, ratio: float) -> Spread:
        """Give the standard error, the same whichever statement is true."""
        error = self.standard_deviation * sqrt(1 + 1 / ratio)
        return Spread(error, error)


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
    Knoblich and Lu (2018), "Applying the delta method in metric analytics", KDD.

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


def _check_deviations(*deviations: float) -> None:
    for deviation in deviations:
        if not (isfinite(deviation) and deviation > 0):
            raise ValueError(f"a standard deviation is {deviation}, expected above 0")

"""Always-valid answers for many checkpoints at once: the same formulas, on arrays.

For a dashboard that draws a test's whole course, or a back-test over years of past experiments:
tens of thousands of checkpoints take milliseconds. One checkpoint is one element; the order within
a series is that of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.checks import check_confidence
from stats.quadrature import Floats
from stats.sequential.confidence_sequence import best_x


@dataclass(frozen=True)
class Checkpoints:
    """The moments of two variants at many moments, all of one shape.

    Attributes:
        control_units: Units so far, above 0.
        control_mean: Of their values.
        control_variance: Sample variance of their values, 0 or more.
        treatment_units: The same of the treatment.
        treatment_mean: The same of the treatment.
        treatment_variance: The same of the treatment.

    Raises:
        ValueError: If shapes differ, a number is not finite, a variant has no units, or a variance
            is negative: a checkpoint that lacks something has to be left out.
    """

    control_units: Floats
    control_mean: Floats
    control_variance: Floats
    treatment_units: Floats
    treatment_mean: Floats
    treatment_variance: Floats

    def __post_init__(self) -> None:
        columns = [np.asarray(column, dtype=float) for column in vars(self).values()]
        if len({column.shape for column in columns}) > 1:
            raise ValueError("columns of checkpoints differ in shape")
        if not all(np.isfinite(column).all() for column in columns):
            raise ValueError("a checkpoint has a number that is not finite")
        if not ((self.control_units > 0).all() and (self.treatment_units > 0).all()):
            raise ValueError("a checkpoint has a variant without units")
        if not ((self.control_variance >= 0).all() and (self.treatment_variance >= 0).all()):
            raise ValueError("a checkpoint has a negative variance")

    @property
    def difference(self) -> Floats:
        """Treatment minus control."""
        return np.asarray(self.treatment_mean - self.control_mean)

    @property
    def squared_error(self) -> Floats:
        """Of the difference, each variant with its own variance."""
        return np.asarray(
            self.control_variance / self.control_units
            + self.treatment_variance / self.treatment_units
        )

    @property
    def units(self) -> Floats:
        """Units of both variants."""
        return np.asarray(self.control_units + self.treatment_units)


@dataclass(frozen=True)
class Band:
    """Always-valid intervals and p-values, one for each checkpoint.

    Attributes:
        lower: Lower limits.
        upper: Upper limits.
        p_value: Of no effect at each moment; `running_minimum` may keep the least so far.
    """

    lower: Floats
    upper: Floats
    p_value: Floats


def always_valid_band(
    values: Floats, squared_errors: Floats, fractions: Floats, *, confidence: float = 0.95
) -> Band:
    """Give `always_valid` of many estimates.

    Args:
        values: The estimates.
        squared_errors: Squares of their standard errors; where one is 0 nothing varied, and its
            interval reaches as far as the value: only a value of 0 has a p-value of 1.
        fractions: Share of the plan seen at each, above 0.
        confidence: That the intervals of a series hold together, a fraction in (0, 1).

    Returns:
        Arrays of the same shape; 0 lies outside the limits exactly where p < 1 - confidence.

    Raises:
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> one = np.array([0.02]), np.array([0.005**2]), np.array([0.5])
        >>> band = always_valid_band(*one)
        >>> round(float(band.lower[0]), 4), round(float(band.p_value[0]), 4)
        (0.0046, 0.0036)
    """
    check_confidence(confidence)
    alpha = 1 - confidence
    x = best_x(alpha) * np.asarray(fractions, dtype=float)
    margin = np.sqrt(squared_errors * (1 + x) / x * (np.log1p(x) - 2 * np.log(alpha)))
    p_value = mixture_p_values(squared_z(values, squared_errors), x)
    # Rounding must not part a limit from the verdict.
    shown, least = p_value < alpha, np.nextafter(0.0, 1.0)
    lower, upper = values - margin, values + margin
    return Band(
        lower=np.where(shown & (values > 0), np.maximum(lower, least), _within(lower, shown, -1)),
        upper=np.where(shown & (values < 0), np.minimum(upper, -least), _within(upper, shown, 1)),
        p_value=p_value,
    )


def _within(side: Floats, shown: npt.NDArray[np.bool_], sign: int) -> Floats:
    """Keep a side on its own side of 0 where nothing is shown."""
    return np.where(shown, side, sign * np.maximum(sign * side, 0.0))


def squared_z(values: Floats, squared_errors: Floats) -> Floats:
    """Give the squares of z; where nothing varied, 0 for no difference and else a vast number."""
    differs = np.asarray(values) != 0
    z = np.where(differs, np.inf, 0.0)
    errors = np.sqrt(np.asarray(squared_errors, dtype=float))
    with np.errstate(over="ignore"):
        np.divide(values, errors, out=z, where=errors > 0)
        return np.asarray(np.minimum(z**2, np.finfo(float).max))


def mixture_p_values(z_squared: Floats, x: Floats) -> Floats:
    """Give the p-values of the normal mixture: `confidence_sequence.p_value` of arrays.

    Args:
        z_squared: Squares of the estimates in standard errors.
        x: Prior variance of the effect over the squared error of its estimate.

    Examples:
        >>> mixture_p_values(np.array([9.0, 0.0]), np.array([9.0, 9.0])).round(6).tolist()
        [0.055094, 1.0]
    """
    exponent = np.log1p(x) / 2 - z_squared * (x / (2 * (1 + x)))
    return np.asarray(np.exp(np.minimum(exponent, 0.0)))


def running_minimum(p_values: Floats, series: Sequence[object] | npt.NDArray[np.generic]) -> Floats:
    """Keep the least p-value so far, within each series.

    Args:
        p_values: In order of time within each series; series may be mixed.
        series: Which series each belongs to, as many.

    Returns:
        An array of the same length, in the same order.

    Raises:
        ValueError: If lengths differ.

    Examples:
        >>> running_minimum(np.array([0.4, 0.9, 0.03, 0.2]), ["a", "b", "a", "a"]).tolist()
        [0.4, 0.9, 0.03, 0.03]
    """
    if len(series) != len(p_values):
        raise ValueError(f"{len(p_values)} p-values of {len(series)} series names")
    _, numbers = np.unique(np.asarray(series), return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    least = np.empty(len(p_values))
    for one in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        least[one] = np.minimum.accumulate(np.asarray(p_values)[one])
    return least

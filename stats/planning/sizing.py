"""How many units a test needs, and what a given number of them can show.

One equation is read in three directions, so that they are exact inverses. For one treatment with r
units per unit of the control, the control needs

    n = R (1 - rho^2) ((z_{alpha/2} s_0 + z_{power} s_1) / distance)^2

units to analyse, where s_0 and s_1 are the contrast's `Spread`, R the price of the looks
(`inflation_factor`) and rho the covariate's correlation. With several treatments the one that needs
most decides; what is lost on the way is added at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from stats.planning.contrasts import Contrast
from stats.planning.rules import USUAL_RULES, Rules
from stats.sequential.bounds import Look
from stats.sequential.operating import drift_for, inflation_at, inflation_factor, power_at

MOST_POWER = 1 - 1e-9
"""With looks, more power than this is not told from it."""


@dataclass(frozen=True)
class Size:
    """The units a test needs.

    Attributes:
        total: Units to assign in all, before rounding.
        per_variant: Units to assign to each variant, the control first, rounded up.
        alpha: Two-sided error of one comparison with the control.
        inflation: By how much the looks raise the number.
    """

    total: float
    per_variant: tuple[int, ...]
    alpha: float
    inflation: float

    def fits(self, list_size: int) -> bool:
        """Say whether a list is long enough; if not, ask `detectable_size` what it can show."""
        return sum(self.per_variant) <= list_size


def required_units(contrast: Contrast, rules: Rules = USUAL_RULES) -> Size:
    """Compute the units a test needs.

    Args:
        contrast: What it is to show.
        rules: What it must satisfy.

    Returns:
        The size; it counts assigned units, so those lost on the way are included.

    Examples:
        >>> from stats.planning import RateLift, Rules
        >>> required_units(RateLift(0.10, 0.02)).per_variant
        (3841, 3841)
        >>> required_units(RateLift(0.10, 0.02), Rules(looks=(0.25, 0.5, 0.75, 1))).per_variant
        (3917, 3917)
    """
    bounds = bounds_of(contrast, rules)
    inflation = inflation_factor(bounds, rules.power)
    total = inflation * _total_without_looks(contrast, rules, bounds, rules.power)
    return Size(
        total=total,
        per_variant=tuple(_up(total * rules.share(arm)) for arm in range(len(rules.weights))),
        alpha=bounds[-1].spent,
        inflation=inflation,
    )


def power_reached(contrast: Contrast, total: float, rules: Rules = USUAL_RULES) -> float:
    """Compute the power of a test with this many units: the inverse of `required_units`.

    With several treatments it is the power of the comparison that has least.

    Args:
        contrast: What it is to show.
        total: Units to assign in all.
        rules: What it must satisfy; its power is not used.

    Returns:
        A fraction, without the chance to show the opposite.

    Raises:
        ValueError: If ``total`` is not positive.

    Examples:
        >>> from stats.planning import RateLift
        >>> round(power_reached(RateLift(0.5, 0.25), 100), 4)
        0.7402
    """
    _check_total(total)
    bounds = bounds_of(contrast, rules)
    if len(bounds) > 1:
        return _power_with_looks(contrast, total, rules, bounds)
    z_alpha = -float(ndtri(bounds[-1].spent / 2))
    root = sqrt(total * rules.share(0) * rules.retention / rules.variance_left)
    spreads = [contrast.spread(ratio) for ratio in rules.ratios]
    reached = [(contrast.distance * root - z_alpha * s.refuted) / s.planned for s in spreads]
    return float(ndtr(min(reached)))


def detectable_size(contrast: Contrast, total: float, rules: Rules = USUAL_RULES) -> float | None:
    """Find the least effect that this many units can show: the inverse of `required_units`.

    For a margin: the least one that a treatment with the planned effect can be shown to keep.

    Args:
        contrast: What it is to show. Of its own effect, or margin, only the sign is used.
        total: Units to assign in all: of a finite list, all of it at most.
        rules: What it must satisfy.

    Returns:
        The effect or margin, signed; None if even the greatest possible one is too small.

    Raises:
        ValueError: If ``total`` is not positive.

    Examples:
        >>> from stats.planning import RateLift
        >>> round(detectable_size(RateLift(0.025, 0.01), 5000), 4)
        0.0139
        >>> round(detectable_size(RateLift(0.025, -0.01), 5000), 4)
        -0.011
    """
    _check_total(total)
    bounds = bounds_of(contrast, rules)
    wanted = total / inflation_factor(bounds, rules.power)

    def lacking(size: float) -> float:
        sized = contrast.sized(size)
        return _total_without_looks(sized, rules, bounds, rules.power) - wanted

    none, end = contrast.reach
    near, far = none + (end - none) * 1e-12, none + (end - none) * (1 - 1e-12)
    if lacking(far) > 0:
        return None
    return float(brentq(lacking, near, far, xtol=abs(end - none) * 1e-16))


def bounds_of(contrast: Contrast, rules: Rules) -> tuple[Look, ...]:
    """Set the bounds of the looks of one comparison with the control."""
    return rules.bounds(one_sided=contrast.one_sided, variance_ratio=contrast.variance_ratio)


def _power_with_looks(
    contrast: Contrast, total: float, rules: Rules, bounds: Sequence[Look]
) -> float:
    """Find the drift whose power, with the price that the looks have at it, takes these units."""

    def lacking(drift: float) -> float:
        power = power_at(bounds, drift)
        fixed = _total_without_looks(contrast, rules, bounds, power)
        return inflation_at(bounds, drift, power) * fixed - total

    least, most = bounds[-1].spent / 2 + 1e-6, MOST_POWER
    near, far = drift_for(bounds, least), drift_for(bounds, most)
    if lacking(near) >= 0:
        return least
    if lacking(far) <= 0:
        return most
    return power_at(bounds, float(brentq(lacking, near, far, xtol=1e-13)))


def _total_without_looks(
    contrast: Contrast, rules: Rules, bounds: Sequence[Look], power: float
) -> float:
    """Give the units to assign in all, as a real number, before the price of the looks."""
    z_alpha, z_power = -float(ndtri(bounds[-1].spent / 2)), float(ndtri(power))
    spreads = [contrast.spread(ratio) for ratio in rules.ratios]
    error = max(z_alpha * spread.refuted + z_power * spread.planned for spread in spreads)
    analysed = (error / contrast.distance) ** 2 * rules.variance_left
    return analysed / rules.retention / rules.share(0)


def _up(units: float) -> int:
    """Round up, but not for a rounding error."""
    return ceil(units - 1e-9 * units)


def _check_total(total: float) -> None:
    if not total > 0:
        raise ValueError(f"there are {total} units, expected more than 0")

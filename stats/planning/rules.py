"""What a test must satisfy: error, power, split, looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from scipy.special import ndtr

from stats.checks import check_alpha
from stats.dunnett import Family
from stats.sequential.bounds import Look, planned_looks
from stats.sequential.spending import Spending, obrien_fleming


@dataclass(frozen=True)
class Rules:
    """The rules of a test, fixed before it starts.

    Attributes:
        alpha: Error of the whole test: two-sided for a lift, one-sided for a margin.
        power: Chance to show the effect planned for, a fraction.
        weights: Planned split, the control first, in any unit; one per variant.
        looks: Fractions of the planned information at which the test is read, the last 1.
        spending: How the error is spread over the looks.
        retention: Share of the assigned units that can be analysed, in (0, 1]; the rest bounce,
            leave, or have no window that closes in time.
        covariate_correlation: Of the KPI with its value before the test, in (-1, 1); what
            CUPED takes off the variance is its square.

    Raises:
        ValueError: If a value is out of range.

    Examples:
        >>> Rules(weights=(1, 1, 1)).share(2)
        0.3333333333333333
    """

    alpha: float = 0.05
    power: float = 0.8
    weights: tuple[float, ...] = (1.0, 1.0)
    looks: tuple[float, ...] = (1.0,)
    spending: Spending = obrien_fleming
    retention: float = 1.0
    covariate_correlation: float = 0.0

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        if not self.alpha < self.power < 1:
            raise ValueError(f"power is {self.power}, expected a fraction above alpha")
        if not 0 < self.retention <= 1:
            raise ValueError(f"retention is {self.retention}, expected a fraction in (0, 1]")
        if not -1 < self.covariate_correlation < 1:
            raise ValueError(f"correlation is {self.covariate_correlation}, expected in (-1, 1)")
        _check_weights(self.weights)

    def share(self, variant: int) -> float:
        """Give the share of all units that a variant gets; the control is 0."""
        return self.weights[variant] / sum(self.weights)

    def split(self, units: int) -> tuple[int, ...]:
        """Share out whole units by the weights, the largest remainders rounded up.

        Examples:
            >>> Rules(weights=(2, 1, 1)).split(10)
            (5, 3, 2)
        """
        exact = [units * self.share(variant) for variant in range(len(self.weights))]
        whole = [int(share) for share in exact]
        by_remainder = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
        for variant in by_remainder[: units - sum(whole)]:
            whole[variant] += 1
        return tuple(whole)

    @property
    def ratios(self) -> tuple[float, ...]:
        """Units of each treatment per unit of the control."""
        return tuple(weight / self.weights[0] for weight in self.weights[1:])

    @property
    def variance_left(self) -> float:
        """Share of the variance that the covariate leaves: 1 - correlation squared."""
        return 1 - self.covariate_correlation**2

    def two_sided_alpha(self, *, one_sided: bool, variance_ratio: float = 1.0) -> float:
        """Give the two-sided error of one comparison with the control.

        Several lifts against one control share the error by Dunnett (1955), "A multiple comparison
        procedure for comparing several treatments with a control", Journal of the American
        Statistical Association 50, 1096-1121. One-sided margins are guardrails, each of which must
        pass, so theirs is not divided.
        """
        if one_sided:
            return 2 * self.alpha
        if len(self.weights) == 2:
            return self.alpha
        return dunnett_alpha(self.weights, alpha=self.alpha, variance_ratio=variance_ratio)

    def bounds(self, *, one_sided: bool, variance_ratio: float = 1.0) -> tuple[Look, ...]:
        """Set the bounds of the looks of one comparison with the control."""
        alpha = self.two_sided_alpha(one_sided=one_sided, variance_ratio=variance_ratio)
        return planned_looks(self.looks, alpha=alpha, spending=self.spending)


def dunnett_alpha(
    weights: Sequence[float], *, alpha: float = 0.05, variance_ratio: float = 1.0
) -> float:
    """Give the two-sided level of each comparison of several treatments with one control.

    Args:
        weights: Planned split, the control first.
        alpha: Two-sided error of all comparisons together.
        variance_ratio: A treatment unit's variance over a control unit's, without effect; for rates
            1, whatever effect is planned for: only treatments without one are found by mistake.

    Returns:
        The level of one, below ``alpha`` when there are more than two variants.

    Examples:
        >>> round(dunnett_alpha((1, 1, 1)), 5)
        0.02696
    """
    check_alpha(alpha)
    control, *treatments = (weight / max(weights) for weight in weights)
    family = Family(control, tuple(weight / variance_ratio for weight in treatments))
    return 2 * float(ndtr(-family.critical(1 - alpha)))


def _check_weights(weights: Sequence[float]) -> None:
    if len(weights) < 2 or not all(isfinite(weight) and weight > 0 for weight in weights):
        raise ValueError(f"weights are {list(weights)}, expected two or more, each above 0")


USUAL_RULES = Rules()
"""Two variants of one size, read once: alpha 0.05, power 0.8."""

"""How large a test pays, when the winner goes to the rest of a finite list.

Feit and Berman (2019), "Test & Roll: profit-maximizing A/B tests", Marketing Science 38, 1038-1058,
in their symmetric normal model. Each variant's mean is drawn from one normal prior with standard
deviation sigma; a unit's value is normal around its variant's mean with standard deviation s, for
a binary outcome s^2 = p (1 - p). Of a list of N, n units see each of K variants, and the one with
the highest mean goes to the rest.

What the test tells of a mean has variance v = sigma^4 / (sigma^2 + s^2 / n), that of the posterior
means, so the rest gains e_K sqrt(v) per unit on average over a variant picked blindly, where e_K is
the expected maximum of K standard normals, and the whole list

    G(n) = (N - K n) e_K sigma^2 / sqrt(sigma^2 + s^2 / n).

Setting the derivative of log G to 0 leaves 2 K n^2 + 3 K a n - a N = 0 with a = s^2 / sigma^2; its
positive root for K = 2 is the paper's test size.
"""

from dataclasses import dataclass
from math import acos, pi, sqrt

import numpy as np
from scipy.special import ndtr

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_REACH = 10.0


@dataclass(frozen=True)
class Prospect:
    """A list, and what is known of the variants before the test.

    Attributes:
        list_size: Units in all, N.
        prior_sd: Standard deviation of the variants' means, in the KPI's unit: how much variants
            of such tests have differed.
        unit_sd: Standard deviation of one unit's value.
        variants: How many there are, K.

    Raises:
        ValueError: If a number is not positive, there is one variant, or the list is shorter than
            one unit each.
    """

    list_size: int
    prior_sd: float
    unit_sd: float
    variants: int = 2

    def __post_init__(self) -> None:
        if not (self.prior_sd > 0 and self.unit_sd > 0):
            raise ValueError(
                f"standard deviations are {self.prior_sd} and {self.unit_sd}, expected above 0"
            )
        if not 2 <= self.variants <= self.list_size:
            raise ValueError(f"{self.variants} variants for {self.list_size} units")

    @classmethod
    def of_rate(
        cls, list_size: int, rate: float, prior_sd: float, *, variants: int = 2
    ) -> "Prospect":
        """State the same of a rate, a fraction in (0, 1), as is its prior standard deviation.

        Raises:
            ValueError: If the rate is out of range.
        """
        if not 0 < rate < 1:
            raise ValueError(f"the rate is {rate}, expected a fraction in (0, 1)")
        return cls(list_size, prior_sd, sqrt(rate * (1 - rate)), variants)


@dataclass(frozen=True)
class ProfitableSize:
    """The test that pays most.

    Attributes:
        per_variant: Units of the test in each variant.
        rest: Units that get the winner.
        gain: Expected total over the list, above sending everybody a variant picked blindly, in the
            KPI's unit (conversions, money).
        gain_if_known: The same if the best variant were known beforehand: no test reaches it.
    """

    per_variant: int
    rest: int
    gain: float
    gain_if_known: float


def most_profitable_test(prospect: Prospect) -> ProfitableSize:
    """Find the test size with the highest expected total over the whole list.

    Args:
        prospect: The list and the prior.

    Returns:
        The size, a whole number of units.

    Examples:
        >>> most_profitable_test(Prospect.of_rate(20_000, 0.18, prior_sd=0.018)).per_variant
        1206
    """
    noise, arms = (prospect.unit_sd / prospect.prior_sd) ** 2, prospect.variants
    root = -0.75 * noise + sqrt((0.75 * noise) ** 2 + noise * prospect.list_size / (2 * arms))
    whole = (max(1, int(root)), min(int(root) + 1, prospect.list_size // arms))
    best = max(whole, key=lambda units: expected_gain(prospect, units))
    return ProfitableSize(
        per_variant=best,
        rest=prospect.list_size - arms * best,
        gain=expected_gain(prospect, best),
        gain_if_known=prospect.list_size * prospect.prior_sd * expected_maximum(arms),
    )


def expected_gain(prospect: Prospect, per_variant: float) -> float:
    """Compute the expected total of a test and its roll-out, above a variant picked blindly.

    Args:
        prospect: The list and the prior.
        per_variant: Units of the test in each variant, above 0.

    Returns:
        G(n) of the module's formula, in the KPI's unit.

    Examples:
        >>> prospect = Prospect.of_rate(20_000, 0.18, prior_sd=0.018)
        >>> round(expected_gain(prospect, 1206)), round(expected_gain(prospect, 7425))
        (152, 51)
    """
    rest = prospect.list_size - prospect.variants * per_variant
    told = prospect.prior_sd**2 / sqrt(prospect.prior_sd**2 + prospect.unit_sd**2 / per_variant)
    return rest * told * expected_maximum(prospect.variants)


def wrong_choice_chance(prospect: Prospect, per_variant: float) -> float:
    """Compute the chance that the worse of two variants goes to the rest.

    The true and the observed difference are normal with correlation
    sigma / sqrt(sigma^2 + s^2 / n); their signs differ with chance arccos of it over pi.

    Args:
        prospect: The list and the prior, of two variants.
        per_variant: Units of the test in each variant, above 0.

    Returns:
        A fraction below 0.5.

    Raises:
        ValueError: If there are more than two variants.

    Examples:
        >>> round(wrong_choice_chance(Prospect.of_rate(20_000, 0.18, prior_sd=0.018), 1206), 3)
        0.175
    """
    if prospect.variants != 2:
        raise ValueError(f"there are {prospect.variants} variants, expected 2")
    told = prospect.prior_sd**2 / (prospect.prior_sd**2 + prospect.unit_sd**2 / per_variant)
    return acos(sqrt(told)) / pi


def expected_maximum(count: int) -> float:
    """Give the expected maximum of independent standard normals.

    By parts, the integral of 1 - Phi^K over x > 0 less that of Phi^K over x < 0.

    Examples:
        >>> [round(expected_maximum(count), 4) for count in (2, 3, 5)]
        [0.5642, 0.8463, 1.163]
    """
    x = _REACH * (_NODES + 1) / 2
    missing = 1 - ndtr(x) ** count - ndtr(-x) ** count
    return float(_REACH / 2 * (_WEIGHTS @ missing))

"""How the error rate is spent over the looks of a group-sequential test.

A spending function says how much of one tail's error may be used up once a given share of the
planned information has been seen: Lan and DeMets (1983), "Discrete sequential boundaries for
clinical trials", Biometrika 70, 659-663. A two-sided test spends half of its error in each tail,
each half by the same function. Every function here is 0 at fraction 0 and ``alpha`` at fraction 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import e, expm1, log1p, sqrt
from types import MappingProxyType

from scipy.special import ndtr, ndtri

Spending = Callable[[float, float], float]
"""From (information fraction in (0, 1], error of one tail) to the error spent so far."""


def obrien_fleming(fraction: float, alpha: float) -> float:
    """Spend almost nothing early: bounds close to those of O'Brien and Fleming (1979).

    Lan and DeMets (1983), alpha_1: 2 (1 - Phi(z_{alpha/2} / sqrt(t))).

    Examples:
        >>> [round(obrien_fleming(t, 0.025), 6) for t in (0.25, 0.5, 1)]
        [7e-06, 0.001525, 0.025]
    """
    return 2 * float(ndtr(ndtri(alpha / 2) / sqrt(fraction)))


def pocock(fraction: float, alpha: float) -> float:
    """Spend evenly, so that early stops are likelier and the last look is stricter.

    Lan and DeMets (1983), alpha_2: alpha ln(1 + (e - 1) t); bounds close to Pocock's (1977).

    Examples:
        >>> [round(pocock(t, 0.025), 6) for t in (0.25, 0.5, 1)]
        [0.008934, 0.015503, 0.025]
    """
    return alpha * log1p((e - 1) * fraction)


@dataclass(frozen=True)
class HwangShihDeCani:
    """A family between the two: -4 is near O'Brien-Fleming, 1 near Pocock, 0 is linear.

    Hwang, Shih and DeCani (1990), "Group sequential designs using a family of type I error
    probability spending functions", Statistics in Medicine 9, 1439-1445.

    Attributes:
        gamma: Shape, any finite number; the larger, the more is spent early.

    Examples:
        >>> round(HwangShihDeCani(-4)(0.5, 0.025), 6)
        0.00298
    """

    gamma: float

    def __call__(self, fraction: float, alpha: float) -> float:
        """Spend ``alpha (1 - exp(-gamma t)) / (1 - exp(-gamma))``."""
        if self.gamma == 0:
            return alpha * fraction
        return alpha * expm1(-self.gamma * fraction) / expm1(-self.gamma)


@dataclass(frozen=True)
class KimDeMets:
    """The power family, ``alpha t ** exponent``.

    Kim and DeMets (1987), "Design and analysis of group sequential tests based on the type I
    error spending rate function", Biometrika 74, 149-154.

    Attributes:
        exponent: Above 0; 1 is linear, 3 near O'Brien-Fleming.

    Examples:
        >>> KimDeMets(2)(0.5, 0.04)
        0.01
    """

    exponent: float

    def __post_init__(self) -> None:
        if not self.exponent > 0:
            raise ValueError(f"the exponent is {self.exponent}, expected a number above 0")

    def __call__(self, fraction: float, alpha: float) -> float:
        """Spend ``alpha t ** exponent``."""
        return alpha * float(fraction**self.exponent)


SPENDING_FUNCTIONS: Mapping[str, Spending] = MappingProxyType(
    {"obrien_fleming": obrien_fleming, "pocock": pocock}
)
"""The functions a plan may name."""

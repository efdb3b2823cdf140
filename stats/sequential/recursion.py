"""The chance of crossing bounds, look by look.

Armitage, McPherson and Rowe (1969), "Repeated significance tests on accumulating data", Journal of
the Royal Statistical Society A 132, 235-244: the density of the running score, among the tests
that have not stopped, is carried from one look to the next. Here the score is S = Z sqrt(t) at
information t, so its increments are independent and normal, with mean ``drift`` and variance 1 per
unit of information (Jennison and Turnbull 2000, "Group Sequential Methods", chapter 19). The
integrals are sums over fixed nodes: the same input gives the same bits, with no simulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from stats.quadrature import panel_nodes

FloatArray = npt.NDArray[np.float64]

TAIL_SDS = 8.0
"""Nodes end here: a standard normal leaves 6e-16 beyond."""


@dataclass(frozen=True)
class Survivors:
    """The running score of the tests that have not stopped before a look.

    Attributes:
        information: What has been seen, in the unit of the drift.
        drift: Expected score per unit of information; 0 under no effect.
        step: The smallest rise of information between looks, which sets how dense nodes lie.
        scores: Nodes of the score, shape (nodes,).
        masses: Probability at each node, shape (nodes,); together, the chance to get this far.

    Examples:
        >>> start = Survivors.before([0.5, 1.0], drift=0.0)
        >>> later = start.go_on(0.5, -1.5, 1.5)
        >>> round(float(later.masses.sum()), 4)  # P(|Z| < 1.5 / sqrt(0.5))
        0.9661
    """

    information: float
    drift: float
    step: float
    scores: FloatArray
    masses: FloatArray

    @classmethod
    def before(cls, information: Sequence[float], drift: float) -> Self:
        """Stand before the first of the looks at these (rising) amounts of information."""
        step = float(np.min(np.diff(information, prepend=0.0)))
        return cls(0.0, drift, step, np.zeros(1), np.ones(1))

    def chance_above(self, score: float, information: float) -> float:
        """The chance to get this far and then meet a score above the given one."""
        return float(self.masses @ ndtr(self._standardised(score, information)))

    def chance_below(self, score: float, information: float) -> float:
        """The chance to get this far and then meet a score below the given one."""
        return float(self.masses @ ndtr(-self._standardised(score, information)))

    def go_on(self, information: float, lower: float, upper: float) -> Self:
        """Stop the tests outside ``(lower, upper)`` at a look and follow the rest."""
        gain = information - self.information
        mean, reach = self.drift * information, TAIL_SDS * sqrt(information)
        scores, widths = panel_nodes(
            max(lower, mean - reach), min(upper, mean + reach), sqrt(self.step)
        )
        steps = (scores[:, None] - self.scores - self.drift * gain) / sqrt(gain)
        density = np.exp(-0.5 * steps**2) @ self.masses / sqrt(2 * pi * gain)
        return replace(self, information=information, scores=scores, masses=widths * density)

    def _standardised(self, score: float, information: float) -> FloatArray:
        gain = information - self.information
        return (self.scores + self.drift * gain - score) / sqrt(gain)


@dataclass(frozen=True)
class Stops:
    """The chance to stop at each look, through the upper and through the lower bound."""

    upper: tuple[float, ...]
    lower: tuple[float, ...]

    @property
    def by_look(self) -> tuple[float, ...]:
        """The chance to stop at each look through either bound."""
        return tuple(up + down for up, down in zip(self.upper, self.lower, strict=True))


def stop_chances(
    information: Sequence[float],
    upper_z: Sequence[float],
    lower_z: Sequence[float] | None = None,
    *,
    drift: float = 0.0,
) -> Stops:
    """Compute the chance to stop at each look.

    Args:
        information: Seen at each look, rising.
        upper_z: Upper bound of Z at each look.
        lower_z: Lower bound of Z at each look; the upper one mirrored if left out.
        drift: Expected Z at information 1.

    Returns:
        The chances under that drift.

    Examples:
        >>> stops = stop_chances([0.5, 1.0], [1.96, 1.96])
        >>> round(sum(stops.by_look), 4)  # two looks at the usual 5 % level
        0.0831
    """
    lower_z = [-z for z in upper_z] if lower_z is None else lower_z
    survivors = Survivors.before(information, drift)
    above, below = [], []
    for seen, upper, lower in zip(information, upper_z, lower_z, strict=True):
        above.append(survivors.chance_above(upper * sqrt(seen), seen))
        below.append(survivors.chance_below(lower * sqrt(seen), seen))
        survivors = survivors.go_on(seen, lower * sqrt(seen), upper * sqrt(seen))
    return Stops(tuple(above), tuple(below))

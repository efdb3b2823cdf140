"""Posterior curves of several variants on shared nodes, and what is read off them.

With f the density of a variant's value and F its distribution function,

    P(i is best)          = int f_i(x) prod_{j != i} F_j(x) dx,
    E[loss of choosing i] = int F_i(x) (1 - prod_{j != i} F_j(x)) dx,

the second being E[max(best of the others - i, 0)] by parts. Both are sums of positive terms,
so small answers stay accurate, and the same input gives the same bits. The nodes are
Gauss-Legendre's, in panels that follow the density of every variant, so that a variant of ten
units and one of ten million are both resolved; their number does not grow with the counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]

# A panel ends where the logarithm of a density has fallen by so much from its peak: at 0.8,
# 2.0, 3.7, 6.0 and 8.6 standard deviations of a normal one. What lies beyond is left out.
DEPTHS = np.array([0.35, 2.1, 6.8, 18.0, 37.0])

# Beyond, a normal quantile is no longer a float.
_LEAST, _MOST = 1e-300, 1 - 1e-16
_FINE = 1e-10  # standard deviations

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def _integrals_up_to_nodes() -> Floats:
    """Give the matrix that integrates, from -1 to each node, a curve known at the nodes."""
    degrees = np.arange(len(_NODES))
    values = np.polynomial.legendre.legvander(_NODES, len(_NODES))
    # The integral of P_n from -1 is (P_(n+1) - P_(n-1)) / (2 n + 1), that of P_0 is x + 1.
    integrals = np.empty((len(_NODES), len(_NODES)))
    integrals[:, 0] = _NODES + 1
    integrals[:, 1:] = (values[:, 2:] - values[:, :-2]) / (2 * degrees[1:] + 1)
    coefficients = (values[:, :-1] * _WEIGHTS[:, None]).T * (degrees + 0.5)[:, None]
    return np.asarray((integrals @ coefficients).T)


_UP_TO_NODES = _integrals_up_to_nodes()


@dataclass(frozen=True)
class Panels:
    """Nodes and weights of a composite rule, ascending.

    Attributes:
        nodes: Shape (P, 12), a row for each panel.
        halves: Half the length of each panel, shape (P, 1).
    """

    nodes: Floats
    halves: Floats

    @classmethod
    def between(cls, edges: Floats, *, longest: float = np.inf) -> "Panels":
        """Place nodes between the edges, which come in any order.

        Args:
            edges: Where panels end, finite, at least two different ones.
            longest: A longer panel is divided.
        """
        ends = np.unique(edges)
        parts = np.maximum(1, np.ceil(np.diff(ends) / longest)).astype(int)
        length = np.repeat(np.diff(ends) / parts, parts)
        place = np.arange(len(length)) - np.repeat(np.cumsum(parts) - parts, parts)
        start = np.repeat(ends[:-1], parts) + place * length
        halves = length[:, None] / 2
        return cls(start[:, None] + halves * (1 + _NODES), halves)

    @property
    def weights(self) -> Floats:
        """Length that each node stands for, shape (P, 12)."""
        return self.halves * _WEIGHTS

    def below(self, density: Floats) -> Floats:
        """Integrate a density from the first edge to each node, shape (P, 12)."""
        inside = self.halves * (density @ _UP_TO_NODES)
        whole = (density * self.weights).sum(axis=1)
        before = np.concatenate([[0.0], np.cumsum(whole)[:-1]])
        # A steep curve's interpolation swings by less than the panel's own rounding.
        return np.minimum(np.maximum(before[:, None] + inside, 0.0), 1.0)

    def above(self, density: Floats) -> Floats:
        """Integrate a density from each node to the last edge, shape (P, 12)."""
        mirrored = Panels(-self.nodes[::-1, ::-1], self.halves[::-1])
        return mirrored.below(density[::-1, ::-1])[::-1, ::-1]


@dataclass(frozen=True)
class Curves:
    """Distributions of K variants' values on N shared nodes, ascending.

    Attributes:
        mass: Probability that each node stands for, shape (K, N); each row sums to 1.
        below: Probability below each node, shape (K, N).
        above: Probability above each node, shape (K, N).
        steps: Length in the value's unit that each node stands for, shape (N,).
    """

    mass: Floats
    below: Floats
    above: Floats
    steps: Floats

    @classmethod
    def of(cls, panels: Panels, heights: Floats, slope: Floats) -> "Curves":
        """Make curves of densities known up to a factor.

        Args:
            panels: The nodes.
            heights: In proportion to each density at the nodes, shape (K, P, 12).
            slope: Change of the value per unit of the nodes, shape (P, 12).
        """
        densities = [height / (height * panels.weights).sum() for height in heights]
        count = len(densities)
        return cls(
            mass=np.array([density * panels.weights for density in densities]).reshape(count, -1),
            below=np.array([panels.below(density) for density in densities]).reshape(count, -1),
            above=np.array([panels.above(density) for density in densities]).reshape(count, -1),
            steps=(panels.weights * slope).ravel(),
        )

    def best(self) -> tuple[float, ...]:
        """Give each variant's probability to have the highest value; they sum to 1."""
        chances = np.array([m @ self._others_below(i) for i, m in enumerate(self.mass)])
        return tuple(float(chance) for chance in chances / chances.sum())

    def losses(self) -> tuple[float, ...]:
        """Give what choosing each variant is expected to lose against the best other one."""
        return tuple(
            float(self.steps @ (below * self._some_other_above(i)))
            for i, below in enumerate(self.below)
        )

    def _others_below(self, i: int) -> Floats:
        return np.asarray(np.delete(self.below, i, axis=0).prod(axis=0))

    def _some_other_above(self, i: int) -> Floats:
        """Keep small tails as tails: 1 minus a product would round them away."""
        with np.errstate(divide="ignore"):
            logs = np.log1p(-np.delete(self.above, i, axis=0)).sum(axis=0)
        return np.asarray(-np.expm1(logs))


def steps_to(chance: Callable[[float], float], wanted: float) -> float:
    """Find where an increasing chance is the wanted one.

    On the scale of normal quantiles it is all but a straight line; the search starts there.

    Args:
        chance: Of so many standard deviations from the middle.
        wanted: A probability, in (0, 1).

    Examples:
        >>> from scipy.special import ndtr
        >>> round(steps_to(lambda steps: float(ndtr(2 * steps)), 0.975), 6)
        0.979982
    """
    target = float(ndtri(wanted))

    def distance(steps: float) -> float:
        return float(ndtri(min(max(chance(steps), _LEAST), _MOST))) - target

    low, high, reach = target - 0.5, target + 0.5, 1.0
    while distance(low) > 0:
        low, reach = low - reach, 2 * reach
    while distance(high) < 0:
        high, reach = high + reach, 2 * reach
    return float(brentq(distance, low, high, xtol=_FINE))

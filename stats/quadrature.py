"""Integrals as sums over fixed nodes: the same input gives the same bits, with no simulation."""

from math import ceil

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_PANEL_SDS = 2.5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def panel_nodes(lower: float, upper: float, finest_sd: float) -> tuple[Floats, Floats]:
    """Give Gauss-Legendre nodes and weights on panels of equal width.

    Args:
        lower: Where the integral begins.
        upper: Where it ends; not after ``lower``, and there is nothing to add up.
        finest_sd: Standard deviation of the narrowest normal in the integrand: a panel is 2.5 of
            them wide, which leaves an error near that of the floats.

    Returns:
        Nodes, rising, and their weights, both of shape (nodes,).

    Examples:
        >>> nodes, weights = panel_nodes(-8.0, 8.0, finest_sd=1.0)
        >>> round(float(weights @ np.exp(-(nodes**2) / 2)), 10)  # the root of 2 pi
        2.5066282746
    """
    width = max(upper - lower, 0.0)
    panels = max(1, ceil(width / (_PANEL_SDS * finest_sd)))
    half = width / panels / 2
    middles = lower + half * (2 * np.arange(panels) + 1)
    return (middles[:, None] + half * _NODES).ravel(), np.tile(half * _WEIGHTS, panels)

"""Finding where the accepted values of a contrast end: the side of a confidence set."""

import math
from collections.abc import Callable

import numpy as np

from stats.score import Floats

# Of values in order, the index of the first that a test accepts; their number if none is.
FirstAccepted = Callable[[Floats], int]
# What a search goes on between: a rejected value and an accepted one.
Ends = tuple[float, float]

_MOST_BITS = 54


def outermost_accepted(
    first_accepted: FirstAccepted,
    outside: float,
    inside: float,
    *,
    points: int,
    fine: float = 1e-10,
) -> float:
    """Find the accepted value nearest to ``outside``.

    Each round scans some values between the two from the outside inwards and goes on
    between the first accepted one and its outer neighbour. The value returned has been
    accepted, or is ``inside``: a search from a rejected 0 never comes back with 0.

    Args:
        first_accepted: The test.
        outside: A rejected value, itself never tried.
        inside: An accepted value.
        points: Values tried in each round.
        fine: Error allowed, as a share of the value.

    Examples:
        >>> def below_root_two(values):
        ...     return int(np.argmax(values**2 <= 2))
        >>> round(outermost_accepted(below_root_two, 5.0, 0.0, points=63), 9)
        1.414213562
    """
    for _ in range(_rounds(points)):
        if _is_found(outside, inside, fine):
            break
        values = np.linspace(outside, inside, points + 2)
        first = 1 + first_accepted(values[1:-1])
        outside, inside = float(values[first - 1]), float(values[first])
    return inside


def outermost_within(
    statistic: Callable[[Floats], Floats],
    critical: float,
    below: Ends,
    above: Ends,
    *,
    points: int,
    fine: float = 1e-10,
) -> tuple[float, float]:
    """Find both sides of the values at which a statistic is at most so far from 0.

    As :func:`outermost_accepted` finds each. The statistic of the values of both sides takes
    little longer than that of one.

    Args:
        statistic: Of values; above 0 below, and below 0 above.
        critical: How far from 0 it may be.
        below: The ends of the search from below.
        above: The ends of the search from above.
        points: Values tried in each round, of each side.
        fine: Error allowed, as a share of the value.

    Examples:
        >>> lower, upper = outermost_within(lambda v: 1 - v, 0.25, (0, 1), (2, 1), points=63)
        >>> round(lower, 9), round(upper, 9)
        (0.75, 1.25)
    """
    ends = [below, above]
    for _ in range(_rounds(points)):
        sides = [side for side, between in enumerate(ends) if not _is_found(*between, fine)]
        if not sides:
            break
        tried = np.stack([np.linspace(*ends[side], points + 2) for side in sides])
        found = statistic(tried[:, 1:-1].ravel()).reshape(-1, points)
        for side, values, statistics in zip(sides, tried, found, strict=True):
            accepted = (statistics if side == 0 else -statistics) <= critical
            first = 1 + (int(np.argmax(accepted)) if accepted.any() else points)
            ends[side] = float(values[first - 1]), float(values[first])
    return ends[0][1], ends[1][1]


def _rounds(points: int) -> int:
    """After so many, there is no number between the two."""
    return math.ceil(_MOST_BITS / math.log2(points + 1))


def _is_found(outside: float, inside: float, fine: float) -> bool:
    return abs(inside - outside) <= fine * abs(inside)

"""Finding where the accepted values of a contrast end: the side of a confidence set."""

import math
from collections.abc import Callable

import numpy as np

from stats.score import Floats

# Of values in order, the index of the first that a test accepts; their number if none is.
FirstAccepted = Callable[[Floats], int]

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
    for _ in range(math.ceil(_MOST_BITS / math.log2(points + 1))):
        if abs(inside - outside) <= fine * abs(inside):
            break
        values = np.linspace(outside, inside, points + 2)
        first = 1 + first_accepted(values[1:-1])
        outside, inside = float(values[first - 1]), float(values[first])
    return inside

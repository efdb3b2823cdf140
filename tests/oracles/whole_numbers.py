"""Times and exposures as written, on the one scale that makes them whole."""

import math
from collections.abc import Sequence
from fractions import Fraction


def whole_numbers(*groups: Sequence[float]) -> tuple[list[int], ...]:
    """Multiply all values by the least number that makes them integers.

    Examples:
        >>> whole_numbers([0.5, 2], [1.25])
        ([2, 8], [5])
    """
    exact = [[Fraction(str(value)) for value in values] for values in groups]
    scale = math.lcm(*(value.denominator for values in exact for value in values))
    return tuple([int(value * scale) for value in values] for values in exact)

"""What the calls of every family share: samples made of inputs, the sides of an answer."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from stats.lift import Interval
from stats.samples import MeanSample

Inputs = dict[str, Any]
Answer = dict[str, Any]


def sides(interval: Interval) -> Answer:
    """Give both sides; one without a limit is infinite."""
    lower = -math.inf if interval.lower is None else interval.lower
    upper = math.inf if interval.upper is None else interval.upper
    return {"lo": lower, "hi": upper}


def confidence_of(inputs: Inputs) -> float:
    """Give 1 - alpha, where alpha is .05 unless the inputs say otherwise."""
    return 1 - float(inputs.get("alpha", 0.05))


def values_samples(*groups: Sequence[float]) -> tuple[MeanSample, ...]:
    """Sum up values as written, without rounding, on one scale.

    Examples:
        >>> values_samples([0.7, -1.6, 2])
        (MeanSample(units=3, total=11, squares=705, scale=10),)
    """
    numbers, scale = scaled_values(*groups)
    return tuple(MeanSample.of(values, scale) for values in numbers)


def scaled_values(*groups: Sequence[float]) -> tuple[tuple[list[int], ...], int]:
    """Make integers of values as written, and give the scale that makes them so.

    Examples:
        >>> scaled_values([0.7, 2], [-1.65])
        (([70, 200], [-165]), 100)
    """
    places = max(_places(value) for values in groups for value in values)
    return tuple([_scaled(value, places) for value in values] for values in groups), 10**places


def sums_samples(*groups: dict[str, float]) -> tuple[MeanSample, ...]:
    """Take sums and sums of squares as written, on one scale that makes them all even."""
    places = 1 + max(
        max(_places(sums["sum"]), math.ceil(_places(sums["sumsq"]) / 2)) for sums in groups
    )
    return tuple(
        MeanSample(
            int(sums["n"]),
            _scaled(sums["sum"], places),
            _scaled(sums["sumsq"], 2 * places),
            10**places,
        )
        for sums in groups
    )


def _places(value: float) -> int:
    exponent = Decimal(str(value)).as_tuple().exponent
    return max(0, -int(exponent))


def _scaled(value: float, places: int) -> int:
    return int(Decimal(str(value)).scaleb(places))

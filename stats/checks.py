"""Checks of arguments, made where a value enters a public function."""

import math
from typing import Protocol

from stats.errors import NotEnoughData


class Counted(Protocol):
    """Any sample: it knows how many units it holds."""

    @property
    def units(self) -> int:
        """Units counted, each once."""


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is no fraction in (0, 1).

    Raises:
        ValueError: For 95 as much as for 0, 1 and NaN.

    Examples:
        >>> check_confidence(95)
        Traceback (most recent call last):
        ValueError: confidence is 95, expected a fraction in (0, 1)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, expected a fraction in (0, 1)")


def check_alpha(alpha: float) -> None:
    """Refuse an error rate that is no fraction in (0, 1).

    Raises:
        ValueError: If ``alpha`` is out of range or NaN.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, expected a fraction in (0, 1)")


def check_margin(margin: float) -> None:
    """Refuse a non-inferiority margin that is not a positive, finite amount.

    Raises:
        ValueError: If ``margin`` is zero, negative, infinite or NaN.
    """
    if not (0 < margin < math.inf):
        raise ValueError(f"margin is {margin}, expected a positive amount")


def check_p_values(p_values: tuple[float, ...]) -> None:
    """Refuse a family of p-values that is empty or holds anything outside [0, 1].

    Raises:
        ValueError: If there is none, or one is out of range or NaN.
    """
    if not p_values:
        raise ValueError("no p-values were given, expected at least one")
    for p_value in p_values:
        if not 0 <= p_value <= 1:
            raise ValueError(f"a p-value is {p_value}, expected a fraction in [0, 1]")


def check_units(control: Counted, treatment: Counted) -> None:
    """Refuse a comparison in which one variant is empty.

    Raises:
        NotEnoughData: If either sample holds no unit.
    """
    for name, sample in (("control", control), ("treatment", treatment)):
        if sample.units == 0:
            raise NotEnoughData(f"the {name} has no units")

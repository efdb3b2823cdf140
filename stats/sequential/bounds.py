"""Group-sequential bounds: how large Z must be at each look.

The error rate is two-sided, half in each tail, and the bounds are symmetric. A plan names the looks
as fractions of the planned information; a running test is judged at the fractions it really has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from stats.checks import check_alpha
from stats.errors import NotEnoughData
from stats.sequential.recursion import TAIL_SDS, Survivors, stop_chances
from stats.sequential.spending import Spending, obrien_fleming

MAX_LOOKS = 366
MIN_STEP = 1e-4
"""Looks closer than this share of the plan would need nodes too dense to carry."""


@dataclass(frozen=True)
class Look:
    """One look of a group-sequential test.

    Attributes:
        fraction: Share of the planned information, above 1 if the test ran over.
        critical_z: An effect is shown if Z is above it, or below its negative; at most 8, where the
            error left to spend is too small to matter.
        spent: Two-sided error spent up to and including this look.
    """

    fraction: float
    critical_z: float
    spent: float

    @property
    def nominal_alpha(self) -> float:
        """The two-sided level of this look taken alone."""
        return 2 * float(ndtr(-self.critical_z))


def planned_looks(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = obrien_fleming
) -> tuple[Look, ...]:
    """Set the bounds of a plan.

    Args:
        fractions: Of the planned information at each look, rising; the last is 1.
        alpha: Two-sided error of the whole test.
        spending: How the error is spread over the looks.

    Returns:
        One look per fraction.

    Raises:
        ValueError: If the fractions or ``alpha`` are out of range.
        NotEnoughData: If two looks are less than 0.0001 of the plan apart.

    Examples:
        >>> [round(look.critical_z, 3) for look in planned_looks([0.25, 0.5, 0.75, 1])]
        [4.333, 2.963, 2.359, 2.014]
    """
    if not fractions or fractions[-1] != 1:
        raise ValueError(f"the planned looks are {list(fractions)}, expected the last at 1")
    return interim_looks(fractions, alpha=alpha, spending=spending)


def equally_spaced(looks: int) -> tuple[float, ...]:
    """Give the fractions of equally spaced looks.

    Examples:
        >>> equally_spaced(4)
        (0.25, 0.5, 0.75, 1.0)
    """
    return tuple(k / looks for k in range(1, looks + 1))


def interim_looks(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = obrien_fleming
) -> tuple[Look, ...]:
    """Set the bounds of the looks so far, while more are to come.

    They depend on no later look, so neither the number nor the times of the looks need be those
    planned. A look at fraction 1 or above spends all that is left, as `final_looks` does.

    Args:
        fractions: Of the planned information really seen at each look so far, rising.
        alpha: Two-sided error of the whole test.
        spending: As planned.

    Returns:
        One look per fraction.

    Raises:
        ValueError: If the fractions or ``alpha`` are out of range, or an earlier look was the last.
        NotEnoughData: If a look adds less than 0.0001 of the plan to the one before it.

    Examples:
        >>> [round(look.critical_z, 3) for look in interim_looks([0.3, 0.55])]
        [3.929, 2.808]
    """
    _check(fractions, alpha)
    return _solve(fractions, [_spent(t, alpha, spending) for t in fractions])


def final_looks(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = obrien_fleming
) -> tuple[Look, ...]:
    """Set the bounds when the last of these looks ends the test, short of the plan or beyond it.

    The last look spends all the error left, with the fractions really seen, so that the whole test
    keeps its level: Lan and DeMets (1989), "Group sequential procedures: calendar versus
    information time", Statistics in Medicine 8, 1191-1198. Valid as long as what ends the test is
    not its own results.

    Args:
        fractions: Of the planned information really seen at each look, rising.
        alpha: Two-sided error of the whole test.
        spending: As planned.

    Returns:
        One look per fraction.

    Raises:
        ValueError: If the fractions or ``alpha`` are out of range, or an earlier look was the last.
        NotEnoughData: If a look adds less than 0.0001 of the plan to the one before it.

    Examples:
        >>> [round(look.critical_z, 3) for look in final_looks([0.5, 0.8])]
        [2.963, 1.965]
        >>> [round(look.critical_z, 3) for look in final_looks([0.5, 1.2])]
        [2.963, 1.972]
    """
    _check(fractions, alpha)
    earlier = [_spent(t, alpha, spending) for t in fractions[:-1]]
    return _solve(fractions, [*earlier, alpha])


def pocock_constant(looks: int, *, alpha: float = 0.05) -> float:
    """Find the bound that is the same at each of several equally spaced looks.

    Pocock (1977), "Group sequential methods in the design and analysis of clinical trials",
    Biometrika 64, 191-199.

    Examples:
        >>> round(pocock_constant(5), 3)
        2.413
    """
    return _shape_constant(looks, alpha, lambda _: 1.0)


def obrien_fleming_constant(looks: int, *, alpha: float = 0.05) -> float:
    """Find C so that the bounds C sqrt(K / k) at K equally spaced looks have this level.

    O'Brien and Fleming (1979), "A multiple testing procedure for clinical trials", Biometrics 35,
    549-556. Spending by `obrien_fleming` comes close to it.

    Examples:
        >>> round(obrien_fleming_constant(5), 3)
        2.04
    """
    return _shape_constant(looks, alpha, lambda fraction: 1 / sqrt(fraction))


def _shape_constant(looks: int, alpha: float, shape: Callable[[float], float]) -> float:
    """Scale a shape of bounds until the chance to cross any of them is ``alpha``."""
    fractions = equally_spaced(looks)
    _check(fractions, alpha)
    shapes = [shape(fraction) for fraction in fractions]

    def excess(constant: float) -> float:
        stops = stop_chances(fractions, [constant * height for height in shapes])
        return sum(stops.by_look) - alpha

    return float(brentq(excess, -ndtri(alpha / 2), TAIL_SDS)) if looks > 1 else -ndtri(alpha / 2)


def _check(fractions: Sequence[float], alpha: float) -> None:
    check_alpha(alpha)
    if not 0 < len(fractions) <= MAX_LOOKS:
        raise ValueError(f"there are {len(fractions)} looks, expected 1 to {MAX_LOOKS}")
    steps = np.diff(fractions, prepend=0.0)
    if not all(isfinite(step) and step > 0 for step in steps):
        raise ValueError(f"the looks are {list(fractions)}, expected rising fractions above 0")
    if max(fractions[:-1], default=0.0) >= 1:
        raise ValueError(f"the looks are {list(fractions)}, expected none after fraction 1")
    if steps.min() < MIN_STEP:
        raise NotEnoughData("a look adds less than 0.0001 of the planned information")


def _spent(fraction: float, alpha: float, spending: Spending) -> float:
    """Give the two-sided error spent by then, half in each tail; the plan's end spends it all."""
    return 2 * spending(fraction, alpha / 2) if fraction < 1 else alpha


def _solve(fractions: Sequence[float], spent: Sequence[float]) -> tuple[Look, ...]:
    """Find the bounds that spend just so much, one look after another."""
    survivors = Survivors.before(fractions, drift=0.0)
    looks, before = [], 0.0
    for fraction, total in zip(fractions, spent, strict=True):
        z = _bound(survivors, fraction, (total - before) / 2)
        looks.append(Look(fraction, z, total))
        survivors = survivors.go_on(fraction, -z * sqrt(fraction), z * sqrt(fraction))
        before = total
    return tuple(looks)


def _bound(survivors: Survivors, fraction: float, tail: float) -> float:
    """Find the Z that tests still running exceed with this chance."""

    def excess(z: float) -> float:
        return survivors.chance_above(z * sqrt(fraction), fraction) - tail

    return TAIL_SDS if excess(TAIL_SDS) >= 0 else float(brentq(excess, 0.0, TAIL_SDS, xtol=1e-12))

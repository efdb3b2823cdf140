"""What a group-sequential plan costs and gains: power, sample size, expected length.

Power counts the favourable (upper) bound alone. The ``drift`` of a plan is the expected Z at the
planned end; that of a fixed test with the same power is z_{alpha/2} + z_{power}.
"""

from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.special import ndtri

from stats.sequential.bounds import Look
from stats.sequential.recursion import Stops, stop_chances

_MOST_DRIFT = 200.0


def stops(looks: Sequence[Look], drift: float) -> Stops:
    """Compute the chance to stop at each look of a plan, under a drift.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> chances = stops(planned_looks([0.5, 1]), drift=3.0)
        >>> [round(chance, 3) for chance in chances.upper]
        [0.2, 0.649]
    """
    return stop_chances(
        [look.fraction for look in looks], [look.critical_z for look in looks], drift=drift
    )


def power_at(looks: Sequence[Look], drift: float) -> float:
    """Compute the chance to cross the upper bound at any look.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> round(power_at(planned_looks([0.25, 0.5, 0.75, 1]), drift=2.8), 3)
        0.792
    """
    return sum(stops(looks, drift).upper)


def drift_for(looks: Sequence[Look], power: float) -> float:
    """Find the drift at which a plan has this power.

    Args:
        looks: Of the plan, the last at fraction 1.
        power: A fraction above half the plan's error and below 1.

    Returns:
        The expected Z at the planned end.

    Raises:
        ValueError: If no positive drift gives this power.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> round(drift_for(planned_looks([0.25, 0.5, 0.75, 1]), 0.8), 3)
        2.829
    """
    if looks[-1].fraction != 1:
        raise ValueError(f"the last look is at {looks[-1].fraction}, expected the plan's end at 1")
    if not looks[-1].spent / 2 < power < 1:
        raise ValueError(f"the power is {power}, expected more than half of alpha and below 1")
    # Reading the last look alone has less power, but for early stops by the opposite bound.
    enough = looks[-1].critical_z + float(ndtri(power)) + 1
    while power_at(looks, enough) < power and enough < _MOST_DRIFT:
        enough *= 2
    return float(brentq(lambda drift: power_at(looks, drift) - power, 0.0, enough, xtol=1e-12))


def inflation_factor(looks: Sequence[Look], power: float) -> float:
    """Compute by how much the looks raise the largest sample, against a test without them.

    The ratio of the squared drifts at the same error and power: R in tables 2.2 and 2.4 of
    Jennison and Turnbull (2000), "Group Sequential Methods".

    Args:
        looks: Of the plan, the last at fraction 1.
        power: A fraction.

    Returns:
        At least 1; exactly 1 for a single look.

    Raises:
        ValueError: If no positive drift gives this power.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> round(inflation_factor(planned_looks([0.25, 0.5, 0.75, 1]), 0.8), 4)
        1.0196
    """
    if len(looks) == 1:
        return 1.0
    return inflation_at(looks, drift_for(looks, power), power)


def inflation_at(looks: Sequence[Look], drift: float, power: float) -> float:
    """Give the same where the drift that has this power is known.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> round(inflation_at(planned_looks([0.25, 0.5, 0.75, 1]), 2.829, 0.8), 3)
        1.02
    """
    return (drift / float(ndtri(power) - ndtri(looks[-1].spent / 2))) ** 2


def expected_fraction(looks: Sequence[Look], drift: float) -> float:
    """Compute the share of the planned sample that the test uses on average under a drift.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> looks = planned_looks([0.25, 0.5, 0.75, 1])
        >>> round(expected_fraction(looks, 0.0), 3), round(expected_fraction(looks, 2.829), 3)
        (0.994, 0.823)
    """
    return average_fraction(looks, stops(looks, drift))


def average_fraction(looks: Sequence[Look], chances: Stops) -> float:
    """Average the share of the planned sample over the chances to stop at each look.

    Args:
        looks: Of the plan; who has not stopped before stops at the last one.
        chances: To stop at each of them: from `stops`, or from `stops_heeding_futility`.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> from stats.sequential.futility import stops_heeding_futility
        >>> looks = planned_looks([0.25, 0.5, 0.75, 1])
        >>> heeded = stops_heeding_futility(looks, planned_drift=2.829, drift=0.0)
        >>> round(average_fraction(looks, heeded), 3)  # 0.994 when nobody heeds it
        0.717
    """
    early = chances.by_look[:-1]
    used = sum(look.fraction * chance for look, chance in zip(looks, early, strict=False))
    return used + looks[-1].fraction * (1 - sum(early))


def expected_sample_ratio(looks: Sequence[Look], power: float) -> float:
    """Compute the average sample size over that of a test without looks, at the same power.

    The average is taken under the effect the test is planned for.

    Args:
        looks: Of the plan, the last at fraction 1.
        power: A fraction.

    Returns:
        Below 1 when the looks pay for themselves.

    Raises:
        ValueError: If no positive drift gives this power.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> round(expected_sample_ratio(planned_looks([0.25, 0.5, 0.75, 1]), 0.8), 4)
        0.8387
    """
    return inflation_factor(looks, power) * expected_fraction(looks, drift_for(looks, power))

"""Whether it is worth going on: conditional power.

Lan and Wittes (1988), "The B-value: a tool for monitoring data", Biometrics 44, 579-585. The score
B = Z sqrt(t) at fraction t ends, if the drift is d, at a normal value with mean B + d (1 - t) and
variance 1 - t. Stopping for futility is advice: the bounds for efficacy are not lowered for it, so
going on against the advice costs no error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import ndtr, ndtri

from stats.sequential.bounds import Look
from stats.sequential.recursion import Stops, stop_chances


@dataclass(frozen=True)
class Futility:
    """The prospects of a running test.

    Attributes:
        power_as_planned: Chance to show a favourable effect at the end, if the effect is the one
            planned for.
        power_as_observed: The same if the effect is the one observed so far.
        threshold: What ``power_as_planned`` is held against, a fraction.
    """

    power_as_planned: float
    power_as_observed: float
    threshold: float

    @property
    def advised(self) -> bool:
        """Whether stopping is advised: even the planned effect would hardly be shown any more."""
        return self.power_as_planned < self.threshold


def judge_futility(
    z: float,
    fraction: float,
    *,
    final_z: float,
    planned_drift: float,
    threshold: float = 0.1,
) -> Futility:
    """Judge whether a running test can still show a favourable effect.

    Args:
        z: The estimate so far in standard errors, positive if favourable.
        fraction: Share of the planned information seen, in (0, 1).
        final_z: The bound of the last look.
        planned_drift: Expected Z at the end under the planned effect, from `drift_for`.
        threshold: Conditional power below which stopping is advised.

    Returns:
        The conditional powers. They ignore stops at looks in between, so they err on the low side
        by very little.

    Raises:
        ValueError: If ``fraction`` is out of range.

    Examples:
        >>> prospects = judge_futility(-0.4, 0.5, final_z=2.014, planned_drift=2.829)
        >>> round(prospects.power_as_planned, 3), round(prospects.power_as_observed, 5)
        (0.106, 0.00013)
        >>> prospects.advised
        False
    """
    return Futility(
        power_as_planned=conditional_power(z, fraction, final_z=final_z, drift=planned_drift),
        power_as_observed=conditional_power(z, fraction, final_z=final_z, drift=z / sqrt(fraction)),
        threshold=threshold,
    )


def conditional_power(z: float, fraction: float, *, final_z: float, drift: float) -> float:
    """Compute the chance that Z ends above a bound, given Z now.

    Args:
        z: The estimate so far in standard errors.
        fraction: Share of the planned information seen, in (0, 1).
        final_z: The bound at the end.
        drift: Expected Z at the end.

    Returns:
        A fraction.

    Raises:
        ValueError: If ``fraction`` is out of range.

    Examples:
        >>> round(conditional_power(1.0, 0.5, final_z=1.96, drift=2.8), 3)
        0.582
    """
    if not 0 < fraction < 1:
        raise ValueError(f"the fraction is {fraction}, expected one in (0, 1)")
    ahead = z * sqrt(fraction) + drift * (1 - fraction) - final_z
    return float(ndtr(ahead / sqrt(1 - fraction)))


def futility_bounds(
    looks: Sequence[Look], *, planned_drift: float, threshold: float = 0.1
) -> tuple[float, ...]:
    """Find the Z below which stopping is advised, for every look but the last.

    Args:
        looks: Of the plan, the last at fraction 1.
        planned_drift: Expected Z at the end under the planned effect.
        threshold: Conditional power below which stopping is advised, in (0, 1).

    Returns:
        One bound per look before the last.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> looks = planned_looks([0.25, 0.5, 0.75, 1])
        >>> [round(z, 2) for z in futility_bounds(looks, planned_drift=2.829)]
        [-2.44, -0.43, 0.77]
    """
    short = float(ndtri(threshold))
    return tuple(
        (looks[-1].critical_z - planned_drift * (1 - t) + short * sqrt(1 - t)) / sqrt(t)
        for t in (look.fraction for look in looks[:-1])
    )


def stops_heeding_futility(
    looks: Sequence[Look], *, planned_drift: float, drift: float, threshold: float = 0.1
) -> Stops:
    """Compute the chance to stop at each look if the advice is always followed.

    Args:
        looks: Of the plan, the last at fraction 1.
        planned_drift: Expected Z at the end under the planned effect.
        drift: Expected Z at the end under the effect assumed here.
        threshold: Conditional power below which stopping is advised, in (0, 1).

    Returns:
        The stops; the lower ones are for futility or, at the last look, for harm.

    Examples:
        >>> from stats.sequential.bounds import planned_looks
        >>> looks = planned_looks([0.25, 0.5, 0.75, 1])
        >>> stops = stops_heeding_futility(looks, planned_drift=2.829, drift=2.829)
        >>> round(sum(stops.upper), 3)  # the plan's power is 0.8 when nobody heeds it
        0.798
    """
    futile = futility_bounds(looks, planned_drift=planned_drift, threshold=threshold)
    return stop_chances(
        [look.fraction for look in looks],
        [look.critical_z for look in looks],
        [*futile, -looks[-1].critical_z],
        drift=drift,
    )

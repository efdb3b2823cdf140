"""Stopping for harm at any moment: a guardrail under an always-valid limit.

A guardrail is watched from the first hour on, not at planned looks, so its worsening has a
one-sided confidence sequence (`stats.sequential.confidence_sequence`): however often one looks, a
variant that does no harm is stopped with a chance of at most 1 - confidence.
"""

from dataclasses import dataclass, replace

from stats.checks import check_margin
from stats.direction import Direction
from stats.lift import Estimate
from stats.sequential.confidence_sequence import always_valid_lower
from stats.sequential.estimates import NormalEstimate
from stats.sequential.progress import Clock


@dataclass(frozen=True)
class HarmWatch:
    """A guardrail of a running test at one moment.

    Attributes:
        worsening: How much worse the treatment is so far, in the KPI's unit of measure; below 0 if
            it is better. Its lower limit holds at every moment; there is no upper one.
        margin: Worsening that would still be accepted, above 0.
        p_value: Of no worsening, valid at every moment.
    """

    worsening: Estimate
    margin: float
    p_value: float

    @property
    def stop(self) -> bool:
        """Whether to stop: a worsening is shown, and the observed one is beyond the margin.

        The same rule as `GuardrailOutcome.HARMFUL`, by a limit that may be looked at any time.
        """
        least = self.worsening.interval.lower
        return least is not None and least > 0 and self.worsening.value > self.margin


def watch_harm(
    estimate: NormalEstimate,
    progress: Clock,
    *,
    margin: float,
    wanted: Direction = Direction.DECREASE,
    confidence: float = 0.95,
) -> HarmWatch:
    """Hold a running guardrail against its margin.

    Args:
        estimate: Treatment minus control so far, of a rate, a mean, a ratio or anything else
            (`stats.differences`).
        progress: Of the comparison, against its plan.
        margin: Accepted worsening, above 0, in the estimate's unit of measure.
        wanted: The change of the KPI that would be welcome.
        confidence: That a harmless variant is never stopped, a fraction in (0.5, 1).

    Raises:
        ValueError: If ``margin`` or ``confidence`` is out of range.

    Examples:
        >>> from stats.sequential.confidence_sequence import Progress
        >>> midway = Progress(15_000, 15_000, planned_units=60_000, conversions=160)
        >>> unsubscribes = NormalEstimate(0.0025, 0.0008)
        >>> watch_harm(unsubscribes, midway, margin=0.001).stop
        True
        >>> watch_harm(NormalEstimate(0.0025, 0.0012), midway, margin=0.001).stop
        False
    """
    check_margin(margin)
    rise = replace(estimate, value=-wanted.sign * estimate.value)
    answer = always_valid_lower(rise, progress, confidence=confidence)
    return HarmWatch(Estimate(rise.value, answer.interval), margin, answer.p_value)

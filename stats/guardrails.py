"""Whether a treatment leaves a guardrail KPI alone: unsubscribes, complaints, bounces.

A guardrail has a margin, the worsening that would still be accepted, in the KPI's own
unit of measure (absolute points for a rate). The question is one of non-inferiority:
Farrington and Manning (1990), Statistics in Medicine 9, 1447-1454, with Miettinen and
Nurminen's factor, or the exact test for small counts; Welch's t for means, and for ratios
linearised at the unit. Both limits of the worsening are one-sided. "No difference was
shown" is never an answer here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stats.checks import check_confidence, check_margin
from stats.direction import Direction
from stats.lift import Estimate, Interval, Lift
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, MeanSample, RatioSample


class GuardrailOutcome(StrEnum):
    """What is known of a guardrail."""

    SAFE = "safe"
    HARMFUL = "harmful"
    NOT_SHOWN_SAFE = "not_shown_safe"


@dataclass(frozen=True)
class Guardrail:
    """A guardrail KPI of one treatment, held against its margin.

    Attributes:
        worsening: How much worse the treatment is than the control, in the KPI's unit
            of measure; below 0 if it is better. Each limit holds with ``confidence``.
        margin: Worsening that would still be accepted, above 0.
        confidence: Of each limit on its own, a fraction.
        lift: The comparison behind it, treatment minus control.
    """

    worsening: Estimate
    margin: float
    confidence: float
    lift: Lift

    @property
    def outcome(self) -> GuardrailOutcome:
        """Safe, harmful, or not shown safe.

        Safe: the worsening is at most less than the margin. Harmful: a worsening is
        shown, and the observed one is beyond the margin. Everything else is not shown
        safe, which is not the same as harmful.
        """
        lower, upper = self.worsening.interval.lower, self.worsening.interval.upper
        if upper is not None and upper < self.margin:
            return GuardrailOutcome.SAFE
        if lower is not None and lower > 0 and self.worsening.value > self.margin:
            return GuardrailOutcome.HARMFUL
        return GuardrailOutcome.NOT_SHOWN_SAFE


def check_rate_guardrail(
    control: BinomialSample,
    treatment: BinomialSample,
    *,
    margin: float,
    wanted: Direction = Direction.DECREASE,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold a rate against its margin.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant.
        margin: Accepted worsening of the rate, a fraction: 0.001 is 0.1 points.
        wanted: The change of the KPI that would be welcome.
        confidence: Of each limit of the worsening on its own, above one half.

    Raises:
        NotEnoughData: If a variant has no units.
        ValueError: If ``margin`` or ``confidence`` is out of range.

    Examples:
        >>> control, treatment = BinomialSample(30_000, 120), BinomialSample(30_000, 195)
        >>> check_rate_guardrail(control, treatment, margin=0.001).outcome.value
        'harmful'
        >>> check_rate_guardrail(control, control, margin=0.001).outcome.value
        'safe'
    """
    two_sided = _two_sided(confidence)
    lift = compare_proportions(control, treatment, confidence=two_sided)
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def check_mean_guardrail(
    control: MeanSample,
    treatment: MeanSample,
    *,
    margin: float,
    wanted: Direction = Direction.DECREASE,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold a mean against its margin, in the value's unit of measure.

    Raises:
        NotEnoughData: If a variant has fewer than two units, or no value varies.
        ValueError: If ``margin`` or ``confidence`` is out of range, or scales differ.

    Examples:
        >>> control = MeanSample.of([3, 4, 5, 4, 4, 3, 5])
        >>> check_mean_guardrail(control, control, margin=2.0).outcome.value
        'safe'
    """
    lift = compare_means(control, treatment, confidence=_two_sided(confidence))
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def check_ratio_guardrail(
    control: RatioSample,
    treatment: RatioSample,
    *,
    margin: float,
    wanted: Direction = Direction.DECREASE,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold a ratio of sums against its margin: complaints per send, refunds per order.

    Raises:
        NotEnoughData: As `compare_ratios`.
        ValueError: If ``margin`` or ``confidence`` is out of range, or scales differ.

    Examples:
        >>> control = RatioSample.of([(1, 4), (0, 3), (2, 5), (0, 2), (3, 6), (1, 4)])
        >>> check_ratio_guardrail(control, control, margin=0.25).outcome.value
        'safe'
        >>> check_ratio_guardrail(control, control, margin=0.05).outcome.value
        'not_shown_safe'
    """
    lift = compare_ratios(control, treatment, confidence=_two_sided(confidence))
    return judge_guardrail(lift, margin=margin, wanted=wanted)


METHODS: dict[str, Callable[..., Guardrail]] = {
    "non_inferiority_of_rates": check_rate_guardrail,
    "non_inferiority_of_means": check_mean_guardrail,
    "non_inferiority_of_ratios": check_ratio_guardrail,
}


def judge_guardrail(lift: Lift, *, margin: float, wanted: Direction) -> Guardrail:
    """Hold any comparison against a margin.

    Args:
        lift: Treatment and control. Of its interval each limit is read on its own, so a
            lift at confidence 0.90 makes a guardrail at 0.95.
        margin: Accepted worsening, in the unit of measure of ``lift.absolute``.
        wanted: The change of the KPI that would be welcome.

    Raises:
        ValueError: If ``margin`` is not above 0.
    """
    check_margin(margin)
    return Guardrail(
        worsening=lift.absolute if wanted is Direction.DECREASE else _negated(lift.absolute),
        margin=margin,
        confidence=(1 + lift.confidence) / 2,
        lift=lift,
    )


def _two_sided(confidence: float) -> float:
    """Give the confidence of the interval whose limits each have ``confidence``."""
    check_confidence(confidence)
    if confidence <= 0.5:
        raise ValueError(f"confidence is {confidence}, expected more than one half")
    return 2 * confidence - 1


def _negated(estimate: Estimate) -> Estimate:
    lower, upper = estimate.interval.lower, estimate.interval.upper
    return Estimate(
        -estimate.value,
        Interval(None if upper is None else -upper, None if lower is None else -lower),
    )

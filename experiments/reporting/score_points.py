"""Net promoter scores in points: `stats` counts from -1 to 1, people from -100 to 100."""

from dataclasses import replace
from math import sqrt

from stats.differences import difference
from stats.direction import Direction
from stats.guardrails import Guardrail, judge_guardrail
from stats.lift import Estimate, Interval, Lift
from stats.planning.means import MeanLift
from stats.samples import ScoreSample
from stats.scores import compare_scores, estimate_score
from stats.sequential.estimates import NormalEstimate
from stats.targets import TargetCheck

POINTS = 100


def compare(control: ScoreSample, treatment: ScoreSample, *, confidence: float) -> Lift:
    """Compare two scores; intervals and differences in points."""
    lift = compare_scores(control, treatment, confidence=confidence)
    return replace(
        lift,
        control=in_points(lift.control),
        treatment=in_points(lift.treatment),
        absolute=in_points(lift.absolute),
    )


def estimate(sample: ScoreSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one score."""
    return in_points(estimate_score(sample, confidence=confidence))


def guardrail(
    control: ScoreSample,
    treatment: ScoreSample,
    *,
    margin: float,
    wanted: Direction,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold the worsening against a margin in points; each limit holds with ``confidence``."""
    lift = compare(control, treatment, confidence=2 * confidence - 1)
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def target(
    sample: ScoreSample, level: float, *, wanted: Direction, confidence: float
) -> TargetCheck:
    """Hold a score against its target."""
    return TargetCheck(estimate(sample, confidence=confidence), level, wanted)


def running(control: ScoreSample, treatment: ScoreSample) -> NormalEstimate:
    """The difference so far, with its standard error."""
    found = difference(control, treatment)
    return NormalEstimate(POINTS * found.value, POINTS * found.standard_error)


def contrast(control: ScoreSample, treatment: ScoreSample, effect: float) -> MeanLift:
    """An effect in points, as the aim of a test."""
    spreads = [POINTS * sqrt(sample.as_mean().variance) for sample in (control, treatment)]
    return MeanLift(spreads[0], effect, spreads[1])


def mean(sample: ScoreSample) -> float:
    """The score in points; 0 without answers."""
    return POINTS * sample.as_mean().mean if sample.units else 0.0


def in_points(found: Estimate) -> Estimate:
    """The same in points.

    Examples:
        >>> in_points(Estimate(0.25, Interval(0.125, None)))
        Estimate(value=25.0, interval=Interval(lower=12.5, upper=None))
    """
    lower, upper = found.interval.lower, found.interval.upper
    return Estimate(
        POINTS * found.value,
        Interval(
            None if lower is None else POINTS * lower, None if upper is None else POINTS * upper
        ),
    )

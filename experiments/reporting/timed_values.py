"""Times to an event, in days, and quantiles: the methods of `stats` on samples as measured."""

from dataclasses import replace
from math import sqrt

from experiments.measurement.formula.samples import QuantileSample, TimedSample
from stats.differences import difference_of
from stats.direction import Direction
from stats.durations import compare_durations, estimate_restricted_mean, restricted_mean
from stats.errors import NotEnoughData
from stats.guardrails import Guardrail, judge_guardrail
from stats.lift import Estimate, Interval, Lift
from stats.planning.means import MeanLift
from stats.quantiles import compare_quantiles, estimate_quantile
from stats.sequential.estimates import NormalEstimate
from stats.targets import TargetCheck


def compare_times(control: TimedSample, treatment: TimedSample, *, confidence: float) -> Lift:
    """Compare the mean time up to the horizon, in days."""
    horizon = _horizon(control, treatment)
    lift = compare_durations(
        control.table, treatment.table, horizon=horizon, confidence=confidence
    ).lift
    return replace(
        lift,
        control=_in_days(lift.control, control),
        treatment=_in_days(lift.treatment, control),
        absolute=_in_days(lift.absolute, control),
    )


def estimate_time(sample: TimedSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's mean time up to the horizon, in days."""
    horizon = _horizon(sample)
    found = estimate_restricted_mean(sample.table, horizon=horizon, confidence=confidence)
    return _in_days(found, sample)


def time_guardrail(
    control: TimedSample,
    treatment: TimedSample,
    *,
    margin: float,
    wanted: Direction,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold the worsening against a margin in days; each limit holds with ``confidence``."""
    lift = compare_times(control, treatment, confidence=2 * confidence - 1)
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def time_target(
    sample: TimedSample, level: float, *, wanted: Direction, confidence: float
) -> TargetCheck:
    """Hold a mean time against its target."""
    return TargetCheck(estimate_time(sample, confidence=confidence), level, wanted)


def running_times(control: TimedSample, treatment: TimedSample) -> NormalEstimate:
    """The difference of the mean times so far, in days."""
    horizon = _horizon(control, treatment)
    c, t = (restricted_mean(each.table, horizon) for each in (control, treatment))
    error = sqrt(c.variance + t.variance)
    if not error:
        raise NotEnoughData("the times up to the horizon do not vary")
    return NormalEstimate((t.value - c.value) / control.per_day, error / control.per_day)


def time_contrast(control: TimedSample, treatment: TimedSample, effect: float) -> MeanLift:
    """An effect in days, as the aim of a test."""
    horizon = _horizon(control, treatment)
    means = [restricted_mean(each.table, horizon) for each in (control, treatment)]
    spreads = [sqrt(each.variance * each.known) / control.per_day for each in means]
    return MeanLift(spreads[0], effect, spreads[1])


def mean_time(sample: TimedSample) -> float:
    """The mean time in days; 0 where it cannot be said."""
    try:
        return restricted_mean(sample.table, _horizon(sample)).value / sample.per_day
    except NotEnoughData:
        return 0.0


def _horizon(*samples: TimedSample) -> int:
    """The planned one; where not everybody is watched alike, as far as all variants go."""
    planned = samples[0].horizon
    if samples[0].watched_alike:
        return planned
    return max(1, min(planned, *(each.last_time for each in samples)))


def _in_days(found: Estimate, sample: TimedSample) -> Estimate:
    lower, upper, scale = found.interval.lower, found.interval.upper, sample.per_day
    return Estimate(
        found.value / scale,
        Interval(
            None if lower is None else lower / scale, None if upper is None else upper / scale
        ),
    )


def compare_quantile(
    control: QuantileSample, treatment: QuantileSample, *, confidence: float
) -> Lift:
    """Compare the quantile that the samples name."""
    return compare_quantiles(
        control.values, treatment.values, quantile=control.quantile, confidence=confidence
    )


def estimate_one_quantile(sample: QuantileSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's quantile."""
    return estimate_quantile(sample.values, quantile=sample.quantile, confidence=confidence)


def quantile_guardrail(
    control: QuantileSample,
    treatment: QuantileSample,
    *,
    margin: float,
    wanted: Direction,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold the worsening against a margin; each limit holds with ``confidence``."""
    lift = compare_quantile(control, treatment, confidence=2 * confidence - 1)
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def quantile_target(
    sample: QuantileSample, level: float, *, wanted: Direction, confidence: float
) -> TargetCheck:
    """Hold a quantile against its target."""
    return TargetCheck(estimate_one_quantile(sample, confidence=confidence), level, wanted)


def running_quantiles(control: QuantileSample, treatment: QuantileSample) -> NormalEstimate:
    """The difference so far, its error read off the interval."""
    return difference_of(compare_quantile(control, treatment, confidence=0.95))


def quantile_contrast(
    _control: QuantileSample, _treatment: QuantileSample, _effect: float
) -> MeanLift:
    """Refuse: how many customers a quantile needs, no formula here says.

    Raises:
        NotEnoughData: Always.
    """
    raise NotEnoughData("no formula says how many customers a quantile needs")


def quantile_value(sample: QuantileSample) -> float:
    """The quantile; 0 without customers."""
    return estimate_one_quantile(sample).value if sample.units else 0.0

"""What differs between kinds of KPI when samples are compared: one family of methods each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

from experiments.kpis.kinds import KINDS
from experiments.measurement.formula.samples import QuantileSample, TimedSample
from experiments.reporting import score_points, timed_values
from stats.differences import difference
from stats.direction import Direction
from stats.guardrails import (
    Guardrail,
    check_mean_guardrail,
    check_rate_guardrail,
    check_ratio_guardrail,
)
from stats.lift import Estimate, Lift
from stats.means import compare_means, estimate_mean
from stats.planning.means import MeanLift
from stats.planning.rates import RateLift
from stats.proportions import compare_proportions, estimate_rate
from stats.ratios import compare_ratios, estimate_ratio
from stats.samples import BinomialSample, MeanSample, RatioSample, ScoreSample
from stats.sequential.estimates import NormalEstimate
from stats.targets import (
    TargetCheck,
    check_mean_target,
    check_rate_target,
    check_ratio_target,
)

Sample = BinomialSample | MeanSample | RatioSample | ScoreSample | TimedSample | QuantileSample


@lru_cache(maxsize=1024)
def compared(
    compare: Callable[..., Lift], control: Sample, treatment: Sample, confidence: float
) -> Lift:
    """A comparison, made once: several parts of a report ask for the same one.

    Raises:
        NotEnoughData: If it cannot be made.
    """
    return compare(control, treatment, confidence=confidence)


@lru_cache(maxsize=1024)
def judged(
    judge: Callable[..., Guardrail],
    control: Sample,
    treatment: Sample,
    margin: float,
    direction: Direction,
) -> Guardrail:
    """A guardrail, judged once: for rare outcomes that takes as long as all other comparisons.

    Raises:
        NotEnoughData: If it cannot be judged.
    """
    return judge(control, treatment, margin=margin, wanted=direction)


@dataclass(frozen=True)
class Family:
    """The methods for one kind of sample; each raises ``NotEnoughData`` when it cannot answer."""

    compare: Callable[..., Lift]
    estimate: Callable[..., Estimate]
    guardrail: Callable[..., Guardrail]
    target: Callable[..., TargetCheck]
    running: Callable[[Any, Any], NormalEstimate]
    contrast: Callable[[Any, Any, float], RateLift | MeanLift]
    total: Callable[[Any], float]
    mean: Callable[[Any], float]
    conversions: Callable[[Any, Any], int | None]


def _rate_contrast(control: BinomialSample, _: BinomialSample, effect: float) -> RateLift:
    return RateLift(control.rate, effect)


def _mean_contrast(
    control: MeanSample | RatioSample, treatment: MeanSample | RatioSample, effect: float
) -> MeanLift:
    return MeanLift(sqrt(control.variance), effect, sqrt(treatment.variance))


RATES = Family(
    compare=compare_proportions,
    estimate=estimate_rate,
    guardrail=check_rate_guardrail,
    target=check_rate_target,
    running=difference,
    contrast=_rate_contrast,
    total=lambda sample: float(sample.successes),
    mean=lambda sample: sample.rate if sample.units else 0.0,
    conversions=lambda control, treatment: control.successes + treatment.successes,
)
MEANS = Family(
    compare=compare_means,
    estimate=estimate_mean,
    guardrail=check_mean_guardrail,
    target=check_mean_target,
    running=difference,
    contrast=_mean_contrast,
    total=lambda sample: sample.total / sample.scale,
    mean=lambda sample: sample.mean if sample.units else 0.0,
    conversions=lambda _control, _treatment: None,
)
RATIOS = Family(
    compare=compare_ratios,
    estimate=estimate_ratio,
    guardrail=check_ratio_guardrail,
    target=check_ratio_target,
    running=difference,
    contrast=_mean_contrast,
    total=lambda sample: sample.sum_y / sample.scale_y,
    mean=lambda sample: sample.ratio if sample.sum_x else 0.0,
    conversions=lambda _control, _treatment: None,
)
SCORES = Family(
    compare=score_points.compare,
    estimate=score_points.estimate,
    guardrail=score_points.guardrail,
    target=score_points.target,
    running=score_points.running,
    contrast=score_points.contrast,
    total=lambda sample: float(sample.promoters - sample.detractors),
    mean=score_points.mean,
    conversions=lambda _control, _treatment: None,
)
TIMES = Family(
    compare=timed_values.compare_times,
    estimate=timed_values.estimate_time,
    guardrail=timed_values.time_guardrail,
    target=timed_values.time_target,
    running=timed_values.running_times,
    contrast=timed_values.time_contrast,
    total=lambda sample: float(sample.table.events),
    mean=timed_values.mean_time,
    conversions=lambda control, treatment: control.table.events + treatment.table.events,
)
QUANTILES = Family(
    compare=timed_values.compare_quantile,
    estimate=timed_values.estimate_one_quantile,
    guardrail=timed_values.quantile_guardrail,
    target=timed_values.quantile_target,
    running=timed_values.running_quantiles,
    contrast=timed_values.quantile_contrast,
    total=lambda sample: sum(value * n for value, n in sample.values.counts) / sample.values.scale,
    mean=timed_values.quantile_value,
    conversions=lambda _control, _treatment: None,
)
FAMILIES = {
    "rates": RATES, "means": MEANS, "ratios": RATIOS, "scores": SCORES, "times": TIMES,
    "quantiles": QUANTILES,
}  # fmt: skip


def family_of(kind: str) -> Family:
    """The methods for a kind of KPI."""
    return FAMILIES[KINDS[kind].family]


def known_value(family: Family, sample: Sample) -> float | None:
    """The value of a sample too small for an interval; None where nothing can be said."""
    unknown = isinstance(sample, TimedSample) or not sample.units
    if unknown or (isinstance(sample, RatioSample) and not sample.sum_x):
        return None
    return family.mean(sample)


def wanted(direction: str) -> Direction:
    """The direction of a KPI document, as `stats` says it."""
    return Direction.INCREASE if direction == "up" else Direction.DECREASE

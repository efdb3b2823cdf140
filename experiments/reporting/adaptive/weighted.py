"""The methods for KPIs of a run in batches: within batches, or a stated gap."""

from fractions import Fraction
from typing import Any, NoReturn

from experiments.reporting.adaptive.runs import ArmSample
from experiments.reporting.families import Family
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.guardrails import Guardrail, judge_guardrail
from stats.lift import Estimate, Lift
from stats.samples import BinomialSample
from stats.targets import TargetCheck

NO_RANGE = (
    "the shares of the variants follow the results: no range holds at any time, and differences "
    "are told at the planned end"
)
NO_SIZE = "the shares of the variants follow the results: what would settle it is not known"


def compare(control: ArmSample, treatment: ArmSample, *, confidence: float = 0.95) -> Lift:
    """Compare a variant with the control, within batches.

    Raises:
        NotEnoughData: As the methods of `stats.propensity`.
    """
    return control.run.compare(treatment.variant, confidence)


def estimate(sample: ArmSample, *, confidence: float = 0.95) -> Estimate:
    """A variant's rate or mean, as its comparison has it.

    Raises:
        NotEnoughData: If it cannot be compared.
    """
    run = sample.run
    if sample.variant == run.control:
        return run.leading(confidence).control
    return run.compare(sample.variant, confidence).treatment


def mean(sample: ArmSample) -> float:
    """A variant's rate or mean where it cannot be compared: every batch by its customers.

    Each customer is weighed by one over their propensity, normalised within the batch.
    """
    batches = [
        (batch.units, found)
        for batch, found in zip(sample.run.batches, sample.by_batch, strict=True)
        if found.units
    ]
    whole = sum(units for units, _ in batches)
    return float(
        sum((Fraction(units, whole) * _mean(found) for units, found in batches), Fraction())
    )


def _mean(found: Any) -> Fraction:
    value: Fraction = found.exact_rate if isinstance(found, BinomialSample) else found.exact_mean
    return value


def total(sample: ArmSample) -> float:
    """Customers with the outcome, or the sum of values: what was counted, not a comparison."""
    return float(sum(_total(found) for found in sample.by_batch))


def _total(found: Any) -> float:
    if isinstance(found, BinomialSample):
        return float(found.successes)
    counted: float = found.total / found.scale
    return counted


def guardrail(
    control: ArmSample,
    treatment: ArmSample,
    *,
    margin: float,
    wanted: Direction = Direction.DECREASE,
    confidence: float = 0.95,
) -> Guardrail:
    """Hold a KPI against its margin, each limit one-sided.

    Raises:
        NotEnoughData: If it cannot be compared.
    """
    lift = compare(control, treatment, confidence=2 * confidence - 1)
    return judge_guardrail(lift, margin=margin, wanted=wanted)


def check_target(
    sample: ArmSample,
    target: float,
    *,
    wanted: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> TargetCheck:
    """Hold a variant's KPI against its target.

    Raises:
        NotEnoughData: If it cannot be compared.
    """
    return TargetCheck(estimate(sample, confidence=confidence), target, wanted)


def no_range(_control: ArmSample, _treatment: ArmSample) -> NoReturn:
    """There is none.

    Raises:
        NotEnoughData: Always.
    """
    raise NotEnoughData(NO_RANGE)


def no_size(_control: ArmSample, _treatment: ArmSample, _effect: float) -> NoReturn:
    """There is none.

    Raises:
        NotEnoughData: Always.
    """
    raise NotEnoughData(NO_SIZE)


WEIGHTED = Family(
    compare=compare,
    estimate=estimate,
    guardrail=guardrail,
    target=check_target,
    running=no_range,
    contrast=no_size,
    total=total,
    mean=mean,
    conversions=lambda _control, _treatment: None,
)

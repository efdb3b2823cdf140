"""The share still without the event, over time.

Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations", Journal
of the American Statistical Association 53, 457-481. Greenwood's variance (1926), with
limits on the scale log(-log S): Kalbfleisch and Prentice (1980), The Statistical Analysis
of Failure Time Data, eq. 1.13. Where that scale has no value the limits are Clopper and
Pearson's: before the first event, and at a share of 0.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from stats.checks import check_confidence
from stats.durations.risk import RiskSets
from stats.errors import NotEnoughData
from stats.lift import Estimate, Interval
from stats.samples import LifeTable

_ROUNDING = 1e-12
_HALF = 0.5


@dataclass(frozen=True)
class SurvivalStep:
    """A time at which the event happened.

    Attributes:
        time: Since the anchor, in the table's own unit of time.
        at_risk: Units that could have had the event at this time.
        events: Units that had it.
        survival: Share of the units still without it after this time.
    """

    time: int
    at_risk: int
    events: int
    survival: Estimate


def survival_curve(table: LifeTable, *, confidence: float = 0.95) -> tuple[SurvivalStep, ...]:
    """Give the share without the event after each time at which it happened.

    Raises:
        NotEnoughData: If there are no units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> table = LifeTable.of([(1, True), (2, True), (2, False), (4, True)])
        >>> [(step.time, step.survival.value) for step in survival_curve(table)]
        [(1, 0.75), (2, 0.5), (4, 0.0)]
    """
    check_confidence(confidence)
    sets = RiskSets.of(table).with_events()
    left = sets.at_risk - sets.events
    shares = np.cumprod(left / sets.at_risk)
    terms = np.divide(sets.events, sets.at_risk * left, where=left > 0, out=np.zeros(left.size))
    steps: list[SurvivalStep] = []
    upper = 1.0
    for time, at_risk, events, share, variance in zip(
        sets.times.tolist(),
        sets.at_risk.tolist(),
        sets.events.tolist(),
        shares.tolist(),
        terms.cumsum().tolist(),
        strict=True,
    ):
        if share == 0:
            interval = Interval(0.0, min(upper, 1 - _none_of(at_risk, confidence)))
        else:
            interval = _log_log_interval(share, variance, confidence)
        upper = interval.upper or 0.0
        steps.append(SurvivalStep(time, at_risk, events, Estimate(share, interval)))
    return tuple(steps)


def estimate_survival(table: LifeTable, at: int, *, confidence: float = 0.95) -> Estimate:
    """Estimate the share still without the event after a time.

    Args:
        table: Life table of one variant.
        at: The time, in the table's own unit of time.
        confidence: Of the interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If there are no units, or none was seen for so long while some
            were still without the event.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> table = LifeTable.of([(1, True), (2, True), (2, False), (4, False)])
        >>> estimate_survival(table, 3).value
        0.5
    """
    check_confidence(confidence)
    sets = RiskSets.of(table)
    if at > sets.last_time and not sets.everyone_had_it:
        raise NotEnoughData(f"units were seen until time {sets.last_time}, not until {at}")
    passed = [step for step in survival_curve(table, confidence=confidence) if step.time <= at]
    if passed:
        return passed[-1].survival
    return Estimate(1.0, Interval(_none_of(sets.at_risk_at(at), confidence), 1.0))


def estimate_median_time(table: LifeTable, *, confidence: float = 0.95) -> Estimate:
    """Estimate the time by which half of the units had the event.

    The times at which the interval of the share contains one half: Brookmeyer and Crowley
    (1982), Biometrics 38, 29-41. A side that the table does not reach is None.

    Raises:
        NotEnoughData: If there are no units, or half of them never had the event.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> table = LifeTable.of((time, True) for time in range(1, 41))
        >>> estimate_median_time(table)
        Estimate(value=20.0, interval=Interval(lower=14.0, upper=26.0))
    """
    curve = survival_curve(table, confidence=confidence)
    middle = _first_time(curve, [step.survival.value for step in curve])
    if middle is None:
        raise NotEnoughData("fewer than half of the units had the event")
    lower = _first_time(curve, [step.survival.interval.lower or 0.0 for step in curve])
    upper = _first_time(curve, [step.survival.interval.upper or 0.0 for step in curve])
    return Estimate(middle, Interval(lower, upper))


def _first_time(curve: tuple[SurvivalStep, ...], shares: list[float]) -> float | None:
    """Give the first time at which a share is down to one half."""
    for step, share in zip(curve, shares, strict=True):
        if share <= _HALF + _ROUNDING:
            return float(step.time)
    return None


def _log_log_interval(share: float, variance: float, confidence: float) -> Interval:
    """Give the limits of a share between 0 and 1 from Greenwood's sum."""
    spread = math.exp(float(ndtri((1 + confidence) / 2)) * math.sqrt(variance) / -math.log(share))
    return Interval(share**spread, share ** (1 / spread))


def _none_of(units: int, confidence: float) -> float:
    """Give the least share that shows no event in so many units, at half of alpha."""
    return float(((1 - confidence) / 2) ** (1 / units))

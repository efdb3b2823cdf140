"""The mean time to the event, up to a horizon.

The mean of min(T, horizon) is the area under the curve of those still without the event.
Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481, give
its variance in section 6.2, with a factor m / (m - 1) for the m units whose time up to
the horizon is known; Royston and Parmar (2013), BMC Medical Research Methodology 13:152,
why to compare it: it is a mean in days, whether or not the curves are proportional.

Two of them are compared as two means by Welch's t with m - 1 degrees of freedom each.
Without censoring this is `compare_means` of the times, none counted beyond the horizon.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from stats.checks import check_confidence
from stats.durations.log_rank import LogRank, log_rank_test
from stats.durations.risk import RiskSets
from stats.errors import NotEnoughData
from stats.fieller import Measured, fieller_interval
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.means import Welch
from stats.samples import LifeTable


@dataclass(frozen=True)
class RestrictedMean:
    """The mean time without the event, up to a horizon.

    Attributes:
        value: In the table's own unit of time, from 0 to the horizon.
        greenwood: Variance of the value, without a correction for few units.
        known: Units whose time up to the horizon is known: they had the event before it
            or were seen until it.
    """

    value: float
    greenwood: float
    known: int

    @property
    def variance(self) -> float:
        """Variance of the value, as of a sample with divisor units - 1.

        Raises:
            NotEnoughData: If fewer than two units are known.
        """
        if self.known < 2:
            raise NotEnoughData("the time up to the horizon is known of fewer than two units")
        return self.greenwood * self.known / (self.known - 1)


@dataclass(frozen=True)
class DurationComparison:
    """Two variants' times to an event.

    Attributes:
        lift: Of the mean time up to the horizon: the verdict.
        log_rank: Of the curves as a whole; descriptive beside it, and can differ.
        horizon: In the tables' own unit of time.
    """

    lift: Lift
    log_rank: LogRank
    horizon: int


def compare_durations(
    control: LifeTable, treatment: LifeTable, *, horizon: int, confidence: float = 0.95
) -> DurationComparison:
    """Compare the treatment's mean time to the event with the control's.

    Args:
        control: Life table of the control variant.
        treatment: Life table of the treatment variant, in the same unit of time.
        horizon: Up to when time counts, 1 or more, fixed before the data were seen.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift of the mean time up to the horizon, and the log-rank test.

    Raises:
        NotEnoughData: If a variant has no units, was not seen until the horizon, or its
            times up to it do not vary.
        ValueError: If ``horizon`` or ``confidence`` is out of range.

    Examples:
        >>> control = LifeTable.of([(2, True), (3, True), (5, True), (6, False)])
        >>> treatment = LifeTable.of([(1, True), (1, True), (2, True), (4, True)])
        >>> lift = compare_durations(control, treatment, horizon=6).lift
        >>> lift.control.value, lift.treatment.value, round(lift.p_value, 4)
        (4.0, 2.0, 0.1371)
    """
    check_confidence(confidence)
    c, t = _varying(control, horizon, "control"), _varying(treatment, horizon, "treatment")
    welch = _welch(c, t)
    half = welch.critical(confidence) * welch.error
    possible = Interval(
        max(-float(horizon), welch.difference - half), min(float(horizon), welch.difference + half)
    )
    significant = welch.p_value < 1 - confidence
    lift = Lift(
        control=_estimate(c, horizon, confidence),
        treatment=_estimate(t, horizon, confidence),
        absolute=Estimate(welch.difference, settle(possible, significant=significant)),
        relative=_relative_lift(c, t, welch, confidence),
        p_value=welch.p_value,
        statistic=welch.statistic,
        confidence=confidence,
        method="restricted_mean",
    )
    return DurationComparison(lift, log_rank_test(control, treatment), horizon)


def estimate_restricted_mean(
    table: LifeTable, *, horizon: int, confidence: float = 0.95
) -> Estimate:
    """Estimate one variant's mean time to the event up to a horizon.

    Raises:
        NotEnoughData: If there are no units, they were not seen until the horizon, or
            their times up to it do not vary.
        ValueError: If ``horizon`` or ``confidence`` is out of range.

    Examples:
        >>> table = LifeTable.of([(2, True), (3, True), (5, True), (6, False)])
        >>> round(estimate_restricted_mean(table, horizon=6).interval.lower, 3)
        1.095
    """
    check_confidence(confidence)
    return _estimate(_varying(table, horizon, "sample"), horizon, confidence)


def restricted_mean(table: LifeTable, horizon: int, name: str = "sample") -> RestrictedMean:
    """Give the area under a variant's curve up to a horizon.

    Raises:
        NotEnoughData: If there are no units, or they were not seen until the horizon;
            ``name`` says whose.
        ValueError: If ``horizon`` is no integer of 1 or more.

    Examples:
        >>> restricted_mean(LifeTable.of([(2, True), (4, True), (9, False)]), 6).value
        4.0
    """
    if type(horizon) is not int or horizon < 1:
        raise ValueError(f"the horizon is {horizon!r}, expected an int of 1 or more")
    sets = RiskSets.of(table, name)
    if horizon > sets.last_time and not sets.everyone_had_it:
        raise NotEnoughData(
            f"the {name}'s units were seen until time {sets.last_time}, the horizon is {horizon}"
        )
    steps = sets.with_events()
    before = steps.times < horizon
    events, at_risk = steps.events[before], steps.at_risk[before]
    left = at_risk - events
    times = np.concatenate([[0], steps.times[before], [horizon]])
    areas = np.concatenate([[1.0], np.cumprod(left / at_risk)]) * np.diff(times)
    beyond = areas[::-1].cumsum()[::-1][1:]
    terms = np.divide(events, at_risk * left, where=left > 0, out=np.zeros(left.size))
    return RestrictedMean(
        value=math.fsum(areas.tolist()),
        greenwood=math.fsum((beyond**2 * terms).tolist()),
        known=int(events.sum()) + sets.at_risk_at(horizon),
    )


def _varying(table: LifeTable, horizon: int, name: str) -> RestrictedMean:
    found = restricted_mean(table, horizon, name)
    if found.greenwood == 0:
        raise NotEnoughData(f"the {name}'s times up to the horizon do not vary")
    return found


def _welch(control: RestrictedMean, treatment: RestrictedMean) -> Welch:
    variance = control.variance + treatment.variance
    share = control.variance / variance
    degrees = 1 / (share**2 / (control.known - 1) + (1 - share) ** 2 / (treatment.known - 1))
    return Welch(treatment.value - control.value, math.sqrt(variance), degrees)


def _estimate(mean: RestrictedMean, horizon: int, confidence: float) -> Estimate:
    quantile = -float(stdtrit(mean.known - 1, (1 - confidence) / 2))
    half = quantile * math.sqrt(mean.variance)
    lower, upper = max(0.0, mean.value - half), min(float(horizon), mean.value + half)
    return Estimate(mean.value, Interval(lower, upper))


def _relative_lift(
    control: RestrictedMean, treatment: RestrictedMean, welch: Welch, confidence: float
) -> RelativeLift:
    value = treatment.value / control.value - 1
    interval = fieller_interval(
        Measured(control.value, control.variance),
        Measured(treatment.value, treatment.variance),
        welch.critical(confidence),
    )
    if interval is None:
        return RelativeLift(value, None, gap="the control's mean time cannot be told from 0")
    return RelativeLift(value, settle(interval, significant=welch.p_value < 1 - confidence), None)

"""Comparing two rates of events: complaints per message, tickets per customer-day.

For events that come one by one and independently, so that their numbers are Poisson's.
Where one customer can cause many, numbers vary more than that: compare means per
customer (`stats.means`) instead.

The p-value is twice the smaller exact tail of the treatment's share of all events
(`stats.poisson`), and the limits of the ratio invert that same test. The interval of the
difference joins the limits of the share with those of the number of all events, by
Newcombe (2011), "Propagating imprecision: combining confidence intervals from
independent sources", Communications in Statistics - Theory and Methods 40, 3154-3180. At
no difference only the share matters, so all three give one verdict.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from stats.checks import check_confidence
from stats.errors import NotEnoughData
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.poisson import (
    as_unlikely_p_value,
    central_p_value,
    number_limits,
    score_statistic,
    share_limits,
)
from stats.samples import CountSample
from stats.score import Floats

NO_EVENTS = "neither variant has an event"
NO_CONTROL_EVENTS = "the control has no events, so a share of them has no upper limit"

_ANGLES = 33
_REFINEMENTS = 4


class RatioTest(NamedTuple):
    """A ratio of two rates with its interval and p-value.

    Attributes:
        ratio: Treatment over control; None if the control has no events.
        interval: What the data allow it to be.
        p_value: Two-sided, of equal rates.
    """

    ratio: float | None
    interval: Interval
    p_value: float


def compare_counts(
    control: CountSample, treatment: CountSample, *, confidence: float = 0.95
) -> Lift:
    """Compare the treatment's rate of events with the control's.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant, its exposure counted alike.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift; rates and the absolute lift are events for each part of the exposure.

    Raises:
        NotEnoughData: If a variant has no exposure.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> lift = compare_counts(CountSample(42, 1000), CountSample(60, 1000))
        >>> round(lift.p_value, 4), round(lift.absolute.value, 3)
        (0.0918, 0.018)
        >>> round(lift.relative.interval.lower, 4), round(lift.relative.interval.upper, 4)
        (-0.0528, 1.1723)
    """
    check_confidence(confidence)
    _check_exposure(control, treatment)
    p_value = central_p_value(control, treatment)
    significant = p_value < 1 - confidence
    interval = settle(_difference(control, treatment, confidence), significant=significant)
    return Lift(
        control=estimate_count_rate(control, confidence=confidence),
        treatment=estimate_count_rate(treatment, confidence=confidence),
        absolute=Estimate(float(treatment.exact_rate - control.exact_rate), interval),
        relative=_relative_lift(control, treatment, confidence, significant),
        p_value=p_value,
        statistic=score_statistic(control, treatment),
        confidence=confidence,
        method="poisson",
    )


def estimate_count_rate(sample: CountSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's rate of events, with Garwood's exact interval.

    Raises:
        NotEnoughData: If there is no exposure.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> interval = estimate_count_rate(CountSample(events=10, exposure=1)).interval
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (4.7954, 18.3904)
    """
    check_confidence(confidence)
    rate = sample.rate
    lower, upper = number_limits(sample.events, np.asarray((1 - confidence) / 2))
    return Estimate(rate, Interval(float(lower) / sample.exposure, float(upper) / sample.exposure))


def poisson_test(
    control: CountSample, treatment: CountSample, *, confidence: float = 0.95
) -> RatioTest:
    """Give the answer of R's `poisson.test`, on request: p and interval can disagree.

    Its p-value adds up all outcomes no more likely than the one observed; its interval
    is the one of `compare_counts`, which inverts another test.

    Raises:
        NotEnoughData: If a variant has no exposure, or neither has an event.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> test = poisson_test(CountSample(42, 1000), CountSample(60, 1000))
        >>> round(test.p_value, 10), round(test.interval.lower, 4)
        (0.0918376783, 0.9472)
    """
    check_confidence(confidence)
    _check_exposure(control, treatment)
    if control.events + treatment.events == 0:
        raise NotEnoughData(NO_EVENTS)
    ratio = float(treatment.exact_rate / control.exact_rate) if control.events else None
    interval = Interval(*_ratio_limits(control, treatment, confidence))
    return RatioTest(ratio, interval, as_unlikely_p_value(control, treatment))


METHODS: dict[str, Callable[..., Lift | Estimate | RatioTest]] = {
    "poisson": compare_counts,
    "garwood": estimate_count_rate,
    "poisson_test": poisson_test,
}


def _check_exposure(control: CountSample, treatment: CountSample) -> None:
    for name, sample in (("control", control), ("treatment", treatment)):
        if sample.exposure == 0:
            raise NotEnoughData(f"the {name} has no exposure")


def _relative_lift(
    control: CountSample, treatment: CountSample, confidence: float, significant: bool
) -> RelativeLift:
    if control.events + treatment.events == 0:
        return RelativeLift(None, None, gap=NO_EVENTS)
    lower, upper = _ratio_limits(control, treatment, confidence)
    interval = Interval(lower - 1, None if upper is None else upper - 1)
    interval = settle(interval, significant=significant)
    if control.events == 0:
        return RelativeLift(None, interval, gap=NO_CONTROL_EVENTS)
    return RelativeLift(float(treatment.exact_rate / control.exact_rate - 1), interval, gap=None)


def _ratio_limits(
    control: CountSample, treatment: CountSample, confidence: float
) -> tuple[float, float | None]:
    """Turn the limits of a share of the events into those of the ratio of the rates."""
    tail = np.asarray((1 - confidence) / 2)
    share, rest = share_limits(control, treatment, tail), share_limits(treatment, control, tail)
    exposures = control.exposure / treatment.exposure
    lower = float(share.lower / rest.upper) * exposures
    return lower, float(share.upper / rest.lower) * exposures if control.events else None


def _difference(control: CountSample, treatment: CountSample, confidence: float) -> Interval:
    """Give the least and the greatest difference of any share and number that agree.

    They agree with the data if the squares of the normal scores of their own tests add
    up to no more than that of ``confidence``: an arc, searched for its best angle.
    """
    reach = partial(_reach, critical=float(ndtri((1 + confidence) / 2)))
    return Interval(
        -_greatest(partial(reach, treatment, control)),
        _greatest(partial(reach, control, treatment)),
    )


def _reach(control: CountSample, treatment: CountSample, angles: Floats, critical: float) -> Floats:
    """Give the greatest difference at each angle of the arc.

    At angle 0 the share alone departs from what was observed, at a right angle the number.
    """
    share_tails = np.asarray(ndtr(-critical * np.cos(angles)))
    number_tails = np.asarray(ndtr(-critical * np.sin(angles)))
    share = share_limits(control, treatment, share_tails).upper
    rest = share_limits(treatment, control, share_tails).lower
    number = number_limits(control.events + treatment.events, number_tails)
    each = share / float(treatment.exposure) - rest / float(control.exposure)
    return np.asarray(np.maximum(each * number.lower, each * number.upper))


def _greatest(reach: Callable[[Floats], Floats]) -> float:
    angles = np.linspace(0.0, np.pi / 2, _ANGLES)
    found = reach(angles)
    most = float(found.max())
    for _ in range(_REFINEMENTS):
        best = int(np.argmax(found))
        low, high = angles[max(best - 1, 0)], angles[min(best + 1, _ANGLES - 1)]
        angles = np.linspace(low, high, _ANGLES)
        found = reach(angles)
        most = max(most, float(found.max()))
    return most

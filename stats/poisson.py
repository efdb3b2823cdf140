"""Events that come one by one: exact limits of their number, and of one variant's share.

Given all events, those of the treatment are binomial, whatever the level of the rates:
Przyborowski and Wilenski (1940), "Homogeneity of results in testing samples from Poisson
series", Biometrika 31, 313-323. Their share of all events is tested and given limits by
that distribution alone, and their number, which is independent of it, by Poisson's.
"""

import math
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from scipy.special import (
    betainc,
    betaincc,
    betainccinv,
    betaincinv,
    gammainccinv,
    gammaincinv,
    gammaln,
    xlog1py,
    xlogy,
)

from stats.samples import CountSample
from stats.score import Floats

_TIE = 1e-7  # as a share of a probability: that of R's `binom.test`


class Limits(NamedTuple):
    """A lower and an upper limit for each of several tails, of one shape."""

    lower: Floats
    upper: Floats


def expected_share(sample: CountSample, other: CountSample) -> float:
    """Give the share of all events that equal rates would put in one variant."""
    return sample.exposure / (sample.exposure + other.exposure)


def central_p_value(control: CountSample, treatment: CountSample) -> float:
    """Give the two-sided p-value of equal rates: twice the smaller tail, at most 1."""
    return min(1.0, 2 * _at_least(treatment, control), 2 * _at_least(control, treatment))


def score_statistic(control: CountSample, treatment: CountSample) -> float:
    """Give the standardised difference of two rates; 0 if there are no events."""
    events = control.events + treatment.events
    if events == 0:
        return 0.0
    excess = treatment.events * control.exposure - control.events * treatment.exposure
    return excess / math.sqrt(treatment.exposure * control.exposure * events)


def number_limits(events: int, tails: Floats) -> Limits:
    """Give the limits of an expected number of events, for each one-sided error.

    Garwood (1936), "Fiducial limits for the Poisson distribution", Biometrika 28, 437-442.
    """
    lower = gammaincinv(events, tails) if events else np.zeros_like(tails)
    return Limits(np.asarray(lower), np.asarray(gammainccinv(events + 1, tails)))


def share_limits(control: CountSample, treatment: CountSample, tails: Floats) -> Limits:
    """Give the limits of the treatment's expected share of all events.

    Clopper and Pearson (1934), Biometrika 26, 404-413. Exchanging the variants gives
    the limits of the rest, to the last digit even where the share is nearly 1.
    """
    c, t = control.events, treatment.events
    lower = betaincinv(t, c + 1, tails) if t else np.zeros_like(tails)
    upper = betainccinv(t + 1, c, tails) if c else np.ones_like(tails)
    return Limits(np.asarray(lower), np.asarray(upper))


def as_unlikely_p_value(control: CountSample, treatment: CountSample) -> float:
    """Add up all divisions of the events that are no more likely than the one observed.

    The p-value of R's `binom.test`. Of two variants without events it is 1.
    """
    events = control.events + treatment.events
    fewer, other = treatment, control
    if fewer.events > events * expected_share(fewer, other):
        fewer, other = other, fewer
    share = expected_share(fewer, other)

    def log_probability(count: int) -> float:
        ways = gammaln(events + 1) - gammaln(count + 1) - gammaln(events - count + 1)
        return float(ways + xlogy(count, share) + xlog1py(events - count, -share))

    most = log_probability(fewer.events) + math.log1p(_TIE)
    likely = math.ceil(events * share)
    beyond = range(likely, events + 1)
    first = likely + bisect_left(beyond, True, key=lambda count: log_probability(count) <= most)
    below = float(betaincc(fewer.events + 1, other.events, share)) if other.events else 1.0
    above = float(betainc(first, events - first + 1, share)) if 0 < first <= events else 0.0
    return min(1.0, below + above)


def _at_least(sample: CountSample, other: CountSample) -> float:
    """Give the probability of as many of the events or more in one variant."""
    if sample.events == 0:
        return 1.0
    return float(betainc(sample.events, other.events + 1, expected_share(sample, other)))

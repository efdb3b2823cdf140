"""The beta distribution of a rate, computed on the scale of its log odds.

There the density is log-concave and smooth whatever the counts, nobody and everybody
included, and an end of the scale is never met: rates near 1 keep their digits as failures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, log, sqrt
from typing import Self

import numpy as np
from scipy.special import betainc, betaincc, expit

from stats.bayes.curves import DEPTHS, Curves, Floats, Panels, steps_to
from stats.direction import Direction
from stats.lift import Interval
from stats.samples import BinomialSample

# The slope of the log odds has its poles at this distance from 0, over which nodes resolve it.
LONGEST_PANEL = 4.0
_NEWTON_STEPS = 12
_LEAST_SHAPE = 0.5  # of Jeffreys' prior; a sharper peak at 0 or 1 is not resolved


@dataclass(frozen=True)
class Beta:
    """A beta distribution: a prior, or what the data made of it.

    Attributes:
        successes: First shape parameter; 1 and 1 make every rate equally likely.
        failures: Second shape parameter.

    Raises:
        ValueError: If a parameter is below 0.5 or not finite.

    Examples:
        >>> Beta(1.0, 1.0).updated(BinomialSample(100, 49))
        Beta(successes=50.0, failures=52.0)
    """

    successes: float = 1.0
    failures: float = 1.0

    def __post_init__(self) -> None:
        if not (_LEAST_SHAPE <= self.successes < inf and _LEAST_SHAPE <= self.failures < inf):
            raise ValueError(
                f"the beta distribution has {self.successes} and {self.failures}, "
                f"expected {_LEAST_SHAPE} or more"
            )

    def updated(self, sample: BinomialSample) -> Self:
        """Give the posterior after the sample."""
        return type(self)(self.successes + sample.successes, self.failures + sample.failures)

    def mirrored(self) -> Self:
        """Give the distribution of the rate of failures."""
        return type(self)(self.failures, self.successes)

    def towards(self, direction: Direction) -> Self:
        """Give the distribution in which more is better: where less is, that of failures."""
        return self if direction is Direction.INCREASE else self.mirrored()

    @property
    def mean(self) -> float:
        """Expected rate."""
        return self.successes / (self.successes + self.failures)

    @property
    def deviation(self) -> float:
        """Standard deviation of the rate."""
        a, b = self.successes, self.failures
        return sqrt(a * b / (a + b + 1)) / (a + b)

    def interval(self, confidence: float) -> Interval:
        """Give the credible interval with equal tails.

        Examples:
            >>> interval = Beta(1.0, 1.0).updated(BinomialSample(10, 0)).interval(0.95)
            >>> round(interval.lower, 4), round(interval.upper, 4)
            (0.0023, 0.2849)
        """
        tail = (1 - confidence) / 2
        return Interval(self.quantile(tail), 1 - self.mirrored().quantile(tail))

    def quantile(self, chance: float) -> float:
        """Give the rate with this probability below it.

        The library's inverse fails where there are a thousand successes of a thousand million;
        its distribution function does not.
        """
        a, b = self.successes, self.failures
        middle, spread = log(a / b), sqrt(1 / a + 1 / b)

        def below(steps: float) -> float:
            log_odds = middle + steps * spread
            if log_odds < 0:
                return float(betainc(a, b, expit(log_odds)))
            return float(betaincc(b, a, expit(-log_odds)))

        return float(expit(middle + spread * steps_to(below, chance)))

    @cached_property
    def edges(self) -> Floats:
        """Log odds between which panels of nodes are placed, in any order.

        They are where the logarithm of the density has fallen by given amounts: roots of a
        convex function, which Newton's steps approach from outside once they are there.
        """
        a, b = self.successes, self.failures
        guess = np.sqrt(2 * DEPTHS * (1 / a + 1 / b))
        depths = np.concatenate([DEPTHS[::-1], DEPTHS])
        away = np.concatenate([-guess[::-1], guess])
        for _ in range(_NEWTON_STEPS):
            rise = np.expm1(away)
            slope = a * b / (a + b) * rise / (1 + a / (a + b) * rise)
            away = away - (self._fall(away) - depths) / slope
        return log(a / b) + np.append(away, 0.0)

    def heights(self, log_odds: Floats) -> Floats:
        """Give the density of the log odds, as a share of its peak."""
        return np.exp(-self._fall(log_odds - log(self.successes / self.failures)))

    def _fall(self, away: Floats) -> Floats:
        """Give how far the logarithm of the density has fallen, so far away from its peak.

        Relative to the peak nothing cancels: logarithms of huge powers would.
        """
        a, b = self.successes, self.failures
        left = a * np.log1p(b / (a + b) * np.expm1(-away))
        return np.asarray(left + b * np.log1p(a / (a + b) * np.expm1(away)))

    @cached_property
    def total_height(self) -> float:
        """What the heights integrate to over the log odds."""
        panels = Panels.between(self.edges, longest=LONGEST_PANEL)
        return float((self.heights(panels.nodes) * panels.weights).sum())


UNIFORM = Beta(1.0, 1.0)  # every rate equally likely


def beta_curves(posteriors: Sequence[Beta]) -> Curves:
    """Lay the distributions of several rates over shared nodes."""
    edges = np.concatenate([posterior.edges for posterior in posteriors])
    panels = Panels.between(edges, longest=LONGEST_PANEL)
    heights = np.array([posterior.heights(panels.nodes) for posterior in posteriors])
    return Curves.of(panels, heights, expit(panels.nodes) * expit(-panels.nodes))

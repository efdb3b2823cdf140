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
from scipy.special import betainccinv, betaincinv, expit

from stats.bayes.curves import TAILS, Curves, Floats, Panels
from stats.direction import Direction
from stats.lift import Interval
from stats.samples import BinomialSample

# The slope of the log odds has its poles at this distance from 0, over which nodes resolve it.
LONGEST_PANEL = 4.0
_LEAST_SHAPE = 0.1


@dataclass(frozen=True)
class Beta:
    """A beta distribution: a prior, or what the data made of it.

    Attributes:
        successes: First shape parameter; 1 and 1 make every rate equally likely.
        failures: Second shape parameter.

    Raises:
        ValueError: If a parameter is below 0.1 or not finite.

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
        return Interval(
            float(betaincinv(self.successes, self.failures, tail)),
            float(betainccinv(self.successes, self.failures, tail)),
        )

    @cached_property
    def edges(self) -> Floats:
        """Log odds between which panels of nodes are placed, ascending."""
        a, b = self.successes, self.failures
        low = np.log(betaincinv(a, b, TAILS)) - np.log(betainccinv(b, a, TAILS))
        high = np.log(betainccinv(a, b, TAILS)) - np.log(betaincinv(b, a, TAILS))
        return np.concatenate([low, high[::-1]])

    def heights(self, log_odds: Floats) -> Floats:
        """Give the density of the log odds, as a share of its peak.

        Relative to the peak nothing cancels: logarithms of huge powers would.
        """
        a, b = self.successes, self.failures
        away = log_odds - log(a / b)
        rise = a * np.log1p(b / (a + b) * np.expm1(-away))
        fall = b * np.log1p(a / (a + b) * np.expm1(away))
        return np.exp(-rise - fall)

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

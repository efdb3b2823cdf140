"""Normal beliefs: what is known of a number before the data, and after them.

With a prior N(m, t^2) and an estimate d of standard error s, the posterior is normal with mean
m + w (d - m) and variance w s^2, where w = t^2 / (t^2 + s^2). Gelman, Carlin, Stern, Dunson,
Vehtari and Rubin (2013), "Bayesian Data Analysis", third edition, equations 2.9 and 2.10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, inf, isfinite, pi, sqrt

import numpy as np
from scipy.special import erfcx, ndtr, ndtri

from stats.bayes.curves import DEPTHS, Curves, Panels
from stats.direction import Direction
from stats.lift import Interval
from stats.sequential.estimates import NormalEstimate


@dataclass(frozen=True)
class Normal:
    """A normal distribution of what is not known.

    Attributes:
        mean: Its mean.
        sd: Its standard deviation, above 0.

    Raises:
        ValueError: If a number is not finite, or the standard deviation is not above 0.

    Examples:
        >>> Normal(0.0, 0.02).updated(NormalEstimate(0.04, 0.015))
        Normal(mean=0.0256, sd=0.012)
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (isfinite(self.mean) and 0 < self.sd < inf):
            raise ValueError(
                f"the mean is {self.mean} and the standard deviation {self.sd}, "
                "expected finite numbers, the second above 0"
            )

    def updated(self, estimate: NormalEstimate) -> "Normal":
        """Give the posterior after an estimate."""
        weight = self.sd**2 / (self.sd**2 + estimate.standard_error**2)
        mean = self.mean + weight * (estimate.value - self.mean)
        return Normal(mean, estimate.standard_error * sqrt(weight))

    def mirrored(self) -> "Normal":
        """Give the distribution of the negative."""
        return Normal(-self.mean, self.sd)

    def towards(self, direction: Direction) -> "Normal":
        """Give the distribution in which more is better: where less is, that of the negative."""
        return self if direction is Direction.INCREASE else self.mirrored()

    @property
    def above_zero(self) -> float:
        """Probability of a value above 0."""
        return float(ndtr(self.mean / self.sd))

    def chance_above(self, other: "Normal") -> float:
        """Give the probability of a value above that of an independent other."""
        return float(ndtr((self.mean - other.mean) / hypot(self.sd, other.sd)))

    def within(self, reach: float) -> float:
        """Give the probability of a value between ``-reach`` and ``reach``."""
        centre = abs(self.mean)
        return float(ndtr((reach - centre) / self.sd) - ndtr((-reach - centre) / self.sd))

    def interval(self, confidence: float) -> Interval:
        """Give the credible interval with equal tails."""
        half = -float(ndtri((1 - confidence) / 2)) * self.sd
        return Interval(self.mean - half, self.mean + half)


def normal_risk(belief: Normal) -> tuple[float, float]:
    """Give E[max(X, 0)] and E[max(-X, 0)]: what is lost on either side of 0.

    The smaller is sd (phi(z) - z Phi(-z)) with z the mean in standard deviations; written with
    the scaled complementary error function it keeps its digits far from 0.

    Examples:
        >>> [round(risk, 10) for risk in normal_risk(Normal(0.1, 0.05))]
        [0.1004245351, 0.0004245351]
    """
    z = abs(belief.mean) / belief.sd
    density = exp(-z * z / 2) / sqrt(2 * pi)
    smaller = belief.sd * density * max(0.0, 1 - z * sqrt(pi / 2) * float(erfcx(z / sqrt(2))))
    larger = smaller + abs(belief.mean)
    return (larger, smaller) if belief.mean >= 0 else (smaller, larger)


def normal_curves(beliefs: Sequence[Normal]) -> Curves:
    """Lay the distributions of several means over shared nodes."""
    means = np.array([belief.mean for belief in beliefs])[:, None]
    sds = np.array([belief.sd for belief in beliefs])[:, None]
    levels = np.sqrt(2 * DEPTHS)
    edges = np.concatenate([means - sds * levels, means, means + sds * levels], axis=1)
    panels = Panels.between(edges.ravel())
    away = (panels.nodes - means[:, :, None]) / sds[:, :, None]
    return Curves.of(panels, np.exp(-(away**2) / 2), np.ones_like(panels.nodes))

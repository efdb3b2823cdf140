"""The difference and the ratio of two rates, as the posterior has them.

The treatment's rate is below a line of the control's, x + d for a difference or r x for a
ratio, with probability

    P(p_t < s + r p_c) = int f_c(x) F_t(s + r x) dx,

one integral on fixed nodes. A quantile of d or r is where that is the wanted probability,
searched on the scale of normal quantiles, where it is all but a straight line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, log

import numpy as np
from scipy.special import betainc, expit, logit

from stats.bayes.beta import LONGEST_PANEL, Beta
from stats.bayes.curves import Floats, Panels, steps_to


@dataclass(frozen=True)
class Line:
    """The treatment's rate as ``start + slope * control's rate``; the slope is above 0."""

    start: float
    slope: float

    def treatment(self, control_rate: Floats) -> Floats:
        """Give the treatment's rate, which may be none in [0, 1]."""
        return np.asarray(self.start + self.slope * control_rate)

    def control(self, treatment_rate: Floats) -> Floats:
        """Give the control's rate, which may be none in [0, 1]."""
        return np.asarray((treatment_rate - self.start) / self.slope)


def chance_below(line: Line, control: Beta, treatment: Beta) -> float:
    """Give the probability that the treatment's rate is below a line of the control's.

    Examples:
        >>> round(chance_below(Line(0.0, 1.0), Beta(50.0, 52.0), Beta(52.0, 50.0)), 10)
        0.3892294773
    """
    edges = _edges(line, control, treatment)
    panels = Panels.between(edges, longest=LONGEST_PANEL)
    share = control.heights(panels.nodes) * panels.weights
    rates = line.treatment(expit(panels.nodes))
    inside = (rates > 0) & (rates < 1)
    kept = np.where(inside, rates, 0.5)
    density = treatment.heights(logit(kept)) / (treatment.total_height * kept * (1 - kept))
    change = line.slope * expit(panels.nodes) * expit(-panels.nodes)
    below = panels.below(np.where(inside, density * change, 0.0))
    reached = np.clip(line.treatment(expit(edges.min())), 0.0, 1.0)
    first = betainc(treatment.successes, treatment.failures, reached)
    return float((share * np.minimum(first + below, 1.0)).sum() / share.sum())


def difference_quantiles(
    control: Beta, treatment: Beta, chances: Sequence[float]
) -> tuple[float, ...]:
    """Give the differences, treatment minus control, with these probabilities below them.

    Examples:
        >>> alike = Beta(3.0, 5.0)
        >>> [round(value, 4) for value in difference_quantiles(alike, alike, (0.025, 0.975))]
        [-0.4447, 0.4447]
    """
    middle = treatment.mean - control.mean
    spread = hypot(treatment.deviation, control.deviation)

    def chance(steps: float) -> float:
        return chance_below(Line(middle + steps * spread, 1.0), control, treatment)

    return tuple(middle + spread * steps_to(chance, wanted) for wanted in chances)


def ratio_quantiles(control: Beta, treatment: Beta, chances: Sequence[float]) -> tuple[float, ...]:
    """Give the ratios, treatment to control, with these probabilities below them.

    Examples:
        >>> alike = Beta(30.0, 50.0)
        >>> low, high = ratio_quantiles(alike, alike, (0.025, 0.975))
        >>> round(low * high, 9)
        1.0
    """
    middle = log(treatment.mean / control.mean)
    spread = hypot(treatment.deviation / treatment.mean, control.deviation / control.mean)

    def chance(steps: float) -> float:
        return chance_below(Line(0.0, exp(middle + steps * spread)), control, treatment)

    return tuple(exp(middle + spread * steps_to(chance, wanted)) for wanted in chances)


def _edges(line: Line, control: Beta, treatment: Beta) -> Floats:
    """Give the control's log odds at which either variant's panels end, or a rate leaves [0, 1]."""
    rates = np.concatenate([[0.0], expit(treatment.edges), [1.0]])
    reached = line.control(rates)
    return np.concatenate([control.edges, logit(reached[(reached > 0) & (reached < 1)])])

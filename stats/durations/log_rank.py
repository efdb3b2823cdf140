"""Whether two curves differ at all: the log-rank test.

Mantel (1966), "Evaluation of survival data and two new rank order statistics arising in
its consideration", Cancer Chemotherapy Reports 50, 163-170. Strong where one variant's
rate of events is a constant multiple of the other's, weak where the curves cross.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from stats.durations.risk import Integers, RiskSets
from stats.errors import NotEnoughData
from stats.samples import LifeTable


@dataclass(frozen=True)
class LogRank:
    """The events of the treatment, held against those expected of equal curves.

    Attributes:
        observed: Events of the treatment.
        expected: Events it would have had, given all events and the units at risk.
        variance: Hypergeometric variance of the events, above 0.
    """

    observed: int
    expected: float
    variance: float

    @property
    def statistic(self) -> float:
        """Standardised excess of the treatment's events; its square is chi-square."""
        return (self.observed - self.expected) / math.sqrt(self.variance)

    @property
    def p_value(self) -> float:
        """Two-sided, of equal curves."""
        return min(1.0, 2 * float(ndtr(-abs(self.statistic))))


def log_rank_test(control: LifeTable, treatment: LifeTable) -> LogRank:
    """Test whether two variants have one curve, over all of the time both were seen.

    Raises:
        NotEnoughData: If a variant has no units, or no event happened while units of both
            were at risk.

    Examples:
        >>> control = LifeTable.of((time, True) for time in (1, 2, 3, 4))
        >>> treatment = LifeTable.of((time, True) for time in (5, 6, 7, 8))
        >>> round(log_rank_test(control, treatment).p_value, 4)
        0.0067
    """
    RiskSets.of(control, "control")
    own = RiskSets.of(treatment, "treatment").with_events()
    both = RiskSets.of(control + treatment).with_events()
    own_at_risk = _at_risk(RiskSets.of(treatment), both.times)
    share = own_at_risk / both.at_risk
    spread = both.events * share * (1 - share)
    # One unit at risk is of one variant: its share leaves no spread.
    correction = (both.at_risk - both.events) / np.maximum(both.at_risk - 1, 1)
    variance = math.fsum((spread * correction).tolist())
    if variance == 0:
        raise NotEnoughData("no event happened while units of both variants were at risk")
    return LogRank(int(own.events.sum()), math.fsum((both.events * share).tolist()), variance)


def _at_risk(sets: RiskSets, times: Integers) -> Integers:
    """Count the units at risk at each of some times."""
    places = np.searchsorted(sets.times, times)
    return np.concatenate([sets.at_risk, [0]])[places]

"""The sample-ratio check of a running test: are units split as planned, looking at any time?

Lindon and Malek (2022), "Anytime-valid inference for multinomial count data", NeurIPS 35: the Bayes
factor of any split against the planned one, under a Dirichlet prior with mean at the planned split,
is a martingale if the plan holds, so one over it is a p-value at every moment.

Each phase, from one change of allocation to the next, has its own planned split. The logarithms of
the phases' Bayes factors add up, and the sum is a martingale's again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.special import gammaln

from stats.errors import NotEnoughData
from stats.sample_ratio import ALPHA, Split

CONCENTRATION = 100.0
"""Prior weight of the planned split, in units: the larger, the smaller the faults looked for."""


@dataclass(frozen=True)
class RunningSampleRatio:
    """How the split so far compares with the planned one.

    Attributes:
        log_bayes_factor: Evidence against the plan, a natural logarithm; for it below 0.
        p_value: Of this moment, valid whenever one looks; `running_p_values` may keep the least.
    """

    log_bayes_factor: float
    p_value: float

    @property
    def broken(self) -> bool:
        """Whether the split is so unlikely that verdicts are to be withheld."""
        return self.p_value < ALPHA


def check_running_sample_ratio(
    phases: Sequence[Split], *, concentration: float = CONCENTRATION
) -> RunningSampleRatio:
    """Test the counts so far, each phase against its own weights.

    Args:
        phases: Counts and planned weights, up to the experiment's anchor. Units met in a variant of
            weight 0 are left out; a variant without units is not.
        concentration: Prior weight of the planned split, in units, above 0.

    Returns:
        The evidence and its p-value.

    Raises:
        NotEnoughData: If no phase splits units between variants.
        ValueError: If ``concentration`` is not positive.

    Examples:
        >>> check = check_running_sample_ratio([Split([10_000, 10_500], [0.5, 0.5])])
        >>> round(check.log_bayes_factor, 4), round(check.p_value, 4), check.broken
        (3.4024, 0.0333, False)
    """
    if not concentration > 0:
        raise ValueError(f"the concentration is {concentration}, expected above 0")
    split = [phase for phase in phases if sum(weight > 0 for weight in phase.weights) > 1]
    if not split:
        raise NotEnoughData("fewer than two variants were planned to take units")
    evidence = sum(log_bayes_factor(phase, concentration) for phase in split)
    return RunningSampleRatio(evidence, exp(min(0.0, -evidence)))


def log_bayes_factor(phase: Split, concentration: float) -> float:
    """Weigh the evidence of one phase against its planned split.

    The Dirichlet integral in closed form (Lindon and Malek 2022).

    Examples:
        >>> round(log_bayes_factor(Split([5000, 5200], [1, 1]), 100.0), 4)
        -0.3778
    """
    weights = np.asarray(phase.weights, dtype=float)
    kept = weights > 0
    shares, counts = weights[kept] / weights[kept].sum(), np.asarray(phase.counted)[kept]
    prior = concentration * shares
    evidence = gammaln(prior + counts) - gammaln(prior) - counts * np.log(shares)
    total = gammaln(concentration) - gammaln(concentration + counts.sum())
    return float(evidence.sum() + total)

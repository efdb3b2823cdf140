"""How often the reported intervals hold the truth, added up over all outcomes: no simulation."""

import numpy as np

from stats.proportions import compare_proportions
from stats.samples import BinomialSample
from tests.calibration.bars import Bar
from tests.calibration.tables import Scenario

LEAST, MOST = 0.945, 0.965
NEGLIGIBLE = 1e-7


def coverage_of(scenario: Scenario) -> tuple[Bar, Bar]:
    """Measure the intervals of the difference and of the lift, as `compare_proportions` gives them.

    Outcomes less likely than one in ten million count as not covered; together they are less
    than 0.0001. An outcome without a lift (nobody converted) rules no lift out.
    """
    (x_c, chance_c), (x_t, chance_t) = scenario.outcomes
    covered = np.zeros(2)
    for c, weight_c in zip(x_c, chance_c, strict=True):
        control = BinomialSample(scenario.control_units, int(c))
        for t, weight_t in zip(x_t, chance_t, strict=True):
            weight = weight_c * weight_t
            if weight >= NEGLIGIBLE:
                treatment = BinomialSample(scenario.treatment_units, int(t))
                covered += weight * np.array(_covers(control, treatment, scenario))
    difference, lift = covered
    return (
        Bar(f"coverage of the difference, {scenario}", float(difference), LEAST, MOST),
        Bar(f"coverage of the lift, {scenario}", float(lift), LEAST, MOST),
    )


def _covers(
    control: BinomialSample, treatment: BinomialSample, truth: Scenario
) -> tuple[bool, bool]:
    lift = compare_proportions(control, treatment)
    relative = lift.relative.interval
    return (
        lift.absolute.interval.contains(truth.difference),
        relative is None or relative.contains(truth.lift),
    )

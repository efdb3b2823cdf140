"""The size of a test before it starts.

- `contrasts`: what is to be shown: of a rate or its margin (`rates`), of a mean (`means`).
- `rules`: what the test must satisfy: error, power, split, looks, losses, covariate.
- `sizing`: units needed, power reached, least effect shown; exact inverses of each other.
- `duration`: days to fill it.
- `profit`: the size that pays most when the winner goes to the rest of a list.
- `conventions`: the formulas of other calculators.
"""

from stats.planning.contrasts import Contrast
from stats.planning.duration import enrolment_days, planned_days
from stats.planning.means import MeanLift, ratio_standard_deviation
from stats.planning.profit import (
    ProfitableSize,
    Prospect,
    expected_gain,
    most_profitable_test,
    wrong_choice_chance,
)
from stats.planning.rates import RateLift, RateMargin
from stats.planning.rules import USUAL_RULES, Rules, dunnett_alpha
from stats.planning.sizing import Size, detectable_size, power_reached, required_units

__all__ = [
    "USUAL_RULES",
    "Contrast",
    "MeanLift",
    "ProfitableSize",
    "Prospect",
    "RateLift",
    "RateMargin",
    "Rules",
    "Size",
    "detectable_size",
    "dunnett_alpha",
    "enrolment_days",
    "expected_gain",
    "most_profitable_test",
    "planned_days",
    "power_reached",
    "ratio_standard_deviation",
    "required_units",
    "wrong_choice_chance",
]

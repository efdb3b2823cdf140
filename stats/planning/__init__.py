"""The size of a test before it starts.

- `plan`: one entry, a frozen `question` in and a `TestPlan` out, by shape of campaign (`shapes`)
  and kind of KPI (`baselines`), with guardrails (`guards`) and what the units show (`visibility`).
- `contrasts`: what is to be shown: of a rate or its margin (`rates`), of a mean (`means`).
- `rules`: what the test must satisfy: error, power, split, looks, losses, covariate.
- `sizing`: units needed, power reached, least effect shown; exact inverses of each other.
- `duration`: days to fill it.
- `profit`: the size that pays most when the winner goes to the rest of a list.
- `conventions`: the formulas of other calculators.
"""

from collections.abc import Callable
from typing import Any

from stats.planning.baselines import (
    KINDS,
    Baseline,
    MeanBaseline,
    RateBaseline,
    RatioBaseline,
    ScoreBaseline,
)
from stats.planning.contrasts import Contrast
from stats.planning.duration import enrolment_days, planned_days
from stats.planning.guards import GuardrailPlan, plan_guardrail
from stats.planning.means import MeanLift, MeanMargin, ratio_standard_deviation
from stats.planning.plan import Caution, TestPlan, plan_test
from stats.planning.profit import (
    ProfitableSize,
    Prospect,
    expected_gain,
    most_profitable_test,
    wrong_choice_chance,
)
from stats.planning.question import GuardrailQuestion, Question, Unknown
from stats.planning.rates import RateLift, RateMargin
from stats.planning.rules import USUAL_RULES, Rules, dunnett_alpha
from stats.planning.shapes import (
    SHAPES,
    OneBlast,
    Recurring,
    Shape,
    TestThenRest,
    Triggered,
    usual_rules,
)
from stats.planning.sizing import Size, detectable_size, power_reached, required_units
from stats.planning.visibility import Effect, Visible, visible_effects

__all__ = [
    "KINDS",
    "METHODS",
    "SHAPES",
    "USUAL_RULES",
    "Baseline",
    "Caution",
    "Contrast",
    "Effect",
    "GuardrailPlan",
    "GuardrailQuestion",
    "MeanBaseline",
    "MeanLift",
    "MeanMargin",
    "OneBlast",
    "ProfitableSize",
    "Prospect",
    "Question",
    "RateBaseline",
    "RateLift",
    "RateMargin",
    "RatioBaseline",
    "Recurring",
    "Rules",
    "ScoreBaseline",
    "Shape",
    "Size",
    "TestPlan",
    "TestThenRest",
    "Triggered",
    "Unknown",
    "Visible",
    "detectable_size",
    "dunnett_alpha",
    "enrolment_days",
    "expected_gain",
    "most_profitable_test",
    "plan_guardrail",
    "plan_test",
    "planned_days",
    "power_reached",
    "ratio_standard_deviation",
    "required_units",
    "usual_rules",
    "visible_effects",
    "wrong_choice_chance",
]

METHODS: dict[str, Callable[..., Any]] = {
    "plan": plan_test,
    "sample_size": required_units,
    "power": power_reached,
    "minimum_detectable_effect": detectable_size,
    "test_and_roll": most_profitable_test,
}

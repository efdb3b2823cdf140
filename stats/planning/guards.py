"""Guardrails of a planned test: the limit that its units can show to be kept.

A harmless variant is shown safe only if the test is large enough for the limit. A limit that is
too tight for the list asks the owner after nearly every test, so the planner proposes one that the
list can show.
"""

from dataclasses import dataclass

from stats.planning.question import GuardrailQuestion
from stats.planning.rules import Rules
from stats.planning.sizing import detectable_size, power_reached


@dataclass(frozen=True)
class GuardrailPlan:
    """What a test can say of a guardrail.

    Attributes:
        question: What was asked.
        limit: Least margin that a harmless variant is shown to keep with the rules' power, above 0;
            None if no margin is wide enough.
        safe_chance: Chance that a harmless variant is shown to keep the margin thought of; None if
            that is open.
    """

    question: GuardrailQuestion
    limit: float | None
    safe_chance: float | None


def plan_guardrail(question: GuardrailQuestion, units: float, rules: Rules) -> GuardrailPlan:
    """Find what so many units can say of a guardrail.

    Args:
        question: The guardrail.
        units: Of the test in all, above 0.
        rules: Of the test; the guardrail has its own error, is read once, and without covariate.

    Examples:
        >>> from stats.planning.baselines import RateBaseline
        >>> unsubscribes = GuardrailQuestion(RateBaseline(0.0025), margin=0.001)
        >>> plan = plan_guardrail(unsubscribes, 10_000, Rules())
        >>> round(plan.limit, 4), round(plan.safe_chance, 2)
        (0.0027, 0.25)
    """
    own = question.rules(rules)
    least = detectable_size(question.contrast(None), units, own)
    if least is not None and not question.reachable(least):
        least = None
    chance = None
    if question.margin is not None:
        chance = power_reached(question.contrast(question.margin), units, own)
    return GuardrailPlan(question, None if least is None else abs(least), chance)

"""The limit of a guardrail that a list can show."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom

from stats.direction import Direction
from stats.planning import (
    GuardrailQuestion,
    MeanBaseline,
    OneBlast,
    Question,
    RateBaseline,
    Rules,
    plan_guardrail,
    plan_test,
)
from stats.score import Difference, Tables

UNSUBSCRIBES = GuardrailQuestion(RateBaseline(0.0025), margin=0.001)


@pytest.mark.parametrize(("units", "share"), [(29_550, 78), (10_000, 40), (5000, 25)])
def test_a_harmless_variant_is_shown_safe_as_often_as_campaigns_see_it(
    units: int, share: int
) -> None:
    """0.25 % unsubscribes, limit 0.10 points."""
    question = Question(
        RateBaseline(0.2), OneBlast(2 * units), units=2 * units, guardrails=(UNSUBSCRIBES,)
    )
    (guard,) = plan_test(question).guardrails
    assert guard.safe_chance is not None
    assert round(100 * guard.safe_chance) == share


@pytest.mark.parametrize(("units", "share"), [(29_550, 0.78), (10_000, 0.40), (5000, 0.25)])
def test_the_plan_agrees_with_every_outcome_enumerated(units: int, share: float) -> None:
    counts = np.arange(binom.ppf(1 - 1e-12, units, 0.0025) + 1)
    tables = Tables(units, counts[:, None], units, counts[None, :])
    safe = Difference(np.asarray(0.001)).statistic(tables) < ndtri(0.05)
    mass = binom.pmf(counts, units, 0.0025)
    assert mass @ safe @ mass == pytest.approx(share, abs=0.02)


def test_the_limit_proposed_is_shown_with_the_power_of_the_rules() -> None:
    for worse in Direction:
        for baseline in (RateBaseline(0.3), MeanBaseline(40.0, 25.0)):
            limit = plan_guardrail(GuardrailQuestion(baseline, worse), 9000, Rules()).limit
            assert limit is not None
            again = plan_guardrail(GuardrailQuestion(baseline, worse, limit), 9000, Rules())
            assert again.safe_chance == pytest.approx(0.8, abs=1e-6)
            assert again.limit == pytest.approx(limit)


def test_a_list_that_can_show_no_limit_says_so() -> None:
    fall = GuardrailQuestion(RateBaseline(0.0025), Direction.DECREASE)
    assert plan_guardrail(fall, 5000, Rules()).limit is None  # it would be below no rate at all


def test_looks_covariates_and_the_tests_error_do_not_touch_a_guardrail() -> None:
    plain = plan_guardrail(UNSUBSCRIBES, 20_000, Rules())
    other = Rules(alpha=0.01, looks=(0.5, 1.0), covariate_correlation=0.5)
    assert plan_guardrail(UNSUBSCRIBES, 20_000, other) == plain
    lossy = plan_guardrail(UNSUBSCRIBES, 20_000, Rules(retention=0.5))
    assert lossy.limit == pytest.approx(plan_guardrail(UNSUBSCRIBES, 10_000, Rules()).limit)


@pytest.mark.parametrize("wrong", [{"margin": 0.0}, {"margin": -0.001}, {"alpha": 5.0}])
def test_impossible_guardrails_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        GuardrailQuestion(RateBaseline(0.0025), **wrong)  # type: ignore[arg-type] # it is what is refused

"""One question in, one plan out: inverses, shapes, cautions, and the figures promised."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.direction import Direction
from stats.planning import (
    Baseline,
    Caution,
    GuardrailQuestion,
    MeanBaseline,
    OneBlast,
    Question,
    RateBaseline,
    RatioBaseline,
    Recurring,
    Rules,
    ScoreBaseline,
    TestThenRest,
    Triggered,
    Unknown,
    plan_test,
    power_reached,
    required_units,
    usual_rules,
)
from stats.sequential import equally_spaced, pocock

OPENS = RateBaseline(0.2)
BASELINES: list[Baseline] = [
    RateBaseline(0.025),
    RateBaseline(0.6),
    MeanBaseline(2652.0, 15_300.0, 17_800.0),
    RatioBaseline(0.12, 2.0, 0.3, 1.5, 0.2),
    ScoreBaseline(0.5, 0.2),
]

rules_of_any_kind = st.builds(
    Rules,
    alpha=st.floats(0.001, 0.2),
    power=st.floats(0.3, 0.99),
    weights=st.sampled_from([(1.0, 1.0), (9.0, 1.0), (1.0, 2.0), (2.0, 1.0, 1.0), (1.0, 1.0, 3.0)]),
    looks=st.sampled_from([(1.0,), (1.0,), (0.3, 0.7, 1.0), equally_spaced(4)]),
    spending=st.sampled_from([usual_rules(OneBlast(9)).spending, pocock]),
    retention=st.floats(0.5, 1.0),
    covariate_correlation=st.floats(-0.9, 0.9),
)


@settings(max_examples=60, deadline=None)
@given(
    baseline=st.sampled_from(BASELINES),
    share=st.floats(0.02, 0.3),
    direction=st.sampled_from(Direction),
    margin=st.booleans(),
    rules=rules_of_any_kind,
)
def test_cluster_experiments_least_effect_and_power_that_were_no_inverses(
    baseline: Baseline, share: float, direction: Direction, margin: bool, rules: Rules
) -> None:
    """Its least effect at power .8 had power .809; here the three answers are one equation's."""
    amount = share * baseline.value
    harm = direction if margin else None
    effect = amount if margin else direction.sign * amount
    shape = Triggered(1000)
    by_size = plan_test(Question(baseline, shape, effect=effect, harm=harm, rules=rules))
    found = by_size.visible.increase if direction.sign > 0 else by_size.visible.decrease
    assert found is not None
    assert found.absolute == pytest.approx(direction.sign * amount, rel=1e-6)
    question = Question(baseline, shape, effect=effect, harm=harm, rules=rules)
    assert power_reached(question.contrast, by_size.total, rules) == pytest.approx(
        rules.power, abs=1e-6
    )


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    baseline=st.sampled_from(BASELINES),
    units=st.integers(3000, 10**7),
    direction=st.sampled_from(Direction),
    rules=rules_of_any_kind,
)
def test_the_effect_a_list_shows_needs_just_that_list(
    baseline: Baseline, units: int, direction: Direction, rules: Rules
) -> None:
    by_units = plan_test(Question(baseline, Triggered(1000), units=units, rules=rules))
    found = by_units.visible.increase if direction.sign > 0 else by_units.visible.decrease
    if found is None:
        return
    by_both = Question(baseline, Triggered(1000), effect=found.absolute, units=units, rules=rules)
    assert plan_test(by_both).power == pytest.approx(rules.power, abs=1e-6)
    by_effect = Question(baseline, Triggered(1000), effect=found.absolute, rules=rules)
    assert plan_test(by_effect).total == pytest.approx(units, rel=1e-6)


def test_a_list_of_five_thousand_can_see_only_this() -> None:
    """That is most shops: a caution, and never a refusal."""
    opens = plan_test(Question(OPENS, OneBlast(5000), units=5000))
    sales = plan_test(Question(RateBaseline(0.025), OneBlast(5000), units=5000))
    assert _percents(opens) == (16, -15)
    assert _percents(sales) == (56, -44)
    assert opens.cautions == sales.cautions == (Caution.SMALL_LIST,)
    assert opens.per_variant == (2500, 2500)
    assert opens.days is None


def _percents(plan: Any) -> tuple[int, int]:
    return (
        round(100 * plan.visible.increase.relative),
        round(100 * plan.visible.decrease.relative),
    )


def test_a_mailing_of_twenty_thousand_by_power_and_by_profit() -> None:
    """18 % opens, plus 10 %: power asks for 7,425 in each variant, Test & Roll for about 1,200."""
    plan = plan_test(Question(RateBaseline(0.18), TestThenRest(20_000), effect=0.018))
    assert plan.per_variant[0] == pytest.approx(7425, abs=1)
    assert plan.profit is not None
    assert plan.profit.per_variant == pytest.approx(1200, abs=10)
    stated = Question(RateBaseline(0.18), TestThenRest(20_000, prior_sd=0.018), effect=0.018)
    assert plan_test(stated).profit == plan.profit
    assert plan.days is None
    assert plan.whole_list is not None
    assert plan.whole_list.units == 20_000


def test_a_test_that_takes_the_whole_list_leaves_no_rest() -> None:
    small = plan_test(Question(RateBaseline(0.18), TestThenRest(10_000), effect=0.018))
    assert {Caution.NO_REST, Caution.LIST_BELOW_NEED} <= set(small.cautions)
    assert small.whole_list is not None
    assert small.whole_list.power is not None
    assert small.whole_list.power < 0.8
    whole = plan_test(Question(RateBaseline(0.18), TestThenRest(10_000), units=10_000))
    assert Caution.NO_REST in whole.cautions
    assert Caution.LIST_BELOW_NEED not in whole.cautions


def test_profit_needs_a_prior_and_a_lift() -> None:
    nothing_yet = MeanBaseline(0.0, 5.0)
    assert plan_test(Question(nothing_yet, TestThenRest(9000), effect=1.0)).profit is None
    stated = TestThenRest(9000, prior_sd=0.5)
    assert plan_test(Question(nothing_yet, stated, effect=1.0)).profit is not None
    margin = Question(OPENS, TestThenRest(9000), effect=0.02, harm=Direction.DECREASE)
    assert plan_test(margin).profit is None
    assert plan_test(Question(OPENS, OneBlast(9000), effect=0.02)).profit is None


def test_a_triggered_test_runs_whole_weeks_with_looks() -> None:
    shape = Triggered(eligible_per_day=900)
    rules = usual_rules(shape)
    plan = plan_test(Question(RateBaseline(0.1), shape, effect=0.02, rules=rules, window_days=3))
    assert plan.inflation == pytest.approx(1.0196, abs=1e-4)
    assert plan.per_variant == (3917, 3917)
    assert (plan.days, plan.days_to_verdict) == (14, 17)
    assert [look.fraction for look in plan.looks] == [0.25, 0.5, 0.75, 1.0]
    assert plan.expected_units / plan.total == pytest.approx(0.8387 / 1.0196, abs=1e-3)
    assert plan.whole_list is None
    assert Caution.SMALL_LIST not in plan.cautions
    slow = plan_test(Question(RateBaseline(0.1), Triggered(50), effect=0.02, rules=rules))
    assert Caution.MANY_WEEKS in slow.cautions


def test_recurring_sends_take_the_days_between_them() -> None:
    shape = Recurring(8000, sends=4, days_between=7)
    baseline = RatioBaseline.of_sends(0.2, sends=4, correlation=0.3)
    plan = plan_test(
        Question(baseline, shape, units=8000, rules=Rules(looks=shape.looks(0.3)), window_days=2.5)
    )
    once = plan_test(Question(OPENS, OneBlast(8000), units=8000))
    assert (plan.days, plan.days_to_verdict) == (21, 24)
    assert plan.visible.increase is not None
    assert once.visible.increase is not None
    assert plan.visible.increase.absolute < once.visible.increase.absolute


def test_one_blast_waits_for_its_window_only() -> None:
    plan = plan_test(Question(OPENS, OneBlast(5000), units=5000, window_days=3))
    assert (plan.days, plan.days_to_verdict) == (None, 3)
    assert (plan.inflation, plan.expected_units) == (1.0, 5000)


def test_posthogs_recommendation_of_nobody_for_no_days() -> None:
    """However large the effect, at least one unit each and a day."""
    plan = plan_test(Question(RateBaseline(0.5), OneBlast(10**6), effect=0.49))
    assert min(plan.per_variant) >= 1
    assert plan.days_to_verdict == 1
    quick = plan_test(Question(RateBaseline(0.5), Triggered(10**6), effect=0.49))
    assert quick.days == 7


def test_the_direction_that_the_kpi_cannot_take_is_not_promised() -> None:
    """Revenue cannot fall below nothing: peers report lifts below -100 %."""
    plan = plan_test(Question(MeanBaseline(2.5, 15.0), OneBlast(300), units=300))
    assert plan.visible.decrease is None
    assert Caution.NO_DECREASE_VISIBLE in plan.cautions
    profit = plan_test(Question(MeanBaseline(2.5, 15.0, least=None), OneBlast(300), units=300))
    assert profit.visible.decrease is not None
    floor = plan_test(Question(MeanBaseline(0.0, 15.0), OneBlast(300), units=300))
    assert floor.visible.decrease is None
    assert floor.visible.increase is not None
    assert floor.visible.increase.relative is None


def test_a_handful_sees_nothing_and_is_not_refused() -> None:
    plan = plan_test(Question(RateBaseline(0.9), OneBlast(20), units=20))
    assert plan.visible.increase is None
    assert {Caution.NO_INCREASE_VISIBLE, Caution.SMALL_LIST} <= set(plan.cautions)
    assert {Caution.FEW_UNITS, Caution.FEW_OUTCOMES} <= set(plan.cautions)


def test_power_below_the_rules_is_a_caution() -> None:
    question = Question(RateBaseline(0.25), OneBlast(10_000), effect=0.005, units=10_000)
    plan = plan_test(question)
    assert question.unknown is Unknown.POWER
    assert plan.power < 0.8
    assert Caution.LOW_POWER in plan.cautions
    enough = plan_test(Question(RateBaseline(0.25), OneBlast(10_000), effect=0.05, units=10_000))
    assert Caution.LOW_POWER not in enough.cautions


def test_a_margin_is_looked_at_in_the_direction_of_harm_only() -> None:
    complaints = RateBaseline(0.0025)
    question = Question(complaints, OneBlast(60_000), effect=0.001, harm=Direction.INCREASE)
    plan = plan_test(question)
    assert plan.alpha == 0.1
    assert plan.visible.decrease is None
    assert plan.visible.increase is not None
    assert plan.visible.increase.absolute == pytest.approx(0.001)
    assert Caution.NO_DECREASE_VISIBLE not in plan.cautions
    asked = plan_test(Question(complaints, OneBlast(60_000), units=59_100, harm=Direction.INCREASE))
    assert asked.visible.increase is not None
    assert 0.001 < asked.visible.increase.absolute < 0.0012


def test_ratios_and_means_have_margins_too() -> None:
    for baseline in BASELINES[2:]:
        amount = 0.05 * baseline.value
        question = Question(baseline, Triggered(500), effect=amount, harm=Direction.DECREASE)
        plan = plan_test(question)
        again = plan_test(
            Question(
                baseline,
                Triggered(500),
                effect=amount,
                units=sum(plan.per_variant),
                harm=Direction.DECREASE,
            )
        )
        assert again.power == pytest.approx(0.8, abs=1e-3)
        assert again.power >= 0.8


def test_several_treatments_share_the_error_and_the_smallest_decides() -> None:
    rules = Rules(weights=(2, 1, 1))
    plan = plan_test(Question(RateBaseline(0.26), OneBlast(10**5), effect=0.015, rules=rules))
    assert 0.025 < plan.alpha < 0.05
    assert plan.per_variant[0] == pytest.approx(2 * plan.per_variant[1], abs=1)
    split = plan_test(Question(RateBaseline(0.26), OneBlast(10**5), units=10_001, rules=rules))
    assert sum(split.per_variant) == 10_001


def test_a_treatment_that_varies_more_has_its_own_bar() -> None:
    """Three treatments whose values vary twice as much correlate less, so the bar is higher."""
    rules = Rules(weights=(1, 1, 1, 1))
    same = plan_test(Question(MeanBaseline(9.0, 5.0), OneBlast(10**5), effect=0.5, rules=rules))
    wild = MeanBaseline(9.0, 5.0, treatment_sd=10.0)
    other = plan_test(Question(wild, OneBlast(10**5), effect=0.5, rules=rules))
    assert other.alpha < same.alpha


def test_spotifys_sizes_summed_over_groups() -> None:
    """Looks inflate the plan by one factor, however many variants share the units."""
    for weights in ((1, 1), (1, 1, 1), (3, 1, 1, 1)):
        looks = Rules(weights=weights, looks=equally_spaced(4))
        fixed = required_units(OPENS.lift(0.02), Rules(weights=weights))
        planned = required_units(OPENS.lift(0.02), looks)
        assert 1.01 < planned.total / fixed.total < 1.02


def test_covariates_and_losses_are_stated() -> None:
    rules = Rules(retention=0.9, covariate_correlation=0.6)
    mean = MeanBaseline(50.0, 50.0)
    plain = plan_test(Question(mean, OneBlast(10**5), effect=2.0))
    plan = plan_test(Question(mean, OneBlast(10**5), effect=2.0, rules=rules))
    assert plan.saved_by_covariate == pytest.approx(0.36)
    assert plan.total == pytest.approx(plain.total * 0.64 / 0.9)


def test_guardrails_come_with_a_limit_and_a_caution() -> None:
    tight = GuardrailQuestion(RateBaseline(0.0025), margin=0.001)
    loose = GuardrailQuestion(RateBaseline(0.0025), margin=0.01)
    blind = GuardrailQuestion(RateBaseline(0.0025), Direction.DECREASE)
    for guards, warned in (((loose,), False), ((loose, tight), True), ((blind,), True)):
        plan = plan_test(Question(OPENS, OneBlast(5000), units=5000, guardrails=guards))
        assert (Caution.GUARDRAIL_LIMIT_NOT_SHOWN in plan.cautions) == warned
        assert len(plan.guardrails) == len(guards)
    needed = plan_test(Question(OPENS, OneBlast(5000), effect=0.01, guardrails=(tight,)))
    listed = plan_test(Question(OPENS, OneBlast(5000), units=5000, guardrails=(tight,)))
    assert needed.guardrails == listed.guardrails  # no more than the list


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"effect": 0.0},
        {"effect": 0.9},
        {"effect": -0.3},
        {"effect": 0.01, "units": 1},
        {"units": 5001},
        {"units": 2500.0},
        {"units": 5000, "rules": Rules(looks=(0.5, 1.0))},
        {"units": 5000, "window_days": -1.0},
        {"units": 5000, "window_days": float("nan")},
        {"effect": -0.01, "harm": Direction.INCREASE},
        {"effect": 0.3, "harm": Direction.DECREASE},
    ],
)
def test_questions_without_an_answer_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected|beyond|all of it is the most"):
        Question(OPENS, OneBlast(5000), **wrong)


def test_means_cannot_be_asked_for_the_impossible() -> None:
    with pytest.raises(ValueError, match="beyond"):
        Question(MeanBaseline(2.5, 15.0), OneBlast(5000), effect=-3.0)


def test_extreme_power_has_an_expected_size() -> None:
    rules = Rules(looks=equally_spaced(4))
    for units, share in ((20, 0.99), (10**7, 0.5)):
        question = Question(OPENS, Triggered(1000), effect=0.02, units=units, rules=rules)
        used = plan_test(question).expected_units / units
        assert used > share if units == 20 else used < share


def test_a_plan_takes_a_moment() -> None:
    question = Question(
        OPENS,
        Triggered(1000),
        effect=0.01,
        rules=Rules(looks=equally_spaced(10)),
        guardrails=(GuardrailQuestion(RateBaseline(0.0025), margin=0.001),),
    )
    times = []
    for _ in range(3):
        started = time.perf_counter()
        plan_test(question)
        times.append(time.perf_counter() - started)
    assert min(times) < 2


@pytest.mark.slow
def test_simulated_tests_of_ratios_have_the_power_planned() -> None:
    """Clicks per open, analysed by linearisation."""
    rng = np.random.default_rng(14)
    opens = rng.poisson(2.0, 10**6) + 1
    clicks = rng.binomial(opens, 0.12)
    moments = np.cov(clicks, opens)
    baseline = RatioBaseline(0.12, 3.0, moments[0, 0], moments[1, 1], moments[0, 1])
    plan = plan_test(Question(baseline, OneBlast(10**5), effect=0.02))
    n, shown = plan.per_variant[0], 0
    for _ in range(2000):
        x = [rng.poisson(2.0, n) + 1 for _ in range(2)]
        y = [rng.binomial(x[0], 0.12), rng.binomial(x[1], 0.14)]
        ratios = [b.sum() / a.sum() for a, b in zip(x, y, strict=True)]
        errors = [
            np.var((b - r * a) / a.mean(), ddof=1) / n for a, b, r in zip(x, y, ratios, strict=True)
        ]
        shown += (ratios[1] - ratios[0]) / np.sqrt(sum(errors)) > 1.959964
    assert shown / 2000 == pytest.approx(0.8, abs=3.5 * np.sqrt(0.16 / 2000))

"""The verdict, state by state."""

from dataclasses import replace

import pytest

from experiments.kpis.document import Text
from experiments.reporting.goal_facts import Accounting, Arm, Comparison, Goal, GuardrailFact, Range
from experiments.reporting.health_facts import OpensFact, Split
from experiments.reporting.report import State
from experiments.reporting.verdict import Evidence, judge

NAME = Text("오픈율", "open rate")
FINE = Split("sent", {"a": 500, "b": 500}, {"a": 0.5, "b": 0.5}, 1.0, 1, False, None, None)


def comparison(variant: str = "b", *, difference: float = 0.02, significant: bool = True,
               half_width: float = 0.01) -> Comparison:  # fmt: skip
    interval = Range(difference - half_width, difference + half_width)
    return Comparison(
        variant,
        variant.upper(),
        difference=difference,
        interval=interval,
        interval_adjusted=interval,
        p_value=0.001,
        significant=significant,
        better=difference > 0,
    )


def goal(
    *comparisons: Comparison,
    role: str = "primary",
    direction: str = "up",
    minimum_effect: float | None = 0.01,
    guardrails: tuple[GuardrailFact, ...] = (),
) -> Goal:
    arms = [Arm("a", "A", True, 500, 100, 0.2, None)]
    arms += [Arm(c.variant, c.name, False, 500, 100, 0.2, None) for c in comparisons]
    return Goal(
        kpi=role,
        version=1,
        name=NAME,
        short_name=NAME,
        kind="proportion",
        role=role,
        unit_of_measure="rate",
        currency=None,
        direction=direction,
        window_hours=72,
        minimum_effect=minimum_effect,
        exploratory=False,
        units_needed=None,
        arms=tuple(arms),
        comparisons=comparisons,
        guardrails=guardrails,
        accounting=Accounting(0, 0, {}),
        immature={},
        sql="",
    )


def evidence(*goals: Goal) -> Evidence:
    return Evidence(goals, (FINE,), (), purpose="learn", met=1000, final=True)


def guardrail(outcome: str, variant: str = "b") -> Goal:
    fact = GuardrailFact(variant, variant, outcome, 0.002, 0.004, 0.001)
    return goal(role="guardrail", guardrails=(fact,))


def test_a_shown_gain_wins() -> None:
    verdict = judge(evidence(goal(comparison())))
    assert (verdict.state, verdict.variant, verdict.better) == (State.WIN, "b", ("b",))


def test_of_several_winners_the_best_is_named() -> None:
    two = goal(comparison("b", difference=0.02), comparison("c", difference=0.03))
    verdict = judge(evidence(two))
    assert (verdict.variant, verdict.better) == ("c", ("c", "b"))


def test_less_is_better_where_the_kpi_says_so() -> None:
    down = replace(comparison(difference=-0.02), better=True)
    assert judge(evidence(goal(down, direction="down"))).state is State.WIN


def test_a_shown_loss_is_a_loss() -> None:
    verdict = judge(evidence(goal(comparison(difference=-0.02))))
    assert (verdict.state, verdict.variant) == (State.LOSS, "b")


def test_a_small_interval_around_nothing_is_no_difference() -> None:
    small = comparison(difference=0.001, significant=False, half_width=0.004)
    assert judge(evidence(goal(small))).state is State.NO_DIFFERENCE


def test_one_worse_and_one_the_same_is_no_difference() -> None:
    small = comparison("b", difference=0.001, significant=False, half_width=0.004)
    worse = comparison("c", difference=-0.02)
    verdict = judge(evidence(goal(small, worse)))
    assert (verdict.state, verdict.variant) == (State.NO_DIFFERENCE, "b")


def test_a_wide_interval_is_too_small_a_test() -> None:
    wide = comparison(significant=False, half_width=0.05)
    assert judge(evidence(goal(wide))).state is State.TOO_SMALL


def test_without_a_minimum_effect_nothing_is_ruled_out() -> None:
    small = comparison(difference=0.001, significant=False, half_width=0.004)
    assert judge(evidence(goal(small, minimum_effect=None))).state is State.TOO_SMALL


@pytest.mark.parametrize(("difference", "chosen"), [(0.01, "b"), (-0.01, "a")])
def test_to_choose_is_to_take_the_best_so_far(difference: float, chosen: str) -> None:
    wide = comparison(difference=difference, significant=False, half_width=0.05)
    verdict = judge(replace(evidence(goal(wide)), purpose="choose"))
    assert (verdict.state, verdict.variant) == (State.CHOICE, chosen)


def test_a_harmful_winner_is_a_trade_off() -> None:
    verdict = judge(evidence(goal(comparison()), guardrail("harmful")))
    assert (verdict.state, verdict.guardrails) == (State.TRADE_OFF, (("guardrail", "b"),))


def test_harm_does_not_stand_in_another_variants_way() -> None:
    two = goal(comparison("b", difference=0.02), comparison("c", difference=0.03))
    verdict = judge(evidence(two, guardrail("harmful", "c")))
    assert (verdict.state, verdict.variant) == (State.WIN, "b")


def test_a_winner_not_shown_safe_wins_with_that_said() -> None:
    verdict = judge(evidence(goal(comparison()), guardrail("not_shown_safe")))
    assert (verdict.state, verdict.guardrails) == (State.WIN, (("guardrail", "b"),))


def test_harm_without_a_gain_is_harm() -> None:
    wide = comparison(significant=False, half_width=0.05)
    assert judge(evidence(goal(wide), guardrail("harmful"))).state is State.HARMFUL


def test_a_broken_split_withholds_everything_and_names_who_is_short() -> None:
    broken = replace(FINE, counts={"a": 300, "b": 500}, broken=True)
    verdict = judge(replace(evidence(goal(comparison())), splits=(broken,)))
    assert (verdict.state, verdict.variant, verdict.better) == (State.SPLIT_BROKEN, "a", ())


def test_unreliable_opens_withhold_everything() -> None:
    fact = OpensFact("b", 0.01, -0.01, {}, 0.5, Range(-0.2, 0.2), ("signs_disagree",))
    verdict = judge(replace(evidence(goal(comparison())), opens=(fact,)))
    assert verdict.state is State.OPENS_UNRELIABLE


def test_before_the_end_nothing_is_won() -> None:
    assert judge(replace(evidence(goal(comparison())), final=False)).state is State.TOO_EARLY


def test_without_customers_there_are_no_data() -> None:
    assert judge(replace(evidence(goal(comparison())), met=0)).state is State.NO_DATA


def test_without_an_answer_or_a_primary_there_is_none() -> None:
    gap = Comparison("b", "B", gap="a variant has no units")
    assert judge(evidence(goal(gap))).state is State.NO_ANSWER
    assert judge(evidence()).state is State.NO_ANSWER

"""At full size the scenarios come out as they are meant to."""

from typing import Any

import pytest

from sample_data.generate import MAILINGS
from sample_data.mailing import make_mailing
from sample_data.truth import tell_truth
from stats.guardrails import GuardrailOutcome, check_rate_guardrail
from stats.lift import Lift
from stats.opens import OpenCounts, compare_opens
from stats.proportions import compare_proportions
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample
from stats.targets import WillHold, check_rate_target

Counts = dict[str, int]


@pytest.fixture(scope="module")
def truths() -> dict[str, dict[str, Any]]:
    return {
        name: tell_truth(make_mailing(scenario, scenario.customers))
        for name, scenario in MAILINGS.items()
    }


@pytest.fixture(scope="module")
def arms(truths: dict[str, dict[str, Any]]) -> tuple[Counts, Counts]:
    realised = truths["subject_line"]["realised"]
    return realised["a"], realised["b"]


def sample(arm: Counts, outcome: str) -> BinomialSample:
    return BinomialSample(arm["sent"], arm[outcome])


def compared(arms: tuple[Counts, Counts], outcome: str) -> Lift:
    return compare_proportions(sample(arms[0], outcome), sample(arms[1], outcome))


def test_b_wins_on_human_opens_and_clicks_confirm_it(arms: tuple[Counts, Counts]) -> None:
    for outcome in ("human_open", "click"):
        lift = compared(arms, outcome)
        assert lift.absolute.value > 0
        assert lift.p_value < 0.05


def test_b_holds_the_target_and_a_does_not_reach_it(arms: tuple[Counts, Counts]) -> None:
    a, b = (check_rate_target(sample(arm, "human_open"), 0.197) for arm in arms)
    assert b.will_hold is WillHold.YES
    assert a.will_hold is WillHold.NO


def test_sales_stay_unproven(arms: tuple[Counts, Counts]) -> None:
    lift = compared(arms, "purchase")
    assert lift.p_value > 0.05


def test_unsubscribes_are_shown_safe(arms: tuple[Counts, Counts]) -> None:
    control, treatment = (sample(arm, "unsubscribe") for arm in arms)
    guardrail = check_rate_guardrail(control, treatment, margin=0.001)
    assert guardrail.outcome is GuardrailOutcome.SAFE


def test_machines_shrink_the_lift_and_void_nothing(arms: tuple[Counts, Counts]) -> None:
    control, treatment = (
        OpenCounts(
            sent=arm["sent"],
            by_anyone=arm["all_open"],
            by_people=arm["human_open"],
            by_machines=arm["machine_open"],
        )
        for arm in arms
    )
    opens = compare_opens(control, treatment)
    assert not opens.faults
    assert opens.every.relative is not None
    assert opens.human.relative is not None
    assert opens.every.relative.value is not None
    assert opens.human.relative.value is not None
    assert opens.every.relative.value < opens.human.relative.value / 2


def test_the_split_and_the_deliveries_are_sound(arms: tuple[Counts, Counts]) -> None:
    assert check_sample_ratio([arm["sent"] for arm in arms], [0.5, 0.5]).p_value > 0.05
    lift = compared(arms, "delivered")
    assert lift.p_value > 0.05


def test_rates_lie_by_the_population_values(truths: dict[str, dict[str, Any]]) -> None:
    truth = truths["subject_line"]
    for variant, rates in truth["population"].items():
        counts = truth["realised"][variant]
        for outcome in ("human_open", "machine_open", "all_open", "click", "unsubscribe"):
            rate = rates[f"{outcome}_per_sent"]
            error = (rate * (1 - rate) / counts["sent"]) ** 0.5
            assert abs(counts[outcome] / counts["sent"] - rate) < 4 * error, (variant, outcome)


def test_the_broken_split_is_exactly_the_one_described(truths: dict[str, dict[str, Any]]) -> None:
    realised = truths["broken_split"]["realised"]
    assert [arm["assigned"] for arm in realised.values()] == [30_900, 30_900]
    assert [arm["nameless"] for arm in realised.values()] == [1_800, 1_800]
    sent = [arm["sent"] for arm in realised.values()]
    assert sent == [29_100, 30_900]
    check = check_sample_ratio(sent, [0.5, 0.5])
    assert check.p_value == pytest.approx(2e-13, rel=0.1)


def test_a_small_list_shows_no_difference(truths: dict[str, dict[str, Any]]) -> None:
    realised = truths["small_list"]["realised"]
    lift = compared((realised["a"], realised["b"]), "human_open")
    assert lift.p_value > 0.05
    assert lift.absolute.value > 0


def test_shares_of_dirt_are_those_described(truths: dict[str, dict[str, Any]]) -> None:
    for truth in (truths["subject_line"], truths["broken_split"]):
        events = truth["rows"]["distinct_events"]
        dirt = truth["dirt"]
        assert dirt["received_late"] / events == pytest.approx(0.005, rel=0.02)
        assert dirt["never_assigned"] / events == pytest.approx(0.003, rel=0.02)
        assert dirt["before_the_send"] / events == pytest.approx(0.001, rel=0.05)
        assert sum(dirt["repeated"].values()) / events == pytest.approx(0.02, rel=0.05)


def test_repeats_make_clicks_look_better_than_they_are(truths: dict[str, dict[str, Any]]) -> None:
    a, b = truths["subject_line"]["realised"].values()
    true = b["click"] / b["sent"] / (a["click"] / a["sent"])
    naive = b["click_rows_with_repeats"] / b["sent"] / (a["click_rows_with_repeats"] / a["sent"])
    assert naive > true

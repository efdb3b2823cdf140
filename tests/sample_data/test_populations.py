"""At full size the other scenarios lie by what they were drawn from, and decide as told."""

import json
from math import sqrt
from typing import Any

import pytest

from sample_data.cart_reminder import make_cart_reminder
from sample_data.cart_reminder_truth import tell_truth as cart_truth
from sample_data.coupon import CUSTOMERS as COUPON_CUSTOMERS
from sample_data.coupon import make_coupon
from sample_data.coupon_truth import tell_truth as coupon_truth
from sample_data.push_time import CUSTOMERS as PUSH_CUSTOMERS
from sample_data.push_time import make_push_time
from sample_data.push_time_truth import tell_truth as push_truth
from stats.guardrails import GuardrailOutcome, check_rate_guardrail
from stats.multiplicity import compare_with_control
from stats.proportions import compare_proportions
from stats.samples import BinomialSample
from stats.targets import WillHold, check_rate_target

pytestmark = pytest.mark.slow

Told = dict[str, Any]


@pytest.fixture(scope="module")
def push() -> Told:
    return told(push_truth(make_push_time(PUSH_CUSTOMERS)))


@pytest.fixture(scope="module")
def coupon() -> Told:
    return told(coupon_truth(make_coupon(COUPON_CUSTOMERS)))


@pytest.fixture(scope="module")
def cart() -> Told:
    return told(cart_truth(make_cart_reminder(78_000)))


def told(truth: Any) -> Told:
    """As somebody reads it from the file."""
    found: Told = json.loads(json.dumps(truth))
    return found


def sample(arm: dict[str, int]) -> BinomialSample:
    return BinomialSample(arm["units"], arm["total"])


def near(sample: BinomialSample, rate: float) -> bool:
    error = sqrt(rate * (1 - rate) / sample.units)
    return abs(sample.rate - rate) < 4 * error


def test_rates_of_the_push_lie_by_the_population(push: Told) -> None:
    for kpi, arms in push["kpis"].items():
        for variant, arm in arms.items():
            assert near(sample(arm), push["population"][variant][f"{kpi}_per_sent"]), (kpi, variant)


def test_utc_days_read_less_on_the_next_day(push: Told) -> None:
    for arm, rate in zip(push["by_utc_day"]["revisit_d1"].values(), (0.115, 0.123), strict=True):
        assert near(sample(arm), rate)


def test_the_push_decides_as_told(push: Told) -> None:
    a, b = (sample(arm) for arm in push["kpis"]["push_open"].values())
    assert compare_proportions(a, b).p_value < 0.01
    target = check_rate_target(b, 0.048)
    assert (target.reached, target.will_hold) == (True, WillHold.NOT_CERTAIN)
    assert not check_rate_target(sample(push["kpis"]["revisit_d1"]["b"]), 0.13).reached


def test_the_midnights_end_with_everybody(push: Told) -> None:
    last = push["midnights"][-1]
    for variant, arm in push["kpis"]["push_open"].items():
        assert (last[variant]["mature"], last[variant]["mature_opened"]) == tuple(arm.values())


def test_rates_of_the_coupon_lie_by_the_population(coupon: Told) -> None:
    for kpi in ("purchase_7d", "repeat_30d", "unsubscribe_30d"):
        for variant, arm in coupon["kpis"][kpi].items():
            assert near(sample(arm), coupon["population"][variant][kpi]), (kpi, variant)


def test_money_of_the_coupon_lies_by_the_population(coupon: Told) -> None:
    for variant, spread in (("a", 15_300), ("b", 17_800)):
        arm = coupon["kpis"]["profit_30d"][variant]
        mean = coupon["population"][variant]["profit_30d"]
        assert abs(arm["total"] / arm["units"] - mean) < 4 * spread / sqrt(arm["units"])


def test_the_coupon_harms(coupon: Told) -> None:
    control, treatment = (sample(arm) for arm in coupon["kpis"]["unsubscribe_30d"].values())
    guardrail = check_rate_guardrail(control, treatment, margin=0.001)
    assert guardrail.outcome is GuardrailOutcome.HARMFUL


def test_the_cap_lies_by_the_quantile_it_is_named_for(coupon: Told) -> None:
    outliers = coupon["outliers"]
    assert outliers["cap_won"] == pytest.approx(outliers["pooled_999"], rel=0.02)


def test_carts_lie_by_the_population_with_an_effect_and_without(cart: Told) -> None:
    for kpis, name in ((cart["kpis"], ""), (cart["no_effect"]["kpis"], "_no_effect")):
        rates = cart["population"][f"cart_purchase{name}"]
        for variant, arm in kpis["cart_purchase"].items():
            assert near(sample(arm), rates[variant]), (variant, name)
    for variant, arm in cart["no_effect"]["by_message_sent"].items():
        assert near(sample(arm), cart["population"]["by_message_sent_no_effect"][variant])


def test_four_sends_in_a_hundred_are_held_back(cart: Told) -> None:
    reasons = ("capped", "no_consent", "quiet_hours")
    held = sum(cart["suppressed"][reason] for reason in reasons)
    could = sum(arm["sent"] for arm in cart["realised"].values()) + held
    assert near(BinomialSample(could, held), 0.04)


def test_the_carts_decide_as_told(cart: Told) -> None:
    for kpis, shown in ((cart["no_effect"]["kpis"], [False] * 2), (cart["kpis"], [True, False])):
        control, *arms = (sample(arm) for arm in kpis["cart_purchase"].values())
        found = compare_with_control(compare_proportions, control, arms)
        assert [each.significant for each in found] == shown

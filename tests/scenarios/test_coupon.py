"""Scenario (c): a coupon for now or for the next purchase."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.shop import (
    Shop,
    accounted,
    comparison_of,
    counted,
    goal_of,
    opened,
    without_divisors,
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("coupon", tmp_path_factory.mktemp("coupon")) as found:
        yield found


@pytest.fixture(scope="module")
def outliers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("coupon", tmp_path_factory.mktemp("outliers"), "imports_outliers") as found:
        yield found


@pytest.fixture(scope="module")
def report(shop: Shop) -> Any:
    return shop.report()


def test_every_count_and_every_won_is_exact(shop: Shop, report: Any) -> None:
    truth = shop.truth
    assert counted(report) == without_divisors(truth["kpis"])
    assert accounted(report, truth["accounting"]) == truth["accounting"]
    for kpi in ("first_order_value", "repeat_of_buyers"):
        for arm in goal_of(report, kpi)["arms"]:
            told = truth["kpis"][kpi][arm["variant"]]
            assert arm["value"] == pytest.approx(told["total"] / told["below"], rel=1e-12)


def test_the_product_gives_everybody_the_variant_of_the_files(shop: Shop) -> None:
    assert shop.given_by_hash() == shop.assignments()


def test_dollars_are_held_apart(shop: Shop, report: Any) -> None:
    excluded = goal_of(report, "profit_30d")["accounting"]["excluded"]
    assert excluded["other_currency"] == shop.truth["other_currency"] == 5


def test_it_is_a_trade_off_and_nothing_is_shipped(report: Any) -> None:
    verdict = report["verdict"]
    assert (verdict["state"], verdict["variant"]) == ("trade_off", "b")
    assert verdict["guardrails"] == [["unsubscribe_30d", "b"]]
    assert comparison_of(report, "purchase_7d", "b")["better"] is False
    assert comparison_of(report, "purchase_7d", "b")["significant"]
    [guardrail] = goal_of(report, "unsubscribe_30d")["guardrails"]
    assert guardrail["outcome"] == "harmful"


def test_no_channel_differs_from_the_others(shop: Shop, report: Any) -> None:
    """The effect is the same in all three: a winner in one of them would be a false finding."""
    [channels] = [each for each in report["segments"] if each["key"] == "channel"]
    assert not channels["supported"]
    assert not any(group["shown"] for group in channels["groups"])
    found = {group["key"]: (group["units"], group["values"]) for group in channels["groups"]}
    for channel, told in shop.truth["realised_by_channel"].items():
        units, values = found[channel]
        assert units == {variant: arm["units"] for variant, arm in told.items()}
        for variant, arm in told.items():
            assert values[variant] == pytest.approx(arm["total"] / arm["units"], rel=1e-12)


def test_a_report_of_one_channel_counts_it_exactly(shop: Shop) -> None:
    told = shop.truth["realised_by_channel"]
    for channel in told:
        found = shop.client.get(f"/api/v1/experiments/coupon/report?segment=channel:{channel}")
        assert counted(found)["profit_30d"] == told[channel]


def test_what_is_conditional_on_buying_decides_nothing(shop: Shop, report: Any) -> None:
    for kpi in ("first_order_value", "repeat_of_buyers"):
        document = shop.client.get(f"/api/v1/kpis/{kpi}")
        assert document["descriptive_because"]


def test_a_few_resellers_hide_what_the_cap_shows(outliers: Shop) -> None:
    found, truth = outliers.report(), outliers.truth["outliers"]
    assert counted(found) == without_divisors(truth["kpis"])
    plain, capped = (
        comparison_of(found, kpi, "b")["p_value"] for kpi in ("profit_30d", "profit_30d_capped")
    )
    assert capped < plain

"""Scenario (b): a push at 10:00 or at 18:00, over seven days."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.shop import Shop, accounted, comparison_of, counted, goal_of, opened


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("push_time", tmp_path_factory.mktemp("push_time")) as found:
        yield found


@pytest.fixture(scope="module")
def report(shop: Shop) -> Any:
    return shop.report()


def test_every_count_is_exact(shop: Shop, report: Any) -> None:
    truth = shop.truth
    assert counted(report) == truth["kpis"]
    assert accounted(report, truth["accounting"]) == truth["accounting"]
    assert report["health"]["duplicates"] == sum(truth["dirt"]["repeated"].values())


def test_every_count_of_every_segment_is_exact(shop: Shop) -> None:
    for segment, kpis in shop.truth["kpis_by_segment"].items():
        report = shop.report(segment=f"property:segment={segment}")
        assert counted(report) == kpis, segment
        realised = shop.truth["realised_by_segment"][segment]
        opened = counted(report)["push_open"]
        assert {arm: (each["units"], each["total"]) for arm, each in opened.items()} == {
            arm: (told["planned"], told["opened"]) for arm, told in realised.items()
        }


def test_the_report_tells_the_segments_apart_and_adds_up(report: Any, shop: Shop) -> None:
    groups = {
        group["name"]["ko"]: group["units"]
        for each in report["segments"]
        if each["key"] == "property:segment"
        for group in each["groups"]
    }
    realised = shop.truth["realised_by_segment"]
    assert groups == {
        segment: {arm: told["planned"] for arm, told in arms.items()}
        for segment, arms in realised.items()
    }


def test_the_product_gives_everybody_the_variant_of_the_files(shop: Shop) -> None:
    assert shop.given_by_hash() == shop.assignments()


def test_days_are_those_of_seoul_and_not_of_utc(shop: Shop, report: Any) -> None:
    for kpi, trap in shop.truth["by_utc_day"].items():
        assert counted(report)[kpi] != trap


def test_b_reaches_its_target_and_is_not_certain_to_hold_it(report: Any) -> None:
    assert (report["verdict"]["state"], report["verdict"]["variant"]) == ("win", "b")
    b = goal_of(report, "push_open")["arms"][1]["target"]
    assert (b["reached"], b["holds"]) == (True, "not_certain")


def test_on_the_next_day_b_stays_below_its_target(report: Any) -> None:
    goal = goal_of(report, "revisit_d1")
    assert not goal["arms"][1]["target"]["reached"]
    assert comparison_of(report, "revisit_d1", "b")["better"]


def test_opt_outs_are_safe_or_not_yet_shown_so(report: Any) -> None:
    [guardrail] = goal_of(report, "push_opt_out")["guardrails"]
    assert guardrail["outcome"] in {"safe", "not_shown_safe"}


def test_every_midnight_counts_those_who_had_their_day(shop: Shop) -> None:
    for told in shop.truth["midnights"]:
        goal = goal_of(shop.report(as_of=told["at"]), "push_open")
        for arm in goal["arms"]:
            known, variant = told[arm["variant"]], arm["variant"]
            waiting = known["planned"] - known["mature"]
            assert (arm["units"], arm["total"]) == (known["mature"], known["mature_opened"])
            assert goal["immature"][variant] == waiting, (told["at"], variant)


def test_days_that_are_not_over_are_no_zeros(shop: Shop) -> None:
    found = counted(shop.report(as_of="2025-04-08T12:00:00+09:00"))
    for kpi, told in shop.truth["at_noon_of_04_08"].items():
        assert found[kpi] == told

"""The report of a test whose shares followed its results: batch by batch, in every form."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from stats.means import compare_means
from stats.propensity import Batch, compare_means_by_batch, compare_rates_by_batch
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample, pool
from tests.api.adaptive import KEY, ONE, Day, a_day, begin, next_batch, run
from tests.api.conftest import Api, Clock

# Days differ, the variants hardly do: added up, what is sent on good days looks better.
DRIFTING = [{"long": 0.05, "short": 0.09}, {"long": 0.2, "short": 0.2}, {"long": 0.4, "short": 0.4}]
BETTER = [{"long": 0.10, "short": 0.22}] * 3
DECISION = {"variant": "short", "saw": "more bought", "why": "it is short", "next": "keep it"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def shares_of(api: Api) -> list[dict[str, Decimal]]:
    told = api.get(f"{ONE}/batches").get_json()["batches"]
    return [{k: Decimal(str(v)) for k, v in batch["propensities"].items()} for batch in told]


def bought(api: Api, days: Sequence[Day]) -> list[Batch[BinomialSample]]:
    """The batches, from what was sent and the propensities that the interface tells."""
    return [
        Batch(shares, {key: _bought(day.spent_in(key)) for key in ("long", "short")})
        for shares, day in zip(shares_of(api), days, strict=True)
    ]


def _bought(spent: list[int]) -> BinomialSample:
    return BinomialSample(len(spent), sum(map(bool, spent)))


def spent(api: Api, days: Sequence[Day]) -> list[Batch[MeanSample]]:
    return [
        Batch(shares, {key: MeanSample.of(day.spent_in(key)) for key in ("long", "short")})
        for shares, day in zip(shares_of(api), days, strict=True)
    ]


def report(api: Api, **asked: str) -> dict[str, Any]:
    answer = api.get(f"{ONE}/report", query_string=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def goal(body: dict[str, Any], role: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in body["goals"] if each["role"] == role)
    return found


def test_every_figure_is_that_of_the_batches(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 1200})
    days = run(api, clock, DRIFTING, units=400)
    body = report(api)
    batches = bought(api, days)
    assert batches[0].propensities != batches[1].propensities
    weighted = compare_rates_by_batch(batches, "long", "short")
    [found] = goal(body, "primary")["comparisons"]
    assert found["method"] == "inverse_propensity_rates"
    assert found["difference"] == pytest.approx(weighted.absolute.value, rel=1e-12)
    assert found["p_value"] == pytest.approx(weighted.p_value, rel=1e-9)
    assert found["relative"] == pytest.approx(weighted.relative.value, rel=1e-12)
    control, treatment = goal(body, "primary")["arms"]
    assert control["value"] == pytest.approx(weighted.control.value, rel=1e-12)
    assert treatment["value"] - control["value"] == pytest.approx(found["difference"], rel=1e-9)
    # The plain reading, which says something else, is nowhere.
    plain = [pool(each.samples[key] for each in batches) for key in ("long", "short")]
    added = compare_proportions(*plain)
    assert abs(added.absolute.value - weighted.absolute.value) > 0.01
    assert treatment["value"] != pytest.approx(plain[1].rate, abs=1e-3)
    assert str(added.p_value) not in api.get(f"{ONE}/report").text


def test_means_and_guardrails_are_weighted_too(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 900})
    days = run(api, clock, BETTER, units=300)
    body = report(api)
    weighted = compare_means_by_batch(spent(api, days), "long", "short")
    [found] = goal(body, "secondary")["comparisons"]
    assert (found["method"], found["adjustments"]) == ("inverse_propensity_means", [])
    assert found["difference"] == pytest.approx(weighted.absolute.value, rel=1e-12)
    batches = [each.samples for each in spent(api, days)]
    plain = compare_means(*(pool(each[key] for each in batches) for key in ("long", "short")))
    assert found["p_value"] != pytest.approx(plain.p_value, rel=1e-6)
    # Nobody unsubscribed: no weighted method can answer, and that is not safety.
    [fact] = goal(body, "guardrail")["guardrails"]
    assert (fact["outcome"], fact["worst"]) == ("not_shown_safe", None)


def test_a_variant_that_is_better_wins(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 900})
    run(api, clock, BETTER, units=300)
    body = report(api)
    assert (body["verdict"]["state"], body["verdict"]["variant"]) == ("win", "short")
    assert goal(body, "primary")["comparisons"][0]["expected"] is not None


def test_the_batches_are_told(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 900})
    days = run(api, clock, BETTER, units=300)
    told = report(api)["adaptive"]
    assert (told["method"], told["floor"], told["batch"], told["kpi"]) == (
        "thompson", 0.1, "day", "bought",
    )  # fmt: skip
    assert [each["number"] for each in told["batches"]] == [1, 2, 3]
    assert [each["shares"] for each in told["batches"]] == [
        {key: float(share) for key, share in shares.items()} for shares in shares_of(api)
    ]
    for each, day in zip(told["batches"], days, strict=True):
        assert each["units"] == {
            key: sum(1 for found in day.given.values() if found == key) for key in ("long", "short")
        }
        assert each["split_p"] > 0.001
    assert told["batches"][1]["best"]["short"] == pytest.approx(
        told["batches"][1]["shares"]["short"], abs=0.1
    )
    assert told["ended_early"] is False


def test_each_batch_is_held_against_its_own_shares(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 900})
    run(api, clock, BETTER, units=300)
    body = report(api)
    [split] = body["health"]["splits"]
    assert split["broken"] is False
    # Against the registered halves it would be.
    assert split["counts"]["short"] > 1.5 * split["counts"]["long"]


def test_before_the_end_there_is_no_range(api: Api, clock: Clock) -> None:
    begin(api)
    a_day(api, clock, 1, 300, BETTER[0])
    next_batch(api, clock)
    body = report(api)
    assert (body["final"], body["verdict"]["state"]) == (False, "too_early")
    for each in body["goals"]:
        [found] = each["comparisons"]
        assert found["always_valid"] is None
        assert "no range holds at any time" in found["gap"]
    assert body["segments"] == []
    told = api.get(f"{ONE}/report?format=text&lang=ko").text
    assert "아무 때나 볼 수 있는 범위가 없습니다" in " ".join(told.split())
    assert api.get(f"{ONE}/report/pictures/timeline.svg").status_code == 409


def test_a_test_stopped_before_its_end_says_so(api: Api, clock: Clock) -> None:
    begin(api)
    a_day(api, clock, 1, 200, BETTER[0])
    clock.at += timedelta(days=1)
    assert api.post(f"{ONE}/stop").status_code == 200
    assert report(api)["adaptive"]["ended_early"] is True


def test_a_segment_is_compared_batch_by_batch(api: Api, clock: Clock) -> None:
    begin(api, plan={"units_planned": 900})
    days = run(api, clock, BETTER, units=300)
    body = report(api, segment="channel:alimtalk")
    weighted = compare_rates_by_batch(bought(api, days), "long", "short")
    [found] = goal(body, "primary")["comparisons"]
    assert found["difference"] == pytest.approx(weighted.absolute.value, rel=1e-12)


@pytest.fixture
def ended(api: Api, clock: Clock) -> Api:
    """A client of a project with a run of three batches that has ended."""
    begin(api, plan={"units_planned": 900})
    run(api, clock, BETTER, units=300)
    return api


def test_every_file_tells_the_batches_and_no_plain_reading(ended: Api) -> None:
    body = report(ended)
    [shown] = goal(body, "primary")["comparisons"]
    rows = [
        row
        for row in csv.DictReader(io.StringIO(ended.get(f"{ONE}/report?format=csv").text))
        if row["kpi"] == "bought" and row["variant"] == "short"
    ]
    by_figure = {row["figure"]: row for row in rows}
    assert float(by_figure["difference"]["value"]) == shown["difference"]
    assert Decimal(by_figure["batch3_share"]["value"]) == shares_of(ended)[2]["short"]
    assert by_figure["batch1_best"]["reason"] == "not_followed"
    assert by_figure["method"]["text"] == "inverse_propensity_rates"
    assert by_figure["days_difference"]["reason"] == "not_computable"
    assert goal(body, "primary")["days_gap"].startswith("the shares of the variants follow")
    assert not [name for name in by_figure if name.startswith(("phases", "covariate", "hours"))]
    assert "날짜별 효과를 보여 드리지 않습니다" in " ".join(
        ended.get(f"{ONE}/report?format=text&lang=ko").text.split()
    )
    for language, said in (("ko", "자동 배분 테스트입니다"), ("en", "followed its results")):
        for form in ("text", "html"):
            told = ended.get(f"{ONE}/report?format={form}&lang={language}")
            assert said in " ".join(told.text.split())
        spoken = body["said"][language]["adaptive"]
        assert said in spoken[0]


def test_pictures_show_what_is_weighted(ended: Api) -> None:
    svg = ended.get(f"{ONE}/report/pictures/shares.svg").text
    assert svg.count("<rect") >= 6
    for name in ("forest", "rates"):
        assert ended.get(f"{ONE}/report/pictures/{name}.svg").status_code == 200
    assert ended.get(f"{ONE}/report/pictures/steps.svg").status_code == 409


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_shows_the_batches(
    ended: Api, browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    page = browser_for("viewer").get(
        f"/experiments/{KEY}", headers={"Accept-Language": language}
    ).text  # fmt: skip
    assert ("차수별 배정" if language == "ko" else "The batches") in page
    assert 'class="card-t picture shares"' in page


def test_a_kept_report_is_made_again_to_the_same_bytes(ended: Api, clock: Clock) -> None:
    kept = ended.post(f"{ONE}/reports", json={})
    assert kept.status_code == 201, kept.text
    number = kept.get_json()["id"]
    clock.at += timedelta(days=1)
    assert ended.post(f"{ONE}/decide", json=DECISION).status_code == 200
    found = ended.get(f"/api/v1/reports/{number}/verification").get_json()
    assert found["outcome"] == "equal"

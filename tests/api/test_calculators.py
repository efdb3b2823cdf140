"""The calculators over the interface and on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api import cli
from experiments.storage.database import Database
from tests.api.conftest import Api

ANALYSE, PLAN = "/api/v1/analyse", "/api/v1/plan"
MONEY = {"unit_of_measure": "money", "currency": "USD"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database will do: the calculators ask it for the caller's key alone."""
    return sqlite_database


@pytest.fixture
def reader(key_for: Callable[..., Api]) -> Api:
    return key_for(["read"])


def rates(*counts: tuple[int, int], **others: Any) -> dict[str, Any]:
    variants = [{"units": units, "successes": successes} for units, successes in counts]
    return {"kind": "proportion", "variants": variants, **others}


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=given)


def test_figures_become_a_verdict_in_both_languages(reader: Api) -> None:
    answer = reader.post(ANALYSE, json=rates((20_000, 400), (20_000, 480)))
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert found is not None
    assert found["verdict"]["state"] == "win"
    assert found["said"]["ko"]["headline"] == "B안이 더 좋습니다."
    assert found["said"]["en"]["headline"] == "B is better."
    assert found["goal"]["comparisons"][0]["method"] == "score"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_answer_is_read_as_text(reader: Api, language: str) -> None:
    query = {"format": "text", "lang": language}
    answer = reader.post(ANALYSE, json=rates((200, 40), (200, 60)), query_string=query)
    assert answer.mimetype == "text/plain"
    assert ("결론" if language == "ko" else "Verdict") in answer.text


@pytest.mark.parametrize(
    "figures",
    [
        {"kind": "mean", "variants": [
            {"units": 100, "mean": 12.5, "variance": "100.25"},
            {"units": 100, "mean": 0, "variance": 0}], **MONEY},
        {"kind": "ratio", "variants": [
            {"units": 900, "numerator_mean": 1.5, "numerator_variance": 2,
             "denominator_mean": 6, "denominator_variance": 4, "covariance": 0.5},
            {"units": 950, "numerator_mean": 1.9, "numerator_variance": 2.5,
             "denominator_mean": 6, "denominator_variance": 4, "covariance": 0.75}]},
        {"kind": "score", "variants": [
            {"promoters": 50, "passives": 30, "detractors": 20},
            {"promoters": 60, "passives": 25, "detractors": 15}]},
    ],
    ids=lambda figures: figures["kind"],
)  # fmt: skip
def test_every_kind_of_kpi_is_analysed(reader: Api, figures: dict[str, Any]) -> None:
    answer = reader.post(ANALYSE, json=figures)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["goal"]["comparisons"][0]["p_value"] is not None


def test_a_score_is_in_points(reader: Api) -> None:
    variants = [
        {"promoters": 50, "passives": 30, "detractors": 20},
        {"promoters": 60, "passives": 25, "detractors": 15},
    ]
    answer = reader.post(ANALYSE, json={"kind": "score", "variants": variants}).json
    assert answer is not None
    assert [arm["value"] for arm in answer["goal"]["arms"]] == [30.0, 45.0]


def test_names_weights_and_the_control_may_be_stated(reader: Api) -> None:
    body = rates((30_000, 600), (10_000, 250))
    body["variants"][0] |= {"key": "new", "name": "새 제목", "weight": 0.75}
    body["variants"][1] |= {"key": "old", "name": "옛 제목", "weight": 0.25, "control": True}
    found = reader.post(ANALYSE, json=body).json
    assert found is not None
    assert found["splits"][0]["expected"] == {"new": 0.75, "old": 0.25}
    assert found["goal"]["comparisons"][0]["name"] == "새 제목"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": [{"units": 10, "successes": 1}]}, "variants"),
        ({"variants": [{"units": 10, "successes": 11}, {"units": 9, "successes": 1}]},
         "variants.0.successes"),
        ({"variants": [{"units": 10, "successes": 1}, {"units": 9}]}, "variants.1.successes"),
        ({"variants": [{"units": 10, "successes": 1, "weight": 0.5},
                       {"units": 9, "successes": 1}]}, "variants.1.weight"),
        ({"variants": [{"units": 10.5, "successes": 1}, {"units": 9, "successes": 1}]},
         "variants.0.units"),
        ({"kind": "median"}, "kind"),
        ({"alpha": 5}, "alpha"),
        ({"alpha": "0.7"}, "alpha"),
        ({"direction": "sideways"}, "direction"),
        ({"name": ""}, "name.ko"),
        ({"colour": "red"}, "colour"),
        ({"margin": -1}, "margin"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(reader: Api, change: dict[str, Any], field: str) -> None:
    answer = reader.post(ANALYSE, json=rates((10, 1), (10, 2)) | change)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert field in [error["field"] for error in answer.json["errors"]]


def test_a_second_lens_stands_beside_the_verdict(reader: Api) -> None:
    body = rates((20_000, 400), (20_000, 480), (20_000, 410), second_lens=True)
    found = reader.post(ANALYSE, json=body).json
    assert found is not None
    lens = found["second_lens"]["variants"]
    assert sum(each["best"] for each in lens.values()) == pytest.approx(1)
    assert lens["a"]["beats_control"] is None
    assert lens["b"]["beats_control"] > 0.99
    assert 0 < lens["b"]["expected_lift"]["expected"] < lens["b"]["expected_lift"]["observed"]


@pytest.mark.parametrize(
    "change", [{"finished": False}, {"variants": [{"units": 0, "successes": 0}] * 2}]
)
def test_a_second_lens_says_why_it_shows_nothing(reader: Api, change: dict[str, Any]) -> None:
    body = rates((200, 40), (200, 48), second_lens=True) | change
    found = reader.post(ANALYSE, json=body).json
    assert found is not None
    assert found["second_lens"]["gap"]


def blast(**changes: Any) -> dict[str, Any]:
    body = {"kind": "proportion", "baseline": 0.18, "shape": "one_blast", "list_size": 20_000}
    return body | {"relative_effect": 0.1} | changes


def test_a_plan_is_numbers_and_sentences(reader: Api) -> None:
    answer = reader.post(PLAN, json=blast(shape="test_then_rest", prior_sd=0.018))
    assert answer.status_code == 200, answer.text
    plan = answer.json
    assert plan is not None
    assert plan["per_variant"] == [7_426, 7_426]
    assert plan["profit"]["per_variant"] == pytest.approx(1_200, rel=0.01)
    assert plan["said"]["ko"]["headline"] == "안마다 7,426명, 모두 14,852명이 필요합니다."
    assert plan["said"]["en"]["next_step"] == "You can register the test like this."
    assert plan["visible"]["increase"]["relative"] == pytest.approx(0.1, abs=1e-4)


def test_a_small_list_is_a_caution_and_no_refusal(reader: Api) -> None:
    body = blast(baseline=0.025, list_size=5_000, units=5_000)
    del body["relative_effect"]
    plan = reader.post(PLAN, json=body).json
    assert plan is not None
    assert round(plan["visible"]["increase"]["relative"], 2) == 0.56
    assert round(plan["visible"]["decrease"]["relative"], 2) == -0.44
    assert plan["cautions"] == ["small_list"]
    assert len(plan["said"]["ko"]["cautions"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "mean", "baseline": 2652, "standard_deviation": 15300, "unit_of_measure": "money",
         "currency": "KRW", "shape": "triggered", "eligible_per_day": 3000, "effect": 392,
         "weights": [1, 1, 2], "window_days": 7, "covariate_correlation": 0.5,
         "guardrails": [{"kind": "proportion", "baseline": 0.0025, "margin": 0.001}]},
        {"kind": "ratio", "baseline": 0.12, "denominator_mean": 2, "numerator_variance": 0.3,
         "denominator_variance": 1.5, "covariance": 0.2, "shape": "recurring", "sends": 4,
         "list_size": 30000, "days_between": 7, "effect": 0.01},
        {"kind": "score", "promoters": 0.5, "detractors": 0.2, "shape": "one_blast",
         "list_size": 4000, "effect": 8, "units": 2000},
        {"kind": "proportion", "baseline": 0.0025, "shape": "one_blast", "list_size": 60000,
         "effect": 0.001, "harm": "up"},
    ],
    ids=["mean", "ratio", "score", "harm"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_kind_of_kpi_is_planned(reader: Api, body: dict[str, Any], language: str) -> None:
    answer = reader.post(PLAN, json=body)
    assert answer.status_code == 200, answer.text
    text = reader.post(PLAN, json=body, query_string={"format": "text", "lang": language}).text
    assert "→" in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"baseline": 18}, "baseline"),
        ({"baseline": None}, "baseline"),
        ({"standard_deviation": 3}, "standard_deviation"),
        ({"list_size": 0}, "list_size"),
        ({"list_size": 99.5}, "list_size"),
        ({"eligible_per_day": 5}, "eligible_per_day"),
        ({"shape": "drip"}, "shape"),
        ({"effect": 0.01}, "relative_effect"),
        ({"relative_effect": 9}, "effect"),
        ({"relative_effect": 0}, "effect"),
        ({"units": 30_000}, "effect"),
        ({"looks": 4}, "effect"),
        ({"power": 1}, "power"),
        ({"alpha": "five"}, "alpha"),
        ({"weights": [1]}, "weights"),
        ({"weights": [1, -1]}, "power"),
        ({"retention": 0}, "power"),
        ({"harm": "sideways"}, "harm"),
        ({"guardrails": [{"kind": "proportion", "baseline": 2}]}, "guardrails.0.baseline"),
        ({"guardrails": [{"kind": "proportion", "baseline": 0.1, "margin": 0}]},
         "guardrails.0.margin"),
        ({"guardrails": [{"kind": "mean", "baseline": 1}]}, "guardrails.0.standard_deviation"),
    ],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(
    reader: Api, change: dict[str, Any], field: str
) -> None:
    answer = reader.post(PLAN, json=blast(**change))
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert field in [error["field"] for error in answer.json["errors"]]


def test_the_command_line_plans_from_options() -> None:
    asked = ("--baseline", "0.18", "--list", "20000", "--relative-effect", "0.1", "--lang", "ko")
    assert "안마다 7,426명" in run("plan", *asked).output
    triggered = run("plan", "--baseline", "0.18", "--per-day", "2000", "--effect", "0.018")
    assert "14 days" in triggered.output
    refused = run("plan", "--baseline", "0.18")
    assert refused.exit_code != 0
    assert "--list or --per-day" in refused.output


def test_the_command_line_answers_from_counts() -> None:
    result = run("analyse", "--counts", "400/20000", "--counts", "480/20000", "--lang", "ko")
    assert result.exit_code == 0, result.output
    assert "B안이 더 좋습니다." in result.output


def test_the_command_line_answers_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(rates((20_000, 400), (20_000, 480))), encoding="utf-8")
    result = run("analyse", str(path), "--format", "json")
    assert json.loads(result.output)["verdict"]["state"] == "win"


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (["analyse"], None, "give a FILE, or --counts"),
        (["analyse", "--counts", "400", "--counts", "1/2"], None, "not SUCCESSES/UNITS"),
        (["analyse", "--counts", "3/2", "--counts", "1/2"], None, "variants.0.successes"),
        (["analyse", "-"], "{", "not acceptable JSON"),
        (["analyse", "-"], "{}", "kind: Missing data"),
    ],
)
def test_the_command_line_refuses_in_one_line(
    arguments: list[str], given: str | None, said: str
) -> None:
    result = run(*arguments, given=given)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output

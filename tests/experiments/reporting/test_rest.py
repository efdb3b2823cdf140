"""What a winner is expected to bring to the customers of the list outside the test."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from experiments.measurement.replica import Replica
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.reporting.exports.rows import rows_of
from experiments.reporting.goal_facts import Comparison, Goal, Range
from experiments.reporting.redaction import NAMES, REVENUE, redacted
from experiments.reporting.report import Report, State
from experiments.reporting.rest import rest_of_list, with_rest
from experiments.reporting.text import render_text
from experiments.reporting.wording import per_10000, say_rest
from experiments.storage.database import Database
from sample_data.load import load_scenario
from tests.conftest import make_project
from tests.experiments.reporting.factories import CASES, VARIATIONS, Case, report_of

LIST, MET = 108_000, 60_000
EVERYBODY, SOME = Decimal(1), Decimal(MET) / LIST
SAMPLE = Path(__file__).resolve().parents[3] / "sample_data" / "subject_line"


def told(case: Case, planned: int | None = LIST) -> Report:
    return with_rest(report_of(case), planned, SOME, MET)


def only(goal: Goal) -> Comparison:
    (found,) = goal.comparisons
    return found


def said(report: Report, language: str) -> str:
    return " ".join(say_rest(report.goals[0], only(report.goals[0]), language))


def says_nothing(report: Report) -> bool:
    return all(each.rest is None for goal in report.goals for each in goal.comparisons)


def test_the_rest_is_the_list_without_the_test() -> None:
    assert rest_of_list("test_then_rest", LIST, EVERYBODY, MET) == 48_000
    assert rest_of_list("test_then_rest", LIST, SOME, MET) == 48_000
    assert rest_of_list("one_blast", LIST, SOME, MET - 1_000) == 48_000


@pytest.mark.parametrize(
    ("shape", "planned", "coverage", "met"),
    [
        ("one_blast", None, SOME, MET),
        ("one_blast", LIST, SOME, 0),
        # Everybody takes part, and some could not be reached.
        ("one_blast", LIST, EVERYBODY, MET),
        ("test_then_rest", None, EVERYBODY, MET),
        ("test_then_rest", MET, EVERYBODY, MET),
        ("test_then_rest", 50_000, EVERYBODY, MET),
        ("test_then_rest", 63_000, EVERYBODY, MET),
        ("triggered", LIST, SOME, MET),
        ("recurring", LIST, SOME, MET),
    ],
)
def test_nobody_remains_or_nobody_knows(
    shape: str, planned: int | None, coverage: Decimal, met: int
) -> None:
    assert rest_of_list(shape, planned, coverage, met) is None


def test_the_expectation_is_that_of_the_winner_in_use() -> None:
    goal = told(CASES[State.WIN]).goals[0]
    found = only(goal)
    assert found.rest is not None
    assert found.expected is not None
    assert found.difference is not None
    assert found.rest.units == 48_000
    assert found.rest.corrected
    assert found.rest.total == pytest.approx(48_000 * found.expected.difference)
    assert 0 < found.rest.total < 48_000 * found.difference
    lower, upper = found.rest.interval.lower, found.rest.interval.upper
    assert lower is not None
    assert upper is not None
    assert lower < found.rest.total < upper


def test_a_kpi_without_a_shown_difference_rests_on_the_observed_one() -> None:
    report = told(CASES[State.WIN])
    goal = next(g for g in report.goals if g.role == "secondary" and not only(g).significant)
    found = only(goal)
    assert found.rest is not None
    assert found.difference is not None
    assert not found.rest.corrected
    assert found.rest.total == pytest.approx(48_000 * found.difference)
    assert "수 있습니다." in " ".join(say_rest(goal, found, "ko"))


def test_a_guardrail_goes_by_its_worst_alone() -> None:
    report = told(CASES[State.WIN])
    assert all(only(goal).rest is None for goal in report.goals if goal.role == "guardrail")


def test_it_is_said_in_korean_and_in_english() -> None:
    report = told(CASES[State.WIN])
    assert said(report, "ko") == (
        "나머지 고객 48,000명에게 A안 대신 B안을 보내면 약 1,239명 늘 것으로 예상합니다(오차를 "
        "고려하면 926~1,562명). 테스트에서 본 차이는 우연으로 커졌을 수 있어, 그보다 작게 잡은 "
        "예상입니다."
    )
    assert said(report, "en") == (
        "Sent to the remaining 48,000 customers in place of A안, B안 is expected to bring about "
        "1,239 customers more (allowing for error 926 to 1,562 customers). Chance may have made "
        "the difference look larger than it is, so this expects less of it than the test has "
        "shown."
    )


def test_money_is_said_as_money() -> None:
    assert said(told(VARIATIONS["money"]), "ko").startswith(
        "나머지 고객 48,000명에게 A안 대신 B안을 보내면 약 1,515만 원 늘 것으로 예상합니다(오차를 "
        "고려하면 366만~2,765만 원)."
    )


@pytest.mark.parametrize("state", sorted(set(State) - {State.WIN}))
def test_nothing_is_expected_where_no_winner_is_recommended(state: State) -> None:
    assert says_nothing(told(CASES[state]))


def test_nothing_is_expected_while_a_guardrail_is_not_shown_safe() -> None:
    assert says_nothing(told(VARIATIONS["guardrail_unsure"]))


def test_nothing_is_expected_before_the_end() -> None:
    assert says_nothing(told(replace(CASES[State.WIN], final=False)))


def test_nothing_is_expected_of_a_list_of_unknown_size() -> None:
    assert says_nothing(told(CASES[State.WIN], None))


def test_nothing_is_expected_of_a_difference_without_a_limit() -> None:
    report = report_of(CASES[State.WIN])
    goal = report.goals[0]
    open_sided = replace(
        only(goal), expected=None, interval=Range(0.01, None), interval_adjusted=None
    )
    changed = replace(report, goals=(replace(goal, comparisons=(open_sided,)), *report.goals[1:]))
    assert only(with_rest(changed, LIST, SOME, MET).goals[0]).rest is None


def test_only_the_winner_of_several_is_sent() -> None:
    report = with_rest(report_of(VARIATIONS["three_arms"]), LIST, SOME, MET)
    found = {each.variant: each.rest for each in report.goals[0].comparisons}
    assert report.verdict.variant is not None
    assert found.pop(report.verdict.variant) is not None
    assert set(found.values()) == {None}


@pytest.mark.parametrize("kind", ["ratio", "quantile", "time_to_event", "score"])
def test_kinds_that_do_not_add_up_over_customers_say_nothing(kind: str) -> None:
    report = report_of(VARIATIONS["money"])
    (goal,) = report.goals
    report = with_rest(replace(report, goals=(replace(goal, kind=kind),)), LIST, SOME, MET)
    assert says_nothing(report)
    assert per_10000(report.goals[0], only(report.goals[0]), "ko") is None


def test_every_format_has_it() -> None:
    report = told(CASES[State.WIN])
    rest = report_document(report)["goals"][0]["comparisons"][0]["rest"]
    assert rest["units"] == 48_000
    figures = {(row.kpi, row.figure): row for row in rows_of(report, "ko")}
    kpi = report.goals[0].kpi
    assert figures[kpi, "rest_customers"].value == 48_000
    assert figures[kpi, "rest_total"].value == rest["total"]
    assert figures[kpi, "rest_total_lower"].value == rest["interval"]["lower"]
    assert figures[kpi, "rest_corrected"].text == "yes"
    assert "나머지 고객 48,000명에게" in render_text(report, "ko")


def test_a_report_without_amounts_tells_none_of_the_rest() -> None:
    hidden = redacted(told(VARIATIONS["money"]), frozenset({NAMES, REVENUE}))
    assert say_rest(hidden.goals[0], only(hidden.goals[0]), "ko") == ()


@pytest.mark.parametrize(
    ("shape", "planned", "remaining"),
    [("test_then_rest", 50_000, 48_000), ("one_blast", 2_000, None)],
)
def test_the_list_is_that_of_the_plan(
    sqlite_database: Database,
    now: datetime,
    tmp_path: Path,
    shape: str,
    planned: int,
    remaining: int | None,
) -> None:
    folder = tmp_path / "scenario"
    shutil.copytree(SAMPLE, folder)
    draft = json.loads((folder / "experiment.json").read_text())
    goals = [each for each in draft["goals"] if each["role"] == "primary"]
    # The extract is too small to show a difference at a usual error rate.
    draft |= {"goals": goals, "plan": {"units_planned": planned, "alpha": "0.49", "power": "0.8"}}
    draft |= {"shape": shape}
    (folder / "experiment.json").write_text(json.dumps(draft))
    project = make_project(sqlite_database, now - timedelta(days=30), "main")
    key = load_scenario(sqlite_database, project, folder)
    replica = Replica(tmp_path / "replica", sqlite_database)
    at = datetime(2025, 4, 1, tzinfo=UTC)
    report = build_report(sqlite_database, replica, project, key, now=at)
    assert report.verdict.state is State.WIN
    rest = only(report.goals[0]).rest
    assert (None if rest is None else rest.units) == remaining

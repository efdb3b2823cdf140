"""Tidy rows: every figure is there, or says why not."""

from dataclasses import replace
from math import inf, isfinite, nan

import pytest

from experiments.reporting.exports.rows import Row, rows_of
from experiments.reporting.goal_facts import Range
from experiments.reporting.report import Report, State
from tests.experiments.reporting.factories import CASES, THREE_ARMS, VARIATIONS, example, report_of

REPORTS = {
    **{state.value: report_of(case) for state, case in CASES.items()},
    **{name: report_of(case) for name, case in VARIATIONS.items()},
}


def found(report: Report, language: str = "en") -> dict[tuple[str, str, str], Row]:
    return {(row.kpi, row.variant, row.figure): row for row in rows_of(report, language)}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_figure_is_a_finite_number_a_word_or_missing_with_a_reason(
    name: str, language: str
) -> None:
    report = REPORTS[name]
    rows = list(rows_of(report, language))
    assert len(rows) == len(found(report))
    for row in rows:
        assert row.value is None or (isfinite(row.value) and row.text is None)
        assert (row.reason is None) == (row.reason_said is None)
        if row.value is None and row.text is None:
            assert row.reason_said, row


def test_values_are_those_of_the_report() -> None:
    report = example(State.WIN)
    [entry], arm = report.goals[0].comparisons, report.goals[0].arms[1]
    rows = found(report)
    assert rows["human_open", "b", "customers"].value == arm.units
    assert rows["human_open", "b", "value"].value == arm.value
    assert rows["human_open", "b", "p_value"].value == entry.p_value
    assert rows["human_open", "b", "method"].text == entry.method
    assert rows["human_open", "b", "better"].text == "yes"
    assert rows["unsubscribe", "b", "guardrail"].text == "safe"
    assert ("human_open", "a", "difference") not in rows


def test_before_the_end_only_what_always_holds_is_given() -> None:
    rows = found(example(State.TOO_EARLY))
    for figure in ("difference_lower", "p_value", "relative", "better", "difference_shown"):
        row = rows["human_open", "b", figure]
        assert (row.value, row.text, row.reason) == (None, None, "before_end"), figure
    assert rows["human_open", "b", "always_valid_lower"].value is not None


@pytest.mark.parametrize("state", [State.SPLIT_BROKEN, State.OPENS_UNRELIABLE])
def test_what_is_withheld_says_so_beside_the_number(state: State) -> None:
    rows = found(example(state), "ko")
    row = rows["human_open", "b", "difference"]
    assert row.value is not None
    assert row.reason == state.value
    assert "보류" in (row.reason_said or "") or "오픈" in (row.reason_said or "")
    assert rows["human_open", "b", "better"].text is None


def test_a_side_without_limit_and_a_number_that_is_none_are_missing() -> None:
    report = report_of(THREE_ARMS)
    goal = report.goals[0]
    entry = replace(goal.comparisons[0], interval=Range(-inf, None), difference=nan)
    rows = found(replace(report, goals=(replace(goal, comparisons=(entry,)),)))
    key = (goal.kpi, entry.variant)
    assert rows[*key, "difference"].reason == "not_number"
    assert rows[*key, "difference_lower"].reason == "not_number"
    assert rows[*key, "difference_upper"].reason == "no_limit"

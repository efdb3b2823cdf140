"""Planned looks as rows and as a sheet: what came, what it saw, what is still to come."""

from dataclasses import replace
from datetime import datetime

import pytest

from experiments.kpis.document import Text
from experiments.reporting.exports.look_rows import look_lines
from experiments.reporting.exports.rows import Row, rows_of
from experiments.reporting.exports.workbook import workbook
from experiments.reporting.group_facts import SegmentRead
from experiments.reporting.looks import first_shown
from experiments.reporting.report import Report, State, Verdict
from tests.experiments.reporting.exports.workbooks import formulas, sheets
from tests.experiments.reporting.factories import example
from tests.experiments.reporting.golden.reports import at_a_look

REPORT = at_a_look()
LOOKS = REPORT.timeline.looks if REPORT.timeline else ()


def rows(report: Report, language: str = "en") -> dict[str, Row]:
    found = rows_of(report, language)
    return {row.figure: row for row in found if row.figure.startswith("look")}


def test_a_look_that_came_has_its_bound_what_it_saw_and_what_followed() -> None:
    found = rows(REPORT)
    third = LOOKS[2]
    [finding] = third.findings
    assert finding.interval is not None
    assert found["look3_due"].value == third.share == 0.75
    assert third.at is not None
    assert datetime.fromisoformat(found["look3_at"].text or "") == third.at
    assert found["look3_seen"].value == third.seen
    assert found["look3_bound"].value == third.bound
    assert found["look3_error_spent"].value == third.spent
    assert found["look3_difference"].value == finding.difference
    assert found["look3_difference_lower"].value == finding.interval.lower
    assert found["look3_difference_upper"].value == finding.interval.upper
    assert (found["look3_difference_shown"].text, found["look3_better"].text) == ("yes", "yes")
    decided = [found[f"look{number}_decision"].text for number in (1, 2, 3)]
    shown = first_shown(LOOKS)
    assert shown is not None
    assert decided == ["go_on"] * (shown.number - 1) + ["may_end"] * (4 - shown.number)
    assert found["look1_better"].reason == "not_shown"


@pytest.mark.parametrize(
    ("language", "said"),
    [("ko", "아직 오지 않은 중간 점검입니다."), ("en", "This planned check has not come yet.")],
)
def test_a_look_that_has_not_come_says_so(language: str, said: str) -> None:
    found = rows(REPORT, language)
    assert found["look4_due"].value == 1.0
    for name in ("at", "seen", "bound", "difference", "difference_shown", "decision"):
        row = found[f"look4_{name}"]
        assert (row.value, row.text) == (None, None)
        assert (row.reason, row.reason_said) == ("look_not_due", said)


def test_results_of_looks_are_withheld_with_the_others() -> None:
    withheld = replace(REPORT, verdict=Verdict(State.SPLIT_BROKEN))
    found = rows(withheld)
    assert found["look3_bound"].reason is None
    assert found["look3_difference"].reason == "split_broken"
    assert found["look3_difference_shown"].text is None
    assert found["look3_decision"].text is None


def test_where_no_looks_are_planned_there_are_no_rows_and_no_sheet() -> None:
    report = example(State.WIN)
    assert rows(report) == {}
    assert len(sheets(workbook(report, "en"))) == 4
    segment = SegmentRead("vip", Text("VIP 고객", "VIP customers"), 6_000)
    assert list(look_lines(replace(REPORT, segment=segment))) == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_workbook_has_a_sheet_of_the_looks(language: str) -> None:
    content = workbook(REPORT, language)
    assert formulas(content) == []
    _, _, looks, _, _ = sheets(content)
    head, *lines = looks
    assert len(lines) == 4
    assert len(head) == 12
    assert [line[0] for line in lines] == [1, 2, 3, 4]
    assert lines[2][4] == LOOKS[2].bound
    assert lines[2][7] == LOOKS[2].findings[0].difference
    came = {"ko": "종료해도 됨", "en": "the test may end"}[language]
    assert lines[2][11] == came
    assert lines[3][2] == {"ko": "아직 오지 않은 점검", "en": "has not come yet"}[language]


def test_the_data_frame_has_the_looks_too() -> None:
    frame = REPORT.to_frame()
    bounds = frame[frame["figure"].str.fullmatch(r"look\d_bound")].set_index("figure")["value"]
    assert bounds["look1_bound"] > bounds["look2_bound"] > bounds["look3_bound"] > 1.96
    assert bounds.isna()["look4_bound"]

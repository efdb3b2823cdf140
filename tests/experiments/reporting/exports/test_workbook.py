"""Excel: no name is ever a formula, and every number is a number."""

import pytest

from experiments.reporting.exports.rows import COLUMNS, rows_of
from experiments.reporting.exports.workbook import workbook
from experiments.reporting.report import State
from experiments.reporting.wording import say
from tests.experiments.reporting.exports.naughty import keys_of, naughty_names, report_named
from tests.experiments.reporting.exports.workbooks import formulas, sheets
from tests.experiments.reporting.factories import example


def test_all_naughty_names_come_back_and_none_is_a_formula() -> None:
    names = naughty_names()
    content = workbook(report_named(names), "en")
    assert formulas(content) == []
    _, kpis, figures, _ = sheets(content)
    key, name = COLUMNS.index("variant"), COLUMNS.index("variant_name")
    found = {row[key]: row[name] or "" for row in figures[1:]}
    assert [found[key] for key in keys_of(names)] == names
    assert [row[2] or "" for row in kpis[1:]] == names


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("state", list(State))
def test_a_workbook_in_every_state(state: State, language: str) -> None:
    report = example(state)
    content = workbook(report, language)
    verdict, kpis, figures, _ = sheets(content)
    said = say(report, language)
    texts = [cell for row in verdict for cell in row]
    assert {said.headline, *said.sentences, said.next_step} <= set(texts)
    assert len(kpis) == 1 + sum(len(goal.arms) for goal in report.goals)
    assert len(figures) == 1 + len(list(rows_of(report, language)))


def test_numbers_keep_every_digit() -> None:
    report = example(State.LOSS)
    _, _, figures, _ = sheets(workbook(report, "en"))
    numbers = {cell for row in figures for cell in row if isinstance(cell, float)}
    wanted = {float(row.value) for row in rows_of(report, "en") if row.value is not None}
    assert wanted <= numbers


def test_the_same_report_is_the_same_workbook() -> None:
    report = example(State.WIN)
    assert workbook(report, "ko") == workbook(report, "ko")

"""A report as an Excel workbook: what is said, the figures, and where they come from.

Every text is written as a text, so that no name is ever a formula or a link.
"""

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from experiments.reporting.adaptive.wording import say_adaptive, say_not_told
from experiments.reporting.exports.look_rows import LookLine, look_lines
from experiments.reporting.exports.look_sheet import HEADS, WIDTHS, look_cells
from experiments.reporting.exports.rows import COLUMNS, Row, rows_of
from experiments.reporting.figures import lift_of
from experiments.reporting.goal_facts import Arm, Comparison, Goal
from experiments.reporting.report import Report
from experiments.reporting.wording import (
    label,
    say,
    say_before_the_end,
    say_gap,
    say_withheld,
)
from experiments.reporting.wording.moments import dated_moment

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_LONGEST_CELL = 32_767
_SHEETS = {
    "ko": ("결론", "지표", "중간 점검", "모든 수치", "근거"),
    "en": ("Verdict", "KPIs", "Planned checks", "All figures", "Origin"),
}
_HEADS = {
    "ko": ("지표", "역할", "안", "기준안", "고객", "합계", "값", "값 하한", "값 상한", "차이",
           "차이 하한", "차이 상한", "증감률", "알림"),
    "en": ("KPI", "Role", "Variant", "Control", "Customers", "Total", "Value", "Value, lower",
           "Value, upper", "Difference", "Difference, lower", "Difference, upper", "Relative",
           "Note"),
}  # fmt: skip
Cell = str | float | bool | None


def workbook(report: Report, language: str) -> bytes:
    """The report as an ``.xlsx`` file.

    Args:
        report: As analysed.
        language: ``ko``, or anything else for English.
    """
    import xlsxwriter  # noqa: PLC0415 - only workbooks need it

    from experiments.reporting.exports.workbook_parts import Sheet  # noqa: PLC0415 - with it

    language = "ko" if language == "ko" else "en"
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": report.as_of.replace(tzinfo=None), "author": "Truelift"})
    names = _SHEETS[language]
    _write_lines(book, book.add_worksheet(names[0], Sheet), _verdict(report, language))
    _write_kpis(book, book.add_worksheet(names[1], Sheet), report, language)
    looks = list(look_lines(report))
    if looks:
        _write_looks(book, book.add_worksheet(names[2], Sheet), report, looks, language)
    _write_rows(book, book.add_worksheet(names[3], Sheet), rows_of(report, language))
    _write_lines(book, book.add_worksheet(names[4], Sheet), _origin(report, language))
    book.close()
    return file.getvalue()


def _verdict(report: Report, language: str) -> Iterable[tuple[str, Cell]]:
    said, zone = say(report, language), report.provenance.time_zone
    yield label("term", "experiment", language), report.name
    yield "", report.experiment
    yield label("term", "as_of", language), dated_moment(report.as_of, zone, language)
    yield label("term", "verdict", language), said.headline
    yield from (("", sentence) for sentence in said.sentences)
    yield "→", said.next_step
    told = (*say_adaptive(report, language), *say_not_told(report, language))
    yield from (("", sentence) for sentence in told)


def _origin(report: Report, language: str) -> Iterable[tuple[str, Cell]]:
    proof = report.provenance
    yield label("term", "ledger", language), f"{proof.ledger_identity} @ {proof.ledger_position}"
    yield label("term", "revision", language), proof.experiment_revision
    for key, version in proof.kpi_versions.items():
        yield f"{label('term', 'kpi_versions', language)}: {key}", version
    yield label("term", "code_version", language), proof.code_version
    yield label("term", "time_zone", language), f"{proof.time_zone} ({proof.time_zone_data})"
    yield label("term", "alpha", language), proof.alpha
    yield label("term", "as_of", language), report.as_of.isoformat()


def _write_kpis(book: "Workbook", sheet: "Worksheet", report: Report, language: str) -> None:
    head, heads = _head(book), _HEADS[language]
    for column, name in enumerate(heads):
        _put(sheet, 0, column, name, head)
    formats: dict[str, Format] = {}
    place = 0
    for goal in report.goals:
        number = _number_format(goal)
        shown = formats.setdefault(number, book.add_format({"num_format": number}))
        relative = formats.setdefault("0.0%", book.add_format({"num_format": "0.0%"}))
        for arm in goal.arms:
            place += 1
            cells = _kpi_cells(report, goal, arm, language)
            for column, cell in enumerate(cells):
                style = relative if column == len(cells) - 2 else shown if column > 5 else None
                _put(sheet, place, column, cell, style)
    _widen(sheet, (28, 14, 24, 9, 11, 13, 13, 13, 13, 13, 13, 13, 11, 60))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(place, 1), len(heads) - 1)


def _kpi_cells(report: Report, goal: Goal, arm: Arm, language: str) -> Sequence[Cell]:
    entry = next((each for each in goal.comparisons if each.variant == arm.variant), None)
    around = arm.interval
    between = lift_of(report, entry) if entry else None
    return (
        goal.name.in_language(language),
        label("role", goal.role, language),
        arm.name,
        "✓" if arm.control else None,
        arm.units,
        arm.total,
        arm.value,
        around.lower if around else None,
        around.upper if around else None,
        entry.difference if entry else None,
        between.lower if between else None,
        between.upper if between else None,
        entry.relative if entry else None,
        _note(report, entry, language),
    )


def _note(report: Report, entry: Comparison | None, language: str) -> str | None:
    if entry is None:
        return None
    if entry.gap:
        return say_gap(entry.gap, language)
    if report.withheld:
        return say_withheld(report, language)
    return None if report.final else say_before_the_end(language)


def _write_looks(
    book: "Workbook", sheet: "Worksheet", report: Report, lines: Sequence[LookLine], language: str
) -> None:
    """The planned looks: shares as percentages, differences as the KPI's are written."""
    timeline = report.timeline
    goal = next(each for each in report.goals if timeline and each.kpi == timeline.kpi)
    share = book.add_format({"num_format": "0.0%"})
    difference = book.add_format({"num_format": _number_format(goal)})
    styles = {1: share, 3: share, 7: difference, 8: difference, 9: difference}
    rows = [HEADS[language], *look_cells(report, lines, language)]
    head = _head(book)
    for place, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            _put(sheet, place, column, cell, styles.get(column) if place else head)
    _widen(sheet, WIDTHS)
    sheet.freeze_panes(1, 0)


def _number_format(goal: Goal) -> str:
    if goal.unit_of_measure == "rate":
        return "0.00%"
    return "#,##0.00"


def _write_rows(book: "Workbook", sheet: "Worksheet", rows: Iterable[Row]) -> None:
    head = _head(book)
    for column, name in enumerate(COLUMNS):
        _put(sheet, 0, column, name, head)
    place = 0
    for place, row in enumerate(rows, start=1):
        for column, name in enumerate(COLUMNS):
            _put(sheet, place, column, getattr(row, name))
    _widen(sheet, [max(12, len(name) + 3) for name in COLUMNS])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(place, 1), len(COLUMNS) - 1)


def _write_lines(book: "Workbook", sheet: "Worksheet", lines: Iterable[tuple[str, Cell]]) -> None:
    bold, wrapped = _head(book), book.add_format({"text_wrap": True, "valign": "top"})
    for place, (name, cell) in enumerate(lines):
        _put(sheet, place, 0, name, bold)
        _put(sheet, place, 1, cell, wrapped)
    _widen(sheet, (24, 100))


def _put(
    sheet: "Worksheet", row: int, column: int, cell: Cell, style: "Format | None" = None
) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, style)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell[:_LONGEST_CELL], style)
    elif cell is not None:
        sheet.write_number(row, column, cell, style)


def _head(book: "Workbook") -> Any:
    return book.add_format({"bold": True, "valign": "top", "text_wrap": True})


def _widen(sheet: "Worksheet", widths: Sequence[int]) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)

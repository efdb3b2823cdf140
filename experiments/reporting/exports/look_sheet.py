"""The planned looks as a sheet of a workbook: a row for each look and variant."""

from collections.abc import Iterable, Sequence

from experiments.reporting.exports.look_rows import LookLine
from experiments.reporting.report import Report
from experiments.reporting.wording import say_gap, say_withheld
from experiments.reporting.wording.moments import dated_moment

Cell = str | float | bool | None
HEADS = {
    "ko": ("점검", "예정(계획한 고객의 비율)", "점검한 때", "집계한 고객(계획 대비)",
           "기준(표준오차의 배수)", "쓴 오류율", "안", "차이", "차이 하한", "차이 상한", "결과",
           "결정"),
    "en": ("Check", "Due, share of the plan", "Came", "Counted, share of the plan",
           "Bound, in standard errors", "Error spent", "Variant", "Difference",
           "Difference, lower", "Difference, upper", "Result", "Decision"),
}  # fmt: skip
WIDTHS = (8, 14, 26, 14, 14, 12, 24, 13, 13, 13, 40, 32)
_WORDS = {
    "ko": {
        "shown": "차이 확인",
        "not_shown": "차이 확인하지 못함",
        "not_due": "아직 오지 않은 점검",
        "may_end": "종료해도 됨",
        "planned_end": "예정된 종료",
        "go_on": "계속 진행",
    },
    "en": {
        "shown": "a difference is shown",
        "not_shown": "no difference is shown",
        "not_due": "has not come yet",
        "may_end": "the test may end",
        "planned_end": "the planned end",
        "go_on": "the test goes on",
    },
}


def look_cells(
    report: Report, lines: Iterable[LookLine], language: str
) -> Iterable[Sequence[Cell]]:
    """The cells of every line.

    Args:
        report: As analysed.
        lines: Of its looks.
        language: ``ko`` or ``en``.
    """
    return (_cells(report, line, language) for line in lines)


def _cells(report: Report, line: LookLine, language: str) -> Sequence[Cell]:
    look, finding, words = line.look, line.finding, _WORDS[language]
    interval = finding.interval if finding else None
    came, zone = line.came, report.provenance.time_zone
    return (
        look.number,
        look.share,
        words["not_due"] if came is None else dated_moment(came, zone, language),
        look.seen,
        look.bound,
        look.spent,
        report.variants[line.variant],
        finding.difference if finding else None,
        interval.lower if interval else None,
        interval.upper if interval else None,
        _result(report, line, language),
        None if line.decision is None or report.withheld else words[line.decision],
    )


def _result(report: Report, line: LookLine, language: str) -> str | None:
    finding, words = line.finding, _WORDS[language]
    if finding is None:
        return None
    if report.withheld:
        return say_withheld(report, language)
    if finding.gap is not None:
        return say_gap(finding.gap, language)
    return words["shown" if finding.shown else "not_shown"]

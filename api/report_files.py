"""A report as a file to download, and its pictures; what writes them is loaded when asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Response

from api.i18n import current_language
from api.runtime import runtime
from experiments.reporting.report import Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURE_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
# What stands in the file may style itself and do nothing else, should a browser show it.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True)
class FileKind:
    """A format: its media type, the end of its name, and what writes it."""

    mimetype: str
    ending: str
    write: Callable[[Report, str], str | bytes]


def file_of(report: Report, form: str) -> Response:
    """The report as a file; plain text is read where it is.

    Raises:
        RendererMissing, FontMissing: If this machine cannot write it.
    """
    kind = FILES[form]
    answer = Response(kind.write(report, current_language()), mimetype=kind.mimetype)
    if form != "text":
        _named(answer, f"{report.experiment}-{report.as_of:%Y-%m-%d}.{kind.ending}")
    return answer


def picture_of(report: Report, name: str, form: str, layout: str) -> Response:
    """A picture of the report.

    Raises:
        NothingToDraw: If the report lacks what it shows.
        RendererMissing, FontMissing: If this machine cannot draw it.
    """
    from experiments.reporting.figures import Figures  # noqa: PLC0415 - only where one is asked
    from experiments.reporting.pictures import LAYOUTS, drawn  # noqa: PLC0415 - only where one is asked
    from experiments.reporting.pictures.render import rendered  # noqa: PLC0415 - only where one is asked
    from experiments.reporting.pictures.standalone import standalone  # noqa: PLC0415 - only where one is asked

    figures = Figures(current_language(), report.provenance.time_zone)
    wanted = next(each for each in LAYOUTS if each.name == layout)
    drawing = drawn(name, report, figures, wanted)
    svg = standalone(drawing, report, figures)
    made = svg if form == "svg" else rendered(svg, form, _fonts(), drawing.description)
    answer = Response(made, mimetype=PICTURE_TYPES[form])
    answer.vary.add("Accept-Language")
    return _named(answer, f"{report.experiment}-{name}.{form}", "inline")


def _named(answer: Response, name: str, how: str = "attachment") -> Response:
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def _fonts() -> Path:
    return runtime().settings.home / "fonts"


def _csv(report: Report, language: str) -> str:
    from experiments.reporting.exports.csv_file import csv_file  # noqa: PLC0415 - only for this form
    from experiments.reporting.exports.rows import rows_of  # noqa: PLC0415 - only for this form

    return csv_file(rows_of(report, language))


def _xlsx(report: Report, language: str) -> bytes:
    from experiments.reporting.exports.workbook import workbook  # noqa: PLC0415 - only for this form

    return workbook(report, language)


def _html(report: Report, language: str) -> str:
    from api.pages.standalone import standalone_page  # noqa: PLC0415 - only for this form

    return standalone_page(report, language)


def _pdf(report: Report, language: str) -> bytes:
    from api.pages.printed import printed  # noqa: PLC0415 - only for this form
    from experiments.reporting.exports.pdf import pdf_file  # noqa: PLC0415 - only for this form

    return pdf_file(printed(report, language), _fonts(), report.as_of)


def _text(report: Report, language: str) -> str:
    from experiments.reporting.text import render_text  # noqa: PLC0415 - slow to import

    return render_text(report, language)


FILES = {
    "csv": FileKind("text/csv", "csv", _csv),
    "xlsx": FileKind(XLSX, "xlsx", _xlsx),
    "html": FileKind("text/html", "html", _html),
    "pdf": FileKind("application/pdf", "pdf", _pdf),
    "text": FileKind("text/plain", "txt", _text),
}

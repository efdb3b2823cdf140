"""A report as one HTML file: its style within it, nothing fetched, right on A4."""

import re
from functools import cache
from pathlib import Path

from flask import render_template

from api.pages.figures import Figures
from api.pages.report import report_context
from experiments.reporting.report import Report

STATIC = Path(__file__).resolve().parents[1] / "static"
# The page's switch needs a script; a file follows the reader's system.
_DARK = re.compile(r'^\[data-bs-theme="dark"\] \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def standalone_page(report: Report, language: str) -> str:
    """The whole file, in the reader's language.

    Args:
        report: As analysed.
        language: ``ko`` or ``en``.
    """
    figures = Figures(language, report.provenance.time_zone)
    return render_template("export.html", **report_context(report, figures), style=style())


@cache
def style() -> str:
    """The page's own style sheet, with what it needs of Bootstrap."""
    sheets = [(STATIC / name).read_text("utf-8") for name in ("truelift.css", "standalone.css")]
    return _DARK.sub(_by_system, "\n".join(sheets))


def _by_system(met: re.Match[str]) -> str:
    return f"@media screen and (prefers-color-scheme: dark) {{\n:root {{\n{met[1]}}}\n}}"

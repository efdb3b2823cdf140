"""Writes the golden reports: python -m tests.experiments.reporting.golden.write

Run it when a report is meant to say something else, read what has changed, and keep it; never
to make a test pass.
"""

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask

from api.app import create_app
from api.pages.standalone import standalone_page
from api.settings import Settings
from experiments.reporting.document import report_document
from experiments.reporting.report import Report
from tests.experiments.reporting.golden.reports import golden_reports

KEPT = Path(__file__).with_name("kept")
LANGUAGES = ("ko", "en")
# Digits that do not depend on the version of a library.
DIGITS = 9
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_DRAWING = re.compile(r"(<svg[^>]*>).*?(</svg>)", re.DOTALL)
_BLANK = re.compile(r"\n\s*\n+")


def application(folder: Path) -> Flask:
    """What renders pages; its database stays empty."""
    settings = Settings(
        home=folder,
        database_url=f"sqlite:///{folder}/none.db",
        secret_key="k" * 32,
        background=False,
    )
    return create_app(settings)


def as_json(report: Report) -> str:
    """The document, its numbers to nine digits."""
    document = _rounded(report_document(report))
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def as_html(app: Flask, report: Report, language: str) -> str:
    """The page without its style and the lines of its drawings."""
    with app.test_request_context(f"/?lang={language}"):
        html = standalone_page(report, language)
    plain = _DRAWING.sub(r"\1\2", _STYLE.sub("", html))
    return _BLANK.sub("\n", "\n".join(line.rstrip() for line in plain.splitlines())) + "\n"


def files_of(app: Flask, name: str, report: Report) -> dict[str, str]:
    """Every golden file of a report, by its name."""
    pages = {f"{name}.{each}.html": as_html(app, report, each) for each in LANGUAGES}
    return {f"{name}.json": as_json(report)} | pages


def _rounded(found: Any) -> Any:
    if isinstance(found, float):
        return float(f"{found:.{DIGITS}g}")
    if isinstance(found, dict):
        return {key: _rounded(value) for key, value in found.items()}
    return [_rounded(each) for each in found] if isinstance(found, list) else found


def main() -> None:
    """Write them all; those of no report go."""
    import tempfile  # noqa: PLC0415 - only for writing

    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder))
        files = {
            file: text
            for name, report in golden_reports().items()
            for file, text in files_of(app, name, report).items()
        }
    KEPT.mkdir(exist_ok=True)
    for path in KEPT.iterdir():
        if path.name not in files:
            path.unlink()
    for file, text in files.items():
        (KEPT / file).write_text(text, encoding="utf-8")
    print(f"{len(files)} files")


if __name__ == "__main__":
    main()

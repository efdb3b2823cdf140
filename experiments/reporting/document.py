"""The report as a JSON document: the values, and what is said of them in both languages."""

from typing import Any

from experiments.reporting.report import Report
from experiments.reporting.wording import say
from experiments.storage.codec import to_document

LANGUAGES = ("ko", "en")


def report_document(report: Report) -> dict[str, Any]:
    """Everything in the report, and the verdict's sentences under ``said``."""
    document: dict[str, Any] = to_document(report)
    document["said"] = {language: to_document(say(report, language)) for language in LANGUAGES}
    return document

"""The report as a JSON document: the values, and what is said of them in both languages."""

from typing import Any

from experiments.reporting.adaptive.wording import say_adaptive, say_not_told
from experiments.reporting.report import Report
from experiments.reporting.wording import say, say_depth, say_dimension, say_looks
from experiments.storage.codec import to_document

LANGUAGES = ("ko", "en")


def report_document(report: Report) -> dict[str, Any]:
    """Everything in the report, and the sentences under ``said``.

    ``adaptive`` is there only of tests whose shares follow their results.
    """
    document: dict[str, Any] = to_document(report)
    if report.adaptive is None:
        del document["adaptive"]
    document["said"] = {language: _said(report, language) for language in LANGUAGES}
    return document


def _said(report: Report, language: str) -> dict[str, Any]:
    """The verdict's sentences, and those of what stands behind the numbers."""
    verdict: dict[str, Any] = to_document(say(report, language))
    told = [] if report.withheld else report.segments
    if report.adaptive is not None:
        verdict["adaptive"] = [*say_adaptive(report, language), *say_not_told(report, language)]
    return verdict | {
        "looks": list(say_looks(report, language)),
        "kpis": {goal.kpi: to_document(say_depth(report, goal, language)) for goal in report.goals},
        "segments": [
            {
                "key": fact.key,
                "variant": fact.variant,
                "sentences": list(say_dimension(fact, language)),
            }
            for fact in told
        ],
    }

"""The batches of a test whose shares follow its results, as the printed report shows them."""

from collections.abc import Iterator
from typing import Any

from api.i18n import gettext
from api.pages.figures import Figures
from api.pages.speech import Speech
from experiments.reporting.adaptive.facts import BatchFact
from experiments.reporting.report import Report


def batches(report: Report, figures: Figures, speech: Speech) -> Iterator[dict[str, Any]]:
    """One section with a table; none of a test whose shares stay."""
    if report.adaptive is None:
        return
    heads = [gettext("Batch"), *report.variants.values(), gettext("Why these shares")]
    table = {
        "title": gettext("The batches"),
        "note": "",
        "heads": heads,
        "rows": [_row(report, each, figures, speech) for each in report.adaptive.batches],
        "about": [*speech.adaptive(), *speech.not_told()],
    }
    yield {"title": gettext("Shares that follow the results"), "note": "", "kpis": [table]}


def _row(
    report: Report, batch: BatchFact, figures: Figures, speech: Speech
) -> list[dict[str, Any]]:
    customers = gettext("%(number)s customers")
    cells = [
        {
            "said": figures.share(batch.shares[key]),
            "sub": customers % {"number": figures.count(batch.units[key])},
        }
        for key in report.variants
    ]
    number = {"said": str(batch.number), "sub": figures.short_moment(batch.opened_at)}
    return [number, *cells, {"said": _why(batch, figures, speech)}]


def _why(batch: BatchFact, figures: Figures, speech: Speech) -> str:
    if batch.stayed is not None:
        return speech.stayed(batch)
    if batch.best is None:
        return gettext("as registered")
    told = gettext("by the results of %(number)s customers")
    return told % {"number": figures.count(sum(batch.rests_on.values()))}

"""The page of a report, in the order of the design: verdict first, numbers, trust, origin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from api.errors import localised
from api.i18n import current_language, gettext
from api.last_reports import age_said
from api.pages.figures import Figures, lift_of, reader_figures
from api.pages.speech import Speech
from api.pages.verdicts import standing, tone_of
from api.runtime import runtime
from api.soon import StillComputing
from experiments.registry.experiment import Experiment
from experiments.registry.lifecycle import legal_actions
from experiments.reporting.pictures import PICTURES, Drawing, in_both_layouts
from experiments.reporting.report import Report
from experiments.reporting.shares import Share
from experiments.reporting.stored.standing import LastReport
from experiments.reporting.wording import say_withheld

PICTURE_FORMS = ("svg", "png", "pdf")
DOCUMENT_FORMS = ("pdf", "xlsx", "csv", "html", "json")


@dataclass(frozen=True)
class Picture:
    """A picture on the page.

    Attributes:
        note: What is to be known beforehand; empty for nothing.
        drawings: For a wide page and for a phone.
        files: Names and addresses of the same as files.
    """

    name: str
    title: str
    note: str
    drawings: tuple[Drawing, ...]
    files: tuple[tuple[str, str], ...]


def report_page(
    experiment: Experiment,
    report: Report,
    shares: Sequence[Share] = (),
    instead: LastReport | None = None,
) -> str:
    """The whole page of somebody who is signed in; ``instead`` of a new report, a kept one."""
    figures, key = reader_figures(), experiment.key
    context = report_context(report, figures, key) | {
        "experiment": experiment,
        "moves": legal_actions(experiment.state),
        "documents": _documents(key),
        "shares": [(share, share.state(runtime().clock())) for share in shares],
        "instead": None if instead is None else (age_said(instead.age), localised(instead.because)),
        "computing": instead is not None and isinstance(instead.because, StillComputing),
    }
    return render_template("report.html", **context)


def report_context(report: Report, figures: Figures, key: str | None = None) -> dict[str, Any]:
    """What every page of a report needs.

    Args:
        report: As analysed.
        figures: Of whoever reads.
        key: Of the test, where the reader may fetch its files.
    """
    speech = Speech(report, figures.language)
    return {
        "report": report,
        "figures": figures,
        "said": speech.verdict(),
        "speech": speech,
        "tone": tone_of(report),
        "stand": standing(report),
        "withheld_because": say_withheld(report, figures.language),
        "lift_of": lift_of,
        "pictures": [*_pictures(report, figures, key)],
        "kpi_names": {goal.kpi: figures.short_name(goal) for goal in report.goals},
        "experiment": None,
    }


def _pictures(report: Report, figures: Figures, key: str | None) -> list[Picture]:
    found = []
    for name in PICTURES:
        drawings = in_both_layouts(name, report, figures)
        if drawings:
            files = () if key is None else _files(name, key, _asked())
            note = _note(report) if name != "funnel" else ""
            found.append(Picture(name, drawings[0].title, note, tuple(drawings), files))
    return found


def _asked() -> dict[str, Any]:
    """The part of the report that the page shows, for the addresses of its files."""
    return {name: request.args[name] for name in ("segment", "kpi") if request.args.get(name)}


def _files(name: str, key: str, asked: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    address: dict[str, Any] = {"key": key, "name": name, "lang": current_language(), **asked}
    return tuple(
        (form.upper(), url_for("reports.picture", form=form, **address)) for form in PICTURE_FORMS
    )


def _documents(key: str) -> list[tuple[str, str]]:
    address, language = "reports.report", current_language()
    forms = [(form.upper() if form != "xlsx" else "Excel", form) for form in DOCUMENT_FORMS]
    forms.append((gettext("Text"), "text"))
    return [
        (name, url_for(address, key=key, format=form, lang=language, **_asked()))
        for name, form in forms
    ]


def _note(report: Report) -> str:
    if report.withheld:
        return say_withheld(report, current_language())
    return "" if report.final else gettext("so far, may still change")

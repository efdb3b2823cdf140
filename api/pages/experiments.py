"""Tests: the list, and the page of one: its report once it has started, its plan before."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language
from api.last_reports import report_or_last
from api.pages.figures import reader_figures
from api.pages.report import report_page
from api.pages.summaries import REPORTED, plain
from api.report_soon import report_soon
from api.runtime import runtime
from api.soon import StillComputing
from experiments.kpis.document import KpiDocument
from experiments.registry import catalog
from experiments.registry.experiment import STATES, Experiment
from experiments.registry.lifecycle import legal_actions, start_refusals
from experiments.registry.stored_rules import terms_of
from experiments.reporting.asked import EVERYTHING, Asked
from experiments.reporting.report import Report
from experiments.reporting.shares import list_shares
from experiments.reporting.wording import say_warning

experiment_pages = Blueprint("experiment_pages", __name__)
PER_PAGE = 50


@experiment_pages.get("/experiments")
@allow(role="viewer")
def listing() -> str:
    """All tests by key, or those in one state."""
    state = request.args.get("state")
    chosen = state if state in STATES else None
    with reading() as db:
        found = catalog.list_experiments(
            db,
            caller().project,
            request.args.get("after"),
            PER_PAGE + 1,
            states=[chosen] if chosen else [],
        )
    figures, shown = reader_figures(), found[:PER_PAGE]
    return render_template(
        "experiments.html",
        states=STATES,
        chosen=chosen,
        summaries=[plain(experiment, figures) for experiment in shown],
        more=_more(chosen, shown) if len(found) > PER_PAGE else None,
    )


def _more(state: str | None, shown: list[Experiment]) -> str:
    return url_for("experiment_pages.listing", state=state, after=shown[-1].key)


@experiment_pages.get("/experiments/<key>")
@allow(role="viewer")
def one(key: str) -> str:
    """One test; 404 if the project has none of that key.

    While its report is being made, the last that was kept, or a page that looks again by itself.
    """
    with reading() as db:
        experiment = catalog.get_experiment(db, caller().project, key)
        links = list_shares(db, caller().project, key)
    if experiment.state in REPORTED or experiment.started_at is not None:
        asked = Asked(request.args.get("segment") or None, request.args.get("kpi") or None)
        until = runtime().soon.until()
        try:
            found = report_or_last(
                key,
                lambda: report_soon(experiment, until, asked),
                newest=asked == EVERYTHING,
            )
        except StillComputing:
            return render_template("computing.html", experiment=experiment)
        if isinstance(found, Report):
            return report_page(experiment, found, links)
        return report_page(experiment, found.report(), links, instead=found)
    return _plan(experiment)


def _plan(experiment: Experiment) -> str:
    project = caller().project
    with reading() as db:
        kpis = catalog.documents_of(db, project, experiment)
        warnings = catalog.warnings_of(db, project, experiment)
        refusals = start_refusals(experiment.draft, kpis, terms_of(db, project))
    return render_template(
        "draft.html",
        experiment=experiment,
        kpi_names=_names(kpis),
        moves=legal_actions(experiment.state),
        refusals=[localised(refusal) for refusal in refusals],
        warnings=[say_warning(warning, current_language()) for warning in warnings],
    )


def _names(kpis: Mapping[str, KpiDocument]) -> dict[str, str]:
    language = current_language()
    return {
        key: (document.short_name or document.name).in_language(language)
        for key, document in kpis.items()
    }

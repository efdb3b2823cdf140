"""What marketers and analysts see in a browser."""

from flask import Flask, request

from api.openapi import DocumentedApi
from api.pages import shell
from api.pages.assigned_lists import list_pages
from api.pages.documentation import documentation
from api.pages.experiments import experiment_pages
from api.pages.holdouts import holdout_pages
from api.pages.home import home_page
from api.pages.imports import import_pages
from api.pages.kept_reports import kept_pages
from api.pages.kpis import kpi_pages
from api.pages.moves import move_pages
from api.pages.notes import note_pages
from api.pages.overlaps import overlap_pages
from api.pages.preflight import preflight_pages
from api.pages.registration import registration_pages
from api.pages.session import pages
from api.pages.settings import settings_pages
from api.pages.shares import share_pages
from api.pages.tracking import tracking_pages
from api.runtime import runtime

BLUEPRINTS = (
    home_page,
    registration_pages,
    experiment_pages,
    preflight_pages,
    kept_pages,
    overlap_pages,
    holdout_pages,
    move_pages,
    note_pages,
    list_pages,
    kpi_pages,
    tracking_pages,
    import_pages,
    settings_pages,
    share_pages,
    pages,
    documentation,
)


def register(app: Flask, documented: DocumentedApi) -> None:
    """Add the pages and the documentation of the interface."""
    app.extensions["truelift_openapi"] = documented
    shell.register(app)
    _make_ready(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def _make_ready(app: Flask) -> None:
    """Whoever opens the first page of a process will open those that have figures."""
    names = {blueprint.name for blueprint in BLUEPRINTS}

    @app.before_request
    def begin() -> None:
        if request.blueprint in names:
            runtime().warm()

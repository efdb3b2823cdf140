"""Experiments: register, read, revise, and move along their life."""

from typing import Any

from flask import Response, request, url_for
from marshmallow import RAISE

from api.answers import IF_MATCH, TAGGED, required_revision, seen_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint, json_body
from api.db import reading, transaction
from api.paging import Page, paged
from api.runtime import runtime
from api.schemas.experiments import (
    Choice,
    ChoiceSchema,
    ExperimentDraftSchema,
    ExperimentInFullSchema,
    ExperimentListSchema,
    ExperimentPageSchema,
    in_full,
)
from experiments.errors import Invalid
from experiments.registry import catalog, registration
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move

blueprint = Blueprint("experiments", __name__, url_prefix="/api/v1")


@blueprint.post("/experiments")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ExperimentDraftSchema)
@blueprint.response(201, ExperimentInFullSchema, headers=TAGGED)
def register(draft: ExperimentDraft) -> Response:
    """Register a draft; 409 if its key is taken, 422 naming the field that does not fit."""
    me = caller()
    with transaction() as db:
        made = registration.register(db, me.project, draft, actor=me.actor, now=runtime().clock())
        warnings = catalog.warnings_of(db, me.project, made)
    location = url_for("experiments.one", key=draft.key)
    return tagged(in_full(made, warnings), made.revision, status=201, location=location)


@blueprint.get("/experiments")
@allow(scope="read", role="viewer")
@blueprint.arguments(ExperimentPageSchema, location="query", unknown=RAISE)
@blueprint.response(200, ExperimentListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's experiments by key, in all states or in those named."""
    states = page.filters.get("state", ())
    with reading() as db:
        found = catalog.list_experiments(
            db, caller().project, page.after, page.limit + 1, states=states
        )
    return paged(found, page.limit, lambda experiment: experiment.key)


@blueprint.get("/experiments/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one experiment, with what is amber about it; 404 if there is none of that key."""
    project = caller().project
    with reading() as db:
        found = catalog.get_experiment(db, project, key)
        warnings = catalog.warnings_of(db, project, found)
    return tagged(in_full(found, warnings), found.revision)


@blueprint.put("/experiments/<key>")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ExperimentDraftSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def revise(draft: ExperimentDraft, key: str) -> Response:
    """Replace what was registered, until the start.

    404 if there is none of that key; 409 once it has started; 412 if it changed meanwhile;
    422 naming the field that does not fit; 428 without If-Match.
    """
    me, seen = caller(), required_revision()
    with transaction() as db:
        after = registration.revise(
            db,
            me.project,
            key,
            draft,
            expected_revision=seen,
            actor=me.actor,
            now=runtime().clock(),
        )
        warnings = catalog.warnings_of(db, me.project, after)
    return tagged(in_full(after, warnings), after.revision)


@blueprint.post("/experiments/<key>/schedule")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def schedule(key: str) -> Response:
    """Set a draft to start at its time; 409 if it is no draft, is not ready, or has no time."""
    return _moved(key, "schedule")


@blueprint.post("/experiments/<key>/unschedule")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def unschedule(key: str) -> Response:
    """Make a scheduled experiment a draft again; 409 unless it is scheduled."""
    return _moved(key, "unschedule")


@blueprint.post("/experiments/<key>/start")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def start(key: str) -> Response:
    """Open an experiment to assignment and fix its KPIs.

    404 if there is none of that key; 409 if it has started, or if its result would mean
    nothing: no primary KPI, or nobody knows where that KPI's events come from.
    """
    return _moved(key, "start")


@blueprint.post("/experiments/<key>/pause")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def pause(key: str) -> Response:
    """Close a running experiment to assignment for a while; 409 unless it is running."""
    return _moved(key, "pause")


@blueprint.post("/experiments/<key>/resume")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def resume(key: str) -> Response:
    """Open a paused experiment again; 409 unless it is paused."""
    return _moved(key, "resume")


@blueprint.post("/experiments/<key>/stop")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def stop(key: str) -> Response:
    """Close an experiment to assignment for good; 409 unless it is running or paused."""
    return _moved(key, "stop")


@blueprint.post("/experiments/<key>/decide")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ChoiceSchema)
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def decide(choice: Choice, key: str) -> Response:
    """Say which variant goes out, and why; 409 unless stopped, 422 if a line is missing."""
    return _moved(key, "decide", choice)


@blueprint.post("/experiments/<key>/archive")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def archive(key: str) -> Response:
    """Put a decided experiment, or a draft, away; 409 in any other state."""
    return _moved(key, "archive")


def _moved(key: str, action: str, choice: Choice | None = None) -> Response:
    me = caller()
    if choice is None:
        _refuse_fields()
    with transaction() as db:
        after = move(
            db,
            me.project,
            key,
            action,
            actor=me.actor,
            now=runtime().clock(),
            expected_revision=seen_revision(),
            reason=choice.reason if choice else None,
            variant=choice.variant if choice else None,
        )
        warnings = catalog.warnings_of(db, me.project, after)
    return tagged(in_full(after, warnings), after.revision)


def _refuse_fields() -> None:
    """An action without fields takes no body, or an empty object."""
    if not request.get_data(cache=True):
        return
    body = json_body()
    if body != {}:
        field = next(iter(body)) if isinstance(body, dict) else None
        raise Invalid(field=field, expected="no body, or an empty object", got=body)

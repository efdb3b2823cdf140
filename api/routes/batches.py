"""Batches of a test whose shares follow its results: told, and opened."""

from dataclasses import replace

from flask import Response

from api.answers import TAGGED, seen_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.runtime import runtime
from api.schemas.batches import (
    BatchListSchema,
    BatchRequestSchema,
    NewBatchSchema,
    new_batch,
    told,
)
from experiments.registry import catalog
from experiments.registry.batches import batches_of, open_batch, planned_batch

blueprint = Blueprint("batches", __name__, url_prefix="/api/v1")


@blueprint.get("/experiments/<key>/batches")
@allow(scope="read", role="viewer")
@blueprint.response(200, BatchListSchema, headers=TAGGED)
def batches(key: str) -> Response:
    """Every batch with its shares and what they rest on; 404 if there is no test of that key."""
    project = caller().project
    with reading() as db:
        experiment = catalog.get_experiment(db, project, key)
        found = batches_of(db, experiment)
    adaptive, opens = experiment.draft.adaptive, None
    if adaptive is not None and experiment.state == "running":
        opens = adaptive.opens_after(experiment.phases[-1].started_at, project.zone)
    body = BatchListSchema().dump(
        {
            "experiment": key,
            "adaptive": adaptive,
            "next_opens_at": opens,
            "batches": [told(experiment, batch) for batch in found],
        }
    )
    return tagged(body, experiment.revision)


@blueprint.post("/experiments/<key>/batches")
@allow(scope="admin", role="marketer")
@blueprint.arguments(BatchRequestSchema)
@blueprint.response(200, NewBatchSchema, headers=TAGGED)
def open_next(body: dict[str, bool], key: str) -> Response:
    """Open the next batch, its shares read from everybody whose window has closed.

    The server does it by itself within a minute or so; this is for those who do not want to wait,
    and with ``dry_run`` for looking ahead. 404 if there is none of that key; 409 if its shares
    stay, it does not run, or its present batch lasts on; 412 if it changed meanwhile; 503 while
    nothing can be measured.
    """
    # What measuring needs is slow to import.
    from experiments.reporting.adaptive.planning import shares_due  # noqa: PLC0415 - slow to import

    asked = edit(seen_revision())
    seen, shares = shares_due(runtime().database, runtime().replica, key, asked)
    if body["dry_run"]:
        _, batch, moves = planned_batch(seen, shares, asked)
        return tagged(new_batch(seen, batch, moves, dry_run=True), seen.revision)
    # Whoever was met while it was measured, was given a variant by the shares before.
    opening = replace(asked, expected_revision=seen.revision, now=runtime().clock())
    with transaction() as db:
        made = open_batch(db, key, shares, opening)
    return tagged(new_batch(*made, dry_run=False), made[0].revision)

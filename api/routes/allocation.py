"""Changes of a running test: its allocation, its testers, the slots it keeps."""

from flask import Response

from api.answers import IF_MATCH, TAGGED, required_revision, seen_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.schemas.allocation import (
    OverridesSchema,
    ReallocationRequestSchema,
    ReallocationSchema,
    told,
)
from api.schemas.experiments import ExperimentInFullSchema, in_full
from experiments.registry import catalog
from experiments.registry.allocation import (
    WantedAllocation,
    plan_reallocation,
    reallocate_experiment,
)
from experiments.registry.overrides import overrides_of, set_overrides
from experiments.registry.slots import release_slots

blueprint = Blueprint("allocation", __name__, url_prefix="/api/v1")

_IF_MATCH_OR_DRY_RUN = {
    **IF_MATCH,
    "required": False,
    "description": "The ETag of the experiment; needed unless dry_run is true.",
}


@blueprint.post("/experiments/<key>/reallocate")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ReallocationRequestSchema)
@blueprint.doc(parameters=[_IF_MATCH_OR_DRY_RUN])
@blueprint.response(200, ReallocationSchema, headers=TAGGED)
def reallocate(asked: tuple[WantedAllocation, bool], key: str) -> Response:
    """Change the weights or the coverage of a running test, moving as few customers as can be.

    The change opens a phase. With ``dry_run`` nothing is changed, and the answer is the same.
    404 if there is none of that key; 409 unless it runs or pauses and Truelift assigns, or if all
    is so already; 412 if it changed meanwhile; 422 naming the field that does not fit, such as
    a coverage below the present one; 428 without If-Match, unless with ``dry_run``.
    """
    wanted, dry_run = asked
    if dry_run:
        with reading() as db:
            experiment, planned = plan_reallocation(db, key, wanted, edit(seen_revision()))
    else:
        seen = required_revision()
        with transaction() as db:
            experiment, planned = reallocate_experiment(db, key, wanted, edit(seen))
    return tagged(told(key, planned, dry_run=dry_run), experiment.revision)


@blueprint.get("/experiments/<key>/overrides")
@allow(scope="read", role="viewer")
@blueprint.response(200, OverridesSchema, headers=TAGGED)
def overrides(key: str) -> Response:
    """Give the variants of testers; 404 if there is no experiment of that key."""
    with reading() as db:
        experiment = catalog.get_experiment(db, caller().project, key)
        given = overrides_of(db, experiment)
    return tagged({"overrides": given}, experiment.revision)


@blueprint.put("/experiments/<key>/overrides")
@allow(scope="admin", role="marketer")
@blueprint.arguments(OverridesSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, OverridesSchema, headers=TAGGED)
def replace_overrides(body: dict[str, dict[str, str]], key: str) -> Response:
    """Give testers their variants, all of them at once; what testers do is never counted.

    404 if there is no experiment of that key; 412 if it changed meanwhile; 422 naming the tester
    whose variant it does not have; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        experiment = set_overrides(db, key, body["overrides"], edit(seen))
        given = overrides_of(db, experiment)
    return tagged({"overrides": given}, experiment.revision)


@blueprint.post("/experiments/<key>/release-slots")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ExperimentInFullSchema, headers=TAGGED)
def release(key: str) -> Response:
    """Let other tests have the slots of a stopped one before it is archived.

    404 if there is none of that key; 409 unless it is stopped and owns slots of a layer.
    """
    with transaction() as db:
        after = release_slots(db, key, edit(seen_revision()))
        warnings = catalog.warnings_of(db, caller().project, after)
    return tagged(in_full(after, warnings), after.revision)

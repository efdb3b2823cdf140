"""Is the service alive, is it ready."""

from typing import Any

from api.contract import Blueprint
from api.runtime import runtime

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@blueprint.doc(summary="The process answers.")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """The process may take requests: it holds a configuration to answer from.

    That it is ready says nothing about the database, which is told apart: assignment does not
    need it. ``stale`` means that a change made elsewhere may be unknown here.
    """
    keeper = runtime().keeper
    ready = keeper.loaded
    body = {
        "status": "ready" if ready else "starting",
        "database": "up" if keeper.database_answers else "down",
        "stale": keeper.stale,
        "configuration_version": keeper.current.version if ready else None,
        "configuration_age_seconds": keeper.age_seconds,
        "configuration_source": keeper.source,
    }
    return body, 200 if ready else 503

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
    """The process may take requests: it holds a configuration, and says how old it is."""
    keeper = runtime().keeper
    age = keeper.age_seconds
    ready = keeper.loaded
    body = {"status": "ready" if ready else "starting", "configuration_age_seconds": age}
    return body, 200 if ready else 503

"""Keys of programs: create, list, revoke."""

from typing import Any

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.runtime import runtime
from api.schemas.keys import KeyListSchema, KeyRequestSchema, NewKeySchema
from experiments.access import keys

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1")


@blueprint.post("/keys")
@allow(scope="admin", role="admin")
@blueprint.arguments(KeyRequestSchema)
@blueprint.response(201, NewKeySchema)
def create(body: dict[str, Any]) -> dict[str, str]:
    """Create a key and show it, this once; 422 if a scope is unknown or missing."""
    me, now = caller(), runtime().clock()
    with transaction() as db:
        if body["kind"] == "client":
            made = keys.create_client_key(
                db, me.project, name=body["name"], actor=me.actor, now=now
            )
        else:
            made = keys.create_secret_key(
                db, me.project, name=body["name"], scopes=body["scopes"], actor=me.actor, now=now
            )
    return {"key": made}


@blueprint.get("/keys")
@allow(scope="admin", role="admin")
@blueprint.response(200, KeyListSchema)
def index() -> dict[str, list[keys.StoredKey]]:
    """The keys of the project, without their secrets."""
    with reading() as db:
        return {"items": keys.list_keys(db, caller().project)}


@blueprint.delete("/keys/<public_id>")
@allow(scope="admin", role="admin")
@blueprint.response(204)
def revoke(public_id: str) -> None:
    """Make a key worthless at once; 404 if the project has no such key."""
    me = caller()
    with transaction() as db:
        keys.revoke_key(db, me.project, public_id, actor=me.actor, now=runtime().clock())

"""What a message costs, by channel."""

from flask import Response

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.schemas.message_costs import MessageCostsEditSchema, MessageCostsSchema, costs_body
from experiments.registry.message_costs import (
    MessageCost,
    message_costs_of,
    replace_message_costs,
)

blueprint = Blueprint("message_costs", __name__, url_prefix="/api/v1")


@blueprint.get("/message-costs")
@allow(scope="read", role="viewer")
@blueprint.response(200, MessageCostsSchema, headers=TAGGED)
def costs() -> Response:
    """Give what messages cost, by channel and kind, each from a moment on."""
    with reading() as db:
        stored = message_costs_of(db, caller().project)
    return tagged(costs_body(stored), stored.revision)


@blueprint.put("/message-costs")
@allow(scope="admin", role="marketer")
@blueprint.arguments(MessageCostsEditSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, MessageCostsSchema, headers=TAGGED)
def replace(body: list[MessageCost]) -> Response:
    """Replace all costs of the project.

    412 if they changed meanwhile; 422 naming the cost and the field; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        stored = replace_message_costs(db, body, edit(seen))
    return tagged(costs_body(stored), stored.revision)

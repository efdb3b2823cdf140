"""Rules about sending, and the check of a draft before it starts."""

from typing import Any

from flask import Response, jsonify

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.schemas.sending_rules import (
    DesignCheckSchema,
    SendingRulesEditSchema,
    SendingRulesSchema,
    rules_body,
)
from experiments.registry.design_check import check_design
from experiments.registry.stored_rules import replace_rules, rules_of

blueprint = Blueprint("sending", __name__, url_prefix="/api/v1")


@blueprint.get("/sending-rules")
@allow(scope="read", role="viewer")
@blueprint.response(200, SendingRulesSchema, headers=TAGGED)
def rules() -> Response:
    """Give the rules that the project sends under: quiet hours, labels, lengths, consent."""
    with reading() as db:
        stored = rules_of(db, caller().project)
    return tagged(rules_body(stored), stored.revision)


@blueprint.put("/sending-rules")
@allow(scope="admin", role="admin")
@blueprint.arguments(SendingRulesEditSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, SendingRulesSchema, headers=TAGGED)
def replace(body: dict[str, Any]) -> Response:
    """Replace all rules of the project; ``null`` goes back to those that ship.

    412 if they changed meanwhile; 422 naming the rule and the field; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        stored = replace_rules(db, body["rules"], edit(seen))
    return tagged(rules_body(stored), stored.revision)


@blueprint.post("/experiments/<key>/check")
@allow(scope="read", role="viewer")
@blueprint.response(200, DesignCheckSchema)
def check(key: str) -> Response:
    """Say what would refuse a start, and what is amber, without starting anything.

    404 if there is no experiment of that key.
    """
    with reading() as db:
        found = check_design(db, caller().project, key)
    return jsonify(DesignCheckSchema().dump(found))

"""One customer in all tests, and all tests beside each other."""

from typing import Any

from flask import request
from marshmallow import RAISE

from api.auth import allow, caller
from api.contract import Blueprint, document_of
from api.db import reading
from api.runtime import runtime
from api.schemas.lookup import LookupQuestionSchema, LookupSchema, OverlapMatrixSchema
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.overlap import overlaps, presence
from experiments.errors import Invalid
from experiments.ledger.exposed import exposures_of
from experiments.units import check_unit_id

blueprint = Blueprint("units", __name__, url_prefix="/api/v1")

MOST_EXPOSURES = 1_000
_LIVE = ("draft", "scheduled", "running", "paused", "stopped", "decided")


@blueprint.get("/units/<path:unit_id>/experiments")
@allow(scope="read", role="viewer")
@blueprint.arguments(LookupQuestionSchema, location="query", unknown=RAISE)
@blueprint.response(200, LookupSchema)
def lookup(question: dict[str, Any], unit_id: str) -> dict[str, Any]:
    """Say which tests a customer is in, in which variant, why or why not, and what they met.

    Tests that are not archived, unless ``state`` names others. ``attributes`` are needed where a
    test asks for them; 422 if they are no JSON object, or the customer's id is none.
    """
    check_encoding()
    check_unit_id(unit_id)
    attributes = _attributes(question.get("attributes"))
    project, states = caller().project, question.get("state", _LIVE)
    with reading() as db:
        met = exposures_of(db, project, unit_id, MOST_EXPOSURES)
    found = [each for each in _experiments() if each.state in states]
    return {
        "unit_id": unit_id,
        "experiments": [
            {
                "state": each.state,
                "phase": each.phase,
                **assign(each, unit_id, attributes)._asdict(),
            }
            for each in found
        ],
        "exposures": met,
    }


@blueprint.get("/overlap")
@allow(scope="read", role="viewer")
@blueprint.response(200, OverlapMatrixSchema)
def overlap() -> dict[str, Any]:
    """Say how many customers each pair of running tests shares.

    Worked out from layers, holdouts and bucket ranges; lists, rules and caps may keep more
    customers out, which ``at_most`` says.
    """
    running = [each for each in _experiments() if each.state == "running"]
    ours = [each for each in running if each.allocation == "truelift"]
    return {
        "method": "analytic",
        "experiments": [presence(each) for each in ours],
        "overlaps": overlaps(ours),
        "external": [each.key for each in running if each.allocation != "truelift"],
    }


def _experiments() -> list[AssignableExperiment]:
    """The caller's, by key."""
    mine = caller().project.id
    known = runtime().keeper.current.experiments
    return [known[place] for place in sorted(known) if place[0] == mine]


def _attributes(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    attributes = document_of(text.encode(), "attributes")
    if not isinstance(attributes, dict):
        got = type(attributes).__name__
        raise Invalid(field="attributes", expected="a JSON object", got=got)
    return attributes


def check_encoding() -> None:
    """Refuse an id that is not UTF-8: it would be looked up as another."""
    raw = request.environ["PATH_INFO"].encode("latin-1")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        expected = "UTF-8, percent-encoded"
        raise Invalid(field="unit_id", expected=expected, got=repr(raw)[:60]) from error

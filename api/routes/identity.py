"""Aliases: by what sources know a customer, told and looked up."""

from typing import Any

from flask import Response
from marshmallow import RAISE

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading
from api.routes.ingest import take_in
from api.runtime import runtime
from api.schemas.identity import (
    AliasFactSchema,
    KnownByListSchema,
    KnownByQuestionSchema,
    WhoQuestionSchema,
    WhoSchema,
)
from api.schemas.ingest import BatchResultSchema, one_or_many
from experiments.ledger.identity.alias import Alias, check_alias
from experiments.ledger.identity.facts import read_alias_fact
from experiments.ledger.identity.lookup import Who, known_by, who_is
from experiments.ledger.instants import read_instant
from experiments.units import check_unit_id

blueprint = Blueprint("identity", __name__, url_prefix="/api/v1")


@blueprint.post("/aliases")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(AliasFactSchema, "One alias, or up to 10,000."))
@blueprint.response(200, BatchResultSchema)
def add_aliases() -> Response:
    """Record which customer an alias is, from when on.

    A list is answered item by item and never fails whole. 422 if a single alias cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB; 503 if too
    much waits to be written.
    """
    return take_in(read_alias_fact)


@blueprint.get("/aliases")
@allow(scope="read", role="analyst")
@blueprint.arguments(KnownByQuestionSchema, location="query", unknown=RAISE)
@blueprint.response(200, KnownByListSchema)
def index(question: dict[str, str]) -> dict[str, Any]:
    """List by what a customer is known, and since when: kinds, and no values."""
    unit_id = check_unit_id(question["unit_id"])
    with reading() as db:
        return {"unit_id": unit_id, "items": known_by(db, caller().project, unit_id)}


@blueprint.post("/aliases/lookup")
@allow(scope="read", role="analyst")
@blueprint.arguments(WhoQuestionSchema)
@blueprint.response(200, WhoSchema)
def lookup(question: dict[str, str | None]) -> Who:
    """Say which customer an alias is at a time; a POST, since addresses are no place for values.

    422 if it can be no alias, naming the field.
    """
    kind, value, at = question["kind"], question["value"], question["at"]
    check_alias(kind, value)
    moment = runtime().clock() if at is None else read_instant(at, "at")
    project = caller().project
    hasher = runtime().identity.hasher(project)
    with reading() as db:
        return who_is(db, project, hasher, Alias(str(kind), str(value)), moment)

"""Assignment: which variant does a unit get, answered from memory without the database."""

from typing import Any

import msgspec
from flask import Response, request
from marshmallow import RAISE

from api.auth import allow, caller
from api.contract import Blueprint
from api.errors import localised
from api.runtime import runtime
from api.schemas.assignment import (
    AssignmentSchema,
    BatchAnswerSchema,
    BatchQuestion,
    BatchQuestionSchema,
    Question,
    QuestionInQuerySchema,
    QuestionSchema,
    check_encoding,
    config_age,
    told,
)
from api.schemas.units import RefusedUnit, read_units, told_many
from api.sends import instants, told_with_instant, without_unknown_zones
from experiments.assignment.bulk import assign_many
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.errors import NotFound

blueprint = Blueprint("assignment", __name__, url_prefix="/api/v1")

_CONFIG_AGE = {
    "X-Config-Age": {
        "description": "Seconds since the configuration was last seen to be the newest.",
        "schema": {"type": "number"},
    }
}


@blueprint.get("/assign")
@allow(scope="assign", role="viewer")
@blueprint.arguments(QuestionInQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, AssignmentSchema, headers=_CONFIG_AGE)
def assign_by_query(question: Question) -> Response:
    """Say which variant a unit gets, for tools that ask at send time.

    404 if the project has no such experiment; 422 naming the parameter that does not fit.
    """
    check_encoding(request.query_string)
    return _answer_one(question)


@blueprint.post("/assign")
@allow(scope="assign", role="viewer")
@blueprint.arguments(QuestionSchema)
@blueprint.response(200, AssignmentSchema, headers=_CONFIG_AGE)
def assign_by_body(question: Question) -> Response:
    """Say which variant a unit gets.

    404 if the project has no such experiment; 422 naming the field that does not fit.
    """
    return _answer_one(question)


@blueprint.post("/assign/batch")
@allow(scope="assign", role="viewer")
@blueprint.arguments(BatchQuestionSchema)
@blueprint.response(200, BatchAnswerSchema, headers=_CONFIG_AGE)
def assign_batch(question: BatchQuestion) -> Response:
    """Say which variant each of up to 10,000 units gets.

    A unit that cannot be read is listed under ``rejected``, and the others are answered. 404 if
    the project has no such experiment; 422 if there is no unit, or too many.
    """
    experiment = _experiment(question.experiment)
    units, plan = read_units(question.units), experiment.sends
    if plan is not None:
        units = without_unknown_zones(units, plan)
    found = assign_many(experiment, units.unit_ids, units.attributes)
    answers = told_many(experiment, units, found)
    if plan is not None:
        due = instants(units, found, plan, runtime().clock())
        answers = [each | {"send_at": at} for each, at in zip(answers, due, strict=True)]
    body = {
        "experiment": experiment.key,
        "assignments": answers,
        "rejected": [_rejection(each) for each in units.refused],
    }
    return _answer(msgspec.json.encode(body))


def _answer_one(question: Question) -> Response:
    experiment, known = _experiment(question.experiment), question.attributes
    found = assign(experiment, question.unit_id, known)
    if experiment.sends is None:
        return _answer(told(found))
    return _answer(told_with_instant(found, known, experiment.sends, runtime().clock()))


def _experiment(key: str) -> AssignableExperiment:
    found = runtime().keeper.current.experiments.get((caller().project.id, key))
    if found is None:
        raise NotFound(field="experiment", what="experiment", key=key)
    return found


def _rejection(refused: RefusedUnit) -> dict[str, Any]:
    return {
        "index": refused.index,
        "id": refused.unit_id,
        "field": refused.field,
        "code": refused.refusal.code,
        "message": localised(refused.refusal),
    }


def _answer(body: bytes) -> Response:
    answer = Response(body, mimetype="application/json")
    answer.headers["X-Config-Age"] = config_age(runtime().keeper)
    return answer

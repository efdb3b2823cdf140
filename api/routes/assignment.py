"""Assignment: which variant does a unit get, answered from memory without the database."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
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
    RefusedUnit,
    check_encoding,
    read_units,
)
from experiments.assignment.evaluation import AssignableExperiment, Assignment, assign
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
    read, refused = read_units(question.units)
    return _answer(
        {
            "experiment": experiment.key,
            "assignments": [
                {"index": index, **_told(assign(experiment, unit_id, _known(question, index)))}
                for index, unit_id in read
            ],
            "rejected": [_rejection(each) for each in refused],
        }
    )


def _answer_one(question: Question) -> Response:
    found = assign(_experiment(question.experiment), question.unit_id, question.attributes)
    return _answer({"experiment": found.experiment, **_told(found)})


def _known(question: BatchQuestion, index: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = question.units[index].get("attributes", {})
    return found


def _experiment(key: str) -> AssignableExperiment:
    found = runtime().keeper.current.experiments.get((caller().project.id, key))
    if found is None:
        raise NotFound(field="experiment", what="experiment", key=key)
    return found


def _told(found: Assignment) -> dict[str, Any]:
    return {
        "unit_id": found.unit_id,
        "variant": found.variant,
        "payload": found.payload,
        "reason": found.reason,
        "bucket": found.bucket,
    }


def _rejection(refused: RefusedUnit) -> dict[str, Any]:
    return {
        "index": refused.index,
        "id": refused.unit_id,
        "field": refused.refusal.field,
        "code": refused.refusal.code,
        "message": localised(refused.refusal),
    }


def _answer(body: dict[str, Any]) -> Response:
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Config-Age"] = f"{runtime().keeper.age_seconds or 0:.1f}"
    return answer

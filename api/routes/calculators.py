"""Calculators: an analysis from figures, a plan; no data of the service is touched."""

from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from api.auth import allow
from api.contract import Blueprint
from api.i18n import current_language
from api.runtime import runtime
from api.schemas.calculators import AnalysisQuestionSchema
from api.schemas.exact import StrictSchema
from api.schemas.plans import PlanQuestionSchema
from experiments.calculators.plan_question import PlanQuestion
from experiments.calculators.question import AnalysisQuestion

blueprint = Blueprint("calculators", __name__, url_prefix="/api/v1")


class AnswerQuerySchema(StrictSchema):
    """How the answer is wanted."""

    format = fields.String(load_default="json", validate=validate.OneOf(("json", "text")))
    lang = fields.String(load_default=None, validate=validate.OneOf(("ko", "en")))


@blueprint.post("/analyse")
@allow(scope="read", role="viewer")
@blueprint.arguments(AnswerQuerySchema, location="query")
@blueprint.arguments(AnalysisQuestionSchema)
@blueprint.alt_response(200, description="Verdict, sentences in both languages, and values.")
def analyse(query: dict[str, Any], question: AnalysisQuestion) -> Response:
    """Analyse a test from its figures alone; 422 names a figure that is missing or impossible."""
    # What an analysis needs is slow to import, so assignment and ingest never load it.
    from experiments.calculators.analysis import analyse as answer  # noqa: PLC0415 - slow to import
    from experiments.calculators.answer import analysis_answer  # noqa: PLC0415 - slow to import
    from experiments.calculators.text import analysis_text  # noqa: PLC0415 - slow to import

    found = answer(question, now=runtime().clock())
    if query["format"] == "text":
        return Response(analysis_text(found, current_language()), mimetype="text/plain")
    return jsonify(analysis_answer(found))


@blueprint.post("/plan")
@allow(scope="read", role="viewer")
@blueprint.arguments(AnswerQuerySchema, location="query")
@blueprint.arguments(PlanQuestionSchema)
@blueprint.alt_response(200, description="Customers needed, what they show, days, in words too.")
def plan(query: dict[str, Any], question: PlanQuestion) -> Response:
    """Size a test before it starts; 422 names a number that is missing or out of range."""
    from experiments.calculators.plan import plan as answer  # noqa: PLC0415 - slow to import
    from experiments.calculators.plan_said import plan_answer, plan_text  # noqa: PLC0415 - slow to import

    found = answer(question)
    if query["format"] == "text":
        return Response(plan_text(found, current_language()), mimetype="text/plain")
    return jsonify(plan_answer(found))

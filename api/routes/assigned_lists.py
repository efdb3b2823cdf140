"""Lists of customers: a file in, the same rows with their variants out."""

from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from api.assigned_lists import answer_upload
from api.auth import allow, caller
from api.contract import Blueprint
from api.errors import localised
from api.runtime import runtime
from experiments.assignment.lists.run import ListConfiguration, ListSummary
from experiments.kpis.checks import check_choice

blueprint = Blueprint("assigned_lists", __name__, url_prefix="/api/v1")

ANSWERS = ("file", "summary")
_TEXT = {"type": "string"}
_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "unit_column"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "unit_column": _TEXT,
                    "variant_column": _TEXT,
                    "payload": {"type": "boolean"},
                    "numbers": _TEXT,
                    "delimiter": _TEXT,
                    "encoding": _TEXT,
                    "form": _TEXT,
                    "preset": _TEXT,
                    "answer": {"type": "string", "enum": list(ANSWERS)},
                },
            }
        }
    },
}


@blueprint.post("/experiments/<key>/assignments")
@allow(scope="assign", role="marketer")
@blueprint.doc(requestBody=_UPLOAD)
@blueprint.alt_response(200, description="The same rows with their variants, or a summary.")
def assign_rows(key: str) -> Response:
    """Assign every row of a list: CSV, NDJSON or Parquet.

    404 if the project has no such test; 413 beyond 512 MB; 415 unless it is a form; 422 naming
    the column or field that does not fit.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("expected Content-Type: multipart/form-data")
    wanted = request.form.get("answer") or ANSWERS[0]
    check_choice(wanted, ANSWERS, "answer")
    answered = answer_upload(key)
    if wanted == "file":
        return answered.response()
    answered.file.close()
    return jsonify(told(answered.summary))


@blueprint.get("/experiments/<key>/configuration")
@allow(scope="read", role="analyst")
@blueprint.alt_response(200, description="A file that lists are verified with, offline.")
def configuration(key: str) -> Response:
    """Give what decides the assignments of a test as one file; 404 if there is no such test."""
    found = ListConfiguration.of(runtime().keeper.current, caller().project.id, key)
    answer = Response(found.content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key}.configuration"'
    answer.headers["Truelift-Configuration"] = found.digest
    return answer


def told(summary: ListSummary) -> dict[str, Any]:
    """A summary as a JSON document; rejected rows are named by line."""
    return {
        "experiment": summary.experiment,
        "rows": summary.rows,
        "counts": summary.counts,
        "reasons": summary.reasons,
        "rejected": summary.rejected,
        "rejects": [
            {
                "line": row.line,
                "field": row.refusal.field,
                "code": row.refusal.code,
                "message": localised(row.refusal),
            }
            for row in summary.rejects
        ],
        "configuration": summary.configuration,
        "digest": summary.digest,
    }

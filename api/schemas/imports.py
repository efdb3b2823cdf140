"""Imports on the wire."""

from typing import Any

from marshmallow import Schema, fields

from api.i18n import gettext
from api.rejected_rows import message_of
from api.schemas.exact import StrictSchema
from experiments.errors import Invalid
from experiments.korean.particles import filled
from experiments.ledger.imports.jobs import ImportJob
from experiments.ledger.imports.preview import Preview, PreviewRow, fact_document
from experiments.ledger.imports.reject import Reject

SHOWN_REJECTS = 100
_STATES = ["waiting", "running", "paused", "done", "failed", "withdrawing", "withdrawn"]
_FILE = {
    "type": "string",
    "contentMediaType": "application/octet-stream",
    "description": "CSV in UTF-8 or CP949, Parquet, or one JSON value a line; plain or gzip.",
}
_MAPPING = {"type": "string", "description": "JSON; see docs/imports.md."}


def _form(description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"multipart/form-data": {"schema": schema}}
    return {"description": description, "required": True, "content": content}


UPLOAD = _form(
    "The file and how its columns are read.",
    {
        "file": _FILE,
        "mapping": _MAPPING,
        "name": {"type": "string", "description": "In place of the file's own."},
    },
    ["file", "mapping"],
)
LOOK = _form(
    "The file, or its first part, and how its columns are read.",
    {
        "file": _FILE,
        "mapping": _MAPPING,
        "part": {"type": "string", "enum": ["true"], "description": "The file goes on."},
    },
    ["file"],
)


class RejectSchema(Schema):
    """A row that was not taken."""

    line = fields.Integer(required=True, metadata={"description": "Of the file, from 1."})
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ImportSchema(Schema):
    """An import; rows_read = accepted + duplicates + conflicts + rejected + ignored."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": _STATES})
    progress = fields.Float(required=True, metadata={"description": "Share of the file, 0 to 1."})
    rows_read = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    ignored = fields.Integer(
        required=True, metadata={"description": "Rows that say nothing that is kept."}
    )
    failure = fields.String(required=True, allow_none=True)
    file_bytes = fields.Integer(required=True)
    file_sha256 = fields.String(required=True)
    mapping = fields.Dict(required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_by = fields.String(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)
    withdrawn_rows = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Facts that were withdrawn so far; their ids are free again."},
    )


class ImportWithRejectsSchema(ImportSchema):
    """An import and the first rows that it did not take."""

    rejects = fields.List(
        fields.Nested(RejectSchema),
        required=True,
        metadata={"description": f"The first {SHOWN_REJECTS}; rejects.csv has them all."},
    )


class ImportListSchema(Schema):
    """A page of imports."""

    items = fields.List(fields.Nested(ImportSchema), required=True)
    next = fields.String(required=True, allow_none=True)


def told(job: ImportJob) -> dict[str, Any]:
    """The job, what failed said in the reader's language."""
    body: dict[str, Any] = ImportSchema().dump(job)
    return body | {"failure": gettext(job.failure) if job.failure else None}


def told_with_rejects(job: ImportJob) -> dict[str, Any]:
    """The job and the first rows that it did not take."""
    return told(job) | {"rejects": [told_reject(each) for each in job.rejects[:SHOWN_REJECTS]]}


class WithdrawalSchema(StrictSchema):
    """Why an import is withdrawn."""

    reason = fields.String(required=True)


class PreviewRowSchema(Schema):
    """A row as it would be read."""

    line = fields.Integer(required=True)
    row = fields.String(required=True)
    facts = fields.List(fields.Dict(), required=True)
    reject = fields.Nested(RejectSchema, required=True, allow_none=True)


class ProblemSchema(Schema):
    """What does not fit in a mapping."""

    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class PreviewSchema(Schema):
    """What is known of a file, and how its first rows would be read."""

    encoding = fields.String(required=True)
    delimiter = fields.String(required=True, allow_none=True)
    header = fields.List(fields.String(), required=True)
    mapping = fields.Dict(required=True, metadata={"description": "As given, or proposed."})
    problem = fields.Nested(ProblemSchema, required=True, allow_none=True)
    rows = fields.List(fields.Nested(PreviewRowSchema), required=True)


def told_preview(preview: Preview) -> dict[str, Any]:
    """The preview, what does not fit said in the reader's language."""
    return {
        "encoding": preview.encoding,
        "delimiter": preview.delimiter,
        "header": list(preview.header),
        "mapping": preview.mapping,
        "problem": preview.problem and _told_problem(preview.problem),
        "rows": [_told_row(row) for row in preview.rows],
    }


def _told_problem(problem: Invalid) -> dict[str, Any]:
    message = filled(gettext(problem.template), problem.params)
    return {"field": problem.field, "code": problem.code, "message": message}


def _told_row(row: PreviewRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "row": row.row,
        "facts": [fact_document(fact) for fact in row.facts],
        "reject": row.reject and told_reject(row.reject),
    }


def told_reject(reject: Reject) -> dict[str, Any]:
    """Why a row was not taken, in the reader's language."""
    return {
        "line": reject.line, "field": reject.field, "code": reject.code,
        "message": message_of(reject),
    }  # fmt: skip

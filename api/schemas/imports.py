"""Imports on the wire."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields

from api.i18n import gettext
from experiments.ledger.imports.jobs import MOST_REJECTS, ImportJob, Reject

SHOWN_REJECTS = 100
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

UPLOAD = {
    "description": "The file and how its columns are read.",
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "mapping"],
                "properties": {
                    "file": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "CSV in UTF-8 or CP949, plain or gzip.",
                    },
                    "mapping": {"type": "string", "description": "JSON; see docs/imports.md."},
                    "name": {"type": "string", "description": "In place of the file's own."},
                },
            }
        }
    },
}


class RejectSchema(Schema):
    """A row that was not taken."""

    line = fields.Integer(required=True, metadata={"description": "Of the file, from 1."})
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ImportSchema(Schema):
    """An import; rows_read = accepted + duplicates + conflicts + rejected."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"enum": ["waiting", "running", "done", "failed"]}
    )
    progress = fields.Float(required=True, metadata={"description": "Share of the file, 0 to 1."})
    rows_read = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    failure = fields.String(required=True, allow_none=True)
    file_bytes = fields.Integer(required=True)
    file_sha256 = fields.String(required=True)
    mapping = fields.Dict(required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class ImportWithRejectsSchema(ImportSchema):
    """An import and the first rows that it did not take."""

    rejects = fields.List(
        fields.Nested(RejectSchema),
        required=True,
        metadata={"description": f"The first {SHOWN_REJECTS}; rejects.csv has {MOST_REJECTS}."},
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
    shown = job.rejects[:SHOWN_REJECTS]
    rejects = [
        {"line": each.line, "field": each.field, "code": each.code, "message": message_of(each)}
        for each in shown
    ]
    return told(job) | {"rejects": rejects}


def message_of(reject: Reject) -> str:
    """Why a row was not taken, in the reader's language."""
    return gettext(reject.template).format(**reject.params)


def rejects_csv(rejects: Iterable[Reject]) -> str:
    """The rows that were not taken as a CSV file that Excel opens: with BOM, without formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "field", "code", "message"))
    for each in rejects:
        cells = (each.field or "", each.code, message_of(each))
        writer.writerow((each.line, *map(harmless, cells)))
    return "\ufeff" + text.getvalue()


def harmless(cell: str) -> str:
    """The cell, so that no spreadsheet takes it for a formula.

    Examples:
        >>> harmless("=1+1"), harmless("spend")
        ("'=1+1", 'spend')
    """
    return f"'{cell}" if cell.startswith(_FORMULA_LEADS) else cell

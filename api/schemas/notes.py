"""Notes, as sent and as answered."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from api.auth import caller
from api.errors import localised
from api.i18n import LANGUAGES
from api.paging import PageSchema
from api.schemas.exact import StrictSchema
from experiments.access.roles import role_reaches
from experiments.kpis.checks import LONGEST_TEXT
from experiments.notes.kept import StoredNote
from experiments.notes.note import KINDS, LONGEST_TAG, MOST_TAGS, Note, RejectedNote
from experiments.notes.said import Readings, Said, VariantSaid
from experiments.notes.store import Added

# Whoever may read what customers said; others see how much and about what.
READS_TEXT = "analyst"


def _told(description: str) -> dict[str, str]:
    return {"description": description}


class CustomerNoteSchema(Schema):
    """What was said, of a customer, a test or a KPI."""

    text = fields.String(
        required=True,
        validate=Length(1, LONGEST_TEXT),
        allow_none=True,
        metadata=_told("Null to people below analyst: it is personal data."),
    )
    kind = fields.String(validate=OneOf(KINDS))
    said_at = fields.String(metadata=_told("ISO 8601 with its offset; else now."))
    unit_id = fields.String(allow_none=True)
    experiment = fields.String(allow_none=True)
    variant = fields.String(allow_none=True)
    kpi = fields.String(allow_none=True, metadata=_told("Key of the KPI that it explains."))
    score = fields.Decimal(allow_none=True)
    source_id = fields.String(allow_none=True, metadata=_told("A note counts once under it."))
    tags = fields.List(fields.String(validate=Length(1, LONGEST_TAG)))


class StoredNoteSchema(CustomerNoteSchema):
    """A note, as it is kept."""

    id = fields.Integer()
    created_at = fields.AwareDateTime()
    created_by = fields.String()


class NoteListSchema(Schema):
    """A page of notes."""

    items = fields.List(fields.Nested(StoredNoteSchema))
    next = fields.String(allow_none=True)


class NoteQuerySchema(PageSchema):
    """Which notes."""

    experiment = fields.String()
    variant = fields.String()
    kpi = fields.String()
    unit_id = fields.String()
    kind = fields.String(validate=OneOf(KINDS))
    tag = fields.String()


class TagsSchema(StrictSchema):
    """What a note is about."""

    tags = fields.List(fields.String(), required=True, validate=Length(max=MOST_TAGS))


class RejectedNoteSchema(Schema):
    """A note that was not kept, and why."""

    index = fields.Integer()
    id = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    code = fields.String()
    message = fields.String()


class NoteConflictSchema(Schema):
    """A note whose id belongs to another; the first stands."""

    index = fields.Integer()
    id = fields.String()


class AddedSchema(Schema):
    """What became of a batch; every note is counted or listed once."""

    accepted = fields.Integer()
    ids = fields.List(fields.Integer())
    duplicates = fields.Integer()
    conflicts = fields.List(fields.Nested(NoteConflictSchema))
    rejected = fields.List(fields.Nested(RejectedNoteSchema))


class SaidQuerySchema(Schema):
    """Which of what was said in a test."""

    kpi = fields.String()
    lang = fields.String(validate=OneOf(LANGUAGES))


class SaidSchema(CustomerNoteSchema):
    """A note or a comment of an event, in its variant."""

    id = fields.Integer(allow_none=True)
    event = fields.String(
        allow_none=True, metadata=_told("Type of the event that it came with; null of a note.")
    )


class VariantSaidSchema(Schema):
    """What was said in one variant."""

    variant = fields.String(allow_none=True)
    count = fields.Integer()
    customers = fields.Integer()
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer())
    by_tag = fields.Dict(keys=fields.String(), values=fields.Integer())
    untagged = fields.Integer()
    newest = fields.List(fields.Nested(SaidSchema))


class ReadingsSchema(Schema):
    """What was said in a test, by variant."""

    experiment = fields.String()
    as_of = fields.AwareDateTime()
    count = fields.Integer()
    truncated = fields.Boolean()
    variants = fields.List(fields.Nested(VariantSaidSchema))


def may_read_text() -> bool:
    """Whether the caller sees what was said: keys that may read, people from analyst on."""
    role = caller().role
    return role is None or role_reaches(role, READS_TEXT)


def told_added(done: Added) -> dict[str, Any]:
    """A batch as answered, in the reader's language."""
    return {
        "accepted": len(done.ids),
        "ids": done.ids,
        "duplicates": done.duplicates,
        "conflicts": [{"index": index, "id": source_id} for index, source_id in done.conflicts],
        "rejected": [_rejection(each) for each in done.rejected],
    }


def told_note(stored: StoredNote) -> dict[str, Any]:
    """A note as answered."""
    return {
        "id": stored.id,
        **_note(stored.note, stored.note.variant),
        "created_at": stored.created_at.isoformat(),
        "created_by": stored.created_by,
    }


def told_readings(key: str, found: Readings) -> dict[str, Any]:
    """What was said in a test, as answered."""
    return {
        "experiment": key,
        "as_of": found.as_of.isoformat(),
        "count": found.count,
        "truncated": found.truncated,
        "variants": _variants(found.variants),
    }


def _variants(found: Sequence[VariantSaid]) -> list[dict[str, Any]]:
    return [vars(each) | {"newest": [_said(said) for said in each.newest]} for each in found]


def _said(said: Said) -> dict[str, Any]:
    return {"id": said.id, "event": said.event, **_note(said.note, said.variant)}


def _note(note: Note, variant: str | None) -> dict[str, Any]:
    return vars(note) | {
        "text": note.text if may_read_text() else None,
        "unit_id": note.unit_id if may_read_text() else None,
        "said_at": note.said_at.isoformat(),
        "variant": variant,
        "tags": list(note.tags),
    }


def _rejection(item: RejectedNote) -> dict[str, Any]:
    error = item.error
    return {
        "index": item.index,
        "id": item.id,
        "field": error.field,
        "code": error.code,
        "message": localised(error),
    }

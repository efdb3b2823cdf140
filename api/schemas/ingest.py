"""Exposures and events on the wire.

The two item schemas describe; the readers of ``experiments.ledger.facts`` check, since
they see ten thousand items at a time.
"""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from api.errors import localised
from experiments.ledger.batch import BatchResult, RejectedItem
from experiments.ledger.facts import EXPOSURE_TYPES, SUPPRESSED_REASONS
from experiments.ledger.fields import LONGEST_SOURCE_ID, LONGEST_TYPE
from experiments.registry.experiment import CHANNELS
from experiments.units import LONGEST_UNIT_ID


def _told(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


class AliasSchema(Schema):
    """A customer, as a source knows them; the value is hashed on arrival and never kept."""

    kind = fields.String(
        required=True, validate=Length(1, 32), metadata=_told("Such as email.", example="email")
    )
    value = fields.String(required=True, validate=Length(1, LONGEST_UNIT_ID))


class _FactSchema(Schema):
    source_id = fields.String(
        required=True,
        validate=Length(min=1, max=LONGEST_SOURCE_ID),
        metadata=_told("Your own id of this fact: it counts once under it.", example="m-1"),
    )
    unit_id = fields.String(
        allow_none=True,
        validate=Length(min=1, max=LONGEST_UNIT_ID),
        metadata=_told("The customer; this, or alias.", example="홍길동"),
    )
    alias = fields.Nested(
        AliasSchema,
        allow_none=True,
        metadata=_told("By which the customer is known, where the unit is not."),
    )
    occurred_at = fields.String(
        required=True,
        metadata=_told(
            "ISO 8601 with its offset.", format="date-time", example="2025-03-10T10:00:00+09:00"
        ),
    )
    channel = fields.String(allow_none=True, validate=OneOf(CHANNELS))
    properties = fields.Dict(keys=fields.String(), metadata=_told("Anything else, as JSON."))


class ExposureSchema(_FactSchema):
    """This customer met this variant, or was meant to."""

    experiment = fields.String(required=True, metadata=_told("Key of the experiment."))
    type = fields.String(required=True, validate=OneOf(EXPOSURE_TYPES))
    variant = fields.String(
        allow_none=True,
        metadata=_told("Key of the variant; needed unless Truelift assigned the customer."),
    )
    suppressed_reason = fields.String(
        allow_none=True,
        validate=OneOf(("none", *SUPPRESSED_REASONS)),
        metadata=_told("Of a planned_send only: why nothing was sent."),
    )
    cost = fields.Decimal(
        allow_none=True,
        metadata=_told("What the message cost, in units of the currency; 0 or more."),
    )
    currency = fields.String(
        allow_none=True, metadata=_told("ISO 4217; a cost without one is in the project's.")
    )


class EventSchema(_FactSchema):
    """What the customer did, or what happened to a message."""

    type = fields.String(
        required=True,
        validate=Length(min=1, max=LONGEST_TYPE),
        metadata=_told("open, click, purchase, …, or a name of your own.", example="purchase"),
    )
    value = fields.Decimal(
        allow_none=True,
        metadata=_told(
            "An amount in units of the currency, or any number; read exactly.", example=42000
        ),
    )
    currency = fields.String(
        allow_none=True,
        metadata=_told("ISO 4217; a purchase or refund without one is in the project's."),
    )
    machine = fields.Boolean(metadata=_told("Whether a program did it and not the customer."))
    experiment = fields.String(allow_none=True)
    variant = fields.String(allow_none=True)


class ConflictSchema(Schema):
    """An item whose id belongs to another fact; the first stands."""

    index = fields.Integer(required=True)
    id = fields.String(required=True)


class RejectionSchema(Schema):
    """An item that was not kept, and why."""

    index = fields.Integer(required=True, metadata=_told("Place in the request, from 0."))
    id = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class BatchResultSchema(Schema):
    """What became of the items; each is counted or listed exactly once."""

    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)
    rejected = fields.List(fields.Nested(RejectionSchema), required=True)


def told(result: BatchResult) -> dict[str, Any]:
    """The result as the answer's body, in the reader's language."""
    return {
        "accepted": result.accepted,
        "duplicates": result.duplicates,
        "conflicts": [{"index": item.index, "id": item.id} for item in result.conflicts],
        "rejected": [_rejection(item) for item in result.rejected],
    }


def one_or_many(item: type[Schema], summary: str) -> dict[str, Any]:
    """The request body in the OpenAPI document: one item, or a list of them."""
    schema = {"oneOf": [item, {"type": "array", "items": item, "maxItems": 10_000}]}
    return {
        "description": summary,
        "required": True,
        "content": {"application/json": {"schema": schema}},
    }


def _rejection(item: RejectedItem) -> dict[str, Any]:
    return {
        "index": item.index,
        "id": item.id,
        "field": item.error.field,
        "code": item.error.code,
        "message": localised(item.error),
    }

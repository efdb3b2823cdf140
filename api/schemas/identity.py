"""Aliases on the wire: facts that are told, and questions that are answered without values."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from api.schemas.exact import StrictSchema
from experiments.ledger.fields import LONGEST_SOURCE_ID
from experiments.ledger.identity.alias import LONGEST_VALUE
from experiments.units import LONGEST_UNIT_ID

_KIND = {
    "description": "email, phone, anonymous, ga4_client, … or a name of your own; "
    "unit: the value is a unit that became another one.",
    "example": "email",
}


class AliasFactSchema(Schema):
    """This alias is this customer, from this time on."""

    kind = fields.String(required=True, validate=Length(1, 32), metadata=_KIND)
    value = fields.String(
        required=True,
        validate=Length(1, LONGEST_VALUE),
        metadata={"description": "Hashed with a key on arrival, and never kept."},
    )
    unit_id = fields.String(required=True, validate=Length(1, LONGEST_UNIT_ID))
    valid_from = fields.String(
        allow_none=True,
        metadata={
            "description": "ISO 8601 with its offset; without one, from the beginning.",
            "format": "date-time",
        },
    )
    source_id = fields.String(
        allow_none=True,
        validate=Length(1, LONGEST_SOURCE_ID),
        metadata={"description": "Your own id of this fact; without one, what it says is its id."},
    )


class KnownByQuestionSchema(StrictSchema):
    """Whose aliases are asked for."""

    unit_id = fields.String(required=True)
    lang = fields.String(validate=OneOf(("ko", "en")))


class KnownBySchema(Schema):
    """An alias of the customer, without its value."""

    kind = fields.String()
    valid_from = fields.AwareDateTime()
    received_at = fields.AwareDateTime()


class KnownByListSchema(Schema):
    """By what a customer is known."""

    unit_id = fields.String()
    items = fields.List(
        fields.Nested(KnownBySchema),
        metadata={"description": "The newest first, at most 1,000."},
    )


class WhoQuestionSchema(StrictSchema):
    """Who is asked for."""

    kind = fields.String(required=True, metadata=_KIND)
    value = fields.String(required=True)
    at = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "ISO 8601 with its offset; now, if not given."},
    )


class WhoSchema(Schema):
    """Whom an alias stands for."""

    state = fields.String(validate=OneOf(("known", "unknown", "ambiguous")))
    unit_id = fields.String(allow_none=True)
    valid_from = fields.AwareDateTime(allow_none=True)

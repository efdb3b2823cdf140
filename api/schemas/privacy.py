"""Erasure and retention, as asked for and as answered."""

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf

from api.i18n import LANGUAGES
from api.schemas.exact import StrictSchema
from experiments.ledger.retention import FEWEST_DAYS, MOST_DAYS


class ErasureQuestionSchema(Schema):
    """Why a customer is erased."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    reason = fields.String(
        metadata={"description": "For the audit trail; it must not name the customer."}
    )
    lang = fields.String(validate=OneOf(LANGUAGES))


class ErasedSchema(Schema):
    """What went with a customer."""

    rows = fields.Integer(metadata={"description": "Facts of the ledger, aliases among them."})
    shadows = fields.Integer(metadata={"description": "Facts that met one of an import."})
    lists = fields.Integer(metadata={"description": "Lists that they were on."})
    overrides = fields.Integer(metadata={"description": "Tests in which they were testers."})
    rejects = fields.Integer(metadata={"description": "Rows that imports had not taken."})
    notes = fields.Integer(metadata={"description": "What they said, or was noted of them."})
    open_imports = fields.List(
        fields.Integer(),
        metadata={"description": "Imports whose files are still to be read, and then dropped."},
    )


class RetentionEditSchema(StrictSchema):
    """How long facts are to be kept."""

    days = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        metadata={"description": f"{FEWEST_DAYS} to {MOST_DAYS}; null: for ever."},
    )


class RetentionSchema(Schema):
    """How long facts are kept."""

    days = fields.Integer(allow_none=True)
    refused_before = fields.Date(
        allow_none=True, metadata={"description": "Facts of earlier days are refused."}
    )
    dropped_before = fields.Date(
        allow_none=True, metadata={"description": "Facts of earlier days were added up."}
    )


class TotalSchema(Schema):
    """What the dropped facts of one day and kind came to."""

    day = fields.Date(metadata={"description": "In the project's zone."})
    fact = fields.String()
    type = fields.String()
    channel = fields.String(allow_none=True)
    currency = fields.String(allow_none=True)
    machine = fields.Boolean()
    facts = fields.Integer(metadata={"description": "How many."})
    total = fields.Function(
        lambda each: str(each.amount),
        metadata={"description": "Sum of their values, exactly, as text."},
    )


class TotalListSchema(Schema):
    """A page of totals."""

    items = fields.List(fields.Nested(TotalSchema))
    next = fields.String(required=True, allow_none=True)

"""Reports that are kept: what is asked for, what is shown."""

from marshmallow import RAISE, Schema, fields, validate

from api.paging import PageSchema

OCCASIONS = ("asked", "command", "stopped", "decided")
OUTCOMES = ("equal", "different", "not_comparable")


class KeepRequestSchema(Schema):
    """A report to keep."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    as_of = fields.AwareDateTime(
        load_default=None,
        metadata={"description": "The moment to look from, with its zone; now if absent."},
    )


class StoredReportSchema(Schema):
    """A kept report, without its content."""

    id = fields.String(attribute="public_id")
    experiment = fields.String()
    occasion = fields.String(validate=validate.OneOf(OCCASIONS))
    as_of = fields.AwareDateTime()
    state = fields.String(metadata={"description": "Of the evidence."})
    variant = fields.String(allow_none=True)
    headline = fields.Dict(keys=fields.String(), values=fields.String())
    ledger_identity = fields.String()
    ledger_position = fields.Integer()
    experiment_revision = fields.Integer()
    kpi_versions = fields.Dict(keys=fields.String(), values=fields.Integer())
    code_version = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of the report's bytes."})
    created_at = fields.AwareDateTime()
    created_by = fields.String()


class StoredReportPageSchema(PageSchema):
    """The query of the list."""


class StoredReportListSchema(Schema):
    """Kept reports of a test."""

    items = fields.List(fields.Nested(StoredReportSchema))
    next = fields.String(allow_none=True)


class ChangedSchema(Schema):
    """Something that is not as it was."""

    code = fields.String()
    count = fields.Integer(allow_none=True)
    was = fields.String(allow_none=True)
    now = fields.String(allow_none=True)


class DifferenceSchema(Schema):
    """A field that differs."""

    field = fields.String()
    stored = fields.Raw(allow_none=True)
    now = fields.Raw(allow_none=True)


class VerificationSchema(Schema):
    """What came of making a report again."""

    id = fields.String(attribute="stored.public_id")
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    digest = fields.String(attribute="stored.digest")
    digest_now = fields.String(allow_none=True)
    changed = fields.List(fields.Nested(ChangedSchema))
    differences = fields.List(fields.Nested(DifferenceSchema))
    differences_in_all = fields.Integer()
    said = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))

"""Which tests a customer is in, and how far tests overlap."""

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import OneOf

from api.i18n import LANGUAGES
from experiments.registry.experiment import STATES


class LookupQuestionSchema(Schema):
    """What is known of the customer, and which tests are asked about."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    attributes = fields.String(
        metadata={"description": "What is known of the customer: a JSON object."}
    )
    state = fields.List(
        fields.String(validate=OneOf(STATES)),
        metadata={"description": "Only tests in this state; may be given several times."},
    )
    lang = fields.String(validate=OneOf(LANGUAGES))


class PlaceSchema(Schema):
    """A customer in one test, or not."""

    experiment = fields.String()
    state = fields.String()
    phase = fields.Integer(metadata={"description": "The present one; 0 before the start."})
    variant = fields.String(allow_none=True)
    reason = fields.String()
    bucket = fields.Integer(allow_none=True)


class MetSchema(Schema):
    """An exposure of the customer."""

    experiment = fields.String()
    variant = fields.String()
    type = fields.String()
    channel = fields.String(allow_none=True)
    suppressed_reason = fields.String(allow_none=True)
    occurred_at = fields.AwareDateTime()


class LookupSchema(Schema):
    """Which tests a customer is in, why or why not, and what they met so far."""

    unit_id = fields.String()
    experiments = fields.List(fields.Nested(PlaceSchema))
    exposures = fields.List(
        fields.Nested(MetSchema),
        metadata={"description": "The newest first, at most 1,000."},
    )


class PresenceSchema(Schema):
    """How many customers one test reaches."""

    experiment = fields.String()
    share = fields.Float(metadata={"description": "Of all customers, a fraction."})
    at_most = fields.Boolean(
        metadata={"description": "Whether lists, rules or caps may keep more of them out."}
    )


class OverlapSchema(Schema):
    """How many customers two tests share."""

    first = fields.String()
    second = fields.String()
    share = fields.Float(metadata={"description": "Of all customers, those in both."})
    of_first = fields.Float(allow_none=True)
    of_second = fields.Float(allow_none=True)
    at_most = fields.Boolean()


class OverlapMatrixSchema(Schema):
    """Running tests, and every pair of them."""

    method = fields.String(
        metadata={"description": "analytic: from slots, holdouts and bucket ranges."}
    )
    experiments = fields.List(fields.Nested(PresenceSchema))
    overlaps = fields.List(fields.Nested(OverlapSchema))
    external = fields.List(
        fields.String(),
        metadata={"description": "Running tests that another tool assigns."},
    )

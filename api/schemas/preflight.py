"""The check of a test's tracking: what is shown, and how a test unit is registered."""

from marshmallow import RAISE, Schema, fields, validate

LIGHTS = ("green", "amber", "red")


class KpiLightSchema(Schema):
    """Whether a KPI's events arrive."""

    kpi = fields.String()
    role = fields.String()
    light = fields.String(validate=validate.OneOf(LIGHTS))
    code = fields.String()
    event = fields.String()
    received = fields.Integer(metadata={"description": "Within the last seven days."})
    last_received_at = fields.AwareDateTime(allow_none=True)
    usual_delay_seconds = fields.Float(allow_none=True)
    late_delay_seconds = fields.Float(allow_none=True)
    with_unit = fields.Float(allow_none=True)
    with_variant = fields.Float(allow_none=True)
    said = fields.Dict(keys=fields.String(), values=fields.String())


class VariantLightSchema(Schema):
    """Whether a unit that was sent through a variant came back."""

    variant = fields.String()
    light = fields.String(validate=validate.OneOf(LIGHTS))
    code = fields.String()
    units = fields.Integer(metadata={"description": "Registered to try it out."})
    said = fields.Dict(keys=fields.String(), values=fields.String())


class TrackingCheckSchema(Schema):
    """Every light."""

    as_of = fields.AwareDateTime()
    all_green = fields.Boolean()
    kpis = fields.List(fields.Nested(KpiLightSchema))
    variants = fields.List(fields.Nested(VariantLightSchema))


class TestUnitSchema(Schema):
    """A unit that tries a variant out."""

    __test__ = False  # not a test of pytest's

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    unit_id = fields.String(required=True)
    variant = fields.String(required=True)

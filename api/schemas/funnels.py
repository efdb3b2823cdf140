"""Funnels: what is asked, and what is answered."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from api.schemas.exact import StrictSchema
from api.schemas.formulas import EventsSchema
from api.schemas.moments import MomentSchema, told
from experiments.kpis.formula import LONGEST_WINDOW_HOURS, MOST_STEPS


class KpiFunnelQuerySchema(MomentSchema):
    """The funnel of a KPI."""

    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    by = fields.String(load_default=None, metadata=told("channel, or property: and a name."))
    segment = fields.String(load_default=None, metadata=told("A ready segment."))


class FunnelRequestSchema(StrictSchema):
    """Steps whose funnel is asked for."""

    steps = fields.List(fields.Nested(EventsSchema), required=True, validate=Length(2, MOST_STEPS))
    window_hours = fields.Integer(
        required=True, strict=True, validate=Range(1, LONGEST_WINDOW_HOURS)
    )
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    by = fields.String(load_default=None)
    segment = fields.String(load_default=None)
    as_of = fields.AwareDateTime(load_default=None)


class FunnelGroupSchema(Schema):
    """How far some customers came."""

    name = fields.String(allow_none=True)
    others = fields.Boolean(metadata=told("Whether it holds the many small groups together."))
    reached = fields.List(fields.Integer())
    shares = fields.List(fields.Float(allow_none=True), metadata=told("Of those who entered."))
    passed = fields.List(
        fields.Float(allow_none=True), metadata=told("Of those at the step before.")
    )
    waiting = fields.Integer(metadata=told("Whose window is open; not counted yet."))
    weakest = fields.Integer(
        allow_none=True, metadata=told("Place of the step that the smallest share came to.")
    )
    gap = fields.String(allow_none=True)


class FunnelSchema(Schema):
    """A funnel."""

    steps = fields.List(fields.Nested(EventsSchema))
    window_hours = fields.Integer()
    from_ = fields.Date(data_key="from")
    to = fields.Date()
    by = fields.String(allow_none=True)
    segment = fields.String(allow_none=True)
    whole = fields.Nested(FunnelGroupSchema)
    groups = fields.List(fields.Nested(FunnelGroupSchema))
    as_of = fields.AwareDateTime()
    position = fields.Integer()
    sql = fields.String()

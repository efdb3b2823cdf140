"""Changes, correlation and past tests: what is asked, and what is answered."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from api.schemas.moments import MomentSchema, told
from experiments.kpis.document import PERIODS
from experiments.tracking.correlations import MOST_LAGS


class ChangeQuerySchema(MomentSchema):
    """Which two periods, and which groups."""

    period = fields.String(validate=OneOf(PERIODS), load_default=None)
    before = fields.Date(required=True, metadata=told("A day of the one period."))
    after = fields.Date(required=True, metadata=told("A day of the other."))
    by = fields.String(load_default="channel", metadata=told("channel, or segment: and its key."))


class PartsSchema(Schema):
    """Parts of a change, in the KPI's unit."""

    volume = fields.Float()
    rate = fields.Float()
    mix = fields.Float()
    rest = fields.Float(metadata=told("What no group accounts for."))


class GroupChangeSchema(Schema):
    """What one group did."""

    name = fields.String()
    whole = fields.Float()
    volume = fields.Float()
    rate = fields.Float()
    mix = fields.Float()
    rate_before = fields.Float(allow_none=True)
    rate_after = fields.Float(allow_none=True)
    share_before = fields.Float()
    share_after = fields.Float()


class ChangeSchema(Schema):
    """A change and its parts, which add up to it exactly: where, not why."""

    kpi = fields.String()
    period = fields.String()
    before = fields.Date()
    after = fields.Date()
    by = fields.String()
    total = fields.Boolean()
    value_before = fields.Float()
    value_after = fields.Float()
    difference = fields.Float()
    parts = fields.Nested(PartsSchema)
    exact = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=told("The same as fractions; the parts add up to the difference."),
    )
    groups = fields.List(fields.Nested(GroupChangeSchema))
    complete = fields.Boolean()
    says = fields.String()
    as_of = fields.AwareDateTime()
    position = fields.Integer(allow_none=True)


class CorrelationQuerySchema(MomentSchema):
    """Which other KPI, over which time."""

    with_ = fields.String(data_key="with", required=True, metadata=told("Key of the other KPI."))
    period = fields.String(validate=OneOf(PERIODS), load_default="day")
    from_ = fields.Date(data_key="from", load_default=None)
    to = fields.Date(load_default=None)
    lags = fields.Integer(load_default=14, validate=Range(0, MOST_LAGS))


class LagSchema(Schema):
    """At one lag: the other KPI so many periods later."""

    lag = fields.Integer()
    pairs = fields.Integer()
    correlation = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    p_value = fields.Float(allow_none=True)
    p_value_adjusted = fields.Float(allow_none=True)
    shown = fields.Boolean()


class CorrelationSchema(Schema):
    """Whether two KPIs moved together: correlation, never a cause."""

    kpi = fields.String()
    with_ = fields.String(data_key="with")
    period = fields.String()
    filtered = fields.Integer(metadata=told("Order of the autoregression that both went through."))
    pairs = fields.Integer()
    lags = fields.List(fields.Nested(LagSchema))
    strongest = fields.Nested(LagSchema, allow_none=True)
    gap = fields.String(allow_none=True)
    says = fields.String()
    as_of = fields.AwareDateTime()
    position = fields.Integer(allow_none=True)


class ForetellsQuerySchema(MomentSchema):
    """Which lagging KPI."""

    lagging = fields.String(required=True, metadata=told("Key of the KPI that should follow."))


class LiftsOfTestSchema(Schema):
    """What one test did to both."""

    experiment = fields.String()
    variant = fields.String()
    leading = fields.Float()
    leading_error = fields.Float()
    lagging = fields.Float()
    lagging_error = fields.Float()


class LeftOutSchema(Schema):
    """A test that cannot tell."""

    experiment = fields.String()
    reason = fields.String()


class ForetellingSchema(Schema):
    """Whether the lift of a leading KPI foretold that of a lagging one in past tests."""

    leading = fields.String()
    lagging = fields.String()
    tests = fields.List(fields.Nested(LiftsOfTestSchema))
    left_out = fields.List(fields.Nested(LeftOutSchema))
    slope = fields.Float(allow_none=True)
    intercept = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    p_value = fields.Float(allow_none=True)
    same_direction = fields.Integer()
    reliability = fields.Float(allow_none=True)
    gap = fields.String(allow_none=True)
    says = fields.String()
    as_of = fields.AwareDateTime()

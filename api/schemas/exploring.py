"""Funnels, cohort tables, changes and correlation: questions, and what is answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load
from marshmallow.validate import Length, OneOf, Range

from api.i18n import LANGUAGES
from api.schemas.exact import StrictSchema
from api.schemas.formulas import EventsSchema
from experiments.kpis.document import PERIODS
from experiments.kpis.formula import LONGEST_WINDOW_HOURS, MOST_STEPS
from experiments.tracking.cohorts import COHORTS, UNITS
from experiments.tracking.correlations import (
    MOST_LAGS,
)

Values = dict[str, Any]


def _told(description: str) -> dict[str, str]:
    return {"description": description}


class _Moment(Schema):
    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    as_of = fields.AwareDateTime(load_default=None)
    lang = fields.String(validate=OneOf(LANGUAGES))

    @pre_load
    def with_plus(self, given: Mapping[str, Any], **_: Any) -> Values:
        """A plus sign in an address reads as a blank."""
        read = dict(given.items())
        if isinstance(read.get("as_of"), str):
            read["as_of"] = read["as_of"].replace(" ", "+")
        return read


class KpiFunnelQuerySchema(_Moment):
    """The funnel of a KPI."""

    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    by = fields.String(load_default=None, metadata=_told("channel, or property: and a name."))
    segment = fields.String(load_default=None, metadata=_told("A ready segment."))


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
    others = fields.Boolean(metadata=_told("Whether it holds the many small groups together."))
    reached = fields.List(fields.Integer())
    shares = fields.List(fields.Float(allow_none=True), metadata=_told("Of those who entered."))
    passed = fields.List(
        fields.Float(allow_none=True), metadata=_told("Of those at the step before.")
    )
    waiting = fields.Integer(metadata=_told("Whose window is open; not counted yet."))
    weakest = fields.Integer(
        allow_none=True, metadata=_told("Place of the step that the smallest share came to.")
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


class CohortQuerySchema(_Moment):
    """Which table."""

    base = fields.String(required=True, metadata=_told("Type of event that starts a customer."))
    back = fields.String(required=True, metadata=_told("Type of event that is a return."))
    cohort = fields.String(validate=OneOf(COHORTS), load_default="week")
    unit = fields.String(validate=OneOf(UNITS), load_default="day")
    numbers = fields.String(
        load_default=None, metadata=_told("With commas; 1,3,7,30 days or 1 to 6 months.")
    )
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)


class CohortCellSchema(Schema):
    """One cohort, so many days or months later."""

    number = fields.Integer()
    customers = fields.Integer()
    returned = fields.Integer()
    waiting = fields.Integer()
    rate = fields.Float(allow_none=True)
    gap = fields.String(allow_none=True, metadata=_told("immature or nobody: why it is blank."))
    whole_on = fields.Date(allow_none=True)


class CohortRowSchema(Schema):
    """A cohort."""

    starts_on = fields.Date(allow_none=True)
    customers = fields.Integer()
    cells = fields.List(fields.Nested(CohortCellSchema))


class CohortTableSchema(Schema):
    """Who came back, of those who began in each period."""

    base = fields.String()
    back = fields.String()
    cohort = fields.String()
    unit = fields.String()
    rows = fields.List(fields.Nested(CohortRowSchema))
    whole = fields.Nested(CohortRowSchema)
    as_of = fields.AwareDateTime()
    position = fields.Integer()
    sql = fields.String()


class ChangeQuerySchema(_Moment):
    """Which two periods, and which groups."""

    period = fields.String(validate=OneOf(PERIODS), load_default=None)
    before = fields.Date(required=True, metadata=_told("A day of the one period."))
    after = fields.Date(required=True, metadata=_told("A day of the other."))
    by = fields.String(load_default="channel", metadata=_told("channel, or segment: and its key."))


class PartsSchema(Schema):
    """Parts of a change, in the KPI's unit."""

    volume = fields.Float()
    rate = fields.Float()
    mix = fields.Float()
    rest = fields.Float(metadata=_told("What no group accounts for."))


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
        metadata=_told("The same as fractions; the parts add up to the difference."),
    )
    groups = fields.List(fields.Nested(GroupChangeSchema))
    complete = fields.Boolean()
    says = fields.String()
    as_of = fields.AwareDateTime()
    position = fields.Integer(allow_none=True)


class CorrelationQuerySchema(_Moment):
    """Which other KPI, over which time."""

    with_ = fields.String(data_key="with", required=True, metadata=_told("Key of the other KPI."))
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
    filtered = fields.Integer(metadata=_told("Order of the autoregression that both went through."))
    pairs = fields.Integer()
    lags = fields.List(fields.Nested(LagSchema))
    strongest = fields.Nested(LagSchema, allow_none=True)
    gap = fields.String(allow_none=True)
    says = fields.String()
    as_of = fields.AwareDateTime()
    position = fields.Integer(allow_none=True)


class ForetellsQuerySchema(_Moment):
    """Which lagging KPI."""

    lagging = fields.String(required=True, metadata=_told("Key of the KPI that should follow."))


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

"""KPIs over time: questions, and what is answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load
from marshmallow.validate import OneOf, Range

from api.i18n import LANGUAGES
from api.schemas.exact import Number, StrictSchema
from api.schemas.kpis import KpiDocumentSchema
from experiments.kpis.document import PERIODS
from experiments.kpis.preview import FEWEST_MONTHS, MOST_MONTHS

_PERIOD = {"description": ", ".join(PERIODS) + "; the document's where it is left out."}
_MONTHS = Range(FEWEST_MONTHS, MOST_MONTHS)
_AS_OF = {"description": "What happened later is not seen; now where it is left out."}


class _Query(Schema):
    """A query that refuses what it does not know."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    as_of = fields.AwareDateTime(load_default=None, metadata=_AS_OF)
    lang = fields.String(validate=OneOf(LANGUAGES))

    @pre_load
    def with_plus(self, given: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A plus sign in an address reads as a blank."""
        read = dict(given.items())
        if isinstance(read.get("as_of"), str):
            read["as_of"] = read["as_of"].replace(" ", "+")
        return read


class ValuesQuerySchema(_Query):
    """Which values of a KPI."""

    period = fields.String(validate=OneOf(PERIODS), load_default=None, metadata=_PERIOD)
    from_ = fields.Date(data_key="from", load_default=None)
    to = fields.Date(load_default=None)
    segment = fields.String(load_default=None, metadata={"description": "A ready segment."})
    channel = fields.String(load_default=None)
    split = fields.String(
        load_default=None, metadata={"description": "property:value, of the document's split_by."}
    )
    format = fields.String(validate=OneOf(("json", "csv")), load_default="json")


class OutlookQuerySchema(_Query):
    """How far to look ahead."""

    until = fields.Date(
        load_default=None, metadata={"description": "To the target's day where it is left out."}
    )


class BaselineQuerySchema(_Query):
    """How far to look back."""

    months = fields.Integer(load_default=MOST_MONTHS, validate=_MONTHS)
    period = fields.String(validate=OneOf(PERIODS), load_default=None, metadata=_PERIOD)


class AdoptionSchema(StrictSchema):
    """Of how much past the baseline is to be."""

    months = fields.Integer(strict=True, load_default=MOST_MONTHS, validate=_MONTHS)
    period = fields.String(validate=OneOf(PERIODS), load_default=None, metadata=_PERIOD)


class KpiPreviewRequestSchema(StrictSchema):
    """A document, saved or not, whose past is asked for."""

    document = fields.Nested(KpiDocumentSchema, required=True)
    months = fields.Integer(strict=True, load_default=MOST_MONTHS, validate=_MONTHS)
    period = fields.String(validate=OneOf(PERIODS), load_default="week")
    segment = fields.String(load_default=None, allow_none=True)
    channel = fields.String(load_default=None, allow_none=True)


class PastValueSchema(Schema):
    """A KPI in one period."""

    starts_on = fields.Date()
    units = fields.Integer()
    value = Number(allow_none=True)
    complete = fields.Boolean()


class KpiPreviewSchema(Schema):
    """A KPI's past, and what would be its baseline."""

    as_of = fields.AwareDateTime()
    period = fields.String()
    points = fields.List(fields.Nested(PastValueSchema))
    baseline = Number(allow_none=True)
    weekdays = fields.List(
        Number(), allow_none=True, metadata={"description": "Over the baseline, Monday first."}
    )
    months = fields.Dict(
        keys=fields.Integer(), values=Number(), metadata={"description": "Over the baseline."}
    )
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer())
    position = fields.Integer()
    sql = fields.String()


class PeriodValueSchema(PastValueSchema):
    """A KPI in one period, and what it is made of."""

    numerator = Number(allow_none=True)
    denominator = Number(allow_none=True)
    waiting = fields.Integer(metadata={"description": "Customers whose window is open."})
    late = fields.Integer()
    steps = fields.List(fields.Integer(), allow_none=True)
    gap = fields.String(
        allow_none=True, metadata={"description": "no_facts, nobody or not_reported."}
    )


class ValueRangeSchema(Schema):
    """A range; an end without a limit is null."""

    lower = Number(allow_none=True)
    upper = Number(allow_none=True)


class ValuesSchema(Schema):
    """A KPI over time."""

    kpi = fields.String()
    version = fields.Integer()
    unit_of_measure = fields.String()
    currency = fields.String(allow_none=True)
    period = fields.String()
    as_of = fields.AwareDateTime()
    watermark = fields.AwareDateTime(allow_none=True)
    items = fields.List(fields.Nested(PeriodValueSchema))
    baseline = Number(allow_none=True)
    latest_between = fields.Nested(ValueRangeSchema, allow_none=True)
    received = fields.Integer()
    used = fields.Integer()
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer())
    ledger_identity = fields.String(allow_none=True)
    position = fields.Integer(allow_none=True)
    sql = fields.String()


class ForecastPointSchema(Schema):
    """A period to come."""

    starts_on = fields.Date()
    value = Number()
    lower = Number()
    upper = Number()


class BackTestSchema(Schema):
    """How the same method would have done in the past."""

    origins = fields.Integer()
    horizon = fields.Integer()
    points = fields.Integer()
    error = Number()
    relative_error = Number(allow_none=True)
    naive_error = Number()
    coverage = Number()
    confidence = Number()


class ForecastSchema(Schema):
    """What may come, or why nothing is said."""

    kpi = fields.String()
    as_of = fields.AwareDateTime()
    period = fields.String()
    points = fields.List(fields.Nested(ForecastPointSchema))
    summed_by = fields.String(allow_none=True)
    summed = fields.List(
        fields.Nested(ForecastPointSchema),
        metadata={"description": "Of totals of days: whole longer periods."},
    )
    method = fields.List(fields.String())
    learned_from = fields.Integer()
    back_test = fields.Nested(BackTestSchema, allow_none=True)
    gap = fields.String(allow_none=True)
    needed = fields.Integer(allow_none=True)
    position = fields.Integer(allow_none=True)


class LevelStateSchema(Schema):
    """One level of a target, beside what is."""

    level = fields.String()
    value = Number()
    due_on = fields.Date(allow_none=True)
    reached = fields.Boolean(allow_none=True)
    holds = fields.String(allow_none=True)
    expected = fields.String(allow_none=True)
    to_go = Number(allow_none=True)


class PaceSchema(Schema):
    """Where the KPI should be by now."""

    expected = Number(allow_none=True)
    ahead = Number(allow_none=True)
    on_pace = fields.Boolean(allow_none=True)
    gap = fields.String(allow_none=True)


class KpiStandingSchema(Schema):
    """A KPI against its target."""

    kpi = fields.String()
    as_of = fields.AwareDateTime()
    period = fields.String()
    actual = Number(allow_none=True)
    between = fields.Nested(ValueRangeSchema, allow_none=True)
    pace = fields.Nested(PaceSchema, allow_none=True)
    levels = fields.List(fields.Nested(LevelStateSchema))
    position = fields.Integer(allow_none=True)


class AnnotationDraftSchema(StrictSchema):
    """What happened, as somebody notes it."""

    kind = fields.String(
        required=True, metadata={"description": "campaign, holiday, price, outage or other."}
    )
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(allow_none=True, load_default=None)
    text = fields.String(required=True)
    everywhere = fields.Boolean(
        load_default=False, metadata={"description": "Whether it is about every KPI."}
    )


class AnnotationSchema(Schema):
    """What happened on the days of a chart."""

    id = fields.Integer(allow_none=True)
    kind = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    text = fields.String()
    kpi = fields.String(allow_none=True)
    experiment = fields.String(allow_none=True)
    created_by = fields.String(allow_none=True)


class AnnotationQuerySchema(Schema):
    """Of which days."""

    class Meta:
        """Unknown parameters are refused."""

        unknown = RAISE

    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    lang = fields.String(validate=OneOf(LANGUAGES))


class AnnotationListSchema(Schema):
    """Everything that touches these days."""

    items = fields.List(fields.Nested(AnnotationSchema))

"""KPI documents: as sent, as answered."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, post_load, pre_dump

from api.schemas.exact import BothLanguages, Flag, Number, StrictSchema
from api.schemas.formulas import FormulaSchema, TrackingSchema
from experiments.kpis.catalog import Kpi
from experiments.kpis.document import KpiDocument, KpiTarget, Milestone
from experiments.kpis.kinds import KINDS
from experiments.kpis.smart import smart_check

Values = dict[str, Any]


class WrittenOnce(BothLanguages):
    """A text for people: ``{"ko", "en"}``, or one string that stays in its language."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        return (
            value if isinstance(value, str) else super()._deserialize(value, attr, data, **kwargs)
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value if isinstance(value, str) else super()._serialize(value, attr, obj, **kwargs)


class MilestoneSchema(StrictSchema):
    """A stop on the way to a target."""

    due_on = fields.Date(required=True)
    value = Number(required=True)

    @post_load
    def make(self, values: Values, **_: Any) -> Milestone:
        """The milestone."""
        return Milestone(**values)


class KpiTargetSchema(StrictSchema):
    """Where the KPI should be, and by when."""

    value = Number(required=True)
    relative = Flag(metadata={"description": "Whether it is growth over the baseline."})
    basis = fields.String(allow_none=True)
    basis_source = fields.String(allow_none=True)
    bold = Number(allow_none=True)
    milestones = fields.List(fields.Nested(MilestoneSchema))
    due_on = fields.Date(allow_none=True)

    @post_load
    def make(self, values: Values, **_: Any) -> KpiTarget:
        """The target, checked."""
        milestones = tuple(values.pop("milestones", ()))
        return KpiTarget(milestones=milestones, **values)


class KpiDocumentSchema(StrictSchema):
    """A KPI document, as sent."""

    key = fields.String(required=True)
    name = BothLanguages(required=True)
    short_name = BothLanguages(allow_none=True)
    definition = BothLanguages(allow_none=True)
    kind = fields.String(
        required=True, metadata={"description": "One of " + ", ".join(KINDS) + "."}
    )
    formula = fields.Nested(FormulaSchema, required=True)
    unit_of_measure = fields.String(required=True)
    currency = fields.String(allow_none=True)
    direction = fields.String(metadata={"description": "Whether up or down is better."})
    purpose = WrittenOnce()
    source = fields.String(allow_none=True)
    aggregation_period = fields.String(allow_none=True)
    tracking = fields.Nested(TrackingSchema, allow_none=True)
    credit = fields.String(metadata={"description": "any, last_message, first_message or own_tag."})
    covariate_days = fields.Integer(strict=True, allow_none=True)
    descriptive = Flag(allow_none=True)
    tier = fields.String(allow_none=True)
    timing = fields.String(allow_none=True)
    stage = fields.String(allow_none=True)
    parent = fields.String(allow_none=True)
    owner = fields.String(allow_none=True)
    report_cycle = fields.String(allow_none=True)
    baseline = Number(allow_none=True)
    target = fields.Nested(KpiTargetSchema, allow_none=True)
    status = fields.String()
    successor = fields.String(allow_none=True)
    catalogue = fields.String(allow_none=True)

    @post_load
    def make(self, values: Values, **_: Any) -> KpiDocument:
        """The document, checked."""
        return KpiDocument(**values)


class CriterionSchema(Schema):
    """One letter of the SMART check."""

    met = fields.Boolean()
    missing = fields.List(fields.String())


class SmartCheckSchema(Schema):
    """What the document lacks to be SMART."""

    met = fields.Boolean()
    specific = fields.Nested(CriterionSchema)
    measurable = fields.Nested(CriterionSchema)
    achievable = fields.Nested(CriterionSchema)
    relevant = fields.Nested(CriterionSchema)
    time_bound = fields.Nested(CriterionSchema)


class KpiSchema(KpiDocumentSchema):
    """A KPI, as answered: its document, its version, its SMART check."""

    version = fields.Integer()
    revision = fields.Integer()
    smart = fields.Nested(SmartCheckSchema)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()

    @pre_dump
    def flatten(self, kpi: Kpi, **_: Any) -> Values:
        """The document's fields beside the KPI's own."""
        own = {name: value for name, value in vars(kpi).items() if name != "document"}
        return vars(kpi.document) | own | {"smart": smart_check(kpi.document)}


class KpiListSchema(Schema):
    """A page of KPIs."""

    items = fields.List(fields.Nested(KpiSchema))
    next = fields.String(allow_none=True)

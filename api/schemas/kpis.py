"""KPI documents: as sent, as answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import (
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_dump,
    pre_load,
    validates_schema,
)

from api.auth import caller
from api.i18n import gettext
from api.schemas.exact import BothLanguages, Flag, Number, StrictSchema
from api.schemas.formulas import FormulaSchema, TrackingSchema
from experiments.korean.particles import filled
from experiments.kpis.adoption import adopted
from experiments.kpis.catalog import Kpi
from experiments.kpis.document import STATUSES, KpiDocument, KpiTarget, Milestone
from experiments.kpis.kinds import KINDS
from experiments.kpis.known_names import ByName, name_warnings
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


class KpiDraftSchema(KpiDocumentSchema):
    """A KPI document, as sent for a new KPI: whole, or as changes to an entry of the catalogue."""

    from_ = fields.String(
        data_key="from",
        metadata={
            "description": "Key of an entry of the catalogue; every other field may be left out."
        },
    )

    # With `from` nothing else is required; the interface's description says so too.
    key = fields.String()
    name = BothLanguages()
    kind = fields.String()
    formula = fields.Nested(FormulaSchema)
    unit_of_measure = fields.String()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def is_whole(self, _values: Values, body: Any, **_: Any) -> None:
        """Without an entry, the fields that a document cannot do without."""
        if not isinstance(body, dict) or isinstance(body.get("from"), str):
            return
        required = [n for n, field in KpiDocumentSchema().fields.items() if field.required]
        absent = {n: ["Missing data for required field."] for n in required if n not in body}
        if absent:
            raise ValidationError(absent)

    @pre_load
    def adopt(self, body: Any, **_: Any) -> Any:
        """The document of the entry, and over it what is given."""
        if not isinstance(body, dict) or not isinstance(body.get("from"), str):
            return body
        project = caller().project
        given = {name: value for name, value in body.items() if name != "from"}
        return adopted(
            given, key=body["from"], language=project.language, currency=project.currency
        )


class KpiStatusSchema(StrictSchema):
    """Another status for a KPI."""

    status = fields.String(required=True, metadata={"description": ", ".join(STATUSES) + "."})
    successor = fields.String(
        allow_none=True, metadata={"description": "Of a retired one: the KPI that takes over."}
    )


class NameWarningSchema(Schema):
    """Something to know about a KPI's name."""

    code = fields.String()
    field = fields.String()
    message = fields.Function(lambda found: filled(gettext(found.template), found.params))


@dataclass(frozen=True)
class KpiAmong:
    """A KPI, and the documents of its project by their names."""

    kpi: Kpi
    documents: ByName


class KpiSchema(KpiDocumentSchema):
    """A KPI, as answered: its document, its version, its SMART check, what its name says."""

    version = fields.Integer()
    revision = fields.Integer()
    smart = fields.Nested(SmartCheckSchema)
    descriptive_because = fields.String(allow_none=True)
    warnings = fields.List(fields.Nested(NameWarningSchema))
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    approved_at = fields.AwareDateTime(allow_none=True)
    approved_by = fields.String(allow_none=True)

    @pre_dump
    def flatten(self, found: KpiAmong, **_: Any) -> Values:
        """The document's fields beside the KPI's own."""
        kpi, document = found.kpi, found.kpi.document
        own = {name: value for name, value in vars(kpi).items() if name != "document"}
        said = {
            "smart": smart_check(document),
            "descriptive_because": document.descriptive_because,
            "warnings": name_warnings(document, found.documents),
        }
        return vars(document) | own | said


class KpiListSchema(Schema):
    """A page of KPIs."""

    items = fields.List(fields.Nested(KpiSchema))
    next = fields.String(allow_none=True)


class BranchSchema(Schema):
    """A KPI in the tree, with those that serve it."""

    key = fields.String(attribute="document.key")
    name = BothLanguages(attribute="document.name")
    short_name = BothLanguages(attribute="document.short_name", allow_none=True)
    tier = fields.String(attribute="document.tier", allow_none=True)
    stage = fields.String(attribute="document.stage", allow_none=True)
    status = fields.String(attribute="document.status")
    smart = fields.Function(lambda branch: smart_check(branch.document).met)
    children = fields.List(fields.Nested("BranchSchema"))


class KpiTreeSchema(Schema):
    """The KPI trees of a project."""

    trees = fields.List(fields.Nested(BranchSchema))

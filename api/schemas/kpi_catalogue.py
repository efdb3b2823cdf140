"""The catalogue of KPIs: what is asked of it, and its entries as answered."""

from typing import Any

from marshmallow import Schema, fields, pre_dump
from marshmallow.validate import Length, OneOf

from api.i18n import LANGUAGES
from api.schemas.exact import BothLanguages, StrictSchema
from api.schemas.formulas import FormulaSchema, TrackingSchema
from experiments.kpis.catalogue import Entry
from experiments.kpis.document import STAGES
from experiments.registry.channels import CHANNELS

LONGEST_QUERY = 200


class CatalogueQuerySchema(StrictSchema):
    """What to look for."""

    q = fields.String(
        load_default="",
        validate=Length(max=LONGEST_QUERY),
        metadata={"description": "A name, a synonym or words of the definition."},
    )
    language = fields.String(validate=OneOf(LANGUAGES))
    stage = fields.String(validate=OneOf(STAGES))
    channel = fields.String(validate=OneOf(CHANNELS))
    lang = fields.String(validate=OneOf(LANGUAGES))


class SynonymsSchema(Schema):
    """What it is called besides its name."""

    ko = fields.List(fields.String())
    en = fields.List(fields.String())


class ConfusedWithSchema(Schema):
    """Another KPI that it is taken for."""

    key = fields.String()
    difference = BothLanguages()


class EntrySchema(Schema):
    """A KPI ready to use."""

    key = fields.String()
    name = BothLanguages()
    short_name = BothLanguages()
    definition = BothLanguages()
    purpose = BothLanguages()
    kind = fields.String()
    formula = fields.Nested(FormulaSchema)
    unit_of_measure = fields.String()
    money = fields.Boolean(attribute="is_money")
    direction = fields.String()
    stage = fields.String()
    tier = fields.String()
    timing = fields.String()
    parent = fields.String(allow_none=True)
    report_cycle = fields.String()
    aggregation_period = fields.String()
    tracking = fields.Nested(TrackingSchema, allow_none=True)
    covariate_days = fields.Integer(allow_none=True)
    descriptive_because = fields.String(allow_none=True)
    channels = fields.List(fields.String())
    synonyms = fields.Nested(SynonymsSchema)
    confused_with = fields.List(fields.Nested(ConfusedWithSchema))
    source = BothLanguages()

    @pre_dump
    def unfold(self, entry: Entry, **_: Any) -> dict[str, Any]:
        """The entry's fields beside those that follow from them."""
        others = [{"key": key, "difference": text} for key, text in entry.confused_with.items()]
        return vars(entry) | {
            "channels": entry.channels,
            "confused_with": others,
            "descriptive_because": entry.document().descriptive_because,
        }


class EntryListSchema(Schema):
    """Entries, the best fit first."""

    items = fields.List(fields.Nested(EntrySchema))

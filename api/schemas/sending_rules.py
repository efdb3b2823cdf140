"""Rules about sending, as sent and as answered; what a design check found."""

from typing import Any

from marshmallow import Schema, fields, post_load

from api.errors import localised
from api.schemas.exact import Flag, StrictSchema, inside
from api.schemas.experiments import WarningSchema
from experiments.registry.sending_rules import KINDS, SendingRule, rule_of, written
from experiments.registry.stored_rules import StoredRules
from experiments.zones import VERSION

Values = dict[str, Any]


class NoteSchema(StrictSchema):
    """A sentence in both languages."""

    ko = fields.String(required=True)
    en = fields.String(required=True)


class SendingRuleSchema(StrictSchema):
    """A rule about sending; which fields it has is a matter of its kind."""

    key = fields.String(required=True)
    kind = fields.String(
        required=True, metadata={"description": "One of " + ", ".join(KINDS) + "."}
    )
    channels = fields.List(fields.String(), required=True)
    severity = fields.String(required=True, metadata={"description": "refuse or flag."})
    source = fields.String(
        required=True, metadata={"description": "Law, contract or document that says so."}
    )
    as_of = fields.String(
        required=True, metadata={"description": "When that was read.", "format": "date"}
    )
    note = fields.Nested(NoteSchema, required=True)
    advertising_only = Flag(
        metadata={"description": "Whether other messages are free of it; so unless false."}
    )
    starts = fields.String(data_key="from", metadata={"description": "First quiet local time."})
    ends = fields.String(data_key="until", metadata={"description": "No longer quiet."})
    lifted_by_night_consent = Flag(
        metadata={"description": "Whether night_consent of a test lifts the quiet hours."}
    )
    texts = fields.List(fields.String(), metadata={"description": "Any of these will do."})
    fields_ = fields.List(
        fields.String(),
        data_key="fields",
        attribute="fields",
        metadata={"description": "Where in the payload the text stands."},
    )
    limit = fields.Integer(strict=True, metadata={"description": "Bytes in CP949."})
    months = fields.Integer(strict=True)


class SendingRulesEditSchema(StrictSchema):
    """All rules of a project; null goes back to those that ship."""

    items = fields.List(fields.Nested(SendingRuleSchema), required=True, allow_none=True)

    @post_load
    def make(self, values: Values, **_: Any) -> Values:
        """The rules, checked; a refusal names its full path."""
        if values["items"] is None:
            return {"rules": None}
        return {"rules": [_rule(each, index) for index, each in enumerate(values["items"])]}


def _rule(values: Values, index: int) -> SendingRule:
    with inside(f"items.{index}"):
        return rule_of(values)


class SendingRulesSchema(Schema):
    """The rules of a project, as answered."""

    items = fields.List(fields.Nested(SendingRuleSchema))
    shipped = fields.Boolean(
        metadata={"description": "Whether they are those that come with this version."}
    )
    revision = fields.Integer()
    changed_at = fields.AwareDateTime(allow_none=True)
    changed_by = fields.String(allow_none=True)


def rules_body(stored: StoredRules) -> Values:
    """The rules as :class:`SendingRulesSchema` describes them."""
    return {
        "items": [written(rule) for rule in stored.rules],
        "shipped": stored.shipped,
        "revision": stored.revision,
        "changed_at": stored.changed_at and stored.changed_at.isoformat(),
        "changed_by": stored.changed_by,
    }


class RefusalSchema(Schema):
    """What would refuse a start."""

    code = fields.String()
    field = fields.String(allow_none=True)
    message = fields.Function(localised)


class DesignCheckSchema(Schema):
    """What a start would meet."""

    experiment = fields.String(attribute="experiment.key")
    ready = fields.Boolean(metadata={"description": "Whether nothing would refuse a start."})
    refusals = fields.List(fields.Nested(RefusalSchema))
    warnings = fields.List(fields.Nested(WarningSchema))
    rules_revision = fields.Integer(
        attribute="rules.revision", metadata={"description": "Of the rules about sending."}
    )
    time_zone = fields.String(
        attribute="zone", metadata={"description": "In which local times were read."}
    )
    time_zone_data = fields.Constant(VERSION)

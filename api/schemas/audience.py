"""Whom a test is for, as sent: rules, lists, layer, caps."""

from typing import Any

from marshmallow import fields, post_load

from api.schemas.exact import AnyJson, StrictSchema
from experiments.registry.audience import Audience, ContactCap, CoolDown, LayerSlots

Values = dict[str, Any]


class AudienceSchema(StrictSchema):
    """Whom the test is meant for; a unit must pass everything that is said."""

    conditions = AnyJson(
        allow_none=True,
        metadata={
            "type": "object",
            "description": "A rule over attributes, in GrowthBook's condition language.",
        },
    )
    segments = fields.List(fields.String(), metadata={"description": "Keys of saved segments."})
    exclude_lists = fields.List(
        fields.String(), metadata={"description": "Lists whose members are left out."}
    )
    require_lists = fields.List(
        fields.String(), metadata={"description": "Lists that a unit must be on."}
    )

    @post_load
    def make(self, values: Values, **_: Any) -> Audience:
        """The audience, checked."""
        conditions = values.pop("conditions", None)
        return Audience(conditions, **{name: tuple(keys) for name, keys in values.items()})


class LayerSlotsSchema(StrictSchema):
    """Slots of a layer, of 10,000."""

    key = fields.String(required=True)
    start = fields.Integer(required=True, strict=True, metadata={"description": "First slot."})
    end = fields.Integer(
        required=True, strict=True, metadata={"description": "Slot after the last."}
    )

    @post_load
    def make(self, values: Values, **_: Any) -> LayerSlots:
        """The slots, checked."""
        return LayerSlots(**values)


class ContactCapSchema(StrictSchema):
    """Who was sent so many messages of tests within so many days is left out."""

    sends = fields.Integer(required=True, strict=True)
    days = fields.Integer(required=True, strict=True)

    @post_load
    def make(self, values: Values, **_: Any) -> ContactCap:
        """The cap, checked."""
        return ContactCap(**values)


class CoolDownSchema(StrictSchema):
    """Who met another test within so many days is left out."""

    days = fields.Integer(required=True, strict=True)

    @post_load
    def make(self, values: Values, **_: Any) -> CoolDown:
        """The pause, checked."""
        return CoolDown(**values)

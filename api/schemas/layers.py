"""Layers and holdouts, as sent and as answered."""

from typing import Any

from marshmallow import Schema, fields, post_load

from api.schemas.exact import Number, StrictSchema
from experiments.registry.holdouts import HoldoutDraft
from experiments.registry.layers import LayerDraft

Values = dict[str, Any]


class NameSchema(StrictSchema):
    """Another name."""

    name = fields.String(required=True)


class LayerDraftSchema(StrictSchema):
    """A layer, as asked for."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    seed = fields.String(metadata={"description": "What slots are drawn with; never changes."})
    hash_attribute = fields.String(
        metadata={"description": "Whose value is drawn; id is the unit itself."}
    )

    @post_load
    def make(self, values: Values, **_: Any) -> LayerDraft:
        """The draft, checked."""
        return LayerDraft(**values)


class SlotOwnerSchema(Schema):
    """A test that owns slots."""

    experiment = fields.String()
    state = fields.String()
    start = fields.Integer(attribute="slots.start", metadata={"description": "First slot."})
    end = fields.Integer(attribute="slots.end", metadata={"description": "Slot after the last."})


class LayerSchema(Schema):
    """A layer with the tests that own its slots."""

    key = fields.String()
    name = fields.String()
    seed = fields.String()
    hash_attribute = fields.String()
    slots = fields.List(fields.Nested(SlotOwnerSchema))
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class LayerListSchema(Schema):
    """A page of layers."""

    items = fields.List(fields.Nested(LayerSchema))
    next = fields.String(allow_none=True)


class HoldoutDraftSchema(StrictSchema):
    """A holdout, as asked for."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    share = Number(
        required=True,
        metadata={"description": "Of customers held out, a fraction, at most 0.5."},
    )
    layer = fields.String(
        allow_none=True, metadata={"description": "Whose tests keep to it; null: all tests."}
    )
    seed = fields.String(metadata={"description": "What it is drawn with; never changes."})

    @post_load
    def make(self, values: Values, **_: Any) -> HoldoutDraft:
        """The draft, checked."""
        return HoldoutDraft(**values)


class GroupSchema(Schema):
    """Buckets of one group of a holdout, of 10,000."""

    group = fields.String(metadata={"description": "holdoutcontrol gets no test."})
    start = fields.Integer()
    end = fields.Integer()


class HoldoutSchema(Schema):
    """A holdout, as answered."""

    key = fields.String()
    name = fields.String()
    share = Number()
    layer = fields.String(allow_none=True)
    seed = fields.String()
    groups = fields.List(fields.Nested(GroupSchema))
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


class HoldoutListSchema(Schema):
    """A page of holdouts."""

    items = fields.List(fields.Nested(HoldoutSchema))
    next = fields.String(allow_none=True)

"""Saved segments and lists of units, as sent and as answered."""

from typing import Any

from marshmallow import Schema, fields, post_load

from api.schemas.exact import AnyJson, StrictSchema
from experiments.registry.saved_segments import SegmentDraft
from experiments.registry.unit_lists import ListDraft

Values = dict[str, Any]


class SegmentDraftSchema(StrictSchema):
    """A saved segment, as asked for."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    condition = AnyJson(
        required=True,
        metadata={
            "type": "object",
            "description": "Who is in it, in GrowthBook's condition language.",
        },
    )

    @post_load
    def make(self, values: Values, **_: Any) -> SegmentDraft:
        """The draft, checked."""
        return SegmentDraft(**values)


class SegmentSchema(Schema):
    """A saved segment, as answered."""

    key = fields.String()
    name = fields.String()
    condition = fields.Raw(metadata={"type": "object"})
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class SegmentListSchema(Schema):
    """A page of saved segments."""

    items = fields.List(fields.Nested(SegmentSchema))
    next = fields.String(allow_none=True)


class ListDraftSchema(StrictSchema):
    """A list of units, as asked for."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={"description": "suppression (left out), consent (required) or test."},
    )

    @post_load
    def make(self, values: Values, **_: Any) -> ListDraft:
        """The draft, checked."""
        return ListDraft(**values)


class ListSchema(Schema):
    """A list of units, as answered; its members are counted and never told."""

    key = fields.String()
    name = fields.String()
    kind = fields.String()
    members = fields.Integer()
    checksum = fields.String(metadata={"description": "Of the members; for comparing copies."})
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class ListListSchema(Schema):
    """A page of lists."""

    items = fields.List(fields.Nested(ListSchema))
    next = fields.String(allow_none=True)


class MembersSchema(StrictSchema):
    """Units to put on a list and to take off it, up to 100,000 together."""

    add = fields.List(fields.Raw(metadata={"type": "string"}), load_default=list)
    remove = fields.List(fields.Raw(metadata={"type": "string"}), load_default=list)


class MembersChangeSchema(Schema):
    """What became of it; who was on the list, or off it, already is not counted."""

    added = fields.Integer()
    removed = fields.Integer()
    members = fields.Integer(attribute="unit_list.members")
    revision = fields.Integer(attribute="unit_list.revision")


class MembershipQuestionSchema(StrictSchema):
    """Whether these units are on a list."""

    unit_ids = fields.List(fields.Raw(metadata={"type": "string"}), required=True)


class MembershipSchema(Schema):
    """Those of the units asked about that are on the list, in the order asked."""

    members = fields.List(fields.String())

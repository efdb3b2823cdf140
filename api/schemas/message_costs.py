"""What messages cost, as sent and as answered."""

from typing import Any

from marshmallow import Schema, fields, post_load

from api.schemas.exact import Number, StrictSchema, inside
from experiments.ledger.instants import read_instant
from experiments.registry.channels import CHANNELS
from experiments.registry.message_costs import MessageCost, MessageCosts

Values = dict[str, Any]


class MessageCostSchema(StrictSchema):
    """What one message costs from a moment on."""

    channel = fields.String(
        required=True, metadata={"description": "One of " + ", ".join(CHANNELS) + "."}
    )
    kind = fields.String(
        allow_none=True, metadata={"description": "A kind of message; none: any other."}
    )
    cost = Number(required=True, metadata={"description": "In units of the currency."})
    currency = fields.String(required=True)
    valid_from = fields.String(
        required=True, metadata={"description": "Until the next one.", "format": "date-time"}
    )


class MessageCostsEditSchema(StrictSchema):
    """All costs of a project."""

    items = fields.List(fields.Nested(MessageCostSchema), required=True)

    @post_load
    def make(self, values: Values, **_: Any) -> list[MessageCost]:
        """The costs, checked; a refusal names its full path."""
        return [_cost(each, index) for index, each in enumerate(values["items"])]


class MessageCostsSchema(Schema):
    """The costs of a project, as answered."""

    items = fields.List(fields.Nested(MessageCostSchema))
    revision = fields.Integer()
    changed_at = fields.AwareDateTime(allow_none=True)
    changed_by = fields.String(allow_none=True)


def costs_body(stored: MessageCosts) -> Values:
    """The costs as :class:`MessageCostsSchema` describes them."""
    return {
        "items": [
            {
                "channel": each.channel,
                "kind": each.kind,
                "cost": each.cost,
                "currency": each.currency,
                "valid_from": each.valid_from.isoformat(),
            }
            for each in stored.costs
        ],
        "revision": stored.revision,
        "changed_at": stored.changed_at and stored.changed_at.isoformat(),
        "changed_by": stored.changed_by,
    }


def _cost(values: Values, index: int) -> MessageCost:
    with inside(f"items.{index}"):
        at = read_instant(values["valid_from"], "valid_from")
        return MessageCost(**{**values, "valid_from": at})

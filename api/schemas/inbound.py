"""Addresses for webhooks on the wire, and what their deliveries are answered."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from api.schemas.exact import StrictSchema
from api.schemas.ingest import BatchResultSchema
from experiments.ledger.facts import Exposure, Fact
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.resolve import Resolved
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import Received

_SETTINGS = {"description": "As docs/sources.md describes them; signature included."}


class WebhookRequestSchema(StrictSchema):
    """An address to create."""

    source = fields.String(required=True, validate=OneOf(tuple(SOURCES)))
    name = fields.String(required=True, validate=Length(1, 200))
    settings = fields.Dict(keys=fields.String(), load_default=dict, metadata=_SETTINGS)


class WebhookSettingsSchema(StrictSchema):
    """New settings of an address."""

    settings = fields.Dict(keys=fields.String(), required=True, metadata=_SETTINGS)


class TrialSchema(StrictSchema):
    """A payload to be read without being kept."""

    source = fields.String(required=True, validate=OneOf(tuple(SOURCES)))
    settings = fields.Dict(keys=fields.String(), load_default=dict, metadata=_SETTINGS)
    body = fields.Raw(required=True, metadata={"description": "What the tool would send."})


class WebhookSchema(Schema):
    """An address, without its token and without secrets."""

    id = fields.String(attribute="public_id")
    source = fields.String()
    name = fields.String()
    settings = fields.Dict(attribute="shown_settings")
    pending = fields.Dict(allow_none=True)
    created_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)


class NewWebhookSchema(WebhookSchema):
    """The same with its address, this once."""

    address = fields.String()


class WebhookListSchema(Schema):
    """The addresses of the project."""

    items = fields.List(fields.Nested(WebhookSchema))


class DeliveryResultSchema(BatchResultSchema):
    """What became of what was delivered."""

    ignored = fields.Integer(metadata={"description": "Items that say nothing that is kept."})


class TrialResultSchema(Schema):
    """How a payload would be read."""

    facts = fields.List(fields.Dict())
    ignored = fields.Integer()
    rejected = fields.List(fields.Dict())


def told_facts(received: Received) -> list[dict[str, Any]]:
    """The facts of a body, as they would be kept."""
    return [
        {"index": index, **_told(fact)}
        for index, fact in received.batch.facts
        if not isinstance(fact, Resolved)
    ]


def _told(fact: Fact) -> dict[str, Any]:
    """A fact; of an alias the kind, since an answer may be kept for a repetition."""
    if isinstance(fact, AliasFact):
        return {
            "fact": "alias",
            "source_id": fact.source_id,
            "unit_id": fact.unit_id,
            "alias": {"kind": fact.alias.kind},
            "occurred_at": fact.valid_from.isoformat(),
        }
    told = {
        "fact": "exposure" if isinstance(fact, Exposure) else "event",
        "source_id": fact.source_id,
        "unit_id": fact.unit_id,
        "alias": fact.alias and {"kind": fact.alias.kind},
        "type": fact.type,
        "occurred_at": fact.occurred_at.isoformat(),
        "channel": fact.channel,
        "experiment": fact.experiment,
        "variant": fact.variant,
        "properties": dict(fact.properties),
    }
    if isinstance(fact, Exposure):
        return told
    return {**told, "value": fact.value, "currency": fact.currency, "machine": fact.machine}

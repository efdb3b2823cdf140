"""Figures that arrive added up, as sent and as answered."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from api.errors import localised
from api.paging import PageSchema
from experiments.tracking.reported import LONGEST_DIMENSION, Rejected
from experiments.tracking.reported_store import Delivery, StoredValue


class ReportedValueSchema(Schema):
    """One figure of one series on one local day."""

    series = fields.String(
        required=True,
        validate=Length(1, 64),
        metadata={"description": "As formulas name it, such as media_cost."},
    )
    day = fields.Date(required=True, metadata={"description": "Of a week or a month, its first."})
    channel = fields.String(allow_none=True)
    dimension = fields.String(
        allow_none=True,
        validate=Length(1, LONGEST_DIMENSION),
        metadata={"description": "Anything else that tells figures apart, such as a campaign."},
    )
    source = fields.String(required=True, metadata={"description": "Whoever reports it; a key."})
    value = fields.Decimal(
        required=True, metadata={"description": "From 0 on, in units of the currency."}
    )
    currency = fields.String(allow_none=True)


class StoredValueSchema(ReportedValueSchema):
    """A figure, as it is kept."""

    id = fields.Integer()
    reported_at = fields.AwareDateTime()
    reported_by = fields.String()
    replaced_at = fields.AwareDateTime(allow_none=True)


class StoredValueListSchema(Schema):
    """A page of figures."""

    items = fields.List(fields.Nested(StoredValueSchema))
    next = fields.String(allow_none=True)


class RejectedFigureSchema(Schema):
    """An item that was not kept, and why."""

    index = fields.Integer()
    field = fields.String(allow_none=True)
    code = fields.String()
    message = fields.String()


class DeliverySchema(Schema):
    """What became of a delivery; every figure is counted or listed once."""

    accepted = fields.Integer()
    replaced = fields.Integer()
    unchanged = fields.Integer()
    rejected = fields.List(fields.Nested(RejectedFigureSchema))
    unread = fields.List(
        fields.String(), metadata={"description": "Series that no KPI of the project reads."}
    )


class ReportedQuerySchema(PageSchema):
    """Which figures."""

    series = fields.String()
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    channel = fields.String()
    source = fields.String()
    history = fields.Boolean(metadata={"description": "Those that were replaced, too."})


def told(done: Delivery) -> dict[str, Any]:
    """The delivery as answered, in the reader's language."""
    return {
        "accepted": done.accepted,
        "replaced": done.replaced,
        "unchanged": done.unchanged,
        "rejected": [rejection(each) for each in done.rejected],
        "unread": list(done.unread),
    }


def rejection(item: Rejected) -> dict[str, Any]:
    """One item that was not kept."""
    error = item.error
    return {
        "index": item.index,
        "field": error.field,
        "code": error.code,
        "message": localised(error),
    }


def told_value(stored: StoredValue) -> dict[str, Any]:
    """A figure as answered."""
    value = stored.value
    return {
        "id": stored.id,
        "series": value.series,
        "day": value.day.isoformat(),
        "channel": value.channel,
        "dimension": value.dimension,
        "source": value.source,
        "value": value.value,
        "currency": value.currency,
        "reported_at": stored.reported_at.isoformat(),
        "reported_by": stored.reported_by,
        "replaced_at": stored.replaced_at and stored.replaced_at.isoformat(),
    }

"""Formulas of KPIs: as sent, as answered."""

from collections.abc import Callable
from typing import Any, ClassVar

from marshmallow import fields, post_dump, post_load

from api.schemas.exact import Flag, Number, StrictSchema
from experiments.kpis.document import (
    Bands,
    Cap,
    DayWindow,
    Events,
    Filter,
    Formula,
    Quantity,
    Requirement,
    Term,
    Tracking,
)

Values = dict[str, Any]
# Shown even where nothing was said.
ALWAYS = frozenset({"event", "value", "machine", "where", "window_hours"})


def _said(description: str) -> dict[str, str]:
    return {"description": description}


def _whole(description: str) -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, metadata=_said(description))


class PartSchema(StrictSchema):
    """A part of a formula: loaded as its dataclass, answered without what was left open."""

    makes: ClassVar[Callable[..., object]]

    @post_load
    def make(self, values: Values, **_: Any) -> object:
        """The part; the formula checks it, knowing where it stands."""
        made = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return type(self).makes(**made)

    @post_dump
    def shorten(self, values: Values, **_: Any) -> Values:
        """Only what was said; a window in days has no hours."""
        shown = {n: v for n, v in values.items() if n in ALWAYS or v not in (None, [], {})}
        if "days" in shown:
            shown.pop("window_hours")
        return shown


class FilterSchema(PartSchema):
    """A condition on a property of an event."""

    makes: ClassVar[Callable[..., object]] = Filter

    property = fields.String(required=True)
    one_of = fields.List(fields.String())
    over = Number(allow_none=True)
    at_least = Number(allow_none=True)
    below = Number(allow_none=True)
    at_most = Number(allow_none=True)
    present = Flag(allow_none=True, metadata=_said("Whether it must be there, or must not."))


class EventsSchema(PartSchema):
    """Which events."""

    makes: ClassVar[Callable[..., object]] = Events

    event = fields.String(required=True, metadata=_said("Type of event that counts."))
    machine = fields.String(metadata=_said("include or exclude machine events."))
    where = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=_said("Property values that an event must have."),
    )
    filters = fields.List(fields.Nested(FilterSchema))
    channels = fields.List(fields.String())


class RequirementSchema(EventsSchema):
    """What must have happened before the anchor, or must not have."""

    makes: ClassVar[Callable[..., object]] = Requirement

    at_least = fields.Integer(strict=True)
    within_days = _whole("So many times 24 hours before the anchor; null: ever before.")
    absent = Flag()


class TermSchema(EventsSchema):
    """What is taken of events, for one customer."""

    makes: ClassVar[Callable[..., object]] = Term

    value = fields.String(
        required=True,
        metadata=_said(
            "occurrence, absence, count, distinct, days, amount, number, message_cost or series."
        ),
    )
    of = fields.String(allow_none=True, metadata=_said("Property of distinct and number."))
    at_least = _whole("Of occurrence: how many there must be.")
    times = Number(allow_none=True, metadata=_said("Factor, such as what a coupon costs."))
    currency = fields.String(allow_none=True)


class CapSchema(PartSchema):
    """The largest value of one customer."""

    makes: ClassVar[Callable[..., object]] = Cap

    at = Number(required=True)
    source = fields.String(required=True, metadata=_said("Where the number comes from."))


class QuantitySchema(TermSchema):
    """Terms added and subtracted, then capped."""

    makes: ClassVar[Callable[..., object]] = Quantity

    plus = fields.List(fields.Nested(TermSchema))
    minus = fields.List(fields.Nested(TermSchema))
    cap = fields.Nested(CapSchema, allow_none=True)


class DayWindowSchema(PartSchema):
    """Local days after the anchor's own, which is day 0."""

    makes: ClassVar[Callable[..., object]] = DayWindow

    first = fields.Integer(required=True, strict=True)
    last = fields.Integer(required=True, strict=True)


class BandsSchema(PartSchema):
    """How answers become a score."""

    makes: ClassVar[Callable[..., object]] = Bands

    promoters_from = fields.Integer(strict=True)
    detractors_to = fields.Integer(strict=True)
    answer = fields.String(metadata=_said("first or last."))


class FormulaSchema(QuantitySchema):
    """How one customer's value is computed from events."""

    makes: ClassVar[Callable[..., object]] = Formula

    window_hours = _whole("From the anchor, the end not included; or days.")
    days = fields.Nested(DayWindowSchema, allow_none=True)
    requires = fields.List(fields.Nested(RequirementSchema))
    denominator = fields.Nested(QuantitySchema, allow_none=True, metadata=_said("Of a ratio."))
    quantile = Number(allow_none=True, metadata=_said("Of a quantile: 0.5 is the median."))
    over = fields.String(allow_none=True, metadata=_said("customers or with_value."))
    since = fields.Nested(EventsSchema, allow_none=True, metadata=_said("Of a time to an event."))
    step = fields.String(allow_none=True, metadata=_said("hour or day."))
    then = fields.List(fields.Nested(EventsSchema), metadata=_said("Further steps of a funnel."))
    bands = fields.Nested(BandsSchema, allow_none=True, metadata=_said("Of a score."))


class TrackingSchema(PartSchema):
    """How values outside of tests come about."""

    makes: ClassVar[Callable[..., object]] = Tracking

    by = fields.String(metadata=_said("cohort or period."))
    base = fields.Nested(EventsSchema, allow_none=True)
    aggregate = fields.String(metadata=_said("average or total."))
    rolling_days = _whole("So many days up to the period's end, in its place.")
    split_by = fields.List(fields.String())

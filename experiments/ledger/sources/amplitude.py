"""Amplitude's HTTP V2 form: ``{"api_key": ..., "events": [...]}``.

https://amplitude.com/docs/apis/analytics/http-v2 (unverified beyond the field names of
``formats``). ``insert_id`` tells an event; the ``api_key`` in the body is not looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Exposure, Fact
from experiments.ledger.fields import MONEY_EVENTS, brief, check_key, usual_name
from experiments.ledger.sources.contract import Source
from experiments.ledger.sources.customers import customer_at, named
from experiments.ledger.sources.messages import Report, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    amount_at,
    at_path,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

EVENTS: dict[str, str | None] = {
    "revenue_amount": "purchase", "$identify": None, "$groupidentify": None,
}  # fmt: skip
# Of Amplitude's own experiments: `flag_key` and `variant` in the properties.
EXPOSED = "$exposure"


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    said, properties = needed_text(item, "event_type"), at_path(item, "event_properties")
    id_ = source_id("amplitude", needed_text(item, "insert_id"))
    customer = customer_at(item, settings, "user_id", aliases=[("amplitude_device", "device_id")])
    at = instant_at(item, "time", "milliseconds")
    if said == EXPOSED and said not in settings.events:
        yield Exposure(
            id_, check_key(text_at(properties, "flag_key"), "event_properties.flag_key"),
            type="viewed", occurred_at=at, variant=text_at(properties, "variant"),
            **named(customer),
        )  # fmt: skip
        return
    own = {**EVENTS, **settings.events}
    name = own[said] if said in own else usual_name(said)
    if name is None:
        return
    value = amount_at(item, "revenue")
    if value is None and name in MONEY_EVENTS:
        value = amount_at(properties, "revenue", "value")
    yield Report(
        source_id=id_,
        customer=customer,
        event=name,
        at=at,
        tag=tag_of(settings, properties),
        channel=None,
        value=value,
        currency=text_at(item, "currency") or text_at(properties, "currency"),
        properties=properties if isinstance(properties, Mapping) else None,
    ).fact()


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:  # noqa: ARG001 - the contract's
    """The events of a body.

    Raises:
        Invalid: If there are none.
    """
    found = at_path(body, "events")
    if not isinstance(found, list):
        raise Invalid(field="events", expected="a list", got=brief(found))
    return found


SOURCE = Source(
    name="amplitude",
    title="Amplitude",
    documentation="https://amplitude.com/docs/apis/analytics/http-v2",
    facts=facts,
    items=items_of,
    id_path="insert_id",
)

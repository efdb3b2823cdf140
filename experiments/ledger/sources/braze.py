"""Braze Currents, as JSON or Avro: messages of every channel, and purchases.

https://www.braze.com/docs/user_guide/data/distribution/braze_currents/event_glossary/
Currents writes files or posts to partners; that the name of an event stands in
``event_type`` of an item, and that a body is a list or ``{"events": [...]}``, is unverified.
Its files of Avro hold one kind of event each, told by the schema's name, which ends in it
(``….users.messages.email.Open``), as in https://github.com/Appboy/currents-examples.
The arm is the ``message_variation_id``: name it under ``tags`` in the settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.sources.contract import Source, UnknownEvent, event_name, listed
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, link, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    amount_at,
    at_path,
    flag_at,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

_CHANNELS = {
    "email": "email", "pushnotification": "app_push", "sms": "sms", "inappmessage": "in_app",
}  # fmt: skip
EVENTS: dict[str, str | None] = {
    "Send": "sent", "Delivery": "delivered", "Open": "open", "Click": "click",
    "Bounce": "bounced", "SoftBounce": "bounced", "MarkAsSpam": "complaint",
    "Unsubscribe": "unsubscribe", "Deferral": "deferred", "Abort": "dropped",
    "Rejection": "dropped", "DeliveryFailure": "dropped", "Impression": "open",
}  # fmt: skip
_PURCHASE = "users.behaviors.Purchase"
# Where an item of a file of Avro has its schema's name.
SCHEMA = "avro.schema"
_ARM = ("message_variation_id", "canvas_variation_id", "canvas_step_id", "campaign_id", "canvas_id")


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    name = _of_schema(text_at(item, SCHEMA)) or needed_text(item, "event_type", "name")
    *_, channel, last = ("", *name.split("."))
    if name in settings.events:
        event = settings.events[name]
    elif name == _PURCHASE:
        event = "purchase"
    elif name.startswith("users.messages."):
        event = event_name(last, EVENTS, settings)
    else:
        raise UnknownEvent(field="event_type", name=name[:60])
    if event is None:
        return
    url, value = text_at(item, "url"), amount_at(item, "price") if event == "purchase" else None
    yield Report(
        source_id=source_id("braze", needed_text(item, "id")),
        customer=customer_at(
            item, settings, "external_user_id", aliases=[("braze_user", "user_id")]
        ),
        event=event,
        at=instant_at(item, "time", "seconds"),
        tag=tag_of(
            settings, at_path(item, "properties"), ids=[text_at(item, each) for each in _ARM],
            url=url,
        ),
        channel=_CHANNELS.get(channel),
        machine=flag_at(item, "machine_open", "bot_click")
        or settings.machine.marks(event, at_path(item, "user_agent")),
        value=value,
        currency=text_at(item, "currency") if value is not None else None,
        properties={
            "message": text_at(item, "send_id", "dispatch_id"),
            "url": link(url),
            "bounce": ("soft" if last == "SoftBounce" else "hard") if event == "bounced" else None,
            "product": text_at(item, "product_id"),
        },
    ).fact()  # fmt: skip


def _of_schema(schema: str | None) -> str | None:
    """The kind of the events that a file of Avro holds."""
    _, marked, kind = (schema or "").partition("users.")
    return marked + kind if marked else None


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:
    """The events of a body."""
    found = at_path(body, "events")
    return found if isinstance(found, list) else listed(body, settings)


SOURCE = Source(
    name="braze",
    title="Braze Currents",
    documentation=(
        "https://www.braze.com/docs/user_guide/data/distribution/braze_currents/event_glossary/"
    ),
    facts=facts,
    items=items_of,
)

"""Klaviyo's system webhooks: ``data``, a list of events by topic.

https://developers.klaviyo.com/en/docs/working_with_system_webhooks (headers, ``data`` with
``external_id``, ``topic``, ``payload``). The names of topics beyond
``event:klaviyo.email_delivered`` and ``.opened_email``, and the paths within the payload, are
those of "Get Event" as remembered: unverified.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.fields import brief
from experiments.ledger.identity.alias import EMAIL
from experiments.ledger.sources.contract import Source, event_name
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

EVENTS: dict[str, str | None] = {
    "email_delivered": "delivered", "received_email": "delivered", "opened_email": "open",
    "clicked_email": "click", "bounced_email": "bounced", "dropped_email": "dropped",
    "marked_email_as_spam": "complaint", "unsubscribed_from_email_marketing": "unsubscribe",
    "unsubscribed": "unsubscribe", "sent_sms": "sent", "received_sms": "delivered",
    "clicked_sms": "click", "received_push": "delivered", "opened_push": "open",
    "placed_order": "purchase", "refunded_order": "refund",
}  # fmt: skip
_PROPERTIES = "payload.data.attributes.event_properties"
_ALIASES = (
    (EMAIL, f"{_PROPERTIES}.Recipient Email Address"),
    ("klaviyo_profile", "payload.data.relationships.profile.data.id"),
)


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event; its topic is ``event:<integration>.<metric>``."""
    topic = needed_text(item, "topic")
    known = EVENTS if topic in settings.events else {topic: EVENTS.get(topic.rpartition(".")[2])}
    event = event_name(topic, {k: v for k, v in known.items() if v}, settings)
    if event is None:
        return
    said = at_path(item, _PROPERTIES)
    url = text_at(said, "URL")
    value = amount_at(said, "$value", "value") if event in {"purchase", "refund"} else None
    yield Report(
        source_id=source_id("klaviyo", needed_text(item, "external_id")),
        customer=customer_at(item, settings, f"{_PROPERTIES}.unit_id", aliases=_ALIASES),
        event=event,
        at=instant_at(item, "payload.data.attributes.datetime"),
        tag=tag_of(
            settings, said, ids=[text_at(said, "$variation"), text_at(said, "$message")], url=url
        ),
        channel=_channel(topic),
        machine=flag_at(said, "machine_open", "Machine Open"),
        value=value,
        currency=text_at(said, "$currency_code", "currency"),
        properties={
            "message": text_at(said, "$message"),
            "url": link(url),
            "bounce": text_at(said, "Bounce Type") if event == "bounced" else None,
        },
    ).fact()  # fmt: skip


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:  # noqa: ARG001 - the contract's
    """The events of a body.

    Raises:
        Invalid: If there are none.
    """
    found = at_path(body, "data")
    if not isinstance(found, list):
        raise Invalid(field="data", expected="a list", got=brief(found))
    return found


def _channel(topic: str) -> str | None:
    words = {"email": "email", "sms": "sms", "push": "app_push"}
    return next((ours for word, ours in words.items() if word in topic), None)


SOURCE = Source(
    name="klaviyo",
    title="Klaviyo",
    documentation="https://developers.klaviyo.com/en/docs/working_with_system_webhooks",
    facts=facts,
    items=items_of,
    id_path="external_id",
)

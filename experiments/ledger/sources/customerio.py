"""Customer.io's reporting webhooks: one event a request.

https://docs.customer.io/api/webhooks: ``event_id``, ``object_type``, ``metric``,
``timestamp`` in seconds, ``data``. The place of the customer in ``data`` and the treatment of
machine opens are unverified.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.identity.alias import EMAIL, PHONE
from experiments.ledger.sources.contract import Source, event_name
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, link, reason, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    flag_at,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

EVENTS: dict[str, str | None] = {
    "sent": "sent", "delivered": "delivered", "opened": "open", "clicked": "click",
    "bounced": "bounced", "spammed": "complaint", "unsubscribed": "unsubscribe",
    "dropped": "dropped", "failed": "dropped", "deferred": "deferred", "drafted": None,
    "attempted": None, "converted": None, "subscribed": None, "cio_subscription_changed": None,
    "human_opened": None, "human_clicked": None,
}  # fmt: skip
_CHANNELS = {"email": "email", "push": "app_push", "sms": "sms", "in_app": "in_app"}
# What a recipient is, by channel.
_RECIPIENTS = {"email": EMAIL, "sms": PHONE}
_ARM = ("data.content_id", "data.action_id", "data.newsletter_id", "data.broadcast_id",
        "data.campaign_id")  # fmt: skip


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    event = event_name(needed_text(item, "metric"), EVENTS, settings)
    if event is None:
        return
    url, channel = text_at(item, "data.href"), text_at(item, "object_type") or ""
    yield Report(
        source_id=source_id("customerio", needed_text(item, "event_id")),
        customer=customer_at(
            item, settings, "data.identifiers.id", "data.customer_id",
            aliases=[(_RECIPIENTS.get(channel, "customerio_recipient"), "data.recipient")],
        ),
        event=event,
        at=instant_at(item, "timestamp", "seconds"),
        tag=tag_of(settings, ids=[text_at(item, each) for each in _ARM], url=url),
        channel=_CHANNELS.get(channel),
        machine=flag_at(item, "data.machine_open", "data.proxied"),
        properties={
            "message": text_at(item, "data.delivery_id"),
            "url": link(url),
            "campaign": text_at(item, "data.campaign_id"),
            "reason": reason(text_at(item, "data.failure_message")),
        },
    ).fact()  # fmt: skip


SOURCE = Source(
    name="customerio",
    title="Customer.io",
    documentation="https://docs.customer.io/api/webhooks",
    facts=facts,
    id_path="event_id",
)

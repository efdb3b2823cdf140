"""SendGrid's Event Webhook: an array of events.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (field names).
Custom arguments are looked for at the top level, where SendGrid is said to put them, and
under ``unique_args`` and ``custom_args`` (which of the three: unverified).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.identity.alias import EMAIL
from experiments.ledger.sources.contract import Source, event_name
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, link, reason, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    at_path,
    flag_at,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

EVENTS: dict[str, str | None] = {
    "processed": "sent", "deferred": "deferred", "delivered": "delivered", "bounce": "bounced",
    "dropped": "dropped", "open": "open", "click": "click", "spamreport": "complaint",
    "unsubscribe": "unsubscribe", "group_unsubscribe": "unsubscribe", "group_resubscribe": None,
    "account_status_change": None,
}  # fmt: skip
# Of a bounce, `type` is `bounce` or `blocked`; a blocked one may go through another time.
_BOUNCES = {"bounce": "hard", "blocked": "soft"}


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    event = event_name(needed_text(item, "event"), EVENTS, settings)
    if event is None:
        return
    url = text_at(item, "url")
    arguments = (item, at_path(item, "unique_args"), at_path(item, "custom_args"))
    machine = flag_at(item, "sg_machine_open") or settings.machine.marks(
        event, at_path(item, "useragent")
    )
    yield Report(
        source_id=source_id("sendgrid", needed_text(item, "sg_event_id")),
        customer=customer_at(
            item, settings, "unit_id", aliases=[(EMAIL, "email")], arguments=arguments[1:]
        ),
        event=event,
        at=instant_at(item, "timestamp", "seconds"),
        tag=tag_of(
            settings, *arguments, ids=[text_at(item, "marketing_campaign_id")], url=url
        ),
        machine=machine,
        properties={
            "message": text_at(item, "sg_message_id"),
            "url": link(url),
            "bounce": _bounce(item) if event == "bounced" else None,
            "reason": reason(text_at(item, "reason")),
            "campaign": text_at(item, "marketing_campaign_id"),
        },
    ).fact()  # fmt: skip


def _bounce(item: Mapping[str, Any]) -> str | None:
    return _BOUNCES.get(text_at(item, "type") or "bounce")


SOURCE = Source(
    name="sendgrid",
    title="SendGrid",
    documentation="https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event",
    facts=facts,
    id_path="sg_event_id",
)

"""Mandrill (Mailchimp's transactional e-mail): a form with an array of events.

https://mailchimp.com/developer/transactional/docs/webhooks/ (names of events and fields:
unverified beyond recorded examples). ``_id`` is the message's and not the event's, so an
event is told by it together with its name, time and link.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.identity.alias import EMAIL
from experiments.ledger.sources.contract import Source, event_name
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, link, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    at_path,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

EVENTS: dict[str, str | None] = {
    "send": "sent", "delivered": "delivered", "deferral": "deferred", "hard_bounce": "bounced",
    "soft_bounce": "bounced", "open": "open", "click": "click", "spam": "complaint",
    "unsub": "unsubscribe", "reject": "dropped",
}  # fmt: skip


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event; a sync of a list says nothing of a message."""
    if at_path(item, "event") is None and at_path(item, "type") is not None:
        return
    said = needed_text(item, "event")
    event = event_name(said, EVENTS, settings)
    if event is None:
        return
    url = text_at(item, "url")
    yield Report(
        source_id=source_id(
            "mandrill",
            needed_text(item, "_id", "msg._id"),
            said,
            needed_text(item, "ts"),
            link(url) or "",
        ),
        customer=customer_at(
            item,
            settings,
            "msg.metadata.unit_id",
            "msg.metadata.user_id",
            aliases=[(EMAIL, "msg.email")],
        ),
        event=event,
        at=instant_at(item, "ts", "seconds"),
        tag=tag_of(settings, at_path(item, "msg.metadata"), url=url),
        machine=settings.machine.marks(event, at_path(item, "user_agent")),
        properties={
            "message": text_at(item, "_id"),
            "url": link(url),
            "bounce": said.partition("_")[0] if event == "bounced" else None,
        },
    ).fact()


SOURCE = Source(
    name="mandrill",
    title="Mandrill",
    documentation="https://mailchimp.com/developer/transactional/docs/webhooks/",
    facts=facts,
    id_path="_id",
    form_field="mandrill_events",
)

"""HubSpot's e-mail events, as its API gives them: ``{"events": [...]}``.

https://legacydocs.hubspot.com/docs/methods/email/email_events_overview: ``id`` with
``created`` tells an event apart (documented); the list of types is partly unverified. They
are fetched and not pushed: whoever fetches them posts the answer here as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.identity.alias import EMAIL
from experiments.ledger.sources.contract import Source, event_name, listed
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
    "SENT": "sent", "DELIVERED": "delivered", "OPEN": "open", "CLICK": "click",
    "BOUNCE": "bounced", "DROPPED": "dropped", "DEFERRED": "deferred",
    "SPAMREPORT": "complaint", "PROCESSED": None, "PRINT": None, "FORWARD": None,
    "UNBOUNCE": None, "SUPPRESSED": "dropped",
}  # fmt: skip
_CHANGE = "STATUSCHANGE"


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event; of changed subscriptions only those that end all mail."""
    said = needed_text(item, "type")
    if said == _CHANGE:
        ended = text_at(item, "portalSubscriptionStatus") == "UNSUBSCRIBED"
        event = "unsubscribe" if ended else None
    else:
        event = event_name(said, EVENTS, settings)
    if event is None:
        return
    url, campaign = text_at(item, "url"), text_at(item, "emailCampaignId")
    yield Report(
        source_id=source_id("hubspot", needed_text(item, "id"), needed_text(item, "created")),
        customer=customer_at(item, settings, aliases=[(EMAIL, "recipient")]),
        event=event,
        at=instant_at(item, "created", "milliseconds"),
        tag=tag_of(settings, ids=[campaign], url=url),
        machine=flag_at(item, "filteredEvent")
        or settings.machine.marks(event, at_path(item, "userAgent")),
        properties={
            "message": text_at(item, "sentBy.id"),
            "campaign": campaign,
            "url": link(url),
            "reason": reason(text_at(item, "dropReason", "category")),
        },
    ).fact()


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:
    """The events of an answer, of a list, or one."""
    found = at_path(body, "events")
    return found if isinstance(found, list) else listed(body, settings)


SOURCE = Source(
    name="hubspot",
    title="HubSpot",
    documentation="https://legacydocs.hubspot.com/docs/methods/email/email_events_overview",
    facts=facts,
    items=items_of,
)

"""Brevo's transactional webhooks: one event a request.

https://developers.brevo.com/docs/transactional-webhooks (list of events). The spelling of
each ``event`` (``proxy_open`` or ``proxyOpen``), of ``message-id`` and of the times is partly
unverified: both spellings are read. An opening by a proxy is a machine's.
"""

import re
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
    instant_at,
    needed_text,
    source_id,
    text_at,
)

# `unique_*` come beside the others, for the first one of a message: they would count twice.
EVENTS: dict[str, str | None] = {
    "request": "sent", "sent": "sent", "delivered": "delivered", "deferred": "deferred",
    "soft_bounce": "bounced", "hard_bounce": "bounced", "invalid_email": "dropped",
    "blocked": "dropped", "error": "dropped", "spam": "complaint", "complaint": "complaint",
    "opened": "open", "proxy_open": "open", "click": "click", "clicked": "click",
    "unsubscribed": "unsubscribe", "unique_opened": None, "unique_proxy_open": None,
    "loaded_by_proxy": "open",
}  # fmt: skip
_PROXIES = {"proxy_open", "loaded_by_proxy"}
_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    raw = needed_text(item, "event")
    said = raw if raw in settings.events else _CAPITAL.sub(r"_\1", raw).lower()
    event = event_name(said, EVENTS, settings)
    if event is None:
        return
    url, message = text_at(item, "link"), needed_text(item, "message-id", "messageId")
    custom = _custom(item)
    stamp = "ts_event" if at_path(item, "ts_event") is not None else "ts"
    yield Report(
        source_id=source_id("brevo", message, said, needed_text(item, stamp), link(url) or ""),
        customer=customer_at(
            item, settings, "unit_id", aliases=[(EMAIL, "email")], arguments=[custom]
        ),
        event=event,
        at=instant_at(item, stamp, "seconds"),
        tag=tag_of(
            settings, custom, ids=[text_at(item, "template_id"), text_at(item, "tag")],
            url=url,
        ),
        machine=said in _PROXIES or settings.machine.marks(event, at_path(item, "user_agent")),
        properties={
            "message": message,
            "url": link(url),
            "bounce": said.partition("_")[0] if event == "bounced" else None,
            "reason": reason(text_at(item, "reason")),
        },
    ).fact()  # fmt: skip


def _custom(item: Mapping[str, Any]) -> dict[str, str]:
    """The header ``X-Mailin-custom``: ``name:value`` pairs between bars, by Brevo's example."""
    said = text_at(item, "X-Mailin-custom") or ""
    pairs = (each.partition(":") for each in said[:2000].split("|"))
    return {name.strip(): value.strip() for name, _, value in pairs if value}


SOURCE = Source(
    name="brevo",
    title="Brevo",
    documentation="https://developers.brevo.com/docs/transactional-webhooks",
    facts=facts,
    id_path="message-id",
)

"""Google Analytics 4, as sent to its Measurement Protocol.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
A request is one item; each of its events becomes a fact. Events have no id: a purchase or
refund is told by its ``transaction_id``, anything else by all it says. ``timestamp_micros``
has 16 digits, and one of 13 (milliseconds) is refused as a time in 1970.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.fields import MONEY_EVENTS, brief, usual_name
from experiments.ledger.sources.contract import Source
from experiments.ledger.sources.customers import Customer, customer_at, telling
from experiments.ledger.sources.messages import Report, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    amount_at,
    at_path,
    digest_of,
    instant_at,
    needed_text,
    source_id,
    text_at,
)

# Of a browser, or of an app; its export to BigQuery calls both `user_pseudo_id`.
_ALIASES = (("ga4_client", "client_id"), ("ga4_client", "app_instance_id"))
_MOST_EVENTS = 25
_FIRST = datetime(2005, 1, 1, tzinfo=UTC)


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:
    """One fact for each event of a request; without a time, that of arrival."""
    events = at_path(item, "events")
    if not isinstance(events, list) or not 0 < len(events) <= _MOST_EVENTS:
        raise Invalid(field="events", expected=f"a list of 1 to {_MOST_EVENTS}", got=brief(events))
    customer = customer_at(item, settings, "user_id", aliases=_ALIASES)
    for index, event in enumerate(events):
        if not isinstance(event, Mapping):
            raise Invalid(field=f"events.{index}", expected="an object", got=brief(event))
        yield from _fact(item, event, customer, settings, now)


def _fact(
    item: Mapping[str, Any], event: Mapping[str, Any], customer: Customer,
    settings: SourceSettings, now: datetime,
) -> Iterable[Fact]:  # fmt: skip
    said, params = needed_text(event, "name"), at_path(event, "params")
    name = settings.events[said] if said in settings.events else usual_name(said)
    if name is None:
        return
    order = text_at(params, "transaction_id") if name in MONEY_EVENTS else None
    stamp = text_at(event, "timestamp_micros") or text_at(item, "timestamp_micros")
    if order:
        id_ = source_id("ga4", said, order)
    else:
        told, customer = telling(customer)
        id_ = source_id("ga4", digest_of([told, said, stamp, params]))
    yield Report(
        source_id=id_,
        customer=customer,
        event=name,
        at=_time(stamp, now),
        tag=tag_of(settings, params, url=text_at(params, "page_location")),
        channel=None,
        value=amount_at(params, "value") if name in MONEY_EVENTS else None,
        currency=text_at(params, "currency"),
        properties={"transaction": order},
    ).fact()


def _time(stamp: str | None, now: datetime) -> datetime:
    if stamp is None:
        return now
    at = instant_at({"timestamp_micros": stamp}, "timestamp_micros", "microseconds")
    if at < _FIRST:
        raise Invalid(
            field="timestamp_micros", expected="microseconds, 16 digits", got=brief(stamp)
        )
    return at


SOURCE = Source(
    name="ga4",
    title="Google Analytics 4",
    documentation=(
        "https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference"
    ),
    facts=facts,
    id_path="client_id",
)

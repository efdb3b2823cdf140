"""Google Analytics 4, as its rows are exported to BigQuery: one item is one event.

https://developers.google.com/analytics/bigquery/event-schema
``event_timestamp`` is in microseconds. ``event_params`` is a list of keys and values, of which
one of ``string_value``, ``int_value``, ``float_value`` and ``double_value`` is set. Such a row
has no id: an order is told by its ``transaction_id``, as where it came over the Measurement
Protocol, and anything else by all that tells it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.ledger.facts import Fact
from experiments.ledger.fields import MONEY_EVENTS, usual_name
from experiments.ledger.sources.contract import Source
from experiments.ledger.sources.customers import customer_at, telling
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

_VALUES = ("string_value", "int_value", "float_value", "double_value")
_ALIASES = (("ga4_client", "user_pseudo_id"),)


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one row."""
    said, params = needed_text(item, "event_name"), _params(item)
    name = settings.events[said] if said in settings.events else usual_name(said)
    if name is None:
        return
    customer = customer_at(item, settings, "user_id", aliases=_ALIASES)
    is_money = name in MONEY_EVENTS
    order = _order(item, params) if is_money else None
    if order is not None:
        id_ = source_id("ga4", said, order)
    else:
        known, customer = telling(customer)
        stamp = needed_text(item, "event_timestamp")
        bundle = text_at(item, "event_bundle_sequence_id")
        id_ = source_id("ga4_bigquery", digest_of([known, said, stamp, bundle, params]))
    value = (amount_at(params, "value") if "value" in params else None) if is_money else None
    yield Report(
        source_id=id_,
        customer=customer,
        event=name,
        at=instant_at(item, "event_timestamp", "microseconds"),
        tag=tag_of(settings, params, url=text_at(params, "page_location")),
        channel=None,
        value=value,
        currency=text_at(params, "currency") if value is not None else None,
        properties={"transaction": order},
    ).fact()


def _order(item: Mapping[str, Any], params: Mapping[str, Any]) -> str | None:
    found = text_at(params, "transaction_id") or text_at(item, "ecommerce.transaction_id")
    return None if found == "(not set)" else found


def _params(item: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an event by their names."""
    listed = at_path(item, "event_params")
    found: dict[str, Any] = {}
    for each in listed if isinstance(listed, list) else []:
        key, value = text_at(each, "key"), at_path(each, "value")
        if key is not None and isinstance(value, Mapping):
            found[key] = next(
                (value[name] for name in _VALUES if value.get(name) is not None), None
            )
    return found


SOURCE = Source(
    name="ga4_bigquery",
    title="Google Analytics 4, exported to BigQuery",
    documentation="https://developers.google.com/analytics/bigquery/event-schema",
    facts=facts,
    id_path="event_timestamp",
)

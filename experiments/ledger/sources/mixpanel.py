"""Mixpanel's import form: an array of events (or one a line, which the address reads too).

https://developer.mixpanel.com/reference/import-events (field names: unverified beyond those
of ``formats``). An event is told by its name, time, customer and ``$insert_id`` together.
A time of more than 11 digits is in milliseconds, else in seconds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Exposure, Fact
from experiments.ledger.fields import MONEY_EVENTS, brief, check_key, usual_name
from experiments.ledger.sources.contract import Source
from experiments.ledger.sources.customers import Customer, customer_at, named, telling
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

# Its reports of experiments name the test and the variant so.
EXPOSED = "$experiment_started"
_DEVICE = "$device_id"
_OF_DEVICE = "$device:"
_LIFTED = {"time", "distinct_id", "$insert_id", "token", "$user_id", "$device_id"}


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """The fact of one event."""
    said, properties = needed_text(item, "event"), at_path(item, "properties")
    if not isinstance(properties, Mapping):
        raise Invalid(field="properties", expected="an object", got=brief(properties))
    stamp = needed_text(properties, "time")
    told, customer = telling(_customer(properties, settings))
    id_ = source_id(
        "mixpanel", needed_text(properties, "$insert_id"), stamp, digest_of([said, told])
    )
    at = instant_at(properties, "time", "milliseconds" if len(stamp) > 11 else "seconds")
    if said == EXPOSED and said not in settings.events:
        yield Exposure(
            id_, check_key(text_at(properties, "Experiment name"), "properties.Experiment name"),
            type="viewed", occurred_at=at, variant=text_at(properties, "Variant name"),
            **named(customer),
        )  # fmt: skip
        return
    name = settings.events[said] if said in settings.events else usual_name(said)
    if name is None:
        return
    is_money = name in MONEY_EVENTS
    yield Report(
        source_id=id_,
        customer=customer,
        event=name,
        at=at,
        tag=tag_of(settings, properties),
        channel=None,
        value=amount_at(properties, "revenue", "value", "amount") if is_money else None,
        currency=text_at(properties, "currency"),
        properties={key: each for key, each in properties.items() if key not in _LIFTED},
    ).fact()


def _customer(properties: Mapping[str, Any], settings: SourceSettings) -> Customer:
    """Whom it is about: ``distinct_id`` is the customer's own id unless it is the device's."""
    device, distinct = text_at(properties, "$device_id"), text_at(properties, "distinct_id")
    if distinct is not None and distinct.startswith(_OF_DEVICE):
        device = distinct = distinct.removeprefix(_OF_DEVICE)
    said = {**properties, _DEVICE: device}
    units = ("$user_id",) if distinct == device else ("$user_id", "distinct_id")
    return customer_at(said, settings, *units, aliases=[("mixpanel_device", _DEVICE)])


SOURCE = Source(
    name="mixpanel",
    title="Mixpanel",
    documentation="https://developer.mixpanel.com/reference/import-events",
    facts=facts,
    id_path="properties.$insert_id",
)

"""What GrowthBook's tracking plugins send: experiments viewed, and an app's own events.

An item has no id and no time. An experiment viewed is accepted once for its customer and
variant, whenever it comes again; a customer met in two variants is two facts, and so stays
visible. Everything is stamped when it arrives.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec

from experiments.assignment.evaluation import UNIT, AssignableExperiment
from experiments.assignment.hash_values import hash_value
from experiments.assignment.payload import variations
from experiments.errors import Invalid
from experiments.ledger.batch import MOST_ITEMS, Batch, BatchTooLong, RejectedItem
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.fields import Missing, brief, check_key
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.units import check_unit_id

# As the Python and the JavaScript plugin call them.
VIEWED = {"$$experiment_viewed", "Experiment Viewed"}
LEFT_ALONE = {"$$feature_evaluated", "Feature Evaluated"}
# Pseudo experiments of the payload, such as a holdout.
_OWN = "$"

_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Tracked:
    """Items as read.

    Attributes:
        batch: What goes into the ledger, and what cannot.
        ignored: How many say nothing that is kept.
    """

    batch: Batch
    ignored: int


def read_tracked(
    items: Sequence[object], experiments: Mapping[str, AssignableExperiment], now: datetime
) -> Tracked:
    """Read items, each for itself.

    Args:
        items: JSON values.
        experiments: Of the project, by key, in the phase of this moment.
        now: When they arrived.

    Raises:
        BatchTooLong: If there are more than fit.
    """
    if len(items) > MOST_ITEMS:
        raise BatchTooLong(got=len(items), most=MOST_ITEMS)
    facts: list[tuple[int, Fact]] = []
    rejected: list[RejectedItem] = []
    for index, item in enumerate(items):
        try:
            fact = _read(item, experiments, now)
        except Invalid as error:
            rejected.append(RejectedItem(index, None, error))
        else:
            facts += [] if fact is None else [(index, fact)]
    ignored = len(items) - len(facts) - len(rejected)
    return Tracked(Batch(tuple(facts), tuple(rejected)), ignored)


def resolve_once(fact: Fact, context: Context) -> Resolved:
    """As ``resolve``, but an exposure that comes again later is the same exposure.

    Raises:
        Invalid: Naming the field that does not fit the experiment.
    """
    found = resolve(fact, context)
    if not isinstance(fact, Exposure):
        return found
    said = (fact.experiment, fact.unit_id, fact.variant)
    return found._replace(digest=hashlib.sha256(_ENCODE(said)).digest())


def _read(
    item: object, experiments: Mapping[str, AssignableExperiment], now: datetime
) -> Fact | None:
    """The fact that an item states; None if it states none that is kept."""
    if not isinstance(item, dict):
        raise Invalid(expected="an object", got=brief(item))
    name = item.get("event_name")
    if not isinstance(name, str):
        raise Invalid(field="event_name", expected="a text", got=brief(name))
    properties = item.get("properties_json") or {}
    if not isinstance(properties, dict):
        raise Invalid(field="properties_json", expected="an object", got=brief(properties))
    if name in VIEWED:
        return _exposure(item, properties, experiments, now)
    return None if name in LEFT_ALONE else _event(name, item, properties, now)


def _exposure(
    item: Mapping[str, Any],
    properties: Mapping[str, Any],
    experiments: Mapping[str, AssignableExperiment],
    now: datetime,
) -> Exposure | None:
    key = properties.get("experiment_id", properties.get("experimentId"))
    if isinstance(key, str) and key.startswith(_OWN):
        return None
    if properties.get("in_experiment") is False or properties.get("hash_used") is False:
        return None
    key = check_key(key, "properties_json.experiment_id")
    unit_id = _exposed_unit(item, properties)
    variant = _variant(properties, experiments.get(key))
    said = _ENCODE((key, unit_id, variant))
    return Exposure(
        source_id=f"growthbook-{hashlib.sha256(said).hexdigest()[:40]}",
        experiment=key,
        unit_id=unit_id,
        type="viewed",
        occurred_at=now,
        variant=variant,
    )


def _exposed_unit(item: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """The customer: what was hashed, unless that is a group's attribute."""
    attribute = properties.get("hash_attribute", properties.get("hashAttribute", UNIT))
    hashed = properties.get("hash_value", properties.get("hashValue"))
    unit_id = hash_value({UNIT: hashed}, UNIT) if attribute == UNIT else None
    return check_unit_id(unit_id or _unit(item))


def _unit(item: Mapping[str, Any]) -> str:
    """The plugins send the attribute ``id`` as the device's, for want of another."""
    for name in ("device_id", "user_id"):
        if isinstance(item.get(name), str) and item[name]:
            return str(item[name])
    raise Missing(field="device_id")


def _variant(properties: Mapping[str, Any], experiment: AssignableExperiment | None) -> str | None:
    """The variant's key as told, or by its place in the list of the test's present phase."""
    key = properties.get("variation_key", properties.get("variationId"))
    if isinstance(key, str) and key:
        return check_key(key, "properties_json.variation_key")
    index = properties.get("variation_id")
    if index is None or experiment is None:
        return None
    listed = variations(experiment)
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(listed):
        raise Invalid(
            field="properties_json.variation_id",
            expected=f"0 to {len(listed) - 1}",
            got=brief(index),
        )
    return listed[index].variant


def _event(
    name: str, item: Mapping[str, Any], properties: Mapping[str, Any], now: datetime
) -> Event:
    value, currency = properties.get("value"), properties.get("currency")
    is_amount = isinstance(value, int | Decimal) and not isinstance(value, bool)
    lifted = {"value", "currency"} if is_amount else set()
    return Event(
        source_id=f"growthbook-{uuid4()}",
        unit_id=_unit(item),
        type=name,
        occurred_at=now,
        value=value if is_amount else None,
        currency=currency if is_amount else None,
        properties={key: each for key, each in properties.items() if key not in lifted},
    )

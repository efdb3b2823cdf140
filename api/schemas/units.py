"""The units of a batch: read one by one, and answered in their order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from experiments.assignment.bulk import Assignments
from experiments.assignment.evaluation import REASONS, AssignableExperiment
from experiments.errors import Invalid
from experiments.units import check_unit_id

_NAMES = {"unit_id", "attributes"}
_SHOWN = 60


@dataclass(frozen=True)
class RefusedUnit:
    """An item of a batch that names no unit.

    Attributes:
        index: Place in the question.
        unit_id: As far as it can be shown.
        field: Path of what is wrong.
        refusal: What is wrong.
    """

    index: int
    unit_id: str | None
    field: str
    refusal: Invalid


@dataclass
class Units:
    """The items of a batch that name a unit, and those that do not.

    Attributes:
        places: In the question, of each unit.
        unit_ids: In the same order.
        attributes: In the same order; None where nothing is known.
        refused: The other items.
    """

    places: list[int] = field(default_factory=list)
    unit_ids: list[str] = field(default_factory=list)
    attributes: list[Mapping[str, Any] | None] = field(default_factory=list)
    refused: list[RefusedUnit] = field(default_factory=list)


def read_units(items: list[Any]) -> Units:
    """Read the items of a batch one by one."""
    units = Units()
    places, unit_ids, attributes = units.places, units.unit_ids, units.attributes
    for index, item in enumerate(items):
        try:
            unit_id, known = read_unit(item)
        except Invalid as refusal:
            path = f"units.{index}.{refusal.field}" if refusal.field else f"units.{index}"
            units.refused.append(RefusedUnit(index, _shown_id(item), path, refusal))
            continue
        places.append(index)
        unit_ids.append(unit_id)
        attributes.append(known)
    return units


def read_unit(item: Any) -> tuple[str, Mapping[str, Any] | None]:
    """The unit id of one item, and what is known of the unit.

    Raises:
        Invalid: Naming the field of the item, or none for the item itself.
    """
    if isinstance(item, str):
        return check_unit_id(item, ""), None
    if not isinstance(item, dict):
        expected = "a unit id, or an object with unit_id"
        raise Invalid(expected=expected, got=type(item).__name__)
    if len(item) == 1 and "unit_id" in item:
        return check_unit_id(item["unit_id"]), None
    if not _NAMES.issuperset(item):
        unknown = next(name for name in item if name not in _NAMES)
        raise Invalid(expected="only unit_id and attributes", got=unknown[:_SHOWN])
    attributes = item.get("attributes", {})
    if not isinstance(attributes, dict):
        got = type(attributes).__name__
        raise Invalid(field="attributes", expected="an object", got=got)
    return check_unit_id(item.get("unit_id")), attributes or None


def told_many(
    experiment: AssignableExperiment, units: Units, found: Assignments
) -> list[dict[str, Any]]:
    """The answers about the units of a batch, in their order."""
    # An index of -1 stands for no variant, and finds the last.
    names = (*found.keys, None)
    payloads = [
        msgspec.Raw(msgspec.json.encode(experiment.payloads.get(key))) for key in found.keys
    ]
    payloads.append(msgspec.Raw(b"null"))
    return [
        {
            "index": index,
            "unit_id": unit_id,
            "variant": names[variant],
            "payload": payloads[variant],
            "reason": REASONS[reason],
            "bucket": bucket if bucket >= 0 else None,
        }
        for index, unit_id, variant, reason, bucket in zip(
            units.places,
            units.unit_ids,
            found.variants.tolist(),
            found.reasons.tolist(),
            found.buckets.tolist(),
            strict=True,
        )
    ]


def _shown_id(item: Any) -> str | None:
    unit_id = item.get("unit_id") if isinstance(item, dict) else item
    return unit_id[:_SHOWN] if isinstance(unit_id, str) else None

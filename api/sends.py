"""Answers of assignment that say when to send: only for tests whose variants have a send time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from api.schemas.units import RefusedUnit, Units
from experiments.assignment.bulk import Assignments
from experiments.assignment.evaluation import Assignment
from experiments.assignment.send_instants import SendPlan, told
from experiments.errors import Invalid


def told_with_instant(
    found: Assignment, attributes: Mapping[str, Any] | None, plan: SendPlan, now: datetime
) -> bytes:
    """The answer about one unit, with the instant to send at.

    Raises:
        UnknownZone: If the unit's zone is not in the zone data.
    """
    at = told(plan.send_at(found.variant, plan.zone_of(attributes), now))
    return msgspec.json.encode({**found._asdict(), "send_at": at})


def without_unknown_zones(units: Units, plan: SendPlan) -> Units:
    """The units of a batch, those refused whose zone is not in the zone data."""
    kept = Units(refused=list(units.refused))
    rows = zip(units.places, units.unit_ids, units.attributes, strict=True)
    for place, unit_id, attributes in rows:
        try:
            plan.zone_of(attributes)
        except Invalid as refusal:
            field = f"units.{place}.{refusal.field}"
            kept.refused.append(RefusedUnit(place, unit_id, field, refusal))
        else:
            kept.places.append(place)
            kept.unit_ids.append(unit_id)
            kept.attributes.append(attributes)
    kept.refused.sort(key=lambda refused: refused.index)
    return kept


def instants(units: Units, found: Assignments, plan: SendPlan, now: datetime) -> list[str | None]:
    """The instants to send at, in the units' order; None where a unit has none."""
    names = (*found.keys, None)
    known: dict[tuple[int, str], str | None] = {}
    answers = []
    for code, attributes in zip(found.variants.tolist(), units.attributes, strict=True):
        zone = plan.zone_of(attributes)
        if (code, zone) not in known:
            known[code, zone] = told(plan.send_at(names[code], zone, now))
        answers.append(known[code, zone])
    return answers

"""Customers at every stage by channel, by what exposures say of them, and by day.

For a split that is not the planned one: the group in which customers are missing tells why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import Population, firsts, mismatched, seen, unverified
from experiments.measurement.exposures import STAGES
from experiments.measurement.formula.days import DAY, Stretch
from experiments.measurement.groups import MOST_PROPERTIES, known_of, texts_of
from experiments.measurement.session import Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class StageGroup:
    """Customers of one group at one stage.

    Attributes:
        dimension: channel, day (local), or property: and its name.
        group: The channel, the date, or the property's text.
        counts: By variant.
    """

    stage: str
    dimension: str
    group: str
    counts: Mapping[str, int]


def stage_groups(session: Session, population: Population, zone: str) -> tuple[StageGroup, ...]:
    """Count the customers of every group at every stage that has records.

    Raises:
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    met = seen(session.exposures, population, STAGES)
    staged = met.mutate(stage=met.type.cases(*STAGES.items()))
    first = firsts(staged, "stage")
    if population.allocation == "truelift":
        first = first.filter(~(unverified(first) | mismatched(first)))
    known = session.arrived("exposure").select("position", "channel", "properties")
    both = first.inner_join(known, "position")
    until = microseconds(population.as_of)
    [since] = session.rows(first.aggregate(at=first.occurred_at.min()))
    days = Stretch(zone, since["at"] or until, until).calendar
    both = both.mutate(day=days.day_of(both.occurred_at))
    keys = ["stage", "variant", "channel", "day", "properties"]
    counted = both.group_by(keys).aggregate(units=both.count()).order_by(keys)
    rows = session.rows(counted)
    few = len({row["properties"] for row in rows}) <= MOST_PROPERTIES
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in rows:
        groups = {"channel": row["channel"] or "", "day": _date(row["day"])}
        if few:
            texts = texts_of(known_of(row["properties"]))
            groups |= {f"property:{name}": text for name, text in texts.items()}
        for dimension, group in groups.items():
            counts = found.setdefault((row["stage"], dimension, group), {})
            counts[row["variant"]] = counts.get(row["variant"], 0) + int(row["units"])
    return tuple(StageGroup(*key, counts) for key, counts in found.items())


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day // DAY)).date().isoformat()

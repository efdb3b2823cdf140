"""Reading the configuration that assignment answers from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.access.keys import StoredKey, list_keys
from experiments.assignment.buckets import BucketRange
from experiments.assignment.conditions import portable
from experiments.assignment.evaluation import UNIT, AssignableExperiment
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.members import UnitList
from experiments.assignment.send_instants import SendPlan
from experiments.assignment.stored_lists import read_lists
from experiments.registry.send_times import SendTime
from experiments.storage import tables
from experiments.storage.codec import from_document
from experiments.storage.configuration import current_version
from experiments.storage.projects import Project, list_projects


@dataclass(frozen=True)
class Snapshot:
    """The configuration as of one version.

    Attributes:
        version: Grows with every change.
        loaded_at: When it was read.
        experiments: By project id and experiment key.
        keys: By public id, revoked and expired ones too.
        projects: By id.
    """

    version: int
    loaded_at: datetime
    experiments: Mapping[tuple[int, str], AssignableExperiment]
    keys: Mapping[str, StoredKey]
    projects: Mapping[int, Project]

    def unit_lists(self) -> dict[int, UnitList]:
        """Every list that its experiments consult, by row id; experiments share them."""
        return {
            each.id: each
            for experiment in self.experiments.values()
            for each in experiment.unit_lists
        }


def load_snapshot(db: Connection, now: datetime, known: Snapshot | None = None) -> Snapshot:
    """Read the configuration.

    Args:
        db: A connection for reads.
        now: When.
        known: The one before; members of its lists that did not change are not read again.
    """
    # The version comes first: a change in between then belongs to a later version, which the
    # next look finds.
    version = current_version(db)
    rows = db.execute(select(tables.experiments).order_by(tables.experiments.c.id)).all()
    running = [row for row in rows if row.state == "running"]
    around = _Around.read(db, running, known)
    return Snapshot(
        version=version,
        loaded_at=now,
        experiments={(row.project_id, row.key): _assignable(row, around) for row in rows},
        keys={key.public_id: key for key in list_keys(db)},
        projects={project.id: project for project in list_projects(db)},
    )


@dataclass(frozen=True)
class _Around:
    """What experiments refer to.

    Attributes:
        phases: The present one of each experiment that was ever started, by experiment id.
        layers: Rows by project id and key.
        holdouts: That have not ended, by row id.
        lists: By project id and key.
        overrides: Variant by unit, by experiment id.
        zones: Time zone of each project, by project id.
    """

    phases: Mapping[int, Row[Any]]
    layers: Mapping[tuple[int, str], Row[Any]]
    holdouts: Mapping[int, Holdout]
    lists: Mapping[tuple[int, str], UnitList]
    overrides: Mapping[int, Mapping[str, str]]
    zones: Mapping[int, str]

    @classmethod
    def read(
        cls, db: Connection, running: Collection[Row[Any]], known: Snapshot | None
    ) -> "_Around":
        ordered = select(tables.phases).order_by(tables.phases.c.number)
        layers = db.execute(select(tables.layers))
        ended_at = tables.holdouts.c.ended_at
        holdouts = db.execute(select(tables.holdouts).where(ended_at.is_(None)))
        return cls(
            phases={row.experiment_id: row for row in db.execute(ordered)},
            layers={(row.project_id, row.key): row for row in layers},
            holdouts={row.id: Holdout(row.key, row.seed, row.buckets) for row in holdouts},
            lists=read_lists(db, _wanted(running), known.unit_lists() if known else {}),
            overrides=_overrides(db),
            zones={project.id: project.time_zone for project in list_projects(db)},
        )


def _wanted(running: Collection[Row[Any]]) -> set[tuple[int, str]]:
    """The lists that running experiments consult, by project id and key."""
    wanted = set()
    for row in running:
        audience = row.draft.get("audience") or {}
        for kind in ("exclude_lists", "require_lists"):
            wanted |= {(row.project_id, key) for key in audience.get(kind, ())}
        wanted |= {(row.project_id, f"{kind}:{row.key}") for kind in ("capped", "cooling")}
    return wanted


def _overrides(db: Connection) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row in db.execute(select(tables.overrides)):
        found.setdefault(row.experiment_id, {})[row.unit_id] = row.variant
    return found


def _assignable(row: Row[Any], around: _Around) -> AssignableExperiment:
    draft, phase = row.draft, around.phases.get(row.id)
    audience = draft.get("audience") or {}
    keys = [variant["key"] for variant in draft["variants"]]
    given = around.overrides.get(row.id, {})
    return AssignableExperiment(
        id=row.id,
        key=row.key,
        project_id=row.project_id,
        state=row.state,
        seed=phase.seed if phase else draft.get("seed") or row.key,
        ranges=tuple(BucketRange(*taken) for taken in phase.ranges) if phase else (),
        payloads={variant["key"]: variant.get("payload") for variant in draft["variants"]},
        allocation=draft["allocation"],
        phase=phase.number if phase else 0,
        control=next((each["key"] for each in draft["variants"] if each.get("control")), None),
        hash_attribute=draft.get("hash_attribute", UNIT),
        condition=portable(phase.condition) if phase and phase.condition else None,
        holdouts=_holdouts(phase, around),
        layer=_layer(row, around),
        overrides={unit: variant for unit, variant in given.items() if variant in keys},
        exclude_lists=_lists(row, audience.get("exclude_lists", ()), around),
        require_lists=_lists(row, audience.get("require_lists", ()), around),
        capped=around.lists.get((row.project_id, f"capped:{row.key}")),
        cooling=around.lists.get((row.project_id, f"cooling:{row.key}")),
        by_list=_by_list(draft),
        sends=_sends(row, around),
    )


def _sends(row: Row[Any], around: _Around) -> SendPlan | None:
    times = {
        variant["key"]: from_document(SendTime, variant["send_at"])
        for variant in row.draft["variants"]
        if variant.get("send_at")
    }
    if not times:
        return None
    return SendPlan(times, around.zones[row.project_id], row.draft.get("time_zone_attribute"))


def _by_list(draft: Mapping[str, Any]) -> bool:
    audience = draft.get("audience") or {}
    of_people = audience.get("exclude_lists") or audience.get("require_lists")
    return bool(of_people or draft.get("contact_cap") or draft.get("cool_down"))


def _holdouts(phase: Row[Any] | None, around: _Around) -> tuple[Holdout, ...]:
    kept = (phase.holdouts if phase else None) or ()
    return tuple(around.holdouts[each] for each in kept if each in around.holdouts)


def _layer(row: Row[Any], around: _Around) -> Layer | None:
    slots = row.draft.get("layer")
    if slots is None:
        return None
    layer = around.layers[row.project_id, slots["key"]]
    return Layer(layer.key, layer.seed, slots["start"], slots["end"])


def _lists(row: Row[Any], keys: Collection[str], around: _Around) -> tuple[UnitList, ...]:
    """The lists of a running experiment; the others decide nothing, and none are held."""
    if row.state != "running":
        return ()
    return tuple(around.lists[row.project_id, key] for key in keys)

"""Registering an experiment, and revising it until it starts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from experiments.errors import Invalid, KeyTaken, StaleRevision
from experiments.kpis.catalog import documents
from experiments.kpis.document import KpiDocument
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.registry.adaptive import check_adaptive_goals
from experiments.registry.catalog import get_experiment, list_experiments, lock_experiment
from experiments.registry.experiment import Experiment, ExperimentDraft
from experiments.registry.goals import check_goals
from experiments.registry.lifecycle import check_editable
from experiments.registry.readiness import check_ready, check_starting_time
from experiments.registry.stored_rules import terms_of
from experiments.registry.targeting import check_references, reserve_slots
from experiments.storage import configuration
from experiments.storage.codec import to_document
from experiments.storage.projects import Project
from experiments.storage.tables import experiments

__all__ = ["Experiment", "get_experiment", "list_experiments", "register", "revise", "save"]


def register(
    db: Connection, project: Project, draft: ExperimentDraft, *, actor: Actor, now: datetime
) -> Experiment:
    """Register a draft.

    Raises:
        KeyTaken: If the project has an experiment with the key.
        Invalid: If a goal's KPI is unknown, or cannot be what the test asks of it; if a layer,
            list or saved segment is.
    """
    kpis = goal_documents(db, project, draft)
    check_goals(draft.goals, draft.channels, kpis)
    check_adaptive_goals(draft.adaptive, draft.goals, kpis)
    check_references(db, project, draft)
    values = {
        "project_id": project.id,
        "key": draft.key,
        "state": "draft",
        "revision": 1,
        "draft": to_document(draft),
        "created_at": now,
        "created_by": actor.name,
        "updated_at": now,
    }
    try:
        with db.begin_nested():
            db.execute(insert(experiments).values(values))
    except IntegrityError as error:
        raise KeyTaken(field="key", what="experiment", key=draft.key) from error
    made = get_experiment(db, project, draft.key)
    _record(db, project, "experiment.register", None, made, actor)
    return made


def revise(
    db: Connection,
    project: Project,
    key: str,
    draft: ExperimentDraft,
    *,
    expected_revision: int | None,
    actor: Actor,
    now: datetime,
) -> Experiment:
    """Replace what was registered; a scheduled experiment must stay ready to start.

    ``expected_revision`` is the one that the caller has seen; None does not compare.

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If the experiment is at another revision.
        NotEditable: If it has started.
        Invalid: If the key is another, a goal does not fit its KPI, or a layer, list or saved
            segment is unknown.
        StartRefused: If it is scheduled and could not start like this.
        SlotsTaken: If it is scheduled and another test owns its slots.
    """
    before = lock_experiment(db, project, key)
    check_revision(before, expected_revision)
    check_editable(before.state)
    if draft.key != key:
        raise Invalid(field="key", expected=f"{key!r}, since keys stay", got=draft.key)
    kpis = goal_documents(db, project, draft)
    check_goals(draft.goals, draft.channels, kpis)
    check_adaptive_goals(draft.adaptive, draft.goals, kpis)
    check_references(db, project, draft)
    if before.state == "scheduled":
        check_ready(draft, kpis, terms_of(db, project))
        check_starting_time(draft, now)
        reserve_slots(db, project, draft)
    change = {"draft": to_document(draft)}
    return save(db, project, "experiment.revise", before, change, actor=actor, now=now)


def check_revision(experiment: Experiment, expected: int | None) -> None:
    """Refuse a change that does not know the last one; None does not compare.

    Raises:
        StaleRevision: If the experiment is at another revision.
    """
    if expected is not None and expected != experiment.revision:
        raise StaleRevision(expected=expected, revision=experiment.revision)


def goal_documents(
    db: Connection, project: Project, draft: ExperimentDraft
) -> dict[str, KpiDocument]:
    """The latest documents of the draft's goals, by key; unknown KPIs are left out."""
    return documents(db, project, [goal.kpi for goal in draft.goals])


def save(
    db: Connection,
    project: Project,
    action: str,
    before: Experiment,
    change: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Experiment:
    """Write a change of one experiment: revision, audit row, configuration's version."""
    row = {**change, "revision": before.revision + 1, "updated_at": now}
    db.execute(update(experiments).where(experiments.c.id == before.id).values(row))
    after = get_experiment(db, project, before.key)
    _record(db, project, action, before, after, actor)
    return after


def _record(
    db: Connection,
    project: Project,
    action: str,
    before: Experiment | None,
    after: Experiment,
    actor: Actor,
) -> None:
    audit.record(
        db,
        actor=actor,
        project=project,
        action=action,
        object_type="experiment",
        object_key=after.key,
        before=None if before is None else to_document(before),
        after=to_document(after),
        now=after.updated_at,
    )
    configuration.bump(db)

"""Moving an experiment along its life: one use case for every action."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from experiments.decisions.decision import Decision, Reason
from experiments.kpis.catalog import lock_versions
from experiments.operations.audit import Actor
from experiments.registry.catalog import lock_experiment
from experiments.registry.contact_lists import keep_contact_lists
from experiments.registry.experiment import Experiment, ExperimentDraft, Phase
from experiments.registry.lifecycle import DECISION, READY, STARTING_TIME, move_from
from experiments.registry.phases import close_phase, open_phase
from experiments.registry.readiness import check_decided, check_ready, check_starting_time
from experiments.registry.registration import check_revision, goal_documents, save
from experiments.registry.stored_rules import terms_of
from experiments.registry.targeting import (
    check_references,
    holdouts_of,
    reserve_slots,
    whole_condition,
)
from experiments.storage.codec import to_document
from experiments.storage.projects import Project


def move(
    db: Connection,
    project: Project,
    key: str,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    expected_revision: int | None = None,
    reason: Reason | None = None,
    variant: str | None = None,
) -> Experiment:
    """Take an action: schedule, unschedule, start, pause, resume, stop, decide or archive.

    ``reason`` and ``variant`` are for decide: the three lines, and the variant that goes
    out (None: nothing changes).

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If the experiment is at another revision than the expected one.
        IllegalMove: If its state does not allow the action.
        StartRefused: If the result would mean nothing.
        SlotsTaken: If another test of its layer owns its slots.
        NoStartingTime: If it is to be scheduled without a time to come.
        Invalid: If the decision is incomplete, or a goal no longer fits its KPI.
    """
    before = lock_experiment(db, project, key)
    check_revision(before, expected_revision)
    step = move_from(before.state, action)
    change: dict[str, Any] = {"state": step.to}
    if READY in step.requires:
        versions = _versions_when_ready(db, project, before.draft)
        if step.to == "running":
            change |= {"kpi_versions": versions, "started_at": now}
            open_phase(db, before.id, _first_phase(db, project, before.draft, now))
            keep_contact_lists(db, project, before, now)
    if STARTING_TIME in step.requires:
        check_starting_time(before.draft, now)
    if DECISION in step.requires:
        lines = check_decided(before.draft, variant, reason)
        change["decision"] = to_document(Decision(variant, lines, actor.name, now))
    if step.to == "stopped":
        change["stopped_at"] = now
        close_phase(db, before.id, now)
    return save(db, project, f"experiment.{action}", before, change, actor=actor, now=now)


def _versions_when_ready(
    db: Connection, project: Project, draft: ExperimentDraft
) -> dict[str, int]:
    """The KPI versions to fix; until the transaction ends nobody replaces them.

    They are locked before they are read: a document cannot change between the check and
    the start.
    """
    versions = lock_versions(db, project, [goal.kpi for goal in draft.goals])
    check_ready(draft, goal_documents(db, project, draft), terms_of(db, project))
    check_references(db, project, draft)
    reserve_slots(db, project, draft)
    return versions


def _first_phase(db: Connection, project: Project, draft: ExperimentDraft, now: datetime) -> Phase:
    """The phase that a test starts with; what it refers to is fixed in it."""
    ours = draft.allocation == "truelift"
    return Phase(
        number=1,
        seed=draft.salt,
        ranges=draft.ranges(),
        started_at=now,
        weights={each.key: each.weight for each in draft.variants} if ours else None,
        coverage=draft.coverage if ours else None,
        condition=whole_condition(db, project, draft),
        holdouts=holdouts_of(db, project, draft),
    )

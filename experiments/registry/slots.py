"""Slots of a layer: owned from the schedule on, until the test is archived or gives them back."""

from datetime import datetime

from sqlalchemy import Connection

from experiments.errors import Conflict
from experiments.registry.catalog import lock_experiment
from experiments.registry.experiment import Experiment
from experiments.registry.keyed import Edit
from experiments.registry.registration import check_revision, save

ENDED = ("stopped", "decided")


class NoSlotsToRelease(Conflict):
    """The test owns no slots that it could give back."""

    template = "only a stopped test of a layer, whose slots are still its own, can give them back"


def release_slots(db: Connection, key: str, edit: Edit) -> Experiment:
    """Let other tests have the slots of a stopped one, whose late effects then mix with theirs.

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If it is at another revision than the one seen.
        NoSlotsToRelease: If it is not stopped, in no layer, or gave them back already.
    """
    before = lock_experiment(db, edit.project, key)
    check_revision(before, edit.expected_revision)
    owns = before.draft.layer is not None and before.slots_released_at is None
    if not owns or before.state not in ENDED:
        raise NoSlotsToRelease(field="layer")
    change: dict[str, datetime] = {"slots_released_at": edit.now}
    action = "experiment.release_slots"
    return save(db, edit.project, action, before, change, actor=edit.actor, now=edit.now)

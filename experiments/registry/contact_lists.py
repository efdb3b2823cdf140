"""The lists that contact caps and cool-downs go by: computed from the ledger, kept as any list.

Assignment reads them from memory and never asks the ledger. A list is worked out when its
test starts, and again about once a minute while the test is open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from experiments.assignment.members import DIGEST_BYTES, digest_of
from experiments.assignment.stored_lists import read_list, replace_list
from experiments.ledger.contacts import met_elsewhere, sent_often
from experiments.registry.experiment import Experiment, ExperimentDraft
from experiments.storage import configuration
from experiments.storage.codec import from_document
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, unit_list_parts, unit_lists

CAPPED, COOLING = "capped", "cooling"
OPEN = ("running", "paused")


@dataclass(frozen=True)
class ContactList:
    """A list to work out.

    Attributes:
        project_id: Row id.
        experiment_id: Row id of the test whose list it is.
        draft: What it says of contacts.
        kind: capped or cooling.
    """

    project_id: int
    experiment_id: int
    draft: ExperimentDraft
    kind: str

    @property
    def key(self) -> str:
        """Its name among the project's lists; no list that people keep can have it."""
        return f"{self.kind}:{self.draft.key}"


def open_contact_lists(db: Connection) -> list[ContactList]:
    """The lists of all tests that are open, of every project."""
    rows = db.execute(select(experiments).where(experiments.c.state.in_(OPEN)))
    return [
        each
        for row in rows
        for each in _asked(row.project_id, row.id, from_document(ExperimentDraft, row.draft))
    ]


def keep_contact_lists(
    db: Connection, project: Project, experiment: Experiment, now: datetime
) -> None:
    """Work out the lists of a test that starts: its first answers go by them already."""
    for wanted in _asked(project.id, experiment.id, experiment.draft):
        keep(db, wanted, members_now(db, wanted, now), now)


def _asked(project_id: int, experiment_id: int, draft: ExperimentDraft) -> list[ContactList]:
    asked = ((CAPPED, draft.contact_cap), (COOLING, draft.cool_down))
    return [ContactList(project_id, experiment_id, draft, kind) for kind, rule in asked if rule]


def claim(db: Connection, wanted: ContactList, *, older_than: timedelta, now: datetime) -> bool:
    """Whether the list is due and nobody else is at it; from now on the caller is."""
    due = or_(unit_lists.c.computed_at.is_(None), unit_lists.c.computed_at <= now - older_than)
    mine = update(unit_lists).where(_of(wanted), due).values(computed_at=now)
    return db.execute(mine).rowcount == 1 or not _exists(db, wanted)


def members_now(db: Connection, wanted: ContactList, now: datetime) -> bytes:
    """The digests of those who belong on the list, ascending."""
    place = (db, wanted.project_id, wanted.experiment_id)
    cap, pause = wanted.draft.contact_cap, wanted.draft.cool_down
    found: Iterable[list[str]] = ()
    if wanted.kind == CAPPED and cap is not None:
        found = sent_often(*place, sends=cap.sends, days=cap.days, now=now)
    elif pause is not None:
        found = met_elsewhere(*place, days=pause.days, now=now)
    return b"".join(sorted(digest_of(unit_id) for chunk in found for unit_id in chunk))


def keep(db: Connection, wanted: ContactList, digests: bytes, now: datetime) -> bool:
    """Write the list; whether it is another than before, which assignment then learns of."""
    if not _exists(db, wanted):
        _create(db, wanted, now)
    row = db.execute(select(unit_lists).where(_of(wanted)).with_for_update()).one()
    kept = read_list(db, row)
    values: dict[str, Any] = {"computed_at": now}
    if changed := kept.digests != digests:
        revision = row.revision + 1
        values |= replace_list(db, kept, digests, revision)
        values |= {"revision": revision, "updated_at": now}
        configuration.bump(db)
    db.execute(update(unit_lists).where(unit_lists.c.id == row.id).values(values))
    return changed


def ended_contact_lists(db: Connection) -> list[int]:
    """Row ids of the lists of tests that are not open any more."""
    still_open = select(experiments.c.id).where(experiments.c.state.in_(OPEN))
    computed = unit_lists.c.experiment_id
    ended = select(unit_lists.c.id).where(computed.is_not(None), computed.not_in(still_open))
    return list(db.execute(ended).scalars())


def drop(db: Connection, list_ids: Sequence[int]) -> None:
    """Take lists away with their members."""
    db.execute(delete(unit_list_parts).where(unit_list_parts.c.list_id.in_(list_ids)))
    db.execute(delete(unit_lists).where(unit_lists.c.id.in_(list_ids)))


def _of(wanted: ContactList) -> Any:
    return and_(unit_lists.c.project_id == wanted.project_id, unit_lists.c.key == wanted.key)


def _exists(db: Connection, wanted: ContactList) -> bool:
    return db.execute(select(unit_lists.c.id).where(_of(wanted))).first() is not None


def _create(db: Connection, wanted: ContactList, now: datetime) -> None:
    db.execute(
        insert(unit_lists).values(
            project_id=wanted.project_id,
            key=wanted.key,
            name=wanted.key,
            kind=wanted.kind,
            experiment_id=wanted.experiment_id,
            members=0,
            checksum=bytes(DIGEST_BYTES),
            revision=1,
            created_at=now,
            updated_at=now,
        )
    )

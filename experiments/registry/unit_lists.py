"""Lists of units that people keep: who is left out of tests, and who must be on a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, delete, select, update

from experiments.assignment.members import DIGEST_BYTES, UnitList, digest_of
from experiments.assignment.stored_lists import read_list, write_list
from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_choice, check_text
from experiments.names import check_key
from experiments.registry import keyed
from experiments.registry.keyed import Edit
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import unit_list_parts, unit_lists
from experiments.units import check_unit_id

KINDS = ("suppression", "consent", "test")
MOST_AT_ONCE = 100_000


class TooManyMembers(Invalid):
    """More members than are taken at once."""

    template = "{got} members are too many for one request; {most} fit"


@dataclass(frozen=True)
class ListDraft:
    """A list as it is asked for.

    Attributes:
        key: Name in its project.
        name: Name on screen.
        kind: suppression (left out), consent (required) or test (either).
    """

    key: str
    name: str
    kind: str

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_choice(self.kind, KINDS, "kind")


@dataclass(frozen=True)
class StoredList:
    """A list of a project; its members are not told, only counted.

    Attributes:
        members: How many units are on it.
        checksum: Of their digests, in hexadecimal.
    """

    id: int
    key: str
    name: str
    kind: str
    members: int
    checksum: str
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class MembersChange:
    """What became of a change of members: those added and removed, without those as before."""

    unit_list: StoredList
    added: int
    removed: int


def _read(row: Row[Any]) -> StoredList:
    return StoredList(
        id=row.id,
        key=row.key,
        name=row.name,
        kind=row.kind,
        members=row.members,
        checksum=bytes(row.checksum).hex(),
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


LIST = keyed.Kind("list", unit_lists, _read, only=unit_lists.c.experiment_id.is_(None))


def create_list(db: Connection, draft: ListDraft, edit: Edit) -> StoredList:
    """Create an empty list.

    Raises:
        KeyTaken: If the project has one with the key.
    """
    values = {"key": draft.key, "name": draft.name, "kind": draft.kind}
    return keyed.create(db, LIST, {**values, "members": 0, "checksum": bytes(DIGEST_BYTES)}, edit)


def change_members(
    db: Connection, key: str, *, add: Sequence[object], remove: Sequence[object], edit: Edit
) -> MembersChange:
    """Put units on a list and take others off it; who is on it already stays once.

    Raises:
        NotFound: If the project has no such list.
        Invalid: Naming the place of what is no unit id, or is both added and removed.
        TooManyMembers: If there are more than ``MOST_AT_ONCE``.
    """
    if len(add) + len(remove) > MOST_AT_ONCE:
        raise TooManyMembers(got=len(add) + len(remove), most=MOST_AT_ONCE)
    wanted, unwanted = _digests(add, "add"), _digests(remove, "remove")
    if wanted & unwanted:
        raise Invalid(field="remove", expected="none of those to add", got="some of them")
    before = keyed.lock(db, LIST, key, edit)
    kept = members_of(db, edit.project, key)
    held = _held(kept, [*wanted, *unwanted])
    values = write_list(
        db, kept, add=wanted - held, remove=unwanted & held, revision=before.revision + 1
    )
    after = keyed.change(db, LIST, before, values, "change_members", edit)
    return MembersChange(after, len(wanted - held), len(unwanted & held))


def members_of(db: Connection, project: Project, key: str) -> UnitList:
    """A list with its members.

    Raises:
        NotFound: If the project has no such list.
    """
    kept = keyed.get(db, LIST, project, key)
    row = db.execute(select(unit_lists).where(unit_lists.c.id == kept.id)).one()
    return read_list(db, row)


def delete_list(db: Connection, key: str, edit: Edit) -> None:
    """Take a list away with its members.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
        InUse: If a test that is not archived names it.
    """
    before = keyed.lock(db, LIST, key, edit)
    keyed.check_unused(db, LIST, before, edit.project, "exclude_lists", "require_lists")
    db.execute(delete(unit_list_parts).where(unit_list_parts.c.list_id == before.id))
    keyed.remove(db, LIST, before, edit)


def forget_member(db: Connection, project: Project, unit_id: str) -> int:
    """Take a unit off every list of the project, computed ones too; how many it was on."""
    digest, found = digest_of(unit_id), 0
    mine = select(unit_lists).where(unit_lists.c.project_id == project.id)
    for row in db.execute(mine.order_by(unit_lists.c.id).with_for_update()).all():
        kept = read_list(db, row)
        if kept.holds(digest):
            revision = row.revision + 1
            values = write_list(db, kept, add=set(), remove={digest}, revision=revision)
            changed = update(unit_lists).where(unit_lists.c.id == row.id)
            db.execute(changed.values(**values, revision=revision))
            found += 1
    if found:
        configuration.bump(db)
    return found


def _held(kept: UnitList, digests: Sequence[bytes]) -> set[bytes]:
    pairs = np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return set(compress(digests, kept.hold(pairs)))


def _digests(unit_ids: Sequence[object], field: str) -> set[bytes]:
    return {
        digest_of(check_unit_id(unit_id, f"{field}.{index}"))
        for index, unit_id in enumerate(unit_ids)
    }

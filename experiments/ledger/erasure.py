"""Erasing a customer: all that is kept of them goes, and nothing of them is taken in again.

The tombstones come first. From then on nothing of the customer gets in, so what is there can
be looked for without keeping anybody from writing. Interrupted, an erasure is asked for again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from experiments.errors import Invalid
from experiments.kpis.checks import check_text
from experiments.ledger.customer_facts import Customer, customer_of, positions_of
from experiments.ledger.erased_rejects import forget_in_files, forget_in_imports
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.imports.jobs import OPEN_STATES
from experiments.ledger.standstill import wait_for_writers
from experiments.ledger.tombstones import bury, name_of_unit, tombstone
from experiments.notes.store import forget_notes
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.registry.overrides import forget_override
from experiments.registry.unit_lists import forget_member
from experiments.storage import configuration
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import erasures, imports, ledger, shadows
from experiments.units import check_unit_id

LONGEST_REASON = 1_000
AT_ONCE = 1_000


@dataclass(frozen=True)
class Erased:
    """What went.

    Attributes:
        rows: Facts of the ledger, aliases among them.
        shadows: Facts that repeated or contradicted one of an import.
        lists: Lists that the customer was on.
        overrides: Tests in which they had a variant by hand.
        rejects: Rows that imports had not taken, blotted out where they name the customer.
        open_imports: Imports whose files are still to be read, and may name the customer;
            their rows are refused, and the files dropped at the end.
        notes: What they had said, or was noted of them.
    """

    rows: int
    shadows: int
    lists: int
    overrides: int
    rejects: int
    open_imports: tuple[int, ...]
    notes: int = 0

    @property
    def anything(self) -> bool:
        """Whether copies may hold something that is not kept any more."""
        return any((self.rows, self.shadows, self.lists, self.overrides))


def erase_unit(
    database: Database,
    unit_id: str,
    edit: Edit,
    *,
    hasher: AliasHasher,
    folder: Path,
    reason: str | None = None,
) -> Erased:
    """Erase a unit of a project; done again, it finds nothing more.

    Args:
        database: Where it is kept.
        unit_id: Whom.
        edit: Who asks for it, when, in which project.
        hasher: Of the project's aliases.
        folder: Where the files of imports are.
        reason: For the audit trail, which does not name the customer.

    Raises:
        Invalid: If it is no unit id, or the reason names the customer.
        WritersBusy: If a long write hides what is being written; nothing has gone then.
        DatabaseUnavailable: If the database went away; what is left goes the next time.
    """
    check_unit_id(unit_id)
    _check_reason(reason, unit_id)
    project = edit.project
    with database.reading() as db:
        customer = customer_of(db, project, unit_id)
    with database.transaction() as db:
        bury(db, _stones(hasher, customer.names), edit)
    wait_for_writers(database)
    with database.reading() as db:
        customer = customer_of(db, project, unit_id)
    positions = [each for some in positions_of(database, project, customer) for each in some]
    in_files = forget_in_files(folder, _imports(database, project), customer, hasher)
    with database.transaction() as db:
        bury(db, _stones(hasher, customer.names), edit)
        erased = Erased(
            rows=_delete_rows(db, positions),
            shadows=_delete_shadows(db, project, customer),
            lists=sum(forget_member(db, project, each) for each in sorted(customer.units)),
            overrides=sum(forget_override(db, project, each) for each in sorted(customer.units)),
            rejects=in_files + forget_in_imports(db, project, customer, hasher),
            open_imports=tuple(_open_imports(db, project)),
            notes=sum(forget_notes(db, project, each) for each in sorted(customer.units)),
        )
        _note(db, tombstone(hasher, name_of_unit(unit_id)), erased, edit, reason)
    return erased


def _check_reason(reason: str | None, unit_id: str) -> None:
    check_text(reason, "reason", longest=LONGEST_REASON)
    if reason is not None and unit_id in reason:
        expected = "words that do not name the customer: the audit trail keeps them"
        raise Invalid(field="reason", expected=expected, got="the customer's id")


def _stones(hasher: AliasHasher, names: Iterable[str]) -> list[str]:
    return [tombstone(hasher, name) for name in names]


def _imports(database: Database, project: Project) -> list[int]:
    with database.reading() as db:
        mine = select(imports.c.id).where(imports.c.project_id == project.id)
        return list(db.execute(mine.order_by(imports.c.id)).scalars())


def _open_imports(db: Connection, project: Project) -> Sequence[int]:
    is_open = imports.c.state.in_([*OPEN_STATES, "paused"])
    mine = select(imports.c.id).where(imports.c.project_id == project.id, is_open)
    return db.execute(mine.order_by(imports.c.id)).scalars().all()


def _delete_rows(db: Connection, positions: Sequence[int]) -> int:
    found = sorted(set(positions))
    gone = 0
    for first in range(0, len(found), AT_ONCE):
        some = ledger.c.position.in_(found[first : first + AT_ONCE])
        gone += db.execute(delete(ledger).where(some)).rowcount
    return gone


def _delete_shadows(db: Connection, project: Project, customer: Customer) -> int:
    mine = shadows.c.project_id == project.id
    theirs = or_(
        shadows.c.unit_id.in_(sorted(customer.units)), shadows.c.alias.in_(sorted(customer.names))
    )
    gone = db.execute(delete(shadows).where(mine, theirs)).rowcount
    if customer.shared:
        under = shadows.c.alias.in_(sorted(customer.shared))
        found = db.execute(select(shadows).where(mine, under)).all()
        ids = [row.id for row in found if customer.has(row.alias, row.fact_row["occurred_at"])]
        gone += db.execute(delete(shadows).where(shadows.c.id.in_(ids))).rowcount
    return gone


def _note(db: Connection, stone: str, erased: Erased, edit: Edit, reason: str | None) -> None:
    """Count what went, give the ledger another name, and tell the audit trail."""
    this = (erasures.c.project_id == edit.project.id) & (erasures.c.tombstone == stone)
    db.execute(update(erasures).where(this).values(rows=erasures.c.rows + erased.rows))
    if erased.anything:
        configuration.rename_ledger(db)
    told: dict[str, Any] = asdict(erased) | {"open_imports": list(erased.open_imports)}
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="unit.erase",
        object_type="unit",
        object_key=stone,
        after=told | {"reason": reason},
        now=edit.now,
    )

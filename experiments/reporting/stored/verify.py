"""A kept report made again: equal, different, or not to be compared, and why."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Select, func, select

from experiments import __version__
from experiments.measurement.replica import Replica
from experiments.reporting.report import Report
from experiments.reporting.stored.content import canonical, digest_of
from experiments.reporting.stored.differences import Difference, differences
from experiments.reporting.stored.kept import StoredReport, content_of
from experiments.reporting.stored.making import digest_at, dropped_facts, made_again
from experiments.reporting.stored.store import basis_kept
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, imports, ledger

EQUAL, DIFFERENT, NOT_COMPARABLE = "equal", "different", "not_comparable"
# With these there is nothing that the report could be made again from.
_BEYOND = frozenset({"content_damaged", "another_ledger", "position_gone"})
_WITHDRAWN = ("withdrawing", "withdrawn")


@dataclass(frozen=True)
class Changed:
    """Something that is not as it was when the report was made.

    Attributes:
        code: content_damaged, another_ledger, position_gone, erased, dropped, withdrawn or
            other_code.
        count: Customers erased, facts dropped, or imports withdrawn since.
        was, now: Versions of the code, or positions of the ledger.
    """

    code: str
    count: int | None = None
    was: str | None = None
    now: str | None = None


@dataclass(frozen=True)
class Verification:
    """What came of making a report again.

    Attributes:
        outcome: ``equal``: every byte is the same, whatever has changed besides;
            ``different``; or ``not_comparable``, for what has ``changed``.
        digest_now: SHA-256 of what came out now; None where nothing could.
        changed: What is not as it was.
        differences: Field by field.
    """

    stored: StoredReport
    outcome: str
    digest_now: str | None
    changed: tuple[Changed, ...]
    differences: tuple[Difference, ...] = ()


def verify(database: Database, replica: Replica, project: Project, public_id: str) -> Verification:
    """Make a kept report again from its ledger position, KPI versions and configuration.

    Raises:
        NotFound: If the project has no report of that id.
        Unavailable: If the database or the replica does not answer.
    """
    with database.reading() as db:
        stored, content = content_of(db, project, public_id)
        basis = basis_kept(db, project, public_id)
        changed = tuple(_changed(db, project, stored, content))
    if any(each.code in _BEYOND for each in changed):
        return Verification(stored, NOT_COMPARABLE, None, changed)
    report = made_again(database, replica, basis, stored.ledger_position)
    again = canonical(_under_its_names(report, json.loads(content)))
    found = tuple(differences(json.loads(content), json.loads(again)))
    outcome = EQUAL if content == again else (NOT_COMPARABLE if changed else DIFFERENT)
    return Verification(stored, outcome, digest_of(again), changed, found)


def _under_its_names(report: Report, document: dict[str, dict[str, str]]) -> Report:
    """The report with the names of ledger and code that it was made under: they are no result."""
    made = document["provenance"]
    provenance = replace(
        report.provenance,
        ledger_identity=made["ledger_identity"],
        code_version=made["code_version"],
    )
    return replace(report, provenance=provenance)


def _changed(
    db: Connection, project: Project, stored: StoredReport, content: bytes
) -> Iterator[Changed]:
    if digest_of(content) != stored.digest:
        yield Changed("content_damaged")
    erased, dropped = _erased_since(db, project, stored), dropped_facts(db, project)
    if erased:
        yield Changed("erased", count=erased)
    if dropped > stored.dropped:
        yield Changed("dropped", count=dropped - stored.dropped)
    yield from _ledger_changed(db, stored, deleted=bool(erased or dropped > stored.dropped))
    withdrawn = _withdrawn_since(db, project, stored)
    if withdrawn:
        yield Changed("withdrawn", count=withdrawn)
    if stored.code_version != __version__:
        yield Changed("other_code", was=stored.code_version, now=__version__)


def _ledger_changed(db: Connection, stored: StoredReport, *, deleted: bool) -> Iterator[Changed]:
    """Whether the ledger up to the report's position is another; deletions take rows out of it."""
    position, end = stored.ledger_position, _end(db)
    if position == 0:
        return
    digest = digest_at(db, position)
    if digest == stored.position_digest or (digest is None and deleted):
        return
    if end < position and ledger_identity(db) == stored.ledger_identity:
        yield Changed("position_gone", was=str(position), now=str(end))
    elif digest is not None or not _erased_anywhere(db, stored):
        yield Changed("another_ledger")


def _end(db: Connection) -> int:
    return int(db.execute(select(func.coalesce(func.max(ledger.c.position), 0))).scalar_one())


def _erasures(stored: StoredReport) -> Select[int]:
    """Customers whose facts were erased after the report; asked for again, each counts once."""
    return select(func.count(func.distinct(audit.c.object_key))).where(
        audit.c.action == "unit.erase", audit.c.at >= stored.created_at
    )


def _erased_since(db: Connection, project: Project, stored: StoredReport) -> int:
    mine = _erasures(stored).where(audit.c.project_id == project.id)
    found: int = db.execute(mine).scalar_one()
    return found


def _erased_anywhere(db: Connection, stored: StoredReport) -> bool:
    return bool(db.execute(_erasures(stored)).scalar_one())


def _withdrawn_since(db: Connection, project: Project, stored: StoredReport) -> int:
    since = imports.c.withdrawn_at >= stored.created_at
    gone = imports.c.state.in_(_WITHDRAWN) & (imports.c.project_id == project.id)
    query = select(func.count()).select_from(imports).where(gone, since)
    return int(db.execute(query).scalar_one())

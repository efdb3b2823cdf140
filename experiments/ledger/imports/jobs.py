"""Import jobs: a file waiting to be read into the ledger, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from experiments.errors import Invalid, NotFound
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.mapping import (
    ColumnMapping,
    named_experiment,
    named_variants,
    tagged_experiments,
)
from experiments.ledger.imports.presets import expanded
from experiments.ledger.imports.reject import Reject
from experiments.ledger.imports.rows import places
from experiments.ledger.imports.source import SourceFile
from experiments.ledger.imports.tables import delimiter_of, header_of, open_table
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import UnknownExperiment
from experiments.operations import audit
from experiments.storage.projects import Project
from experiments.storage.tables import imports

MOST_REJECTS = 1000
LONGEST_NAME = 200
OPEN_STATES = ("waiting", "running")
WORKED_STATES = (*OPEN_STATES, "withdrawing")
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class ImportJob:
    """An import. Rows are counted, each exactly once; a row may hold several facts.

    Attributes:
        id: Number in the database.
        project_id: Whose it is.
        name: The file's, as uploaded.
        file_sha256: Of the file's text as unpacked, in hexadecimal.
        file_bytes: Size of the file as uploaded.
        mapping: As submitted; JSON.
        state: waiting, running, paused, done, failed, withdrawing or withdrawn.
        rows_read: Rows so far: accepted + duplicates + conflicts + rejected + ignored.
        bytes_read: How far into the file.
        accepted: Rows of which at least one fact was new.
        duplicates: Rows of which everything was known.
        conflicts: Rows with the id of another fact.
        rejected: Rows that could not be taken.
        rejects: The first of those that were rejected or in conflict, by line.
        failure: Why the job failed, in English; None unless it did.
        withdrawn_rows: Rows of the ledger that were withdrawn so far.
        withdrawn_because: The reason that was given.
    """

    id: int
    project_id: int
    name: str
    file_sha256: str
    file_bytes: int
    mapping: Mapping[str, Any]
    state: str
    rows_read: int
    bytes_read: int
    accepted: int
    duplicates: int
    conflicts: int
    rejected: int
    rejects: tuple[Reject, ...]
    failure: str | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_rows: int | None = None
    withdrawn_because: str | None = None

    @property
    def ignored(self) -> int:
        """Rows that say nothing that is kept."""
        known = self.accepted + self.duplicates + self.conflicts + self.rejected
        return self.rows_read - known

    @property
    def refused(self) -> int:
        """Rows that were rejected or in conflict."""
        return self.rejected + self.conflicts

    @property
    def progress(self) -> float:
        """Share of the file that has been read, a fraction."""
        if self.state == "done" or not self.file_bytes:
            return 1.0
        return min(self.bytes_read / self.file_bytes, 1.0)


def submit_import(
    db: Connection,
    project: Project,
    *,
    name: str,
    file: SourceFile,
    document: object,
    actor: audit.Actor,
    now: datetime,
) -> ImportJob:
    """Check that a file can be read by a mapping, and make a job of it.

    Args:
        db: In a transaction that writes.
        project: Whose ledger it goes to.
        name: What people call the file.
        file: Looked through by ``inspect``.
        document: The mapping, a JSON value.
        actor: Who submits it.
        now: Aware.

    Raises:
        Invalid: Naming what does not fit, paths of the mapping below ``mapping``.
    """
    full, mapping = checked_mapping(db, project, file, document)
    values = {
        "project_id": project.id,
        "name": name[:LONGEST_NAME] or "import",
        "file_sha256": file.sha256,
        "file_bytes": file.size,
        "mapping": full,
        "state": "waiting",
        "rejects": [],
        "created_at": now,
        "created_by": actor.name,
    }
    job = _job(db.execute(insert(imports).values(values).returning(imports)).mappings().one())
    audit.record(
        db, actor=actor, project=project, action="import.submit", object_type="import",
        object_key=str(job.id), after={"name": job.name, "form": type(mapping).__name__}, now=now,
    )  # fmt: skip
    return job


def checked_mapping(
    db: Connection, project: Project, file: SourceFile, document: object
) -> tuple[Mapping[str, Any], ColumnMapping]:
    """The mapping, once the file has its columns and the project its experiment.

    Returns:
        The whole document, a preset filled in, and what it says.

    Raises:
        Invalid: Naming what does not fit, paths of the mapping below ``mapping``.
    """
    try:
        full = whole(file, document)
        mapping = read_mapping(full)
        with open_table(file, mapping) as table:
            places(table.header, mapping.columns)
        check_registry(db, project, mapping)
    except Invalid as error:
        if error.field not in {"file", "mapping"}:
            error.field = f"mapping.{error.field}" if error.field else "mapping"
        raise
    return full, mapping


def whole(file: SourceFile, document: object) -> Any:
    """The document with its preset filled in, and the delimiter that the file has.

    Raises:
        Invalid: If there is no such preset, or the file is none of its.
    """
    if not isinstance(document, dict) or document.get("form") == "source" or not file.is_text:
        has_preset = isinstance(document, dict) and "form" not in document
        return expanded(document, header_of(file)) if has_preset else document
    delimiter = document.get("delimiter") or delimiter_of(file)
    found = {**document, "delimiter": delimiter}
    return found if "form" in found else expanded(found, header_of(file, str(delimiter)))


def check_registry(db: Connection, project: Project, mapping: ColumnMapping) -> None:
    """Refuse a mapping that names experiments or variants that the project does not have.

    Raises:
        Invalid: Naming the path.
    """
    key, path = named_experiment(mapping)
    tagged = tagged_experiments(mapping)
    known = known_experiments(db, project, {key, *tagged.values()})
    for at, name in (({path: key} if key is not None else {}) | tagged).items():
        if name not in known:
            raise UnknownExperiment(field=at, key=name)
    for at, variant in named_variants(mapping).items():
        if key is not None and variant not in known[key].variants:
            raise Invalid(
                field=at, expected="one of " + ", ".join(known[key].variants), got=variant
            )


def get_import(db: Connection, project: Project, import_id: int) -> ImportJob:
    """One import of the project.

    Raises:
        NotFound: If there is none of that number.
    """
    mine = (imports.c.project_id == project.id) & (imports.c.id == min(import_id, _LARGEST_ID))
    row = db.execute(select(imports).where(mine)).mappings().first()
    if row is None:
        raise NotFound(field="import", what="import", key=str(import_id))
    return _job(row)


def list_imports(
    db: Connection, project: Project, before: int | None = None, limit: int = 50
) -> list[ImportJob]:
    """The project's imports, the newest first.

    Args:
        db: For reading.
        project: Whose.
        before: Only those submitted before the import of this number.
        limit: At most so many.
    """
    mine = imports.c.project_id == project.id
    if before is not None:
        mine &= imports.c.id < min(before, _LARGEST_ID)
    newest = select(imports).where(mine).order_by(imports.c.id.desc()).limit(limit)
    return [_job(row) for row in db.execute(newest).mappings()]


def open_imports(db: Connection) -> list[tuple[int, int, str]]:
    """(project id, import id, state) of all that there is work to do on, oldest first.

    They wait, were interrupted, or are being withdrawn.
    """
    columns = (imports.c.project_id, imports.c.id, imports.c.state)
    rows = db.execute(
        select(*columns).where(imports.c.state.in_(WORKED_STATES)).order_by(imports.c.id)
    )
    return [(row.project_id, row.id, row.state) for row in rows]


def files_of_open_imports(db: Connection) -> set[int]:
    """Ids of the imports whose uploads are still needed; those that are paused among them."""
    wanted = imports.c.state.in_((*OPEN_STATES, "paused"))
    return set(db.execute(select(imports.c.id).where(wanted)).scalars())


def _job(row: RowMapping) -> ImportJob:
    values: dict[str, Any] = dict(row)
    rejects = tuple(Reject(**each) for each in values.pop("rejects"))
    return ImportJob(rejects=rejects, **values)

"""Import jobs: a file waiting to be read into the ledger, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from experiments.errors import Invalid, NotFound
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.mapping import ColumnMapping, LongMapping, WideMapping
from experiments.ledger.imports.rows import CsvReader, places
from experiments.ledger.imports.source import SourceFile
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import UnknownExperiment
from experiments.operations import audit
from experiments.storage.projects import Project
from experiments.storage.tables import imports

MOST_REJECTS = 1000
LONGEST_NAME = 200
OPEN_STATES = ("waiting", "running")
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Reject:
    """A row that was not taken.

    Attributes:
        line: Of the file, from 1, where the row begins.
        field: What is to blame, if one thing is.
        code: A stable name of the reason; ``conflict`` where the row's id belongs to
            another fact, which stands.
        template: The reason's sentence, in English.
        params: Values of its placeholders.
    """

    line: int
    field: str | None
    code: str
    template: str
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        """The reason in English."""
        return self.template.format(**self.params)


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
        state: waiting, running, done or failed.
        rows_read: Rows so far: accepted + duplicates + conflicts + rejected.
        bytes_read: How far into the file.
        accepted: Rows of which at least one fact was new.
        duplicates: Rows of which everything was known.
        conflicts: Rows with the id of another fact.
        rejected: Rows that could not be taken.
        rejects: The first of those that were rejected or in conflict, by line.
        failure: Why the job failed, in English; None unless it did.
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
    mapping = checked_mapping(db, project, file, document)
    values = {
        "project_id": project.id,
        "name": name[:LONGEST_NAME] or "import",
        "file_sha256": file.sha256,
        "file_bytes": file.size,
        "mapping": document,
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
) -> ColumnMapping:
    """The mapping, once the file has its columns and the project its experiment.

    Raises:
        Invalid: Naming what does not fit, paths of the mapping below ``mapping``.
    """
    try:
        mapping = read_mapping(document)
        with file.open() as source:
            places(CsvReader(source.text, mapping.delimiter).header, mapping.columns)
        _check_experiment(db, project, mapping)
    except Invalid as error:
        if error.field not in {"file", "mapping"}:
            error.field = f"mapping.{error.field}" if error.field else "mapping"
        raise
    return mapping


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


def open_imports(db: Connection) -> list[tuple[int, int]]:
    """(project id, import id) of every import that waits or was interrupted, oldest first."""
    columns = (imports.c.project_id, imports.c.id)
    rows = db.execute(
        select(*columns).where(imports.c.state.in_(OPEN_STATES)).order_by(imports.c.id)
    )
    return [(row.project_id, row.id) for row in rows]


def _check_experiment(db: Connection, project: Project, mapping: ColumnMapping) -> None:
    key, path = _experiment_of(mapping)
    if key is None:
        return
    known = known_experiments(db, project, [key]).get(key)
    if known is None:
        raise UnknownExperiment(field=path, key=key)
    for at, variant in _variants_of(mapping).items():
        if variant not in known.variants:
            raise Invalid(field=at, expected="one of " + ", ".join(known.variants), got=variant)


def _experiment_of(mapping: ColumnMapping) -> tuple[str | None, str]:
    if isinstance(mapping, LongMapping):
        return mapping.constants.get("experiment"), "constants.experiment"
    return mapping.experiment, "experiment"


def _variants_of(mapping: ColumnMapping) -> dict[str, str]:
    """The variants that a mapping names, by their path in it."""
    if isinstance(mapping, WideMapping):
        named = mapping.variants.items()
        return {f"variant.values.{cell[:60]}": variant for cell, variant in named}
    constant = mapping.constants.get("variant")
    return {} if constant is None else {"constants.variant": constant.strip()}


def _job(row: RowMapping) -> ImportJob:
    values: dict[str, Any] = dict(row)
    rejects = tuple(Reject(**each) for each in values.pop("rejects"))
    return ImportJob(rejects=rejects, **values)

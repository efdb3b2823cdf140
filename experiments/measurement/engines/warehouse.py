"""The file that says where the user's own tables are, and which of their columns are what.

TOML, named by ``TRUELIFT_WAREHOUSE``; docs/warehouse.md describes it. Whatever it says that
cannot be used is refused with the field's name and what was expected.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from experiments.errors import Invalid
from experiments.storage.database import Database
from experiments.storage.tables import experiments, projects
from experiments.zones import zone

ENGINES = ("postgresql", "spark")
# What a row of a fact is made of: by name, whether it has to be mapped or fixed.
_SHARED = {
    "id": True, "unit": True, "type": True, "at": True, "received_at": False, "channel": False,
    "value": False, "currency": False, "properties": False,
}  # fmt: skip
FIELDS = {
    "exposure": {**_SHARED, "experiment": True, "variant": True, "suppressed_reason": False},
    "event": {**_SHARED, "experiment": False, "machine": False},
}
TABLES = {"exposures": "exposure", "events": "event"}
# Fields that stand for all rows alike where no column says them.
FIXED = ("type", "channel", "currency", "experiment", "variant")
EPOCHS = {"seconds": 1_000_000, "milliseconds": 1000, "microseconds": 1}


@dataclass(frozen=True)
class MappedTable:
    """A table of the user's own, as exposures or events.

    Attributes:
        path: Of its entry in the file, for refusals.
        fact: ``exposure`` or ``event``.
        table: Its name, in the engine's spelling of namespaces: ``schema.table``.
        columns: Columns by field.
        fixed: What all rows have, by field.
        properties: Columns by the name of the property.
        zone: Of times that have none.
        epoch: Of times that are numbers: one of ``EPOCHS``.
        minor: Whether amounts are in minor units of their currency.
        unique: Whether no two rows have one id, so that none is looked for.
    """

    path: str
    fact: str
    table: str
    columns: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    epoch: str | None = None
    minor: bool = False
    unique: bool = False

    def __post_init__(self) -> None:
        fields = FIELDS[self.fact]
        for name in self.columns:
            _check(name in fields, f"{self.path}.columns.{name}", f"one of {_listed(fields)}", name)
        for name in self.fixed:
            usable = [each for each in FIXED if each in fields]
            _check(name in usable, f"{self.path}.fixed.{name}", f"one of {_listed(usable)}", name)
        for name, needed in fields.items():
            told = name in self.columns or name in self.fixed
            expected = "a column, or in `fixed` what all rows have"
            _check(told or not needed, f"{self.path}.columns.{name}", expected, None)
        if self.zone is not None:
            zone(self.zone)
        expected = f"one of {_listed(EPOCHS)}"
        _check(self.epoch in {None, *EPOCHS}, f"{self.path}.epoch", expected, self.epoch)


@dataclass(frozen=True)
class Warehouse:
    """An engine of the user's own.

    Attributes:
        engine: One of ``ENGINES``.
        address: Where it is; may hold a password.
        project: Key of the project whose tests are measured there.
        tables: Of the user's own; none: the ledger's own tables (PostgreSQL), or the
            replica's files (Spark).
        settings: Of Spark.
    """

    engine: str
    address: str = field(repr=False)
    project: str
    tables: tuple[MappedTable, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.engine in ENGINES, "engine", f"one of {_listed(ENGINES)}", self.engine)
        if self.tables:
            there = {each.fact for each in self.tables}
            for name, fact in TABLES.items():
                _check(fact in there, name, "at least one table", None)

    @property
    def identity(self) -> str:
        """A name of the tables and of how they are read; no secret is in it."""
        told = repr((self.engine, self.project, self.tables))
        return f"{self.engine}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Place:
    """A warehouse, beside the database that knows the project and its tests."""

    warehouse: Warehouse
    database: Database

    def has(self, project_id: int) -> bool:
        """Whether the warehouse has the facts of a project."""
        asked = select(projects.c.id).where(projects.c.key == self.warehouse.project)
        with self.database.reading() as db:
            return db.execute(asked).scalar() == project_id

    def experiments(self, project_id: int) -> dict[str, int]:
        """Row ids of the project's tests, by key."""
        asked = select(experiments.c.key, experiments.c.id)
        with self.database.reading() as db:
            found = db.execute(asked.where(experiments.c.project_id == project_id)).all()
        return {row.key: row.id for row in found}


def read_warehouse(path: Path) -> Warehouse:
    """Read the file.

    Raises:
        Invalid: Naming the field, and what was expected.
        UnknownZone: If there is no such time zone.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        cause = error.strerror or str(error)
        raise Invalid(field="warehouse", expected="a file that can be read", got=cause) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(field="warehouse", expected="TOML", got=str(error)) from error
    known = {"engine", "address", "project", "settings", *TABLES}
    _only(found, known, "")
    return Warehouse(
        engine=_text(found, "engine", ""),
        address=_text(found, "address", ""),
        project=_text(found, "project", ""),
        tables=tuple(
            _table(entry, f"{name}.{number}", fact)
            for name, fact in TABLES.items()
            for number, entry in enumerate(_entries(found.get(name, []), name))
        ),
        settings=_texts(found.get("settings", {}), "settings"),
    )


def _table(entry: Mapping[str, Any], path: str, fact: str) -> MappedTable:
    known = {"table", "columns", "fixed", "properties", "zone", "epoch", "amounts", "unique"}
    _only(entry, known, f"{path}.")
    amounts = entry.get("amounts", "major")
    _check(amounts in {"major", "minor"}, f"{path}.amounts", "major or minor", amounts)
    unique = entry.get("unique", False)
    _check(isinstance(unique, bool), f"{path}.unique", "true or false", unique)
    return MappedTable(
        path=path,
        fact=fact,
        table=_text(entry, "table", f"{path}."),
        columns=_texts(entry.get("columns", {}), f"{path}.columns"),
        fixed=_texts(entry.get("fixed", {}), f"{path}.fixed"),
        properties=_texts(entry.get("properties", {}), f"{path}.properties"),
        zone=entry.get("zone"),
        epoch=entry.get("epoch"),
        minor=amounts == "minor",
        unique=unique,
    )


def _entries(found: Any, name: str) -> Sequence[Mapping[str, Any]]:
    entries = [found] if isinstance(found, dict) else found
    fine = isinstance(entries, list) and all(isinstance(each, dict) for each in entries)
    _check(fine, name, f"tables of TOML: [[{name}]]", found)
    checked: Sequence[Mapping[str, Any]] = entries
    return checked


def _text(found: Mapping[str, Any], name: str, path: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not text:
        raise Invalid(field=f"{path}{name}", expected="a text", got=text)
    return text


def _texts(found: Any, path: str) -> dict[str, str]:
    fine = isinstance(found, dict) and all(isinstance(each, str) for each in found.values())
    _check(fine, path, "texts by name", found)
    return dict(found)


def _only(found: Mapping[str, Any], known: set[str], path: str) -> None:
    for name in found:
        _check(name in known, f"{path}{name}", f"one of {_listed(sorted(known))}", name)


def _check(fine: bool, name: str, expected: str, got: object) -> None:
    if not fine:
        raise Invalid(field=name, expected=expected, got=got)


def _listed(names: Any) -> str:
    return ", ".join(names)

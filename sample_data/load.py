"""Loads the sample tests into a service, as somebody would have who ran them in 2025.

``serve --sample`` calls this on a new folder. What is there already is left alone: a KPI or an
experiment keeps its key, an event counts once, and a scenario loaded to the end is not read again.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.errors import KeyTaken
from experiments.kpis.document import KpiDocument
from experiments.kpis.store import create_kpi
from experiments.ledger.imports.jobs import submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import SourceFile, inspect
from experiments.operations.audit import SYSTEM
from experiments.registry.catalog import get_experiment
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project, get_project
from sample_data.generate import FIRST_START, generate


def load_samples(database: Database, home: Path, *, say: Callable[[str], None]) -> None:
    """Generate, register, start, import and stop every scenario of a first start.

    Args:
        database: Of the service, migrated, with the project ``main``.
        home: The service's folder; generated files are kept in ``samples`` below it.
        say: Told what is being done.
    """
    for name in FIRST_START:
        folder = home / "samples" / name
        done = folder / "loaded"
        if done.exists():
            continue
        say(f"Loading the sample test {name} ...")
        generate(name, folder)
        with database.reading() as db:
            project = get_project(db, "main")
        load_scenario(database, project, folder)
        done.touch()


def load_scenario(
    database: Database, project: Project, folder: Path, imports: str = "imports"
) -> str:
    """Load one scenario from its files into a project.

    Args:
        database: Migrated.
        project: Of it.
        folder: Of the scenario.
        imports: Name of the list of files to read, such as ``imports_outliers``.

    Returns:
        The key of its test; of several, of the first.
    """
    truth = _read(folder / "truth.json")
    registered_at, stopped_at = (
        datetime.fromisoformat(truth[name]).astimezone(UTC)
        for name in ("registered_at", "stopped_at")
    )
    for document in _read(folder / "kpis.json"):
        _create_kpi(database, project, from_document(KpiDocument, document), registered_at)
    keys = [_registered(database, project, draft, registered_at) for draft in _drafts(folder)]
    for entry in _read(folder / f"{imports}.json"):
        _import(database, project, inspect(folder / entry["file"]), entry["mapping"])
    for key in keys:
        with database.transaction() as db:
            if get_experiment(db, project, key).state == "running":
                move(db, project, key, "stop", actor=SYSTEM, now=stopped_at)
    return keys[0]


def _import(database: Database, project: Project, file: SourceFile, mapping: object) -> None:
    now = datetime.now(UTC)
    with database.transaction() as db:
        job = submit_import(
            db, project, name=file.path.name, file=file, document=mapping, actor=SYSTEM, now=now
        )
    run_import(Target(database, project, lambda: datetime.now(UTC)), job.id, file)


def _drafts(folder: Path) -> Iterator[ExperimentDraft]:
    """The scenario's tests, ``experiment.json`` first."""
    for path in sorted(folder.glob("experiment*.json")):
        yield from_document(ExperimentDraft, _read(path))


def _registered(database: Database, project: Project, draft: ExperimentDraft, at: datetime) -> str:
    """The key of a test, registered and started."""
    with database.transaction() as db:
        with suppress(KeyTaken):
            register(db, project, draft, actor=SYSTEM, now=at)
        if get_experiment(db, project, draft.key).state == "draft":
            move(db, project, draft.key, "start", actor=SYSTEM, now=at)
    return draft.key


def _create_kpi(database: Database, project: Project, document: KpiDocument, at: datetime) -> None:
    """Create the KPI unless the project has it already."""
    with suppress(KeyTaken), database.transaction() as db:
        create_kpi(db, project, document, actor=SYSTEM, now=at)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))

"""Loads the sample tests into a service, at full size, once.

Every step can be repeated: a start that was cut off goes on where it stopped, and
nothing counts twice.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
from sample_data.generate import SCENARIOS, generate

BEFORE_THE_SEND = timedelta(days=2)
AFTER_THE_SEND = timedelta(days=4)


def load_samples(database: Database, home: Path, *, say: Callable[[str], None]) -> None:
    """Generate, register, start, import and stop every scenario that is not there yet.

    Args:
        database: Of the service, migrated, with the project ``main``.
        home: The service's folder; generated files are kept in ``samples`` below it.
        say: Told what is being done.
    """
    for name in SCENARIOS:
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


def load_scenario(database: Database, project: Project, folder: Path) -> str:
    """Load one scenario from its files into a project.

    Returns:
        The key of its test.
    """
    truth = _read(folder / "truth.json")
    sent_at = datetime.fromisoformat(truth["sent_at"]).astimezone(UTC)
    key = _registered(database, project, folder, sent_at - BEFORE_THE_SEND)
    for entry in _read(folder / "imports.json"):
        _import(database, project, inspect(folder / entry["file"]), entry["mapping"])
    with database.transaction() as db:
        if get_experiment(db, project, key).state == "running":
            move(db, project, key, "stop", actor=SYSTEM, now=sent_at + AFTER_THE_SEND)
    return key


def _import(database: Database, project: Project, file: SourceFile, mapping: object) -> None:
    now = datetime.now(UTC)
    with database.transaction() as db:
        job = submit_import(
            db, project, name=file.path.name, file=file, document=mapping, actor=SYSTEM, now=now
        )
    run_import(Target(database, project, lambda: datetime.now(UTC)), job.id, file)


def _registered(database: Database, project: Project, folder: Path, at: datetime) -> str:
    """The key of the scenario's test, registered and started."""
    for document in _read(folder / "kpis.json"):
        _create_kpi(database, project, from_document(KpiDocument, document), at)
    draft = from_document(ExperimentDraft, _read(folder / "experiment.json"))
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

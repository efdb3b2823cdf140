"""The command ``truelift report``: print a test's report and keep it, or make a kept one again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from api.settings import Settings

if TYPE_CHECKING:
    from experiments.measurement.replica import Replica
    from experiments.storage.database import Database
    from experiments.storage.projects import Project


@click.command()
@click.argument("experiment", required=False)
@click.option("--verify", "kept", metavar="ID", help="Make a kept report again, and compare.")
@click.option("--keep/--no-keep", default=True, show_default=True, help="Keep what is printed.")
@click.option("--lang", type=click.Choice(("ko", "en")), help="The project's if not given.")
@click.option("--project", "project_key", default="main", show_default=True)
def report(
    experiment: str | None, kept: str | None, keep: bool, lang: str | None, project_key: str
) -> None:
    """Print the report of a test, and keep it.

    With --verify, exit status 0 means equal, 1 different, 3 that it cannot be compared.
    """
    if (experiment is None) == (kept is None):
        raise click.UsageError("name a test, or a kept report with --verify")
    with _opened(project_key) as (database, replica, project):
        language = lang or project.language
        if kept is not None:
            _verify(database, replica, project, kept, language)
            return
        assert experiment is not None  # noqa: S101 - narrows a type: one of them is there
        _print(database, replica, project, experiment, language, keep=keep)


def _print(
    database: "Database",
    replica: "Replica",
    project: "Project",
    experiment: str,
    language: str,
    *,
    keep: bool,
) -> None:
    from api.privacy import OPERATOR
    from experiments.reporting.stored import store
    from experiments.reporting.stored.making import make_report
    from experiments.reporting.text import render_text

    now = datetime.now(UTC)
    made = make_report(database, replica, project, experiment, now=now)
    click.echo(render_text(made.report, language))
    if keep:
        with database.transaction() as db:
            stored = store.keep(db, project, made, occasion="command", actor=OPERATOR, now=now)
        click.echo(f"kept as {stored.public_id}", err=True)


def _verify(
    database: "Database", replica: "Replica", project: "Project", public_id: str, language: str
) -> None:
    from experiments.reporting.stored.verify import DIFFERENT, NOT_COMPARABLE, verify
    from experiments.reporting.stored.wording import show_verification

    found = verify(database, replica, project, public_id)
    click.echo(show_verification(found, language))
    status = {DIFFERENT: 1, NOT_COMPARABLE: 3}.get(found.outcome, 0)
    if status:
        raise click.exceptions.Exit(status)


@contextmanager
def _opened(project_key: str) -> Iterator[tuple["Database", "Replica", "Project"]]:
    from api.start import upgrade
    from experiments.measurement.engine_settings import EngineSettings
    from experiments.measurement.replica import Replica
    from experiments.storage.database import Database
    from experiments.storage.projects import get_project

    settings = Settings.from_environment(os.environ)
    database = Database.open(settings.database_url)
    try:
        upgrade(settings, database)
        with database.reading() as db:
            project = get_project(db, project_key)
        replica = Replica(
            settings.home / "replica",
            database,
            warehouse=settings.warehouse,
            engine=EngineSettings(memory_limit=settings.memory_limit),
        )
        yield database, replica, project
    finally:
        database.dispose()

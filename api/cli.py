"""The command line: ``truelift serve`` and what an operator needs beside it."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from api.assign import assign
from api.batch_commands import allocate
from api.calculate import analyse, plan
from api.import_commands import import_file, imports_group
from api.report_commands import report
from api.sample_commands import sample
from api.settings import Settings, SettingsRefused
from experiments.errors import TrueliftError

DEFAULT_PORT = 8000
DEFAULT_STREAM_PORT = 8001


class Refusing(click.Group):
    """Commands that answer a refusal with one line and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (TrueliftError, SettingsRefused) as refusal:
            field = getattr(refusal, "field", None)
            raise click.ClickException(
                f"{field}: {refusal}" if field else str(refusal)
            ) from refusal


@click.group(cls=Refusing)
def main() -> None:
    """A/B tests for CRM and lifecycle marketing."""
    import structlog

    # What a command answers goes to the standard output, and nothing else does.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


main.add_command(allocate)
main.add_command(analyse)
main.add_command(import_file)
main.add_command(imports_group)
main.add_command(plan)
main.add_command(assign)
main.add_command(sample)
main.add_command(report)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, envvar="TRUELIFT_PORT")
@click.option("--sample/--no-sample", default=False, help="Load the sample tests the first time.")
def serve(host: str, port: int, sample: bool) -> None:
    """Serve the interface and the pages on one folder."""
    from api.server import FolderInUse, folder_lock
    from api.server import serve as serve_application
    from api.start import NotDurable, prepare

    settings = _settings()
    try:
        with folder_lock(settings.home):
            prepare(settings, sample=sample, say=click.echo)
            click.echo(f"Truelift is at http://{host}:{port}")
            serve_application(settings, host, port)
    except (FolderInUse, NotDurable, OSError) as refusal:
        raise click.ClickException(str(refusal)) from refusal


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port", default=DEFAULT_STREAM_PORT, show_default=True, envvar="TRUELIFT_STREAM_PORT"
)
def stream(host: str, port: int) -> None:
    """Tell the apps that listen of every change, beside a server."""
    from api.streaming.process import stream as stream_changes

    settings = _settings()
    try:
        click.echo(f"Truelift streams at http://{host}:{port}/sub/")
        if settings.stream_url is None:
            click.echo("No app is told of it before TRUELIFT_STREAM_URL is set for the server.")
        stream_changes(host, port)
    except OSError as refusal:
        raise click.ClickException(str(refusal)) from refusal


@main.command()
def migrate() -> None:
    """Bring the database's schema to the newest state."""
    _with_database(lambda _: None)
    click.echo("the schema is up to date")


@main.group()
def user() -> None:
    """People who may sign in."""


@user.command("create")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", default="marketer", show_default=True)
@click.option("--project", "project_key", default="main", show_default=True)
@click.password_option()
def create_user(email: str, name: str, role: str, project_key: str, password: str) -> None:
    """Create a person, with a role in a project."""
    from experiments.access import users
    from experiments.operations.audit import SYSTEM
    from experiments.storage.projects import get_project

    def create(db: Any) -> None:
        made = users.create_user(
            db, email=email, name=name or email, password=password, actor=SYSTEM, now=_now()
        )
        users.grant(db, get_project(db, project_key), made, role, actor=SYSTEM, now=_now())

    _with_database(create)
    click.echo(f"{email} can sign in as {role} of {project_key}")


@main.group()
def key() -> None:
    """Secret keys of programs."""


@key.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="assign, ingest, read, admin")
@click.option("--project", "project_key", default="main", show_default=True)
def create_key(name: str, scopes: tuple[str, ...], project_key: str) -> None:
    """Create a secret key and print it, this once."""
    from experiments.access import keys
    from experiments.operations.audit import SYSTEM
    from experiments.storage.projects import get_project

    def create(db: Any) -> str:
        project = get_project(db, project_key)
        return keys.create_secret_key(
            db, project, name=name, scopes=scopes, actor=SYSTEM, now=_now()
        )

    click.echo(_with_database(create))


@main.command()
@click.argument("unit_id")
@click.option("--reason", help="For the audit trail; it must not name the customer.")
@click.option("--project", "project_key", default="main", show_default=True)
def erase(unit_id: str, reason: str | None, project_key: str) -> None:
    """Erase a customer, and take nothing of them in again."""
    from api.privacy import erase_here

    erased = erase_here(_settings(), project_key, unit_id, reason, now=_now())
    click.echo(
        f"{erased.rows} facts, {erased.shadows} repetitions, {erased.lists} lists, "
        f"{erased.overrides} tests by hand, {erased.rejects} rejected rows"
    )
    for import_id in erased.open_imports:
        click.echo(f"import {import_id} is still to be read, and may name the customer", err=True)


@main.command()
@click.option("--now", "at_once", is_flag=True, help="Drop what is too old at once.")
def retention(at_once: bool) -> None:
    """Say how long facts are kept; drop those that are older."""
    from api.privacy import sweep_here
    from experiments.ledger.retention import retention_of
    from experiments.storage.projects import list_projects

    if at_once:
        for project, swept in sweep_here(_settings(), now=_now()):
            click.echo(f"{project.key}: {swept.dropped} facts added up and dropped")
        return

    def told(db: Any) -> list[str]:
        kept = [(each, retention_of(db, each, _now())) for each in list_projects(db)]
        return [f"{each.key}: {days_said(found.days)}" for each, found in kept]

    def days_said(days: int | None) -> str:
        return "for ever" if days is None else f"{days} days"

    for line in _with_database(told):
        click.echo(line)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


def _now() -> datetime:
    return datetime.now(UTC)


def _with_database(work: Callable[[Any], Any]) -> Any:
    """Migrate, then do one transaction's work."""
    from api.start import upgrade
    from experiments.storage.database import Database

    settings = _settings()
    database = Database.open(settings.database_url)
    try:
        upgrade(settings, database)
        with database.transaction() as db:
            return work(db)
    finally:
        database.dispose()


if __name__ == "__main__":
    sys.exit(main())

"""The commands on imports: load a file, see how far it is, pause, go on, withdraw."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.settings import Settings

if TYPE_CHECKING:
    from api.imports import OnFolder, OnServer

_PROJECT = click.option("--project", "project_key", default="main", show_default=True)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="JSON file that says which column is what, or names a preset.",
)
@_PROJECT
def import_file(file: Path, mapping: Path, project_key: str) -> None:
    """Import a file of exposures, events or aliases: CSV, Parquet or JSON lines."""
    job = _imports(project_key).load(file, mapping.read_bytes())
    _say(job)
    for reject in job["rejects"]:
        click.echo(f"line {reject['line']}: {reject['field'] or ''} {reject['message']}", err=True)
    if job["state"] == "failed":
        raise click.ClickException(job["failure"])


@click.group("imports")
def imports_group() -> None:
    """Imports so far: see them, pause, go on, withdraw."""


@imports_group.command("list")
@_PROJECT
def list_all(project_key: str) -> None:
    """List the newest imports."""
    for job in _imports(project_key).listed():
        click.echo(f"{job['id']}  {job['state']}  {job['name']}  {job['rows_read']} rows")


@imports_group.command()
@click.argument("import_id", type=int)
@_PROJECT
def pause(import_id: int, project_key: str) -> None:
    """Stop reading a file until it is resumed."""
    _say(_imports(project_key).move(import_id, "pause"))


@imports_group.command()
@click.argument("import_id", type=int)
@_PROJECT
def resume(import_id: int, project_key: str) -> None:
    """Go on reading a file where it was paused."""
    _say(_imports(project_key).move(import_id, "resume"))


@imports_group.command()
@click.argument("import_id", type=int)
@click.option("--reason", required=True, help="Kept in the audit trail, and shown with it.")
@_PROJECT
def withdraw(import_id: int, reason: str, project_key: str) -> None:
    """Take an import back: reports are as if it had never been."""
    _say(_imports(project_key).withdraw(import_id, reason))


def _imports(project_key: str) -> "OnFolder | OnServer":
    from api.imports import OnFolder, OnServer  # noqa: PLC0415 - slow to import
    from api.server import running_server  # noqa: PLC0415 - slow to import

    settings = Settings.from_environment(os.environ)
    server = running_server(settings.home)
    if server is None:
        return OnFolder(settings, project_key, datetime.now(UTC))
    return OnServer(*server, project_key)


def _say(job: dict[str, Any]) -> None:
    click.echo(
        f"{job['rows_read']} rows: {job['accepted']} accepted, {job['duplicates']} known already, "
        f"{job['conflicts']} in conflict, {job['rejected']} rejected"
    )
    if job["state"] not in {"done", "failed"}:
        click.echo(f"import {job['id']} is {job['state']}")
    if job["withdrawn_rows"] is not None:
        click.echo(f"{job['withdrawn_rows']} facts withdrawn")

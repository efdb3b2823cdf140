"""``truelift assign``: a list answered from a file of configuration, without a server."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from api.settings import Settings


@click.command()
@click.argument("experiment")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit-column", required=True, help="Name of the column with the customer ids.")
@click.option(
    "--output", "-o", type=click.File("wb"), help="Where the rows go; none to count only."
)
@click.option("--variant-column", default="variant", show_default=True)
@click.option("--send-at-column", default="send_at", show_default=True)
@click.option("--send-on", help="Local date on which the list is sent, for a send-time test.")
@click.option("--payload/--no-payload", default=False, help="Add the payload's fields too.")
@click.option("--numbers", multiple=True, help="A column that the audience reads as a number.")
@click.option("--form", type=click.Choice(("csv", "ndjson", "parquet")))
@click.option("--preset", help="The file that a tool takes: braze, klaviyo, excel ...")
@click.option(
    "--configuration",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of GET .../configuration; the service's own database if not given.",
)
@click.option("--verify", "digest", help="Fail unless the list has this digest.")
@click.option("--project", "project_key", default="main", show_default=True)
def assign(
    experiment: str,
    file: Path,
    output: BinaryIO | None,
    configuration: Path | None,
    digest: str | None,
    project_key: str,
    **asked: Any,
) -> None:
    """Assign every row of a list, or verify a list that was assigned before."""
    from api.assigned_lists import headers_of
    from experiments.assignment.lists.presets import PRESETS
    from experiments.assignment.lists.rows import ListOptions
    from experiments.assignment.lists.run import ListConfiguration, assign_list
    from experiments.kpis.checks import check_choice
    from experiments.registry.send_times import read_date

    form, preset = asked.pop("form"), asked.pop("preset")
    asked["send_on"] = read_date(asked["send_on"], "send_on")
    check_choice(preset, tuple(PRESETS), "preset")
    known = (
        ListConfiguration.read(configuration.read_bytes())
        if configuration
        else _from_database(experiment, project_key)
    )
    if known.experiment.key != experiment:
        raise click.ClickException(f"the configuration is of {known.experiment.key!r}")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no path of ours
        summary = assign_list(
            known, file, output or nowhere, ListOptions(**asked), form=form,
            preset=PRESETS.get(preset or ""), now=datetime.now(UTC),
        )  # fmt: skip
    for name, value in headers_of(summary).items():
        click.echo(f"{name.removeprefix('Truelift-').lower():<14} {value}", err=True)
    for row in summary.rejects:
        click.echo(f"line {row.line}: {row.refusal.field or ''} {row.refusal}", err=True)
    if digest is not None and digest != summary.digest:
        raise click.ClickException("the digest is another: list or configuration has changed")
    if digest is not None:
        click.echo("verified: this list and this configuration give these variants")


def _from_database(experiment: str, project_key: str) -> Any:
    """The configuration of the folder, read past a running server."""
    from experiments.assignment.lists.run import ListConfiguration
    from experiments.assignment.loading import load_snapshot
    from experiments.storage.database import Database
    from experiments.storage.projects import get_project

    database = Database.open(Settings.from_environment(os.environ).database_url)
    try:
        with database.reading() as db:
            project = get_project(db, project_key)
            snapshot = load_snapshot(db, datetime.now(UTC))
    finally:
        database.dispose()
    return ListConfiguration.of(snapshot, project.id, experiment)

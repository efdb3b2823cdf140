"""The command ``truelift allocate``: open the batches that are due, or say what they would be."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from api.settings import Settings

if TYPE_CHECKING:
    from experiments.registry.batches import Batch


@click.command()
@click.option("--preview", is_flag=True, help="Only say what would be opened.")
def allocate(preview: bool) -> None:
    """Open every batch that is due, of tests whose shares follow their results.

    A running server does this by itself.
    """
    from api.start import upgrade
    from experiments.measurement.engine_settings import EngineSettings
    from experiments.measurement.replica import Replica
    from experiments.operations.batches import BatchOpener
    from experiments.storage.database import Database

    settings = Settings.from_environment(os.environ)
    database = Database.open(settings.database_url)

    def replica() -> Replica:
        return Replica(
            settings.home / "replica",
            database,
            warehouse=settings.warehouse,
            engine=EngineSettings(memory_limit=settings.memory_limit),
        )

    try:
        upgrade(settings, database)
        opener, now = BatchOpener(database, replica, lambda: datetime.now(UTC)), datetime.now(UTC)
        found = opener.look_ahead(now) if preview else opener.open_due(now)
        for project, key, batch in found:
            click.echo(f"{project.key}/{key} {_said(batch)}")
        if not found:
            click.echo("no batch is due")
    finally:
        database.dispose()


def _said(batch: "Batch") -> str:
    shares = ", ".join(f"{key} {share}" for key, share in batch.propensities.items())
    why = f" (as before: {batch.stayed})" if batch.stayed else ""
    return f"batch {batch.number}: {shares}{why}"

"""The schema's history, and the way to its newest state."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from experiments.storage.database import Database


def alembic_config(database: Database) -> Config:
    """Alembic's configuration for this database, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to ``revision``; a no-op where it is there already.

    Raises:
        DatabaseUnavailable: If the database cannot be reached.
    """
    database.create()
    command.upgrade(alembic_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to ``revision``; ``base`` removes every table."""
    command.downgrade(alembic_config(database), revision)

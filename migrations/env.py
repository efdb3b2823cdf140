"""Alembic's entry: runs the migrations on the database it was handed."""

from alembic import context

from experiments.storage.database import Database
from experiments.storage.tables import metadata

database: Database = context.config.attributes["database"]

with database.transaction() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    context.run_migrations()

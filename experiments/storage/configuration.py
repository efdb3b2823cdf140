"""The configuration's version: a number that grows with every change assignment must know of."""

import uuid

from sqlalchemy import Connection, select, update

from experiments.storage.tables import configuration


def bump(db: Connection) -> None:
    """Say, within the transaction of a change, that the configuration is now another."""
    db.execute(update(configuration).values(version=configuration.c.version + 1))


def current_version(db: Connection) -> int:
    """The version as committed."""
    return int(db.execute(select(configuration.c.version)).scalar_one())


def ledger_identity(db: Connection) -> str:
    """The name of this ledger, made with its tables; another database has another."""
    return str(db.execute(select(configuration.c.ledger_identity)).scalar_one())


def rename_ledger(db: Connection) -> None:
    """Give the ledger another name: facts were taken away, so that copies of it do not hold."""
    db.execute(update(configuration).values(ledger_identity=str(uuid.uuid4())))
    bump(db)

"""The identity key held against the database, which keeps the fingerprint of its first one.

Hashed with another key, what arrives would never meet the aliases that are there. So a start
with another key is refused; as long as nothing was hashed, the key may still be changed.
"""

from sqlalchemy import Connection, select, update

from experiments.errors import TrueliftError
from experiments.ledger.identity.key import AliasHasher, IdentityKey
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import configuration, erasures, ledger


class WrongIdentityKey(TrueliftError):
    """The database's aliases were hashed with another key."""

    template = (
        "the identity key is not the one that the aliases in this database were hashed with; "
        "give it that one (TRUELIFT_IDENTITY_KEY, or else TRUELIFT_SECRET_KEY as it was)"
    )


class KeptKey:
    """The key of a process, given out once it is known to be the database's.

    Args:
        key: Of the installation.
        database: That it has to fit.
    """

    def __init__(self, key: IdentityKey, database: Database) -> None:
        self._key = key
        self._database = database
        self._fits = False
        self._hashers: dict[str, AliasHasher] = {}

    def hasher(self, project: Project) -> AliasHasher:
        """Hashes the aliases of a project.

        Raises:
            WrongIdentityKey: If the database was first used with another key.
            DatabaseUnavailable: If it has to be asked, and is away.
        """
        if not self._fits:
            with self._database.reading() as db:
                _check(db, self._key)
            self._fits = True
        found = self._hashers.get(project.key)
        if found is None:
            found = self._hashers[project.key] = self._key.hasher(project.key)
        return found


def keep_key(db: Connection, key: IdentityKey) -> None:
    """Note whose database this is, within a transaction that writes.

    Raises:
        WrongIdentityKey: If something in it was hashed with another key.
    """
    kept = _kept(db)
    if kept == key.fingerprint:
        return
    if kept is not None and _is_used(db):
        raise WrongIdentityKey
    db.execute(update(configuration).values(identity_fingerprint=key.fingerprint))


def _check(db: Connection, key: IdentityKey) -> None:
    if _kept(db) not in {None, key.fingerprint}:
        raise WrongIdentityKey


def _kept(db: Connection) -> str | None:
    found: str | None = db.execute(select(configuration.c.identity_fingerprint)).scalar_one()
    return found


def _is_used(db: Connection) -> bool:
    aliased = select(ledger.c.position).where(ledger.c.alias.is_not(None)).limit(1)
    return any(
        db.execute(query).first() is not None for query in (aliased, select(erasures.c.id).limit(1))
    )

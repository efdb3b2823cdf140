"""The experiments that facts name, kept in memory while the configuration stands."""

from collections.abc import Collection
from dataclasses import dataclass, field

from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.known import known_experiments
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project


@dataclass(frozen=True)
class _Shelf:
    version: int
    known: dict[tuple[int, str], KnownExperiment] = field(default_factory=dict)


class KnownShelf:
    """Experiments by project and key, of one version of the configuration.

    Whoever goes by them looks, before anything is committed, whether the version still
    stands; it may be an old one here.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = _Shelf(-1)

    def of(self, project: Project, keys: Collection[str]) -> tuple[int, dict[str, KnownExperiment]]:
        """Those of the keys that are experiments, and the version that says so.

        Raises:
            DatabaseUnavailable: If it had to be asked, and is away.
        """
        shelf = self._shelf
        found = {
            key: shelf.known[project.id, key] for key in keys if (project.id, key) in shelf.known
        }
        if len(found) == len(keys):
            return shelf.version, found
        return self._read(project, keys)

    def clear(self) -> None:
        """Forget what is known: it is not so any more."""
        self._shelf = _Shelf(-1)

    def _read(
        self, project: Project, keys: Collection[str]
    ) -> tuple[int, dict[str, KnownExperiment]]:
        with self._database.reading() as db:
            # The version first: should it change meanwhile, it is not believed to be newer.
            version = current_version(db)
            known = known_experiments(db, project, keys)
        shelf = self._shelf if self._shelf.version == version else _Shelf(version)
        shelf.known.update({(project.id, key): each for key, each in known.items()})
        self._shelf = shelf
        return version, known

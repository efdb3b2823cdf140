"""What an engine has to do: run a statement, keep a table, and name its failures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ibis.expr.schema import Schema

Rows = list[tuple[Any, ...]]


class Engine(Protocol):
    """A connection on which the facts of one project are tables, named as in ``PLURALS``."""

    @property
    def dialect(self) -> str:
        """One of :data:`experiments.measurement.engines.dialects.DIALECTS`."""

    def execute(self, statement: str) -> Rows:
        """The rows of a statement that changes nothing.

        Whole numbers come as Python's, whatever the engine calls their type.

        Raises:
            ReplicaUnreadable, EngineUnreachable, EngineRefused: If it cannot be run.
            TooLargeToSum: If numbers pass 38 digits.
            TooMuchToMeasure: If memory, disk or time do not suffice.
        """

    def keep(self, name: str, select: str, schema: Schema) -> str:
        """Compute a table once, in place of one of that name.

        Args:
            name: Of the table.
            select: Its rows.
            schema: Their columns.

        Returns:
            What was run, as a script.

        Raises:
            ReplicaUnreadable, EngineUnreachable, EngineRefused, TooLargeToSum,
            TooMuchToMeasure: As :meth:`execute`.
        """


class Facts(Protocol):
    """Which facts are looked at, and what has to be known of them beforehand."""

    @property
    def ledger_identity(self) -> str:
        """Name of the ledger, or of the tables in its place."""

    @property
    def position(self) -> int:
        """Everything up to here, nothing after."""

    @property
    def earlier(self) -> bool:
        """Whether the counts are of facts after the position too."""

    def rows(self, project_id: int, fact: str) -> int:
        """How many facts of one kind a project has; of aliases and withdrawals at least."""

    def aliased(self, project_id: int, fact: str) -> int:
        """Of these, how many name their customer by an alias."""


@dataclass(frozen=True)
class TableFacts:
    """The facts of one project in tables of an engine.

    Attributes:
        counts: Rows by kind of fact, of those kinds that have to be known.
        aliased_counts: Of these, rows whose customer is named by an alias.
        repeats: Rows left out since another has their id, by (fact, type, what became of them).
    """

    ledger_identity: str
    position: int
    counts: Mapping[str, int] = field(default_factory=dict)
    aliased_counts: Mapping[str, int] = field(default_factory=dict)
    earlier: bool = False
    repeats: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    def rows(self, project_id: int, fact: str) -> int:  # noqa: ARG002 - of one project only
        """How many facts there are of one kind."""
        return self.counts.get(fact, 0)

    def aliased(self, project_id: int, fact: str) -> int:  # noqa: ARG002 - of one project only
        """Of these, how many name their customer by an alias."""
        return self.aliased_counts.get(fact, 0)

"""Statements that are built and compiled once, for all moments and positions.

Building expressions and compiling them takes longer than running them on the facts of a few
customers. What a refresh runs follows from the sheet's definition, from whose facts have to
be looked up, and from a few *numbers* that change from call to call: the moment, and what is
kept (:class:`Since`). So a script is recorded: the functions that measure are called with
*stand-ins* for these numbers, on a session that runs nothing. To run it, the real numbers
take the places of the stand-ins, all at once.

No wrong statement can come of it:

- The key of a script has everything that it was built from, but for the numbers.
- The functions see the stand-ins and nothing of the real numbers.
- Stand-ins lie in a time where nothing else does. A number of that time that is none of
  them was reckoned from one; then, and where a KPI itself names one, nothing is recorded:
  the script is built for the call. So it is for KPIs that go by local days, since which
  offsets they name depends on the moment.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from ibis.expr.types import Table

from experiments.measurement.engines.contract import Rows
from experiments.measurement.engines.dialects import compiled
from experiments.measurement.engines.duckdb import DuckDbEngine
from experiments.measurement.session import Session
from experiments.measurement.stored.sheet import Sheet

T = TypeVar("T")
# For tests: whether scripts are recorded at all.
RECORDS = True
MOST_SCRIPTS = 500
_SOME_MOMENT = datetime(2163, 4, 5, 6, 7, 8, 901_234, tzinfo=UTC)
# Microseconds of the years 2150 to 2199.
_RESERVED = range(5_680_281_600_000_000, 7_258_118_400_000_000)
_NUMBER = re.compile(r"(?<!\w)\d{16}(?!\w)")
_NO_DIGIT = re.compile(r"\D+")


@dataclass(frozen=True)
class Since:
    """What is kept: facts that are new are new since.

    Attributes:
        position: Of the ledger.
        as_of: The moment that was looked at, microseconds.
    """

    position: int = 0
    as_of: int = 0


@dataclass(frozen=True)
class Asked(Generic[T]):
    """A query that is left to whoever knows what to do with its rows, and what is told of it."""

    query: str
    told: T


_SOME_TIME = Since(6_112_131_415_161_718, 6_101_112_131_415_161)
Builder = Callable[[Session, Sheet, Since], T]


@dataclass(frozen=True)
class Script:
    """Statements in their order.

    Attributes:
        statements: In which stand-ins or real numbers stand.
        told: What the builder said of them, the same for all numbers; if that was an
            expression, it is the last of the statements, and its columns stand here; a query
            that is left is the last of them too.
    """

    statements: tuple[str, ...]
    told: Any


@dataclass(frozen=True)
class Scripts:
    """Makes tables and asks for rows, by scripts.

    Attributes:
        session: Where they are run.
        sheet: Whose KPIs they measure.
        since: What is kept of it.
    """

    session: Session
    sheet: Sheet
    since: Since = Since()

    def make(self, step: Hashable, build: Builder[T]) -> T:
        """Run what a function runs that makes tables and asks for no rows.

        Args:
            step: All that the statements follow from, beside the function's arguments.
            build: What it tells has to be the same for all moments and positions.

        Raises:
            ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
        """
        script = self.script(step, build)
        for statement in script.statements:
            self.session.engine.execute(statement)
        return cast("T", script.told)

    def ask(self, step: Hashable, build: "Builder[Asked[T]]") -> "Asked[T]":
        """Run a script but for the query that it ends with, which comes back; as :meth:`make`."""
        script = self.script(step, build)
        *before, query = script.statements
        for statement in before:
            self.session.engine.execute(statement)
        return Asked(query, cast("T", script.told))

    def rows(self, step: Hashable, build: Builder[Table]) -> list[dict[str, Any]]:
        """The rows of the expression that a function builds; as :meth:`make`."""
        script = self.script(step, build)
        *before, last = script.statements
        for statement in before:
            self.session.engine.execute(statement)
        found = self.session.engine.execute(last)
        return [dict(zip(script.told, row, strict=True)) for row in found]

    def script(self, step: Hashable, build: Builder[Any]) -> Script:
        """The script of a step, with the numbers of this call."""
        stand_in = self._stand_in()
        if stand_in is None:
            return self.recorded(build)
        key = (step, self.sheet.name, self.sheet.days.calendar, self.session.uncertainty)
        # Another thread may forget all of them at any time.
        found = _SCRIPTS.get(key)
        if found is None:
            found = stand_in.recorded(build)
            if not _has_only(stand_in.numbers, found):
                return self.recorded(build)
            if len(_SCRIPTS) >= MOST_SCRIPTS:
                _SCRIPTS.clear()
            _SCRIPTS[key] = found
        return _filled(found, dict(zip(stand_in.numbers, self.numbers, strict=True)))

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that changes from call to call."""
        return (self.sheet.as_of, self.sheet.matured_at, self.since.position, self.since.as_of)

    def recorded(self, build: Builder[Any]) -> Script:
        """The script that a function builds, with the numbers that are here."""
        session, recorder = self.session, _Recorder(self.session.connection)
        silent = _Silent(session.state, session.project_id, recorder, session.uncertainty)
        told = build(silent, self.sheet, self.since)
        if isinstance(told, Asked):
            return Script((*recorder.noted, told.query), told.told)
        if isinstance(told, Table):
            return Script((*recorder.noted, compiled(told, recorder.dialect)), told.columns)
        return Script(tuple(recorder.noted), told)

    def _stand_in(self) -> "Scripts | None":
        """The same with stand-ins; None where none can take the places."""
        if not RECORDS or self.sheet.has_local_days:
            return None
        found = Scripts(self.session, self.sheet.at(_SOME_MOMENT), _SOME_TIME)
        # A number stands in a statement by its digits, however many of them are decimals.
        named = _NO_DIGIT.sub("", repr(self.sheet.requests))
        unmistakable = not any(str(number) in named for number in found.numbers)
        return found if found.sheet.can_be_kept and unmistakable else None


# Of this process, by all that they follow from.
_SCRIPTS: dict[Hashable, Script] = {}


@dataclass(frozen=True)
class _Recorder(DuckDbEngine):
    """Notes what it should run."""

    noted: list[str] = field(default_factory=list)

    def execute(self, statement: str) -> Rows:
        """No rows: nothing that is recorded may depend on them."""
        if not statement.startswith("CREATE "):
            message = f"an answer is asked for while a script is recorded: {statement}"
            raise RuntimeError(message)
        self.noted.append(statement)
        return []


class _Silent(Session):
    """Runs nothing, and keeps tables under names that no other session uses."""

    def keep(self, name: str, key: Hashable, build: Callable[[], Table]) -> Table:
        """As of any session."""
        return super().keep(f"script_{name}", key, build)


def _has_only(stand_ins: tuple[int, ...], script: Script) -> bool:
    """Whether of the reserved numbers none stands in a script but the stand-ins."""
    named = {int(text) for each in script.statements for text in _NUMBER.findall(each)}
    return all(number in stand_ins for number in named if number in _RESERVED)


def _filled(script: Script, real: Mapping[int, int]) -> Script:
    def number(found: re.Match[str]) -> str:
        return str(real.get(int(found[0]), found[0]))

    filled = tuple(_NUMBER.sub(number, each) for each in script.statements)
    return replace(script, statements=filled)

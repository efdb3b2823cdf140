"""A table of the user's own, as the columns that expressions ask for: the SQL of a view.

Written for each engine by hand, since it begins with types that only that engine has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from experiments.ledger.money import MINOR_UNIT_DECIMALS, NUMBER_DECIMALS
from experiments.measurement.engines.errors import ColumnMissing, ColumnUnfit
from experiments.measurement.engines.warehouse import EPOCHS, MappedTable
from experiments.measurement.segments import SCHEMAS

# Columns of facts that are not those of the replica: a row is known by its id.
TYPES = {"position": "string"}
_OTHER_TEST = -1
_WHOLE_NUMBERS = ("int", "integer", "bigint", "int4", "int8", "smallint", "int2", "long")
Names = Callable[[str], str]


@dataclass(frozen=True)
class Spelling:
    """How an engine writes what mapping needs.

    Attributes:
        quoted: A name.
        literal: A text.
        text: A value as text, ordered by code points.
        text_type: The type of that.
        instants: Types of times, by how their microseconds since 1970 are found; with the
            zone where the type has none.
        json: A column as JSON text, by its type.
        object_: JSON text of names and values.
    """

    quoted: Names
    literal: Names
    text: Callable[[str], str]
    text_type: str
    instants: Mapping[str, Callable[[str, str], str]]
    zoneless: frozenset[str]
    json: Callable[[str, str], str]
    object_: Callable[[Mapping[str, str]], str]


@dataclass(frozen=True)
class _Reader:
    """One mapped table with the types of its columns."""

    mapped: MappedTable
    types: Mapping[str, str]
    spelling: Spelling
    experiments: Mapping[str, int]

    def column(self, name: str) -> str:
        """A column's SQL; refused if the table has none of that name."""
        column = self.mapped.columns[name]
        return self._known(column, f"{self.mapped.path}.columns.{name}")

    def _known(self, column: str, path: str) -> str:
        if column not in self.types:
            raise ColumnMissing(
                field=path, table=self.mapped.table, column=column, columns=", ".join(self.types)
            )
        return self.spelling.quoted(column)

    def text(self, name: str) -> str:
        """A text; null where nothing is mapped to it."""
        if name in self.mapped.columns:
            return self.spelling.text(self.column(name))
        if name in self.mapped.fixed:
            return self.spelling.text(self.spelling.literal(self.mapped.fixed[name]))
        return self.spelling.text("NULL")

    def instant(self, name: str) -> str:
        """Whole microseconds since 1970."""
        column, mapped = self.column(name), self.mapped
        found = self._type(name)
        if found in self.spelling.instants:
            if found in self.spelling.zoneless and mapped.zone is None:
                self._refuse(name, "`zone`, for times that name none")
            zone = self.spelling.literal(mapped.zone or "UTC")
            return self.spelling.instants[found](column, zone)
        if found not in _WHOLE_NUMBERS:
            self._refuse(name, f"a time ({', '.join(self.spelling.instants)}) or a whole number")
        if mapped.epoch is None:
            self._refuse(name, f"`epoch`, one of {', '.join(EPOCHS)}, for times that are numbers")
        return f"CAST({column} AS BIGINT) * {EPOCHS[mapped.epoch or 'seconds']}"

    def value(self) -> str:
        """An amount in minor units, another number times a million; null if it has more places."""
        if "value" not in self.mapped.columns:
            return "CAST(NULL AS BIGINT)"
        exact = f"CAST({self.column('value')} AS DECIMAL(28, 9))"
        scaled = f"({exact} * CAST({self._times()} AS DECIMAL(8, 0)))"
        fits = f"{scaled} = FLOOR({scaled}) AND ABS({scaled}) < 9000000000000000000"
        return f"CASE WHEN {fits} THEN CAST({scaled} AS BIGINT) END"

    def _times(self) -> str:
        currency = self.text("currency")
        if self.mapped.minor:
            return f"CASE WHEN {currency} IS NULL THEN {10**NUMBER_DECIMALS} ELSE 1 END"
        places: dict[int, list[str]] = {}
        for code, decimals in sorted(MINOR_UNIT_DECIMALS.items()):
            places.setdefault(decimals, []).append(self.spelling.literal(code))
        cases = " ".join(
            f"WHEN {currency} IN ({', '.join(codes)}) THEN {10**decimals}"
            for decimals, codes in sorted(places.items())
        )
        return f"CASE WHEN {currency} IS NULL THEN {10**NUMBER_DECIMALS} {cases} END"

    def experiment(self) -> str:
        """The row id of the test; of a test that the project does not have, none of them."""
        key = self.text("experiment")
        known = " ".join(
            f"WHEN {key} = {self.spelling.literal(name)} THEN {row_id}"
            for name, row_id in sorted(self.experiments.items())
        )
        return f"CAST(CASE WHEN {key} IS NULL THEN NULL {known} ELSE {_OTHER_TEST} END AS BIGINT)"

    def machine(self) -> str:
        """Whether a program made it."""
        if "machine" not in self.mapped.columns:
            return "FALSE"
        return f"COALESCE(CAST({self.column('machine')} AS BOOLEAN), FALSE)"

    def properties(self) -> str:
        """JSON text."""
        if self.mapped.properties:
            columns = {
                name: self._known(column, f"{self.mapped.path}.properties.{name}")
                for name, column in self.mapped.properties.items()
            }
            return self.spelling.object_(columns)
        if "properties" not in self.mapped.columns:
            return self.spelling.text("NULL")
        return self.spelling.json(self.column("properties"), self._type("properties"))

    def _type(self, name: str) -> str:
        return self.types[self.mapped.columns[name]].partition("(")[0].lower()

    def _refuse(self, name: str, expected: str) -> None:
        column = self.mapped.columns[name]
        raise ColumnUnfit(
            field=f"{self.mapped.path}.columns.{name}", expected=expected,
            column=column, table=self.mapped.table, type=self.types[column],
        )  # fmt: skip

    def columns(self) -> dict[str, str]:
        """Every column of the fact, in order."""
        arrived = "received_at" if "received_at" in self.mapped.columns else "at"
        nothing = "CAST(NULL AS BIGINT)"
        found = {
            "position": self.text("id"),
            "source_id": self.text("id"),
            "occurred_at": self.instant("at"),
            "received_at": self.instant(arrived),
            "import_id": nothing,
            "unit_id": self.text("unit"),
            "alias": self.spelling.text("NULL"),
            "experiment_id": self.experiment(),
            "properties": self.properties(),
            "expected_variant": self.spelling.text("NULL"),
            "value": self.value(),
            "machine": self.machine(),
        }
        return {
            name: found[name] if name in found else self.text(name)
            for name in SCHEMAS[self.mapped.fact].names
        }


def mapped_select(
    mapped: MappedTable,
    types: Mapping[str, str],
    spelling: Spelling,
    experiments: Mapping[str, int],
) -> str:
    """The rows of a mapped table as facts, repeated ones too.

    Args:
        mapped: The table and its columns.
        types: What the engine calls the types of its columns.
        spelling: Of the engine.
        experiments: Row ids of the project's tests, by key.

    Raises:
        ColumnMissing: If the table does not have a column that is mapped.
        ColumnUnfit: If a column cannot be what it is mapped to.
    """
    reader = _Reader(mapped, types, spelling, experiments)
    columns = ",\n  ".join(
        f"{found} AS {spelling.quoted(name)}" for name, found in reader.columns().items()
    )
    table = ".".join(spelling.quoted(part) for part in mapped.table.split("."))
    return f"SELECT\n  {columns}\nFROM {table}"

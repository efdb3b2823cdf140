"""Rows to facts, by a mapping that has been fitted to a file's first line."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import REQUIRED, Event, Exposure, Fact, Missing
from experiments.ledger.fields import brief
from experiments.ledger.imports.cells import READ_CELL, read_amount, read_flag
from experiments.ledger.imports.mapping import (
    ColumnMapping,
    EventColumn,
    LongMapping,
    WideMapping,
    constants,
)
from experiments.ledger.imports.rows import places

RowReader = Callable[[int, int, list[str]], Sequence[Fact]]
"""Takes a row's line, its number from 1, and its cells; gives its facts or raises Invalid."""


def reader_for(mapping: ColumnMapping, header: list[str], mark: str) -> RowReader:
    """Fit a mapping to a file.

    Args:
        mapping: Of its columns.
        header: Its first line.
        mark: What the ids of its rows begin with.

    Raises:
        MissingColumn: If the mapping names a column that is not there.
        ColumnTwice: If a name fits two columns.
    """
    at = places(header, mapping.columns)
    if isinstance(mapping, WideMapping):
        return _WideReader(mapping, at, mark)
    return _LongReader(mapping, at, mark)


class _LongReader:
    """One fact per row."""

    def __init__(self, mapping: LongMapping, at: dict[str, int], mark: str) -> None:
        self._kind: type[Exposure] | type[Event] = Event if mapping.fact == "event" else Exposure
        self._mark = mark
        self._places = [
            (name, at[f"columns.{name}"], READ_CELL.get(name)) for name in mapping.fields
        ]
        self._constants = dict(constants(mapping))

    def __call__(self, line: int, number: int, cells: list[str]) -> Sequence[Fact]:  # noqa: ARG002 - every reader's signature
        given = self._constants.copy()
        for name, place, read in self._places:
            cell = cells[place]
            if cell:
                given[name] = cell if read is None else read(cell, name)
        if given.get("value") is None:
            # A file may name the currency in rows that have no amount.
            given.pop("currency", None)
        for name in REQUIRED[self._kind]:
            if given.get(name) is None and name != "source_id":
                raise Missing(field=name)
        if given.get("source_id") is None:
            given["source_id"] = self._own_id(line, given)
        return (self._kind(**given),)

    def _own_id(self, line: int, given: Mapping[str, Any]) -> str:
        """One file may be imported twice, as exposures and as events, or for two tests."""
        if self._kind is Event:
            return f"{self._mark}:{line}:event:{given['type']}"
        return exposure_id(self._mark, line, given["experiment"], given["type"])


class _WideReader:
    """An exposure per row, and an event per column that says so."""

    def __init__(self, mapping: WideMapping, at: dict[str, int], mark: str) -> None:
        self._mapping = mapping
        self._mark = mark
        self._unit = at.get("unit_id.column")
        self._variant = at.get("variant.column")
        self._events = [(at[f"events.{n}.column"], each) for n, each in enumerate(mapping.events)]

    def __call__(self, line: int, number: int, cells: list[str]) -> Sequence[Fact]:
        mapping = self._mapping
        unit_id = f"{self._mark}:{number}" if self._unit is None else cells[self._unit]
        if not unit_id:
            raise Missing(field=mapping.unit_column)
        exposure = Exposure(
            source_id=exposure_id(self._mark, line, mapping.experiment, mapping.exposure),
            experiment=mapping.experiment,
            unit_id=unit_id,
            type=mapping.exposure,
            occurred_at=mapping.at,
            variant=self._variant_of(cells),
            channel=mapping.channel,
        )
        facts: list[Fact] = [exposure]
        for place, column in self._events:
            cell = cells[place]
            amount = read_amount(cell, column.column) if column.amount else None
            if amount or (not column.amount and read_flag(cell, column.column)):
                facts.append(self._event(line, unit_id, column, amount))
        return facts

    def _event(self, line: int, unit_id: str, column: EventColumn, amount: Decimal | None) -> Event:
        return Event(
            source_id=f"{self._mark}:{line}:{column.column}",
            unit_id=unit_id,
            type=column.type,
            occurred_at=self._mapping.at,
            value=amount,
            currency=column.currency,
            channel=self._mapping.channel,
        )

    def _variant_of(self, cells: list[str]) -> str | None:
        if self._variant is None:
            return None
        cell = cells[self._variant]
        if not self._mapping.variants:
            return cell.strip() or None
        variant = self._mapping.variants.get(cell.strip())
        if variant is None:
            known = ", ".join(self._mapping.variants)[:200]
            raise Invalid(
                field=self._mapping.variant_column, expected=f"one of {known}", got=brief(cell)
            )
        return variant


def exposure_id(mark: str, line: int, experiment: str, kind: str) -> str:
    """The id of an exposure whose row has none of its own."""
    return f"{mark}:{line}:exposure:{experiment}:{kind}"

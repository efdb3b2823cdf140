"""A row per customer: an exposure, and an event per column that says so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.fields import Missing, brief
from experiments.ledger.identity.alias import Alias
from experiments.ledger.imports.cells import read_amount, read_count, read_flag
from experiments.ledger.imports.property_columns import PropertyCells
from experiments.ledger.imports.rows import Cells
from experiments.ledger.imports.wide import EventColumn, WideMapping

ANY_OTHER = "*"
_NOTHING = ("", "-")


class WideReader:
    """Facts of a row.

    Args:
        mapping: Of the file's columns.
        at: Where they are, by their paths in the mapping.
        mark: What the ids of its rows begin with.
    """

    def __init__(self, mapping: WideMapping, at: dict[str, int], mark: str) -> None:
        self._mapping = mapping
        self._mark = mark
        self._unit = at.get("unit_id.column")
        self._variant = at.get("variant.column")
        self._at = at.get("at.column")
        self._read_variant = our_word(mapping.variants, _word) if mapping.variants else _word
        self._events = [
            (at[f"events.{n}.column"], at.get(f"events.{n}.at.column"), each)
            for n, each in enumerate(mapping.events)
        ]
        self._properties = PropertyCells(mapping.properties, at)
        self._words = {
            each.column: our_word(each.words, _word) for each in mapping.events if each.words
        }

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact]:
        """The facts of a row; see ``RowReader``."""
        customer = self._customer(number, cells) | {"properties": self._properties(cells)}
        at = self._time(cells)
        return [*self._sent(line, customer, at, cells), *self._happened(line, customer, at, cells)]

    def _customer(self, number: int, cells: Cells) -> dict[str, Any]:
        if self._unit is None:
            return {"unit_id": f"{self._mark}:{number}"}
        cell = cells[self._unit]
        if not cell:
            raise Missing(field=self._mapping.unit_column)
        if self._mapping.alias is None:
            return {"unit_id": cell}
        return {"unit_id": None, "alias": Alias(self._mapping.alias, cell)}

    def _time(self, cells: Cells) -> datetime | None:
        if self._at is None:
            return self._mapping.at
        cell = cells[self._at].strip()
        return None if cell in _NOTHING else self._read_time(cell, self._mapping.at_column or "")

    def _sent(
        self, line: int, customer: dict[str, Any], at: datetime | None, cells: Cells
    ) -> Iterator[Fact]:
        mapping = self._mapping
        if mapping.exposure is None:
            return
        if at is None:
            raise Missing(field=mapping.at_column)
        if mapping.experiment is None:
            yield Event(
                source_id=f"{self._mark}:{line}:event:{mapping.exposure}", type=mapping.exposure,
                occurred_at=at, channel=mapping.channel, **customer,
            )  # fmt: skip
            return
        yield Exposure(
            source_id=exposure_id(self._mark, line, mapping.experiment, mapping.exposure),
            experiment=mapping.experiment,
            type=mapping.exposure,
            occurred_at=at,
            variant=self._variant_of(cells),
            channel=mapping.channel,
            **customer,
        )

    def _variant_of(self, cells: Cells) -> str | None:
        if self._variant is None:
            return self._mapping.variant
        found: str | None = self._read_variant(
            cells[self._variant], self._mapping.variant_column or ""
        )
        return found

    def _happened(
        self, line: int, customer: dict[str, Any], at: datetime | None, cells: Cells
    ) -> Iterator[Event]:
        for place, place_of_time, column in self._events:
            found = self._said(cells[place], column)
            if found is None:
                continue
            kind, value, time = found
            if place_of_time is not None and cells[place_of_time].strip() not in _NOTHING:
                time = self._read_time(cells[place_of_time], column.at_column or "")
            time = time or at
            if time is None:
                raise Missing(field=column.at_column or self._mapping.at_column)
            yield Event(
                source_id=f"{self._mark}:{line}:{column.column}",
                type=kind,
                occurred_at=time,
                value=value,
                currency=column.currency,
                channel=self._mapping.channel,
                **self._of(column, customer),
            )

    def _of(self, column: EventColumn, customer: dict[str, Any]) -> dict[str, Any]:
        """Whose the event is, and its properties."""
        if column.bounce is None:
            return customer
        return customer | {"properties": customer["properties"] | {"bounce": column.bounce}}

    def _said(
        self, cell: str, column: EventColumn
    ) -> tuple[str, Decimal | None, datetime | None] | None:
        """Type, amount and time of what a cell says; None if nothing happened."""
        kind, name = column.type or "", column.column
        match column.reads:
            case "amount":
                amount = read_amount(cell, name)
                return (kind, amount, None) if amount else None
            case "count":
                return (kind, None, None) if read_count(cell, name) else None
            case "time":
                if cell.strip() in _NOTHING:
                    return None
                return kind, None, self._read_time(cell, name)
            case "word":
                word = self._words[name](cell, name) if cell.strip() else None
                return (word, None, None) if word else None
            case _:
                return (kind, None, None) if read_flag(cell, name) else None

    def _read_time(self, cell: str, name: str) -> datetime:
        return self._mapping.reading.times.read(cell, name)


def our_word(
    words: Mapping[str, str | None], read: Callable[[str, str], Any]
) -> Callable[[str, str], Any]:
    """Reads a cell as our word for what stands in it, ``*`` being any other; None is nothing."""
    known = {_folded(word): ours for word, ours in words.items()}

    def read_word(cell: str, field: str) -> Any:
        text = _folded(cell)
        if text not in known and ANY_OTHER not in known:
            raise Invalid(field=field, expected=f"one of {', '.join(words)[:200]}", got=brief(cell))
        ours = known[text] if text in known else known[ANY_OTHER]
        return None if ours is None else read(ours, field)

    return read_word


def _folded(cell: str) -> str:
    return cell.strip().casefold()


def _word(cell: str, field: str) -> str | None:  # noqa: ARG001 - as other cells are read
    return cell.strip() or None


def exposure_id(mark: str, line: int, experiment: str, kind: str) -> str:
    """The id of an exposure whose row has none of its own."""
    return f"{mark}:{line}:exposure:{experiment}:{kind}"

"""Rows to facts, by a mapping that has been fitted to a file's first line."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from experiments.ledger.facts import REQUIRED, Event, Exposure, Fact
from experiments.ledger.fields import Missing
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import alias_fact
from experiments.ledger.imports.aliases import AliasMapping
from experiments.ledger.imports.cells import READ_CELL
from experiments.ledger.imports.long import LongMapping, constants
from experiments.ledger.imports.mapping import ColumnMapping
from experiments.ledger.imports.property_columns import PropertyCells
from experiments.ledger.imports.quick_events import QuickEvents, is_quick
from experiments.ledger.imports.rows import Cells, places
from experiments.ledger.imports.source_items import SourceMapping
from experiments.ledger.imports.wide import WideMapping
from experiments.ledger.imports.wide_rows import WideReader, exposure_id, our_word
from experiments.ledger.resolve import Resolved
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import Placed
from experiments.ledger.sources.messages import Report, link, tag_of
from experiments.ledger.sources.settings import SourceSettings, Tag

RowReader = Callable[[int, int, Cells], Sequence[Fact | Resolved]]
"""Takes a row's line, its number from 1, and its cells; gives its facts, or their rows in the
ledger where these are clear, or raises Invalid."""


def reader_for(
    mapping: ColumnMapping,
    header: list[str],
    mark: str,
    now: datetime,
    currency: str | None = None,
) -> RowReader:
    """Fit a mapping to a file.

    Args:
        mapping: Of its columns.
        header: Its first line.
        mark: What the ids of its rows begin with.
        now: When the file arrived, for sources that need it.
        currency: The project's; None where facts are wanted and no rows of the ledger.

    Raises:
        MissingColumn: If the mapping names a column that is not there.
        ColumnTwice: If a name fits two columns.
    """
    at = places(header, mapping.columns)
    match mapping:
        case WideMapping():
            return WideReader(mapping, at, mark)
        case LongMapping(fact="message"):
            return _MessageReader(mapping, at, mark)
        case LongMapping() if currency is not None and is_quick(mapping):
            return _QuickReader(
                QuickEvents(mapping, at, mark, currency), _LongReader(mapping, at, mark)
            )
        case LongMapping():
            return _LongReader(mapping, at, mark)
        case AliasMapping():
            return _AliasReader(mapping, at)
        case SourceMapping():
            return _ItemReader(mapping, now)


class _LongCells:
    """The cells of a row as the values of its fields."""

    def __init__(self, mapping: LongMapping, at: dict[str, int]) -> None:
        read: dict[str, Callable[[str, str], Any] | None] = {
            name: READ_CELL.get(name) for name in mapping.fields
        }
        for name, words in mapping.values.items():
            read[name] = our_word(words, READ_CELL[name])
        if "occurred_at" in mapping.fields:
            read["occurred_at"] = mapping.reading.times.read
        self._places = [(name, at[f"columns.{name}"], read[name]) for name in mapping.fields]
        self._leaves_out = "type" in mapping.values
        self._constants = dict(constants(mapping))

    def values(self, cells: Sequence[str]) -> dict[str, Any] | None:
        """Field by field; None if the word for its type says that the row is left out."""
        given = self._constants.copy()
        for name, place, read in self._places:
            cell = cells[place]
            if cell:
                given[name] = cell if read is None else read(cell, name)
        if self._leaves_out and "type" in given and given["type"] is None:
            return None
        return given


class _LongReader:
    """One exposure or event per row."""

    def __init__(self, mapping: LongMapping, at: dict[str, int], mark: str) -> None:
        self._kind: type[Exposure] | type[Event] = Event if mapping.fact == "event" else Exposure
        self._cells = _LongCells(mapping, at)
        self._properties = PropertyCells(mapping.properties, at)
        self._alias = mapping.alias
        self._mark = mark
        self._amount = "value" if self._kind is Event else "cost"

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact]:  # noqa: ARG002 - every reader's signature
        given = self._cells.values(cells)
        if given is None:
            return ()
        if given.get(self._amount) is None:
            # A file may name the currency in rows that have no amount.
            given.pop("currency", None)
        _check_needed(given, REQUIRED[self._kind])
        if given.get("source_id") is None:
            given["source_id"] = self._own_id(line, given)
        if self._alias is not None:
            given["alias"] = Alias(self._alias, given["unit_id"])
            given["unit_id"] = None
        return (self._kind(**given, properties=self._properties(cells)),)

    def _own_id(self, line: int, given: Mapping[str, Any]) -> str:
        """One file may be imported twice, as exposures and as events, or for two tests."""
        if self._kind is Event:
            return f"{self._mark}:{line}:event:{given['type']}"
        return exposure_id(self._mark, line, given["experiment"], given["type"])


class _QuickReader:
    """Events, fast where they are as most are."""

    def __init__(self, quick: QuickEvents, closely: RowReader) -> None:
        self._quick = quick
        self._closely = closely

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact | Resolved]:
        row = self._quick(line, cells)
        return self._closely(line, number, cells) if row is None else (row,)


class _MessageReader:
    """What a mail tool says of a message: an exposure where a known test was sent."""

    def __init__(self, mapping: LongMapping, at: dict[str, int], mark: str) -> None:
        self._cells = _LongCells(mapping, at)
        self._properties = PropertyCells(mapping.properties, at)
        self._alias = mapping.alias
        self._mark = mark
        self._settings = SourceSettings(tags=mapping.tags)

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact]:  # noqa: ARG002 - every reader's signature
        given = self._cells.values(cells)
        if given is None:
            return ()
        _check_needed(given, ("unit_id", "type", "occurred_at"))
        value, customer = given.get("value"), given["unit_id"]
        report = Report(
            source_id=given.get("source_id") or f"{self._mark}:{line}:message:{given['type']}",
            customer=Alias(self._alias, customer) if self._alias else customer,
            event=given["type"],
            at=given["occurred_at"],
            tag=self._tag(given),
            channel=given.get("channel"),
            machine=given.get("machine", False),
            value=value,
            currency=given.get("currency") if value is not None else None,
            properties=self._properties(cells)
            | {
                "bounce": given.get("bounce"),
                "url": link(given.get("url")),
                "message": given.get("campaign"),
            },
        )
        return (report.fact(),)

    def _tag(self, given: Mapping[str, Any]) -> Tag | None:
        if given.get("experiment") is not None:
            return Tag(given["experiment"], given.get("variant"))
        return tag_of(self._settings, ids=[given.get("campaign")], url=given.get("url"))


class _AliasReader:
    """An alias per row."""

    def __init__(self, mapping: AliasMapping, at: dict[str, int]) -> None:
        self._mapping = mapping
        self._value, self._unit = at["value.column"], at["unit_id.column"]
        self._kind, self._from = at.get("kind.column"), at.get("valid_from.column")

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact]:  # noqa: ARG002 - every reader's signature
        mapping = self._mapping
        kind = mapping.kind or cells[self._kind or 0].strip().lower()
        since = cells[self._from].strip() if self._from is not None else ""
        valid_from = mapping.reading.times.read(since, "valid_from") if since else None
        unit_id = cells[self._unit]
        _check_needed({"unit_id": unit_id or None, "value": cells[self._value] or None},
                      ("unit_id", "value"))  # fmt: skip
        return (alias_fact(kind, cells[self._value], unit_id, valid_from),)


class _ItemReader:
    """The facts of an item in a source's own form."""

    def __init__(self, mapping: SourceMapping, now: datetime) -> None:
        self._source = SOURCES[mapping.source]
        self._settings = mapping.settings
        self._now = now

    def __call__(self, line: int, number: int, cells: Cells) -> Sequence[Fact]:  # noqa: ARG002 - every reader's signature
        facts: list[Fact] = []
        for found in self._source.read(cells, self._settings, self._now):
            if not isinstance(found, Placed):
                raise found.error
            facts.append(found.fact)
        return facts


def _check_needed(given: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if given.get(name) is None and name != "source_id":
            raise Missing(field=name)

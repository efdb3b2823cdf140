"""How the columns of a file become facts: the two forms of mapping, checked in themselves.

*Long*: one row per exposure or event. *Wide*: one row per customer, with one declared
instant at which the exposure and every event of the row are taken to have happened.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import EXPOSURE_TYPES, SUPPRESSED_REASONS, Missing
from experiments.ledger.fields import check_event_type, check_key, check_one_of
from experiments.ledger.imports.cells import READ_CELL
from experiments.ledger.instants import check_instant
from experiments.ledger.money import check_currency
from experiments.registry.experiment import CHANNELS

LONGEST_COLUMN = 200
MOST_EVENT_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
EXPOSURE_FIELDS = (
    "source_id", "experiment", "unit_id", "type", "occurred_at", "variant", "channel",
    "suppressed_reason",
)  # fmt: skip
EVENT_FIELDS = (
    "source_id", "unit_id", "type", "occurred_at", "value", "currency", "machine", "experiment",
    "variant", "channel",
)  # fmt: skip
# A row without an id of its own gets one: file and line.
_NEEDED = {
    "exposure": ("experiment", "unit_id", "type", "occurred_at"),
    "event": ("unit_id", "type", "occurred_at"),
}
FIELDS = {"exposure": EXPOSURE_FIELDS, "event": EVENT_FIELDS}


@dataclass(frozen=True)
class EventColumn:
    """A column of a wide file that says whether something happened, or how much.

    Attributes:
        column: Name in the file's first line.
        type: Of the event.
        amount: Whether cells are amounts; if not, they are yes or no.
        currency: ISO 4217 code of the amounts; None for plain numbers.
    """

    column: str
    type: str
    amount: bool = False
    currency: str | None = None

    def __post_init__(self) -> None:
        _check_column(self.column, "column")
        check_event_type(self.type)
        if self.currency is not None:
            check_currency(self.currency)
        if self.currency is not None and not self.amount:
            raise Invalid(
                field="amount", expected="true, since a currency is given", got=self.amount
            )


@dataclass(frozen=True)
class WideMapping:
    """One row per customer.

    Attributes:
        experiment: Key of the experiment whose variant each row tells.
        at: When the exposure and the events of every row happened.
        unit_column: Column of the customer; None: every row is a customer of its own,
            known by the file and the row's number.
        variant_column: Column of the variant; None where Truelift assigned.
        variants: Variant key by what stands in the column; empty where keys stand there.
        exposure: Type of the exposures.
        channel: Of the exposures and events.
        events: The columns that tell what happened.
        delimiter: Between cells.
    """

    experiment: str
    at: datetime
    unit_column: str | None = None
    variant_column: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    exposure: str = "assigned"
    channel: str | None = None
    events: tuple[EventColumn, ...] = ()
    delimiter: str = ","

    def __post_init__(self) -> None:
        check_key(self.experiment, "experiment")
        check_instant(self.at, "at")
        if self.unit_column is not None:
            _check_column(self.unit_column, "unit_id.column")
        if self.variant_column is not None:
            _check_column(self.variant_column, "variant.column")
        for cell, variant in self.variants.items():
            check_key(variant, f"variant.values.{cell[:60]}")
        check_one_of(self.exposure, EXPOSURE_TYPES, "exposure")
        if self.channel is not None:
            check_one_of(self.channel, CHANNELS, "channel")
        self._check_events()
        check_one_of(self.delimiter, DELIMITERS, "delimiter")

    def _check_events(self) -> None:
        columns = [event.column for event in self.events]
        if len(columns) > MOST_EVENT_COLUMNS:
            raise Invalid(
                field="events", expected=f"at most {MOST_EVENT_COLUMNS}", got=len(columns)
            )
        if len(set(columns)) < len(columns):
            raise Invalid(field="events", expected="each column once", got=columns[:20])

    @property
    def columns(self) -> dict[str, str]:
        """Column names by the path of what names them."""
        found = {f"events.{n}.column": event.column for n, event in enumerate(self.events)}
        if self.unit_column is not None:
            found["unit_id.column"] = self.unit_column
        if self.variant_column is not None:
            found["variant.column"] = self.variant_column
        return found


@dataclass(frozen=True)
class LongMapping:
    """One row per fact.

    Attributes:
        fact: ``exposure`` or ``event``.
        fields: Column by field.
        constants: Field values that are the same in every row, as text.
        delimiter: Between cells.
    """

    fact: str
    fields: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","

    def __post_init__(self) -> None:
        check_one_of(self.fact, tuple(FIELDS), "fact")
        for name, column in self.fields.items():
            check_one_of(name, FIELDS[self.fact], "columns")
            _check_column(column, f"columns.{name}")
        self._check_constants()
        for name in _NEEDED[self.fact]:
            if name not in self.fields and name not in self.constants:
                raise Missing(field=f"columns.{name}")
        check_one_of(self.delimiter, DELIMITERS, "delimiter")

    def _check_constants(self) -> None:
        for name in self.constants:
            check_one_of(name, FIELDS[self.fact], "constants")
            if name in self.fields or name in {"source_id", "unit_id"}:
                raise Invalid(
                    field=f"constants.{name}", expected="a column for it or nothing", got=name
                )
        for name, value in constants(self):
            _CHECK[self.fact][name](value, f"constants.{name}")

    @property
    def columns(self) -> dict[str, str]:
        """Column names by the path of what names them."""
        return {f"columns.{name}": column for name, column in self.fields.items()}


ColumnMapping = WideMapping | LongMapping


def constants(mapping: LongMapping) -> Iterator[tuple[str, Any]]:
    """The constants as the values that their fields take; empty ones are left out."""
    for name, text in mapping.constants.items():
        value = READ_CELL[name](text, f"constants.{name}")
        if value is not None:
            yield name, value


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any, str], object]:
    return lambda value, path: check_one_of(value, allowed, path)


def _fine(value: object, path: str) -> object:  # noqa: ARG001 - stands for a check
    return value


_CHECK_EVENT: dict[str, Callable[[Any, str], object]] = {
    "type": check_event_type,
    "occurred_at": check_instant,
    "value": _fine,
    "currency": check_currency,
    "machine": _fine,
    "experiment": check_key,
    "variant": check_key,
    "channel": _one_of(CHANNELS),
}
_CHECK = {
    "event": _CHECK_EVENT,
    "exposure": _CHECK_EVENT
    | {"type": _one_of(EXPOSURE_TYPES), "suppressed_reason": _one_of(SUPPRESSED_REASONS)},
}


def _check_column(name: str, path: str) -> None:
    if not 0 < len(name) <= LONGEST_COLUMN:
        raise Invalid(
            field=path, expected=f"a column name of 1 to {LONGEST_COLUMN} characters", got=name[:60]
        )

"""One row per fact: which column is which field."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import EXPOSURE_TYPES, SUPPRESSED_REASONS
from experiments.ledger.fields import Missing, check_event_type, check_key, check_one_of
from experiments.ledger.imports.cells import READ_CELL
from experiments.ledger.imports.columns import Reading, check_alias_kind, check_column
from experiments.ledger.imports.property_columns import (
    Properties,
    check_property_columns,
    named_columns,
)
from experiments.ledger.instants import check_instant
from experiments.ledger.money import check_currency
from experiments.ledger.sources.settings import Tag
from experiments.registry.experiment import CHANNELS

EXPOSURE_FIELDS = (
    "source_id", "experiment", "unit_id", "type", "occurred_at", "variant", "channel",
    "suppressed_reason", "cost", "currency",
)  # fmt: skip
EVENT_FIELDS = (
    "source_id", "unit_id", "type", "occurred_at", "value", "currency", "machine", "experiment",
    "variant", "channel",
)  # fmt: skip
# What a mail tool tells of a message: an event, or where a known test was sent an exposure.
MESSAGE_FIELDS = (*EVENT_FIELDS, "campaign", "bounce", "url")
# A row without an id of its own gets one: file and line.
_NEEDED = {
    "exposure": ("experiment", "unit_id", "type", "occurred_at"),
    "event": ("unit_id", "type", "occurred_at"),
    "message": ("unit_id", "type", "occurred_at"),
}
FIELDS = {"exposure": EXPOSURE_FIELDS, "event": EVENT_FIELDS, "message": MESSAGE_FIELDS}
WORDED = ("type", "variant", "experiment", "channel", "suppressed_reason", "bounce")
BOUNCES = ("hard", "soft")
# What a message's row says of itself among its properties.
MESSAGE_PROPERTIES = ("bounce", "url", "message")


@dataclass(frozen=True)
class LongMapping:
    """One row per fact.

    Attributes:
        fact: ``exposure``, ``event`` or ``message``.
        fields: Column by field.
        constants: Field values that are the same in every row, as text.
        values: By field our word for what stands in its cells, ``*`` for any other; None is
            nothing, and as a type leaves the row out.
        alias: Kind of the aliases in the column of ``unit_id``; None: units stand there.
        tags: Tests by what stands in the column of ``campaign``.
        properties: Columns that become properties of the fact, by the property's name.
        reading: Delimiter and times.
    """

    fact: str
    fields: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    alias: str | None = None
    tags: Mapping[str, Tag] = field(default_factory=dict)
    properties: Properties = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        check_one_of(self.fact, tuple(FIELDS), "fact")
        for name, column in self.fields.items():
            check_one_of(name, FIELDS[self.fact], "columns")
            check_column(column, f"columns.{name}")
        self._check_constants()
        self._check_values()
        check_alias_kind(self.alias, "alias")
        for name in _NEEDED[self.fact]:
            if name not in self.fields and name not in self.constants:
                raise Missing(field=f"columns.{name}")
        if self.tags and "campaign" not in self.fields:
            raise Missing(field="columns.campaign")
        check_property_columns(
            self.properties,
            own=MESSAGE_PROPERTIES if self.fact == "message" else (),
            address=self.fields["unit_id"] if self.alias is not None else None,
        )

    def _check_constants(self) -> None:
        for name in self.constants:
            check_one_of(name, FIELDS[self.fact], "constants")
            if name in self.fields or name in {"source_id", "unit_id"}:
                raise Invalid(
                    field=f"constants.{name}", expected="a column for it or nothing", got=name
                )
        for name, value in constants(self):
            _CHECK[self.fact][name](value, f"constants.{name}")

    def _check_values(self) -> None:
        for name, words in self.values.items():
            check_one_of(name, WORDED, "values")
            if name not in self.fields:
                raise Missing(field=f"columns.{name}")
            for cell, ours in words.items():
                if ours is not None:
                    _CHECK[self.fact][name](ours, f"values.{name}.{cell[:60]}")

    @property
    def is_tagged(self) -> bool:
        """Whether tests are named by campaigns and links, which have names of their own."""
        named = "experiment" in self.fields or "experiment" in self.constants
        return self.fact == "message" and not named

    @property
    def columns(self) -> dict[str, str]:
        """Column names by the path of what names them."""
        found = {f"columns.{name}": column for name, column in self.fields.items()}
        return found | named_columns(self.properties)


def constants(mapping: LongMapping) -> Iterator[tuple[str, Any]]:
    """The constants as the values that their fields take; empty ones are left out."""
    for name, text in mapping.constants.items():
        path = f"constants.{name}"
        if name == "occurred_at":
            yield name, mapping.reading.times.read(text, path)
            continue
        value = READ_CELL[name](text, path)
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
    "cost": _fine,
    "currency": check_currency,
    "machine": _fine,
    "experiment": check_key,
    "variant": check_key,
    "channel": _one_of(CHANNELS),
    "campaign": _fine,
    "url": _fine,
    "bounce": _one_of(BOUNCES),
}
_CHECK = {
    "event": _CHECK_EVENT,
    "message": _CHECK_EVENT,
    "exposure": _CHECK_EVENT
    | {"type": _one_of(EXPOSURE_TYPES), "suppressed_reason": _one_of(SUPPRESSED_REASONS)},
}

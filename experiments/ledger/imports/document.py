"""Reading a column mapping from JSON, strictly: a misspelt field must not pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Missing, UnknownField
from experiments.ledger.fields import brief, check_one_of
from experiments.ledger.imports.mapping import (
    ColumnMapping,
    EventColumn,
    LongMapping,
    WideMapping,
)
from experiments.ledger.instants import read_instant
from experiments.units import is_storable


def read_mapping(document: object) -> ColumnMapping:
    """Read a mapping.

    Args:
        document: A JSON value.

    Raises:
        Invalid: Naming the field by its path below ``mapping``.

    Examples:
        >>> read_mapping({"form": "long", "fact": "event", "columns": {"unit_id": "user",
        ...     "type": "type", "occurred_at": "time"}}).fields["unit_id"]
        'user'
    """
    given = _Given.of(document, "")
    form = check_one_of(given.required("form"), ("wide", "long"), "form")
    return _wide(given) if form == "wide" else _long(given)


def _wide(given: "_Given") -> WideMapping:
    given.allow(
        "form",
        "experiment",
        "unit_id",
        "variant",
        "exposure",
        "at",
        "channel",
        "events",
        "delimiter",
    )
    variant = given.object("variant") if given.has("variant") else None
    values = {}
    if variant is not None:
        variant.allow("column", "values")
        values = variant.object("values").texts() if variant.has("values") else {}
    return WideMapping(
        experiment=given.text("experiment"),
        at=read_instant(given.required("at"), "at"),
        unit_column=_unit_column(given.object("unit_id")),
        variant_column=variant.text("column") if variant else None,
        variants=values,
        exposure=given.text("exposure") if given.has("exposure") else "assigned",
        channel=given.text("channel") if given.has("channel") else None,
        events=tuple(_event(each) for each in given.objects("events")),
        delimiter=given.text("delimiter") if given.has("delimiter") else ",",
    )


def _unit_column(unit_id: "_Given") -> str | None:
    unit_id.allow("column", "row_number")
    if unit_id.has("column") == unit_id.has("row_number"):
        raise Invalid(
            field="unit_id", expected="either column or row_number", got=list(unit_id.values)[:2]
        )
    if unit_id.has("column"):
        return unit_id.text("column")
    if not unit_id.flag("row_number"):
        raise Invalid(field="unit_id.row_number", expected="true, or a column", got=False)
    return None


def _event(given: "_Given") -> EventColumn:
    given.allow("column", "type", "amount", "currency")
    try:
        return EventColumn(
            column=given.text("column"),
            type=given.text("type"),
            amount=given.flag("amount") if given.has("amount") else False,
            currency=given.text("currency") if given.has("currency") else None,
        )
    except Invalid as error:
        error.field = given.below(error.field)
        raise


def _long(given: "_Given") -> LongMapping:
    given.allow("form", "fact", "columns", "constants", "delimiter")
    return LongMapping(
        fact=given.text("fact"),
        fields=given.object("columns").texts(),
        constants=given.object("constants").texts() if given.has("constants") else {},
        delimiter=given.text("delimiter") if given.has("delimiter") else ",",
    )


@dataclass(frozen=True)
class _Given:
    """An object of the document, and where in it it stands."""

    values: Mapping[str, Any]
    path: str

    @classmethod
    def of(cls, value: object, path: str) -> "_Given":
        if not isinstance(value, dict):
            raise Invalid(field=path or "mapping", expected="an object", got=brief(value))
        for name in value:
            if not is_storable(name):
                raise Invalid(field=path or "mapping", expected="names that can be kept", got="…")
        return cls(value, path)

    def below(self, name: str | None) -> str:
        """The path of a field of this object."""
        start = f"{self.path}." if self.path else ""
        if name is None or name.startswith(start):
            return name or self.path
        return start + name

    def allow(self, *names: str) -> None:
        """Refuse any other field."""
        for name in self.values:
            if name not in names:
                raise UnknownField(field=self.below(str(name)[:60]), known=", ".join(names))

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def required(self, name: str) -> Any:
        if not self.has(name):
            raise Missing(field=self.below(name))
        return self.values[name]

    def text(self, name: str) -> str:
        value = self.required(name)
        if not isinstance(value, str) or not is_storable(value):
            raise Invalid(field=self.below(name), expected="text", got=brief(value))
        return value

    def flag(self, name: str) -> bool:
        value = self.required(name)
        if not isinstance(value, bool):
            raise Invalid(field=self.below(name), expected="true or false", got=brief(value))
        return value

    def texts(self) -> dict[str, str]:
        """All fields of this object, each a text; true and false may stand as such."""
        plain = {True: "true", False: "false"}
        return {
            name: plain[value] if isinstance(value, bool) else self.text(name)
            for name, value in self.values.items()
            if value is not None
        }

    def object(self, name: str) -> "_Given":
        return _Given.of(self.required(name), self.below(name))

    def objects(self, name: str) -> list["_Given"]:
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise Invalid(field=self.below(name), expected="a list", got=brief(value))
        return [_Given.of(each, f"{self.below(name)}.{n}") for n, each in enumerate(value)]

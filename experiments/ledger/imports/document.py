"""Reading a mapping from JSON, strictly: a misspelt field must not pass."""

from datetime import datetime

from experiments.errors import Invalid
from experiments.ledger.fields import Missing, check_one_of
from experiments.ledger.imports.aliases import AliasMapping
from experiments.ledger.imports.columns import Reading
from experiments.ledger.imports.given import Given
from experiments.ledger.imports.long import LongMapping
from experiments.ledger.imports.mapping import FORMS, ColumnMapping
from experiments.ledger.imports.property_columns import TEXT, PropertyColumn
from experiments.ledger.imports.source_items import SourceMapping
from experiments.ledger.imports.times import Times
from experiments.ledger.imports.wide import AMOUNT, FLAG, EventColumn, WideMapping
from experiments.ledger.sources.settings import Tag, read_settings

# In every form: how the file is read, and the preset that the rest was made from.
_READING = ("form", "preset", "delimiter", "zone", "date_order")


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
    given = Given.of(document, "")
    match check_one_of(given.required("form"), FORMS, "form"):
        case "wide":
            return _wide(given)
        case "long":
            return _long(given)
        case "source":
            return _source(given)
        case _:
            return _aliases(given)


def _reading(given: Given) -> Reading:
    times = Times(given.text_or("zone"), given.text_or("date_order") or "ymd")
    return Reading(given.text_or("delimiter"), times)


def _wide(given: Given) -> WideMapping:
    given.allow(
        *_READING, "experiment", "unit_id", "variant", "exposure", "at", "channel", "events",
        "properties",
    )  # fmt: skip
    reading, variant = _reading(given), given.object_or_none("variant")
    variant.allow("column", "values", "constant")
    at, at_column = _at(given, "at", reading.times)
    unit_column, alias = _customer(given.object("unit_id"))
    experiment = given.text_or("experiment")
    return WideMapping(
        experiment=experiment,
        at=at,
        at_column=at_column,
        unit_column=unit_column,
        alias=alias,
        variant_column=_variant_column(given, variant),
        variants=variant.object("values").texts() if variant.has("values") else {},
        variant=variant.text_or("constant"),
        exposure=given.text_or("exposure", "assigned" if experiment else None),
        channel=given.text_or("channel"),
        events=tuple(_event(each, reading.times) for each in given.objects("events")),
        properties=_properties(given.object_or_none("properties")),
        reading=reading,
    )


def _variant_column(given: Given, variant: Given) -> str | None:
    if not given.has("variant") or variant.has("column") != variant.has("constant"):
        return variant.text_or("column")
    if not variant.has("column"):
        raise Missing(field="variant.column")
    raise Invalid(field="variant", expected="either column or constant", got="both")


def _at(given: Given, name: str, times: Times) -> tuple[datetime | None, str | None]:
    """A time that is declared, or the column that has it."""
    if not isinstance(given.values.get(name), dict):
        text = given.text_or(name)
        return (None if text is None else times.read(text, given.below(name))), None
    column = given.object(name)
    column.allow("column")
    return None, column.text("column")


def _customer(unit_id: Given) -> tuple[str | None, str | None]:
    """The column of the customer, if there is one, and the kind of the aliases in it."""
    unit_id.allow("column", "row_number", "alias")
    if unit_id.has("column") == unit_id.has("row_number"):
        raise Invalid(
            field="unit_id", expected="either column or row_number", got=list(unit_id.values)[:2]
        )
    if unit_id.has("column"):
        return unit_id.text("column"), unit_id.text_or("alias")
    if not unit_id.flag("row_number"):
        raise Invalid(field="unit_id.row_number", expected="true, or a column", got=False)
    return None, None


def _event(given: Given, times: Times) -> EventColumn:
    given.allow("column", "type", "reads", "amount", "currency", "words", "at", "bounce")
    reads = given.text_or("reads") or (AMOUNT if given.flag("amount") else FLAG)
    with given.naming():
        at, at_column = _at(given, "at", times)
        if at is not None:
            raise Invalid(field="at", expected="a column", got="a time")
        return EventColumn(
            column=given.text("column"),
            type=given.text_or("type"),
            reads=reads,
            currency=given.text_or("currency"),
            words=given.object_or_none("words").words(),
            at_column=at_column,
            bounce=given.text_or("bounce"),
        )


def _long(given: Given) -> LongMapping:
    given.allow(*_READING, "fact", "columns", "constants", "values", "alias", "tags", "properties")
    values, tags = given.object_or_none("values"), given.object_or_none("tags")
    return LongMapping(
        fact=given.text("fact"),
        fields=given.object("columns").texts(),
        constants=given.object_or_none("constants").texts(),
        values={name: values.object(name).words() for name in values.values},
        alias=given.text_or("alias"),
        tags={name: _tag(tags.object(name)) for name in tags.values},
        properties=_properties(given.object_or_none("properties")),
        reading=_reading(given),
    )


def _properties(given: Given) -> dict[str, PropertyColumn]:
    """Columns by the property's name: the column's name, or an object with how it is read."""
    return {name: _property(given, name) for name in given.values if given.has(name)}


def _property(given: Given, name: str) -> PropertyColumn:
    whole = given.values[name]
    said = Given(
        whole if isinstance(whole, dict) else {"column": given.text(name)}, given.below(name)
    )
    said.allow("column", "reads")
    with said.naming():
        return PropertyColumn(said.text("column"), said.text_or("reads") or TEXT)


def _tag(given: Given) -> Tag:
    given.allow("experiment", "variant")
    return Tag(given.text("experiment"), given.text_or("variant"))


def _source(given: Given) -> SourceMapping:
    given.allow("form", "source", "settings")
    settings = given.object_or_none("settings")
    with settings.naming():
        read = read_settings(settings.values)
    return SourceMapping(source=given.text("source"), settings=read)


def _aliases(given: Given) -> AliasMapping:
    given.allow(*_READING, "kind", "value", "unit_id", "valid_from")
    kind, kind_column = given.values.get("kind"), None
    if isinstance(kind, dict):
        kind, kind_column = None, _column(given, "kind")
    return AliasMapping(
        value_column=_column(given, "value"),
        unit_column=_column(given, "unit_id"),
        kind=None if kind is None else given.text("kind"),
        kind_column=kind_column,
        valid_from_column=_column(given, "valid_from") if given.has("valid_from") else None,
        reading=_reading(given),
    )


def _column(given: Given, name: str) -> str:
    found = given.object(name)
    found.allow("column")
    return found.text("column")

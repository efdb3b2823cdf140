"""Fields that are strict where marshmallow is lenient, and exact where floats are not."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from experiments.errors import Invalid
from experiments.kpis.document import Text

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")


class StrictSchema(Schema):
    """A schema that refuses fields it does not know."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE


class Number(fields.Field[Decimal]):
    """A decimal number, exactly as written: a JSON number, or the same digits in a string."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "number", **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **_: Any,
    ) -> Decimal:
        if isinstance(value, Decimal) or type(value) is int:
            return Decimal(value)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return Decimal(value)
        raise ValidationError("Expected a number.")


class Flag(fields.Boolean):
    """true or false, and nothing that only looks like it."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class BothLanguages(fields.Field[Text]):
    """A name: ``{"ko", "en"}``, or one string for both."""

    def __init__(self, **kwargs: Any) -> None:
        both = {"ko": {"type": "string"}, "en": {"type": "string"}}
        shapes = [
            {"type": "object", "required": ["ko", "en"], "properties": both},
            {"type": "string"},
        ]
        super().__init__(metadata={"oneOf": shapes}, **kwargs)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **_: Any,
    ) -> Text:
        if isinstance(value, str):
            return Text(value, value)
        names = value if isinstance(value, dict) else {}
        if set(names) == {"ko", "en"} and all(isinstance(each, str) for each in names.values()):
            return Text(**names)
        raise ValidationError("Expected a string, or an object with ko and en.")

    def _serialize(
        self,
        value: Text | None,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        obj: Any,  # noqa: ARG002 - marshmallow's signature
        **_: Any,
    ) -> dict[str, str] | None:
        return None if value is None else {"ko": value.ko, "en": value.en}


class AnyJson(fields.Raw):
    """Any JSON value; fractions become the floats that every client reads them as."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **_: Any,
    ) -> Any:
        return _with_floats(value)


def _with_floats(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case list():
            return [_with_floats(item) for item in value]
        case dict():
            return {name: _with_floats(item) for name, item in value.items()}
        case _:
            return value


@contextmanager
def inside(path: str) -> Iterator[None]:
    """Lead refusals of a nested value back to its place in the body.

    Examples:
        >>> with inside("variants.0"):
        ...     raise Invalid(field="weight", expected="a number over 0", got=0)
        Traceback (most recent call last):
        experiments.errors.Invalid: expected a number over 0, got 0
    """
    try:
        yield
    except Invalid as refusal:
        refusal.field = path if refusal.field is None else f"{path}.{refusal.field}"
        raise

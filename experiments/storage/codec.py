"""Domain values as JSON documents and back, exactly: decimals travel as strings."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_document(value: object) -> Any:
    """A JSON-able form of a dataclass, every field in it: decimals and times become strings.

    Examples:
        >>> from experiments.kpis.document import Text
        >>> to_document(Text(ko="오픈율", en="open rate"))
        {'ko': '오픈율', 'en': 'open rate'}
    """
    # Field by field: msgspec leaves out those that it filled with a default when reading.
    if is_dataclass(value):
        return {field.name: to_document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [to_document(item) for item in value]
    if isinstance(value, dict):
        return {msgspec.to_builtins(key): to_document(item) for key, item in value.items()}
    return msgspec.to_builtins(value)


def from_document(kind: type[T], document: object) -> T:
    """The dataclass that :func:`to_document` was given.

    Raises:
        msgspec.ValidationError: If the document is not of that kind: it was not written by us.
    """
    return msgspec.convert(document, kind, strict=False)

"""Domain values as JSON documents and back, exactly: decimals travel as strings."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_document(value: object) -> Any:
    """A JSON-able form of a dataclass: decimals and times become strings.

    Examples:
        >>> from experiments.kpis.document import Text
        >>> to_document(Text(ko="오픈율", en="open rate"))
        {'ko': '오픈율', 'en': 'open rate'}
    """
    return msgspec.to_builtins(value)


def from_document(kind: type[T], document: object) -> T:
    """The dataclass that :func:`to_document` was given.

    Raises:
        msgspec.ValidationError: If the document is not of that kind: it was not written by us.
    """
    return msgspec.convert(document, kind, strict=False)

"""Properties of an event, read from their JSON text."""

import ibis
from ibis.expr.types import StringValue


@ibis.udf.scalar.builtin(name="json_extract_string")  # type: ignore[untyped-decorator]  # of Ibis
def _text_at(document: str, pointer: str) -> str:  # type: ignore[empty-body]  # the engine's own
    """The member of a JSON text at a JSON pointer, as text."""


def text_at(properties: StringValue, name: str) -> StringValue:
    """A property as text; null where it is absent."""
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    found: StringValue = _text_at(properties, ibis.literal(pointer))
    return found

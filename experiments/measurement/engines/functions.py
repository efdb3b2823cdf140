"""The few functions that are an engine's own, as expressions; ``dialects`` has their SQL.

Each is a name that no engine has. Compiling puts every engine's counterpart in its place.
"""

import ibis
from ibis.expr.types import DecimalValue, StringValue

TEXT_AT = "truelift_text_at"
NUMBER_IN = "truelift_number_in"


@ibis.udf.scalar.builtin(name=TEXT_AT)  # type: ignore[untyped-decorator]  # of Ibis
def _text_at(document: str, member: str) -> str:  # type: ignore[empty-body]  # the engine's own
    """A member of a JSON object, as text."""


@ibis.udf.scalar.builtin(name=NUMBER_IN)  # type: ignore[untyped-decorator]  # of Ibis
def _number_in(text: str, digits: int, decimals: int) -> str:  # type: ignore[empty-body]  # the engine's own
    """A text as a number; typed by whoever asks."""


def text_at(document: StringValue, name: str) -> StringValue:
    """A member of a JSON object as text; null where it is absent, or null.

    A number with a fraction is spelled without zeros at its end: `1.50` as `1.5`.
    """
    found: StringValue = _text_at(document, ibis.literal(name))
    return found


def number_in(text: StringValue, digits: int, decimals: int) -> DecimalValue:
    """A text that looks like a JSON number as that number, rounded half away from zero.

    Args:
        text: Of which most may be something else.
        digits: Of the number in all, before and after its point.
        decimals: After its point.

    Returns:
        Null where the text is no number, or one with more digits before its point.
    """
    made: DecimalValue = _number_in(text, digits, decimals).cast(f"decimal({digits}, {decimals})")
    return made

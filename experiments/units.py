"""The unit: the customer that is randomised, known by a string id."""

from experiments.errors import Invalid

LONGEST_UNIT_ID = 1024
_SHOWN = 60


def check_unit_id(value: object, field: str = "unit_id") -> str:
    """Give the unit id back if it is one.

    The id is hashed as it came: nothing is trimmed, folded or normalised, so that every
    client library gives the same answer.

    Args:
        value: What the caller sent.
        field: Path of it in the caller's input.

    Raises:
        Invalid: If it is not a string, is empty, is longer than 1,024 characters, or holds
            a NUL or half of a surrogate pair (no database and no UTF-8 file can keep those).

    Examples:
        >>> check_unit_id("홍길동")
        '홍길동'
    """
    if not isinstance(value, str):
        raise Invalid(field=field, expected="a string", got=value)
    if not 0 < len(value) <= LONGEST_UNIT_ID:
        raise Invalid(
            field=field, expected=f"1 to {LONGEST_UNIT_ID} characters", got=_shortened(value)
        )
    if not is_storable(value):
        raise Invalid(
            field=field,
            expected="text without NUL and without half surrogate pairs",
            got=_shortened(value),
        )
    return value


def is_storable(text: str) -> bool:
    r"""Whether a database and a UTF-8 file can keep the text.

    Examples:
        >>> is_storable("\N{GRINNING FACE}"), is_storable("\ud83d"), is_storable("a\x00")
        (True, False, False)
    """
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"

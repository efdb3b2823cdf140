"""Aliases: by what a source knows a customer, where it does not know the unit.

The value is hashed when the fact is placed in the ledger, and neither stored nor repeated in
a refusal.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from experiments.errors import Invalid
from experiments.units import LONGEST_UNIT_ID, is_storable

EMAIL = "email"
PHONE = "phone"
# Not an alias of a fact, but the id of a unit that became another: a merge.
MERGED = "unit"
LONGEST_VALUE = LONGEST_UNIT_ID

_KIND = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_DIGITS = frozenset("0123456789")


class UnfitAlias(Invalid):
    """An alias that cannot be kept; what was sent may be an address, and is not repeated."""

    template = "expected {expected}; what was sent is not repeated here"


@dataclass(frozen=True, slots=True)
class Alias:
    """A customer, as a source knows them.

    Attributes:
        kind: Such as ``email``, ``phone`` or ``ga4_client``; ``unit`` for the id of a unit.
        value: As said.
        tells_facts: Whether the id of the fact holds for this customer only, so that the hash
            belongs to it.

    Examples:
        >>> Alias("email", " Minji@Example.com")
        Alias(kind='email')
    """

    kind: str
    value: str = field(repr=False)
    tells_facts: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        check_alias(self.kind, self.value, "alias.")


def check_alias(kind: object, value: object, prefix: str = "") -> None:
    """Refuse what is no alias.

    Args:
        kind: Of the alias.
        value: As said.
        prefix: Of the fields' paths in the caller's input.

    Raises:
        UnfitAlias: Naming the field, and not what it held.
    """
    check_kind(kind, f"{prefix}kind")
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_VALUE:
        expected = f"text of 1 to {LONGEST_VALUE} characters"
    elif not is_storable(value):
        expected = "text without NUL and without half surrogate pairs"
    elif not normalised(str(kind), value):
        expected = "a telephone number with digits" if kind == PHONE else "more than spaces"
    else:
        return
    raise UnfitAlias(field=f"{prefix}value", expected=expected)


def check_kind(kind: object, path: str) -> str:
    """Give the kind of an alias back if it is one.

    Raises:
        UnfitAlias: Naming ``path``.
    """
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise UnfitAlias(
            field=path,
            expected="1 to 32 of a-z, 0-9, dot, dash, underscore, the first a letter or digit",
        )
    return kind


def normalised(kind: str, value: str) -> str:
    """The value as it is hashed: two spellings of one alias are one.

    Addresses are in composed form (NFC), trimmed and casefolded; of telephone numbers the
    digits stay, and a plus sign before them; a unit's id stays as it is; all else is trimmed.

    Examples:
        >>> normalised("email", " Minji@EXAMPLE.com"), normalised("phone", "+82 (0)10-1234-5678")
        ('minji@example.com', '+8201012345678')
    """
    if kind == EMAIL:
        return unicodedata.normalize("NFC", value).strip().casefold()
    if kind == PHONE:
        return _number(unicodedata.normalize("NFKC", value))
    return value if kind == MERGED else value.strip()


def _number(text: str) -> str:
    digits = "".join(character for character in text if character in _DIGITS)
    return f"+{digits}" if digits and text.lstrip(" (").startswith("+") else digits

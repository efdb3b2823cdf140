"""Checks of single fields that exposures and events share."""

from decimal import Decimal
from functools import lru_cache

from experiments import names
from experiments.errors import Invalid
from experiments.units import is_storable

EVENT_TYPES = (
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint", "purchase", "refund", "custom",
)  # fmt: skip
MONEY_EVENTS = ("purchase", "refund")
LONGEST_SOURCE_ID = 256
# Of withdrawals of imports, and of the facts that were withdrawn.
_OUR_IDS = ("withdrawal:", "withdrawn:")
LONGEST_TYPE = 64
LONGEST_KEY = 64
_SHOWN = 60

# Under another name these events would be stored, and counted by no KPI.
_USUAL_NAMES = {
    "opened": "open", "opens": "open", "clicked": "click", "clicks": "click",
    "bounce": "bounced", "delivery": "delivered", "unsubscribed": "unsubscribe",
    "spam": "complaint", "complained": "complaint", "purchased": "purchase",
    "refunded": "refund",
} | {name: name for name in EVENT_TYPES}  # fmt: skip


class Missing(Invalid):
    """A field that every item must have is not there."""

    template = "this field is required"


class UnknownField(Invalid):
    """A field that no item has: most often a misspelt one."""

    template = "there is no such field; there are {known}"


def brief(value: object) -> object:
    """A value short enough to stand in a message; of lists and objects only the kind.

    Examples:
        >>> brief("x" * 100) == "x" * 60 + "…", brief([1, 2]), brief(Decimal("0.5"))
        (True, 'list', '0.5')
    """
    match value:
        case str():
            return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        case None | bool():
            return value
        case int():
            return value if value.bit_length() <= 200 else "a very large number"
        case float() | Decimal():
            return brief(str(value))
        case _:
            return type(value).__name__


def check_source_id(value: object) -> str:
    """Give the id back if it is 1 to 256 characters that a database can keep.

    Raises:
        Invalid: Naming ``source_id``.
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SOURCE_ID:
        expected = f"text of 1 to {LONGEST_SOURCE_ID} characters"
    elif not is_storable(value):
        expected = "text without NUL and without half surrogate pairs"
    elif value.startswith(_OUR_IDS):
        expected = "an id that does not begin with a word of the ledger's own"
    else:
        return value
    raise Invalid(field="source_id", expected=expected, got=brief(value))


def check_key(value: object, field: str) -> str:
    """Give the value back if it is a key.

    Raises:
        Invalid: Naming ``field``.
    """
    if not isinstance(value, str):
        raise Invalid(field=field, expected="a key", got=brief(value))
    if len(value) > LONGEST_KEY:
        raise Invalid(field=field, expected=f"at most {LONGEST_KEY} characters", got=brief(value))
    if not _is_key(value):
        names.check_key(value, field)
    return value


# A file names the same experiment and variants in every row.
@lru_cache(maxsize=4096)
def _is_key(text: str) -> bool:
    return names.KEY.fullmatch(text) is not None


def check_one_of(value: object, allowed: tuple[str, ...], field: str) -> str:
    """Give the value back if it is among those allowed.

    Raises:
        Invalid: Naming ``field``.
    """
    if not isinstance(value, str) or value not in allowed:
        raise Invalid(field=field, expected="one of " + ", ".join(allowed), got=brief(value))
    return value


def check_event_type(value: object, field: str = "type") -> str:
    """Give the name of an event back if it is one, in the form that KPIs count.

    Raises:
        Invalid: If it is no text of 1 to 64 printable characters, or another spelling of
            one of ``EVENT_TYPES``.

    Examples:
        >>> check_event_type("open"), check_event_type("장바구니 담기")
        ('open', '장바구니 담기')
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TYPE:
        expected = f"text of 1 to {LONGEST_TYPE} characters"
    elif not value.isprintable() or value != value.strip():
        expected = "printable characters and no space at the ends"
    elif _USUAL_NAMES.get(value.lower(), value) != value:
        expected = f"{_USUAL_NAMES[value.lower()]}, the name of this event here"
    else:
        return value
    raise Invalid(field=field, expected=expected, got=brief(value))


def usual_name(name: str) -> str:
    """The name that an event has here, if this is another spelling of one; else the same.

    Examples:
        >>> usual_name("Opened"), usual_name("Cart Viewed")
        ('open', 'Cart Viewed')
    """
    return _USUAL_NAMES.get(name.lower(), name)

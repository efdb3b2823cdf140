"""Points in time as the ledger keeps them: whole microseconds since 1970, UTC."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from experiments.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_MICROSECOND = (_LAST - _EPOCH) // _MICROSECOND
_ISO_8601 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_LONGEST = 40
_EXPECTED = "an ISO 8601 time with its offset, such as 2025-03-10T10:00:00+09:00"


def read_instant(value: object, field: str = "occurred_at") -> datetime:
    """Read a point in time; digits beyond the microsecond are cut off.

    Args:
        value: ISO 8601 text with ``Z`` or an offset.
        field: Path of it in the caller's input.

    Returns:
        An aware datetime in UTC.

    Raises:
        Invalid: If it is anything else, has no offset, or lies outside 1970 to 2199.

    Examples:
        >>> read_instant("2025-03-10T10:00:00+09:00")
        datetime.datetime(2025, 3, 10, 1, 0, tzinfo=datetime.timezone.utc)
    """
    found = _parsed(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if found is None:
        raise Invalid(field=field, expected=_EXPECTED, got=_shown(value))
    return check_instant(found, field)


def check_instant(value: object, field: str = "occurred_at") -> datetime:
    """Give a time back if it is aware and within the years that the ledger keeps.

    Raises:
        Invalid: Naming ``field``.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Invalid(field=field, expected="a time with its offset", got=_shown(value))
    if not _EPOCH <= value < _LAST:
        raise Invalid(field=field, expected="a time from 1970 to 2199", got=value.isoformat())
    return value


def microseconds(at: datetime) -> int:
    """Whole microseconds from 1970 to an aware time.

    Examples:
        >>> microseconds(datetime(2025, 3, 10, 1, tzinfo=UTC))
        1741568400000000
    """
    return (at - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=65_536)
def quick_micros(text: str) -> int | None:
    """What ``read_instant`` and ``microseconds`` say together; None where they refuse.

    Examples:
        >>> quick_micros("2025-03-10T10:00:00+09:00"), quick_micros("2025-03-10")
        (1741568400000000, None)
    """
    if len(text) > _LONGEST or not _ISO_8601.fullmatch(text):
        return None
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, OverflowError):
        return None
    found = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return found if 0 <= found < _LAST_MICROSECOND else None


# Files and batches repeat their times: a whole campaign is sent in few seconds.
@lru_cache(maxsize=65_536)
def _parsed(text: str) -> datetime | None:
    if not _ISO_8601.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _shown(value: object) -> object:
    return value[:60] if isinstance(value, str) else value

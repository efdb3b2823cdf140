"""Instants and durations as people write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS_KO = "월화수목금토일"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LONGEST_IN_HOURS = 72


def moment(at: datetime, zone: str, language: str) -> str:
    """The minute in the project's time zone.

    Args:
        at: Aware.
        zone: IANA name.
        language: ``ko`` or ``en``.

    Examples:
        >>> from datetime import UTC
        >>> at = datetime(2025, 3, 12, 1, 0, tzinfo=UTC)
        >>> moment(at, "Asia/Seoul", "ko"), moment(at, "Asia/Seoul", "en")
        ('3월 12일(수) 10:00', 'Wed 12 March, 10:00')
    """
    local = at.astimezone(ZoneInfo(zone))
    if language == "ko":
        return f"{local.month}월 {local.day}일({_DAYS_KO[local.weekday()]}) {local:%H:%M}"
    day, month = _DAYS_EN[local.weekday()], _MONTHS_EN[local.month - 1]
    return f"{day} {local.day} {month}, {local:%H:%M}"


def dated_moment(at: datetime, zone: str, language: str) -> str:
    """The same with its year.

    Examples:
        >>> from datetime import UTC
        >>> dated_moment(datetime(2025, 3, 12, 1, 0, tzinfo=UTC), "Asia/Seoul", "en")
        'Wed 12 March 2025, 10:00'
    """
    year = at.astimezone(ZoneInfo(zone)).year
    text = moment(at, zone, language)
    return f"{year}년 {text}" if language == "ko" else text.replace(",", f" {year},")


def duration(hours: int, language: str) -> str:
    """A window's length: whole days above 72 hours.

    Examples:
        >>> duration(72, "ko"), duration(168, "ko"), duration(168, "en"), duration(1, "en")
        ('72시간', '7일', '7 days', '1 hour')
    """
    days, rest = divmod(hours, 24)
    if rest or hours <= _LONGEST_IN_HOURS:
        return f"{hours:,}시간" if language == "ko" else _plural(hours, "hour")
    return f"{days:,}일" if language == "ko" else _plural(days, "day")


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

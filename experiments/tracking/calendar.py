"""Public holidays of the country that a time zone lies in, from the `holidays` library.

Dates that follow the moon (설날, 추석), substitutes and holidays declared for one year are in
its data; a country that it does not know has none here, which is said.
"""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_LANGUAGES = {"ko": ("ko", "ko_KR"), "en": ("en_US", "en")}


@cache
def country_of(zone_name: str) -> str | None:
    """ISO code of the country of a zone; None of a zone that lies in none.

    Examples:
        >>> country_of("Asia/Seoul"), country_of("UTC")
        ('KR', None)
    """
    listed = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in listed.splitlines() if line and line[0] != "#")
    return next((row[0] for row in rows if row[2] == zone_name), None)


def holidays_of(zone_name: str, since: date, until: date, language: str) -> dict[date, str]:
    """The holidays from one day to another, by day, named in a language if it has names in it.

    Examples:
        >>> holidays_of("Asia/Seoul", date(2025, 8, 14), date(2025, 8, 16), "ko")
        {datetime.date(2025, 8, 15): '광복절'}
    """
    if until < since:
        return {}
    named = _named(zone_name, since.year, until.year, language)
    return {day: name for day, name in named if since <= day <= until}


@cache
def knows(zone_name: str) -> bool:
    """Whether the holidays of the zone's country are known."""
    return _supported(country_of(zone_name)) is not None


@cache
def _named(zone_name: str, first: int, last: int, language: str) -> tuple[tuple[date, str], ...]:
    known = _supported(country_of(zone_name))
    if known is None:
        return ()
    country, languages = known
    import holidays  # noqa: PLC0415 - two hundred countries, needed with a chart only

    spoken = next((each for each in _LANGUAGES.get(language, ()) if each in languages), None)
    found: Any = holidays.country_holidays(country, years=range(first, last + 1), language=spoken)
    return tuple(sorted((day, str(name)) for day, name in found.items()))


def _supported(country: str | None) -> tuple[str, tuple[str, ...]] | None:
    if country is None:
        return None
    import holidays  # noqa: PLC0415 - two hundred countries, needed with a chart only

    if country not in holidays.list_supported_countries():
        return None
    return country, tuple(holidays.list_localized_countries().get(country, ()))

"""Time zones out of the pinned package of zone data, never out of the machine's own files.

Two machines with different files would send at different instants; a report names the version
of the data that its times were read with.
"""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import tzdata

from experiments.errors import Invalid

VERSION: str = tzdata.IANA_VERSION
"""Of the zone data, such as 2026a."""


class UnknownZone(Invalid):
    """The zone data have no zone of that name."""

    template = "no time zone {zone!r} in the IANA data {version}"


@cache
def zone_names() -> frozenset[str]:
    """Every zone of the data, links included.

    Examples:
        >>> "Asia/Seoul" in zone_names(), "Asia/Busan" in zone_names()
        (True, False)
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def zone(name: object, field: str = "time_zone") -> ZoneInfo:
    """The zone of that name.

    Raises:
        UnknownZone: Naming ``field``, if there is none; names are told apart by their case.

    Examples:
        >>> zone("Asia/Seoul").key
        'Asia/Seoul'
    """
    if not isinstance(name, str) or name not in zone_names():
        shown = name[:60] if isinstance(name, str) else name
        raise UnknownZone(field=field, zone=shown, version=VERSION)
    return _read(name)


@cache
def _read(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)

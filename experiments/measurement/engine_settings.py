"""What a measurement may use of the machine."""

import re
from dataclasses import dataclass

_SIZE = re.compile(r"\d+(\.\d+)? ?([KMGT]i?B)", re.ASCII)


@dataclass(frozen=True)
class EngineSettings:
    """Of one measurement at a time.

    Attributes:
        memory_limit: As DuckDB writes it; past it, work goes through the disk.
        threads: How many it runs on.
    """

    memory_limit: str = "2GiB"
    threads: int = 2


DEFAULT_SETTINGS = EngineSettings()


def is_size(text: str) -> bool:
    """Whether a text is a size of memory.

    Examples:
        >>> is_size("2GiB"), is_size("512 MB"), is_size("plenty"), is_size("0GiB")
        (True, True, False, False)
    """
    found = _SIZE.fullmatch(text)
    return found is not None and float(re.split("[ KMGT]", text)[0]) > 0

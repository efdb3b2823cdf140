"""An interval as the report writes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """An interval; a side that is None has no limit."""

    lower: float | None
    upper: float | None

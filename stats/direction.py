"""Which way a KPI should move."""

from enum import StrEnum


class Direction(StrEnum):
    """The change that is wanted of a KPI."""

    INCREASE = "increase"
    DECREASE = "decrease"

    @property
    def sign(self) -> int:
        """1 if more is better, -1 if less is."""
        return 1 if self is Direction.INCREASE else -1

"""A measured property and the range it must lie in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One line of the table.

    Attributes:
        name: What was measured, and on what.
        measured: Its value.
        least: Least value that is accepted.
        most: Greatest one.
    """

    name: str
    measured: float
    least: float
    most: float

    @property
    def held(self) -> bool:
        """Whether the value lies in its range."""
        return self.least <= self.measured <= self.most

    def __str__(self) -> str:
        verdict = "  ok  " if self.held else " FAIL "
        return f"{verdict} {self.name:<76} {self.measured:>8.4f}  {self.accepted}"

    @property
    def accepted(self) -> str:
        """The range, in as few words as it needs."""
        if self.least == self.most:
            return f"exactly {self.most:g}"
        if self.least == 0:
            return f"at most {self.most:g}"
        if self.most == 1:
            return f"at least {self.least:g}"
        return f"{self.least:.4f} to {self.most:.4f}"


def missed(*bars: Bar) -> list[str]:
    """The lines of those that were not held."""
    return [str(bar) for bar in bars if not bar.held]


def none_of(name: str, count: int) -> Bar:
    """A number of faults, of which there must be none."""
    return Bar(name, count, 0, 0)

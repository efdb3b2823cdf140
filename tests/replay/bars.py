"""What many runs come to, and the bars that they are held to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.replay.days import DAYS, run

MOST_FALSE, FEWEST_FOUND = 0.065, 0.88


@dataclass(frozen=True)
class Tally:
    """Runs, and how they ended.

    Attributes:
        shown: Runs in which the verdict named a difference.
        better: Of these, those in which it called B better.
        naive: Runs in which somebody who reads a p-value every night would have alarmed.
        on_day: Runs by the day on which the verdict named one.
    """

    runs: int = 0
    shown: int = 0
    better: int = 0
    naive: int = 0
    on_day: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.runs + other.runs,
            self.shown + other.shown,
            self.better + other.better,
            self.naive + other.naive,
            self.on_day + other.on_day,
        )

    @property
    def share_shown(self) -> float:
        """Share of runs in which the verdict named a difference."""
        return self.shown / self.runs

    @property
    def share_better(self) -> float:
        """Share of runs in which it called B better."""
        return self.better / self.runs

    def told(self, what: str, bar: float, side: str) -> str:
        """One line for each reading."""
        days = ", ".join(f"day {day}: {self.on_day[day]}" for day in range(1, DAYS + 1))
        return (
            f"{what}, {self.runs} runs of {DAYS} daily looks\n"
            f"  verdict: a difference in {self.share_shown:.1%} of the runs, "
            f"B better in {self.share_better:.1%} (bar: {side} {bar:.1%}); {days}\n"
            f"  p below 0.05 on some night, read alone: {self.naive / self.runs:.1%}"
        )


def tally(seeds: Iterable[int], rates: dict[str, float]) -> Tally:
    """Let every seed run."""
    endings = [run(seed, rates) for seed in seeds]
    return Tally(
        runs=len(endings),
        shown=sum(each.shown for each in endings),
        better=sum(each.better for each in endings),
        naive=sum(each.naive_day is not None for each in endings),
        on_day=Counter(each.day for each in endings if each.day is not None),
    )

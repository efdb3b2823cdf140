"""The sample of a quantile: each value met, and how many units have it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from stats.samples.integers import check_integers

_MOST_BITS = 63


@dataclass(frozen=True)
class ValueCounts:
    """Units of a variant by value, in the order of the values.

    A value is an integer divided by ``scale``, as in `MeanSample`. A quantile needs the
    whole distribution, so this sample is as long as there are different values.

    Attributes:
        counts: Pairs of a scaled value and the number of units with it, 1 or more,
            values ascending.
        scale: What a scaled value is divided by, 1 or more.

    Raises:
        ValueError: If values are out of order or beyond 64 bits, or a count is below 1.

    Examples:
        >>> ValueCounts.of([3, 1, 3]) + ValueCounts.of([1, 2])
        ValueCounts(counts=((1, 2), (2, 1), (3, 2)), scale=1)
    """

    counts: tuple[tuple[int, int], ...]
    scale: int = 1

    def __post_init__(self) -> None:
        check_integers(self.scale, *(number for pair in self.counts for number in pair))
        if self.scale < 1:
            raise ValueError(f"the scale is {self.scale}, expected 1 or more")
        for value, units in self.counts:
            if units < 1 or value.bit_length() > _MOST_BITS:
                raise ValueError(
                    f"{units} units with value {value}, expected at least one unit "
                    "and a value of 64 bits"
                )
        for (value, _), (after, _) in pairwise(self.counts):
            if value >= after:
                raise ValueError(f"value {after} comes after {value}, expected ascending values")

    @classmethod
    def of(cls, values: Iterable[int], scale: int = 1) -> "ValueCounts":
        """Count scaled integer values, one for each unit."""
        return cls(tuple(sorted(Counter(values).items())), scale)

    def __add__(self, other: "ValueCounts") -> "ValueCounts":
        if self.scale != other.scale:
            raise ValueError(f"scales are {self.scale} and {other.scale}, expected one scale")
        return ValueCounts(
            tuple(sorted((Counter(dict(self.counts)) + Counter(dict(other.counts))).items())),
            self.scale,
        )

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return sum(units for _, units in self.counts)

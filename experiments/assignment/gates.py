"""What keeps units out of a test whatever its own buckets say: holdouts and layers."""

from dataclasses import dataclass
from functools import cached_property

from experiments.assignment.hashing import BUCKETS, bucket_after, fnv1a32

HELD_OUT, COMPARED = "holdoutcontrol", "holdouttreatment"


@dataclass(frozen=True)
class Holdout:
    """A share of units that gets no test at all, and as many who are measured against them.

    On the wire it is a feature of two variations: ``holdoutcontrol`` owns the first buckets
    of the first half, ``holdouttreatment`` the first of the second.

    Attributes:
        key: Name in its project.
        seed: Its salt.
        buckets: Held out, of 10,000.
    """

    key: str
    seed: str
    buckets: int

    @property
    def ranges(self) -> tuple[tuple[str, int, int], ...]:
        """Who owns which buckets: (variation, first bucket, bucket after the last)."""
        half = BUCKETS // 2
        return ((HELD_OUT, 0, self.buckets), (COMPARED, half, half + self.buckets))

    def holds(self, unit_id: str) -> bool:
        """Whether the unit is held out."""
        return bucket_after(self._start, unit_id) < self.buckets

    @cached_property
    def _start(self) -> int:
        return fnv1a32(self.seed)


@dataclass(frozen=True)
class Layer:
    """The slots of a layer that a test owns.

    Attributes:
        key: Name of the layer in its project.
        seed: Its salt.
        start: First slot.
        end: Slot after the last.
    """

    key: str
    seed: str
    start: int
    end: int

    def holds(self, value: str) -> bool:
        """Whether the slot of that hash value is the test's."""
        return self.start <= bucket_after(self._hash, value) < self.end

    @cached_property
    def _hash(self) -> int:
        return fnv1a32(self.seed)

"""Changing an allocation while a test runs, moving as few units as can be.

Covered buckets stay covered: nobody leaves. A variant that shrinks gives up its last
buckets; these and the newly covered ones go to those that grow. Plain cumulative ranges
would move 24 % of the units where 16 % suffice, (.34, .33, .33) to (.5, .25, .25).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from math import ceil, floor

from experiments.assignment.buckets import BucketRange, ShareTooSmall, bucket_counts, owners
from experiments.assignment.hashing import BUCKETS
from experiments.errors import Invalid

Owners = Sequence[str | None]


class CoverageShrinks(Invalid):
    """Fewer units would take part than do already."""

    template = "{coverage} of all customers take part already, and nobody leaves a running test"


@dataclass(frozen=True)
class Allocation:
    """What was asked for.

    Attributes:
        weights: Share of each variant by key, summing to 1; 0 takes a variant out.
        coverage: Share of units that takes part.
    """

    weights: Mapping[str, Decimal]
    coverage: Decimal


@dataclass(frozen=True)
class Moves:
    """What a change of allocation does to buckets, of 10,000.

    Attributes:
        moved: Buckets by (variant before, variant after), where these differ.
        added: Newly covered buckets by variant.
    """

    moved: Mapping[tuple[str, str], int]
    added: Mapping[str, int]

    @property
    def buckets_moved(self) -> int:
        """Covered buckets that change hands."""
        return sum(self.moved.values())


def reallocate(
    ranges: Sequence[BucketRange], before: Allocation, after: Allocation
) -> tuple[BucketRange, ...]:
    """The ranges after a change of weights, of coverage or of both.

    With the weights as before, nobody moves. Otherwise no more buckets move than the new
    weights ask for, give or take one for each variant.

    Args:
        ranges: Of the present phase.
        before: Of the present phase.
        after: Wanted, of the same variants; the coverage is not less than now.

    Raises:
        CoverageShrinks: If units would leave.
        ShareTooSmall: If a variant's share is not 0 and less than one bucket.

    Examples:
        >>> half = (BucketRange("a", 0, 2500), BucketRange("b", 5000, 7500))
        >>> even = {"a": Decimal("0.5"), "b": Decimal("0.5")}
        >>> some, all_ = Allocation(even, Decimal("0.5")), Allocation(even, Decimal(1))
        >>> [(each.start, each.end) for each in reallocate(half, some, all_)]
        [(0, 5000), (5000, 10000)]
    """
    if after.coverage < before.coverage:
        raise CoverageShrinks(field="coverage", coverage=before.coverage)
    held = bucket_counts(ranges)
    covered = sum(held.values())
    wanted = int((after.coverage * BUCKETS).to_integral_value(ROUND_HALF_UP))
    # Rounding may have covered some buckets more than were asked for: they stay covered.
    total = max(wanted, covered)
    keep = before.weights == after.weights
    for key, weight in after.weights.items():
        if not keep and 0 < weight * total < 1:
            raise ShareTooSmall(field=f"weights.{key}", variant=key)
    present = {key: held.get(key, 0) for key in after.weights}
    targets = _targets(present, after.weights, total, keep=keep)
    return _ranges(_redistributed(list(owners(ranges)), targets))


def moves_between(before: Sequence[BucketRange], after: Sequence[BucketRange]) -> Moves:
    """What changes hands between two allocations.

    Examples:
        >>> moves_between((BucketRange("a", 0, 10),), (BucketRange("b", 5, 20),))
        Moves(moved={('a', 'b'): 5}, added={'b': 10})
    """
    moved: dict[tuple[str, str], int] = {}
    added: dict[str, int] = {}
    for was, now in zip(owners(before), owners(after), strict=True):
        if now is not None and was is None:
            added[now] = added.get(now, 0) + 1
        elif now is not None and was is not None and was != now:
            moved[was, now] = moved.get((was, now), 0) + 1
    return Moves(moved, added)


def _targets(
    present: Mapping[str, int], weights: Mapping[str, Decimal], total: int, *, keep: bool
) -> dict[str, int]:
    """Buckets of each variant: its share within one bucket, as near to what it has as that lets.

    With ``keep`` nobody gets less than what they have.
    """
    shares = {key: weight * total for key, weight in weights.items()}
    least = {key: present[key] if keep else floor(share) for key, share in shares.items()}
    most = {key: ceil(share) for key, share in shares.items()}
    found = {key: max(least[key], min(most[key], have)) for key, have in present.items()}
    while (over := sum(found.values()) - total) != 0:
        step = -1 if over > 0 else 1
        limits = least if over > 0 else most
        free = [key for key in found if found[key] != limits[key]] or list(found)
        # Whoever is farthest on the wrong side of their share.
        key = max(free, key=lambda each: step * (shares[each] - found[each]))
        found[key] += step
    return found


def _redistributed(held: list[str | None], targets: Mapping[str, int]) -> list[str | None]:
    """The owner of each bucket, after each variant gave up or took on what its target says."""
    counts = {key: held.count(key) for key in targets}
    for place in reversed(range(BUCKETS)):
        key = held[place]
        if key is not None and counts[key] > targets[key]:
            counts[key] -= 1
            held[place] = _FREED
    _extend(held, counts, targets)
    rest = iter([key for key in targets for _ in range(targets[key] - counts[key])])
    # What was given up stays covered: it is handed out before what was never covered.
    for wanted in (_FREED, None):
        for place in range(BUCKETS):
            if held[place] == wanted:
                taken = next(rest, None)
                if taken is None:
                    break
                held[place] = taken
    return held


# No variant's key: it is not one that a key may be.
_FREED = ""


def _extend(held: list[str | None], counts: dict[str, int], targets: Mapping[str, int]) -> None:
    """Let variants grow into the uncovered buckets behind their own ranges: no new range then."""
    freed = held.count(_FREED)
    free_to_take = sum(targets.values()) - sum(counts.values()) - freed
    for place in range(1, BUCKETS):
        key = held[place - 1]
        if free_to_take and held[place] is None and key and counts[key] < targets[key]:
            held[place] = key
            counts[key] += 1
            free_to_take -= 1


def _ranges(held: Iterable[str | None]) -> tuple[BucketRange, ...]:
    found, place = [], 0
    for key, run in groupby(held):
        length = sum(1 for _ in run)
        if key:
            found.append(BucketRange(key, place, place + length))
        place += length
    return tuple(found)

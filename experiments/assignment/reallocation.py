"""Changing an allocation while a test runs, moving as few units as can be.

Covered buckets stay covered: nobody leaves. A variant that shrinks gives up its last
buckets to those that grow. Plain cumulative ranges would move 24 % of the units where 16 %
suffice, (.34, .33, .33) to (.5, .25, .25).

The buckets of each phase that covered new ones are a *stratum*, and every stratum is split by
the new weights. Units are met at their first contact, early for old strata and late for
new ones: were the new buckets handed to the growing variants alone, the split of those first
met would drift from the weights, and look broken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from math import floor

from experiments.assignment.buckets import BucketRange, ShareTooSmall, owners
from experiments.assignment.hashing import BUCKETS
from experiments.errors import Invalid

Ranges = Sequence[BucketRange]
Held = list[str | None]
Counts = dict[str, int]


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
    phases: Sequence[Ranges], before: Allocation, after: Allocation
) -> tuple[BucketRange, ...]:
    """The ranges after a change of weights, of coverage or of both.

    With the weights as before, nobody moves. Otherwise no more buckets move than the new
    weights ask for, give or take one for each variant.

    Args:
        phases: Ranges of every phase so far, the present one last.
        before: Of the present phase.
        after: Wanted, of the same variants; the coverage is not less than now.

    Raises:
        CoverageShrinks: If units would leave.
        ShareTooSmall: If a variant's share is not 0 and less than one bucket.

    Examples:
        >>> half = (BucketRange("a", 0, 2500), BucketRange("b", 5000, 7500))
        >>> even = {"a": Decimal("0.5"), "b": Decimal("0.5")}
        >>> some, all_ = Allocation(even, Decimal("0.5")), Allocation(even, Decimal(1))
        >>> [(each.start, each.end) for each in reallocate([half], some, all_)]
        [(0, 5000), (5000, 10000)]
    """
    if after.coverage < before.coverage:
        raise CoverageShrinks(field="coverage", coverage=before.coverage)
    held, strata = list(owners(phases[-1])), _strata(phases)
    covered = sum(map(len, strata))
    wanted = int((after.coverage * BUCKETS).to_integral_value(ROUND_HALF_UP))
    # Rounding may have covered some buckets more than were asked for: they stay covered.
    total = max(wanted, covered)
    split = _Split(after.weights)
    if before.weights == after.weights:
        split.keep(_count(held, range(BUCKETS)))
    else:
        _check_shares(after.weights, total)
        for places in strata:
            _hand_over(held, places, split.next(_count(held, places)))
    _cover(held, split.next({}, total - covered))
    return _ranges(held)


def moves_between(before: Ranges, after: Ranges) -> Moves:
    """What changes hands between two allocations.

    Examples:
        >>> moves_between((BucketRange("a", 0, 10),), (BucketRange("b", 5, 20),))
        Moves(moved={('a', 'b'): 5}, added={'b': 10})
    """
    moved: dict[tuple[str, str], int] = {}
    added: Counts = {}
    for was, now in zip(owners(before), owners(after), strict=True):
        if now is not None and was is None:
            added[now] = added.get(now, 0) + 1
        elif now is not None and was is not None and was != now:
            moved[was, now] = moved.get((was, now), 0) + 1
    return Moves(moved, added)


class _Split:
    """Shares out one stratum after the other, so that each and all together fit the weights."""

    def __init__(self, weights: Mapping[str, Decimal]) -> None:
        self._weights = weights
        self._given = dict.fromkeys(weights, 0)

    def keep(self, present: Counts) -> None:
        """Take what is held for given."""
        self._given = {key: present.get(key, 0) for key in self._weights}

    def next(self, present: Counts, size: int | None = None) -> Counts:
        """Buckets of each variant in the next stratum, as near to the weights as can be.

        Args:
            present: What each has of it.
            size: Of the stratum, where nobody has any of it yet.
        """
        size = sum(present.values()) if size is None else size
        total = sum(self._given.values()) + size
        shares = {key: weight * total - self._given[key] for key, weight in self._weights.items()}
        found = _nearest(present, shares, size)
        self._given = {key: self._given[key] + count for key, count in found.items()}
        return found


def _nearest(present: Counts, shares: Mapping[str, Decimal], size: int) -> Counts:
    """Whole numbers nearest to the shares that sum to ``size``; of equals, what is held stays."""
    # Rounding before may have left a share below 0: then the others give way.
    found = {key: max(floor(share), 0) for key, share in shares.items()}
    while (over := sum(found.values()) - size) != 0:
        step = -1 if over > 0 else 1
        free = [key for key in found if step > 0 or found[key]]
        key = max(
            free,
            key=lambda each: (
                step * (shares[each] - found[each]),
                step * (present.get(each, 0) - found[each]),
            ),
        )
        found[key] += step
    return found


def _check_shares(weights: Mapping[str, Decimal], total: int) -> None:
    for key, weight in weights.items():
        if 0 < weight * total < 1:
            raise ShareTooSmall(field=f"weights.{key}", variant=key)


def _strata(phases: Sequence[Ranges]) -> list[list[int]]:
    """The buckets that each phase covered for the first time; phases that added none left out."""
    first: dict[int, int] = {}
    for number, ranges in enumerate(phases):
        for taken in ranges:
            for place in range(taken.start, taken.end):
                first.setdefault(place, number)
    strata: list[list[int]] = [[] for _ in phases]
    for place in sorted(first):
        strata[first[place]].append(place)
    return [places for places in strata if places]


def _count(held: Held, places: Iterable[int]) -> Counts:
    counts: Counts = {}
    for place in places:
        if (key := held[place]) is not None:
            counts[key] = counts.get(key, 0) + 1
    return counts


def _hand_over(held: Held, places: Sequence[int], targets: Counts) -> None:
    """Let those with too much give up their last buckets to those with too little."""
    counts = _count(held, places)
    freed = []
    for place in reversed(places):
        key = held[place]
        if key is not None and counts[key] > targets.get(key, 0):
            counts[key] -= 1
            freed.append(place)
    wanting = [key for key in targets for _ in range(targets[key] - counts.get(key, 0))]
    for place, key in zip(sorted(freed), wanting, strict=True):
        held[place] = key


def _cover(held: Held, targets: Counts) -> None:
    """Give new buckets out: first those behind a variant's own, so that no new range comes up."""
    left = dict(targets)
    for place in range(1, BUCKETS):
        key = held[place - 1]
        if held[place] is None and key is not None and left.get(key, 0):
            held[place] = key
            left[key] -= 1
    uncovered = (place for place in range(BUCKETS) if held[place] is None)
    for key, count in left.items():
        for _ in range(count):
            held[next(uncovered)] = key


def _ranges(held: Held) -> tuple[BucketRange, ...]:
    found, place = [], 0
    for key, run in groupby(held):
        length = sum(1 for _ in run)
        if key is not None:
            found.append(BucketRange(key, place, place + length))
        place += length
    return tuple(found)

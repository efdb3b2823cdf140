"""Who owns which of the 10,000 buckets.

The first half is GrowthBook's arithmetic in fractions, as its clients do it. The second is
ours in whole buckets: what a phase stores and what goes out on the wire as ``ranges``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

from experiments.assignment.hashing import BUCKETS, gb_hash
from experiments.errors import Invalid

Range = tuple[float, float]


def get_equal_weights(count: int) -> list[float]:
    """The same weight for each of ``count`` variations; none below one.

    Examples:
        >>> get_equal_weights(4), get_equal_weights(0)
        ([0.25, 0.25, 0.25, 0.25], [])
    """
    return [1 / count] * max(count, 0) if count else []


def get_bucket_ranges(
    count: int, coverage: float, weights: Sequence[float] | None = None
) -> list[Range]:
    """Each variation's range: it starts at the sum of the weights before it.

    Coverage shortens every range in place, so raising it moves nobody who is in.

    Args:
        count: Number of variations.
        coverage: Share of units that take part; brought into [0, 1].
        weights: One fraction per variation; equal ones are taken where the number or the
            sum (0.99 to 1.01) is wrong.

    Examples:
        >>> get_bucket_ranges(2, 0.5)
        [(0.0, 0.25), (0.5, 0.75)]
    """
    coverage = min(max(coverage, 0.0), 1.0)
    if weights is None or len(weights) != count or not 0.99 <= sum(weights) <= 1.01:
        weights = get_equal_weights(count)
    starts = accumulate(weights, initial=0.0)
    return [
        (start, start + coverage * weight) for start, weight in zip(starts, weights, strict=False)
    ]


def choose_variation(fraction: float, ranges: Sequence[Range]) -> int:
    """Index of the first range that holds the fraction, its end not included; -1 for none.

    Examples:
        >>> choose_variation(0.6, [(0, 0.25), (0.5, 0.75)])
        1
    """
    return next((index for index, (start, end) in enumerate(ranges) if start <= fraction < end), -1)


def in_namespace(unit_id: str, namespace: tuple[str, float, float]) -> bool:
    """Whether the unit is in the slice (name, start, end) of a namespace.

    Examples:
        >>> in_namespace("1", ("namespace1", 0.4, 1))
        True
    """
    name, start, end = namespace
    fraction = gb_hash(f"__{name}", unit_id, 1)
    return fraction is not None and start <= fraction < end


class ShareTooSmall(Invalid):
    """A variant's part of the covered buckets is less than one bucket."""

    template = (
        "variant {variant!r} would get nobody: its weight times the coverage "
        "is less than one in 10,000"
    )


@dataclass(frozen=True)
class BucketRange:
    """Buckets of a variant.

    Attributes:
        variant: Key of the variant.
        start: First bucket.
        end: Bucket after the last.
    """

    variant: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= BUCKETS:
            raise Invalid(
                field="ranges",
                expected=f"0 <= start <= end <= {BUCKETS}",
                got=[self.start, self.end],
            )


def allocate(weights: Mapping[str, Decimal], coverage: Decimal) -> tuple[BucketRange, ...]:
    """Give every variant its buckets, as a phase stores them.

    A variant's buckets start at the weights before it, to the nearest bucket, and reach as
    far as coverage lets them. Raising coverage therefore adds buckets and moves nobody.

    Args:
        weights: Planned share of each variant by key, summing to 1, in the order of the draft.
        coverage: Share of units that take part, a fraction in (0, 1].

    Raises:
        ShareTooSmall: If a variant would own no bucket.

    Examples:
        >>> allocate({"a": Decimal("0.5"), "b": Decimal("0.5")}, Decimal("0.1"))
        (BucketRange(variant='a', start=0, end=500), BucketRange(variant='b', start=5000, end=5500))
    """
    starts = accumulate(weights.values(), initial=Decimal(0))
    ranges = tuple(
        BucketRange(variant, _nearest(start), _nearest(start + coverage * weight))
        for start, (variant, weight) in zip(starts, weights.items(), strict=False)
    )
    for index, taken in enumerate(ranges):
        if taken.start == taken.end:
            raise ShareTooSmall(field=f"variants.{index}.weight", variant=taken.variant)
    return ranges


def variant_at(ranges: Sequence[BucketRange], bucket: int) -> str | None:
    """The variant that owns the bucket; None where it is not covered.

    Examples:
        >>> variant_at((BucketRange("a", 0, 500),), 499), variant_at((), 0)
        ('a', None)
    """
    return next((taken.variant for taken in ranges if taken.start <= bucket < taken.end), None)


def owners(ranges: Sequence[BucketRange]) -> tuple[str | None, ...]:
    """The variant that owns each of the 10,000 buckets, as :func:`variant_at` names it.

    Examples:
        >>> owners((BucketRange("a", 0, 500),))[498:502]
        ('a', 'a', None, None)
    """
    found: list[str | None] = [None] * BUCKETS
    for taken in reversed(ranges):
        found[taken.start : taken.end] = [taken.variant] * (taken.end - taken.start)
    return tuple(found)


def bucket_counts(ranges: Sequence[BucketRange]) -> dict[str, int]:
    """Buckets of each variant: the weights that a sample-ratio check expects.

    Examples:
        >>> bucket_counts((BucketRange("a", 0, 500), BucketRange("a", 900, 1000)))
        {'a': 600}
    """
    counts: dict[str, int] = {}
    for taken in ranges:
        counts[taken.variant] = counts.get(taken.variant, 0) + taken.end - taken.start
    return counts


def _nearest(fraction: Decimal) -> int:
    """The bucket boundary nearest to the fraction; weights may sum to a trace above 1."""
    return min(int((fraction * BUCKETS).to_integral_value(ROUND_HALF_UP)), BUCKETS)

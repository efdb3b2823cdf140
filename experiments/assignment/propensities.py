"""The chance of a customer to get each variant: buckets held, of the buckets covered."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from experiments.assignment.buckets import BucketRange, bucket_counts

# So many decimals; what the divisions leave over goes to the last variant.
_STEP = Decimal("0.000000000001")


def propensities(ranges: Sequence[BucketRange], variants: Iterable[str]) -> dict[str, Decimal]:
    """Shares of the covered buckets, exact decimals that sum to 1.

    With all 10,000 buckets covered they are the shares themselves; otherwise the last one takes
    what rounding at the twelfth decimal leaves.

    Args:
        ranges: Of a phase; at least one bucket is covered.
        variants: Keys, in the order of the draft.

    Examples:
        >>> halves = (BucketRange("a", 0, 1644), BucketRange("b", 1644, 10000))
        >>> propensities(halves, "ab")
        {'a': Decimal('0.1644'), 'b': Decimal('0.8356')}
    """
    counts = bucket_counts(ranges)
    covered, keys = Decimal(sum(counts.values())), list(variants)
    found = {key: (counts.get(key, 0) / covered).quantize(_STEP).normalize() for key in keys[:-1]}
    return found | {keys[-1]: (1 - sum(found.values(), Decimal(0))).normalize()}

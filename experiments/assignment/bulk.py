"""The same hash for a whole list at once: what is one call per unit elsewhere, in NumPy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from experiments.assignment.buckets import BucketRange
from experiments.assignment.hashing import BUCKETS, FNV_OFFSET, FNV_PRIME, fnv1a32

Buckets = npt.NDArray[np.int64]
_Hashes = npt.NDArray[np.uint32]

# Ids hashed together: few enough to stay in the processor's cache.
_CHUNK = 1 << 16
_PRIME = np.uint32(FNV_PRIME)
_ZERO_DIGIT = np.uint32(ord("0"))
_POWERS_OF_TEN = tuple(np.uint32(10**exponent) for exponent in range(9, -1, -1))


def buckets(seed: str, unit_ids: Sequence[str]) -> Buckets:
    """The bucket of each unit, as ``hashing.bucket`` gives it.

    Args:
        seed: Salt of the experiment's phase.
        unit_ids: Ids, each checked by the caller.

    Returns:
        Integers 0 to 9,999, shape (len(unit_ids),), in the order of the ids.

    Examples:
        >>> buckets("seed", ["홍길동", "user-é"]).tolist()
        [2155, 6674]
    """
    found = np.empty(len(unit_ids), dtype=np.int64)
    start = fnv1a32(seed)
    for first in range(0, len(unit_ids), _CHUNK):
        chunk = unit_ids[first : first + _CHUNK]
        found[first : first + _CHUNK] = _hash_digits(_hash_texts(chunk, start)) % BUCKETS
    return found


def arms(ranges: Sequence[BucketRange], unit_buckets: Buckets) -> npt.NDArray[np.int64]:
    """Which range each bucket falls into: its index, or -1 for none; the first that fits wins.

    Args:
        ranges: The phase's ranges.
        unit_buckets: Integers 0 to 9,999, shape (n,).

    Returns:
        Indices into ``ranges``, shape (n,).

    Examples:
        >>> arms((BucketRange("a", 0, 5000), BucketRange("b", 5000, 9000)),
        ...      np.array([17, 6000, 9500])).tolist()
        [0, 1, -1]
    """
    owner = np.full(BUCKETS, -1, dtype=np.int64)
    for index in reversed(range(len(ranges))):
        owner[ranges[index].start : ranges[index].end] = index
    taken: npt.NDArray[np.int64] = owner[unit_buckets]
    return taken


def _hash_texts(texts: Sequence[str], start: int) -> _Hashes:
    """FNV-1a of each text, going on from the hash ``start`` of what stands before it."""
    units = np.frombuffer("".join(texts).encode("utf-16-le", "surrogatepass"), dtype="<u2")
    lengths = _lengths(texts, units.size)
    # Longest first: the texts that still have a character left are then always in front.
    order = np.argsort(-lengths, kind="stable")
    starts = (np.cumsum(lengths) - lengths)[order]
    alive = len(texts) - np.searchsorted(
        np.sort(lengths), np.arange(lengths.max(initial=0)), "right"
    )
    values = np.full(len(texts), start, dtype=np.uint32)
    for offset, count in enumerate(alive.tolist()):
        values[:count] ^= units[starts[:count] + offset]
        values[:count] *= _PRIME
    hashes = np.empty_like(values)
    hashes[order] = values
    return hashes


def _lengths(texts: Sequence[str], total: int) -> npt.NDArray[np.int64]:
    """UTF-16 code units of each text, ``total`` of them in all."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    if int(lengths.sum()) == total:
        return lengths
    encoded = (len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts)
    return np.fromiter(encoded, dtype=np.int64, count=len(texts))


def _hash_digits(numbers: _Hashes) -> _Hashes:
    """FNV-1a of each number written in decimal, without leading zeros."""
    values = np.full(numbers.shape, FNV_OFFSET, dtype=np.uint32)
    for power in _POWERS_OF_TEN:
        digit = numbers // power % np.uint32(10) + _ZERO_DIGIT
        written = (numbers >= power) | (power == 1)
        values = np.where(written, (values ^ digit) * _PRIME, values)
    return values

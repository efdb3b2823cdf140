"""The hash for a whole list at once: what is one call per unit elsewhere, in NumPy."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from experiments.assignment.hashing import BUCKETS, FNV_OFFSET, FNV_PRIME, fnv1a32

Buckets = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Lengths = npt.NDArray[np.int64]

# Texts hashed together: few enough to stay in the processor's cache.
CHUNK = 1 << 15
_PRIME = np.uint32(FNV_PRIME)
_ZERO_DIGIT = np.uint32(ord("0"))
_LOW_DIGITS = 5
_LOW = np.uint32(10**_LOW_DIGITS)
_BUCKETS = np.uint32(BUCKETS)
_HIGHEST_PLAIN = 0xFFFF


class Texts:
    """Texts laid out for hashing: under any number of seeds, encoded once.

    Args:
        texts: At most about ``CHUNK`` of them, or the processor's cache is left.

    Examples:
        >>> Texts(["홍길동", "user-é"]).buckets(fnv1a32("seed")).tolist()
        [2155, 6674]
    """

    def __init__(self, texts: Sequence[str]) -> None:
        joined = "".join(texts)
        self._count = len(texts)
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        if joined.isascii():
            self._units: npt.NDArray[np.uint8 | np.uint16] = np.frombuffer(
                joined.encode("ascii"), dtype=np.uint8
            )
        else:
            encoded = joined.encode("utf-16-le", "surrogatepass")
            self._units = np.frombuffer(encoded, dtype="<u2")
            if self._units.size > len(joined):
                lengths = _utf16_lengths(joined, lengths)
        self._lengths = lengths
        self._longest = int(lengths.max(initial=0))

    def buckets(self, start: int) -> Buckets:
        """The bucket of each text after a seed, 0 to 9,999.

        Args:
            start: Hash of the seed.
        """
        hashes = _hash_decimals(self.hashes(start))
        return (hashes - hashes // _BUCKETS * _BUCKETS).astype(np.int64)

    def hashes(self, start: int) -> Hashes:
        """FNV-1a of each text, going on from the hash ``start`` of what stands before it."""
        if self._units.size == self._count * self._longest:
            return self._equally_long(start)
        values = np.full(self._count, start, dtype=np.uint32)
        order, starts, alive = self._by_length
        places = starts.copy()
        for count in alive:
            # Longest first: those that still have a character left are always in front.
            values[:count] ^= self._units[places[:count]]
            values[:count] *= _PRIME
            places[:count] += 1
        hashes = np.empty_like(values)
        hashes[order] = values
        return hashes

    def _equally_long(self, start: int) -> Hashes:
        values = np.full(self._count, start, dtype=np.uint32)
        for column in self._units.reshape(self._count, self._longest).T:
            values ^= column
            values *= _PRIME
        return values

    @property
    def _by_length(self) -> tuple[Lengths, Lengths, list[int]]:
        """The texts by length, the longest first; where each starts; how many reach so far."""
        lengths = self._lengths
        # Sixteen bits are sorted by radix, several times faster.
        order = np.argsort((-lengths).astype(np.int16), kind="stable")
        starts = (np.cumsum(lengths) - lengths)[order]
        ended = np.cumsum(np.bincount(lengths))[:-1]
        return order, starts, (self._count - ended).tolist()


def chunked(texts: Sequence[str]) -> Iterator[tuple[slice, Texts]]:
    """The texts, a chunk at a time, each with its place among them."""
    for first in range(0, len(texts), CHUNK):
        place = slice(first, first + CHUNK)
        yield place, Texts(texts[place])


def _utf16_lengths(joined: str, lengths: Lengths) -> Lengths:
    """Code units of each text, given its characters: those beyond the basic plane have two."""
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    doubled = np.concatenate(([0], np.cumsum(points > _HIGHEST_PLAIN)))
    ends = np.cumsum(lengths)
    extra: Lengths = doubled[ends] - doubled[ends - lengths]
    return lengths + extra


def _hash_decimals(numbers: Hashes) -> Hashes:
    """FNV-1a of each number written in decimal, without leading zeros."""
    high = numbers // _LOW
    rest = numbers - high * _LOW
    values: Hashes = _after_high_digits()[high]
    for exponent in reversed(range(_LOW_DIGITS)):
        power = np.uint32(10**exponent)
        digit = rest // power
        rest -= digit * power
        values ^= digit + _ZERO_DIGIT
        values *= _PRIME
    for index in np.flatnonzero(high == 0).tolist():
        values[index] = fnv1a32(str(numbers[index]))
    return values


@cache
def _after_high_digits() -> Hashes:
    """FNV-1a of what stands before the last five digits of any 32-bit number."""
    highest = 2**32 // int(_LOW)
    hashes = [FNV_OFFSET, *(fnv1a32(str(number)) for number in range(1, highest + 1))]
    return np.array(hashes, dtype=np.uint32)

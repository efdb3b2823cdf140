"""The hash that decides who gets what: FNV-1a, as GrowthBook's clients compute it.

Characters enter as UTF-16 code units, because the JavaScript client takes them so. Hashing
UTF-8 bytes gives the same numbers for ASCII and splits Korean ids differently.
"""

import struct
from collections.abc import Iterable

BUCKETS = 10_000
FNV_OFFSET = 0x811C9DC5
FNV_PRIME = 0x01000193
_MASK = 0xFFFFFFFF


def utf16_units(text: str) -> Iterable[int]:
    r"""The UTF-16 code units of the text; a character outside the basic plane has two.

    Examples:
        >>> [hex(unit) for unit in utf16_units("a\N{GRINNING FACE}")]
        ['0x61', '0xd83d', '0xde00']
    """
    if text.isascii():
        return text.encode("ascii")
    encoded = text.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(encoded) // 2}H", encoded)


def fnv1a32(text: str, start: int = FNV_OFFSET) -> int:
    """32-bit FNV-1a (Fowler, Noll and Vo) over UTF-16 code units.

    Args:
        text: What is hashed.
        start: The hash of what stands before it.

    Examples:
        >>> fnv1a32("a"), fnv1a32("b", start=fnv1a32("a")) == fnv1a32("ab")
        (3826002220, True)
    """
    # Local names, and no call for the commonest texts: this loop is most of an assignment.
    value, prime, mask = start, FNV_PRIME, _MASK
    for unit in text.encode() if text.isascii() else utf16_units(text):
        value = ((value ^ unit) * prime) & mask
    return value


def gb_hash(seed: str, value: str, version: int) -> float | None:
    """GrowthBook's hash of a value, a fraction in [0, 1).

    Args:
        seed: Salt; experiments with different seeds split independently.
        value: What is hashed, the unit id.
        version: 1 (1,000 steps; namespaces and old clients) or 2 (10,000 steps).

    Returns:
        The fraction; None for any other version, which puts nobody into a test.

    Examples:
        >>> gb_hash("seed", "홍길동", 2), gb_hash("", "a", 1), gb_hash("seed", "a", 3)
        (0.2155, 0.22, None)
    """
    if version == 2:
        return bucket(seed, value) / BUCKETS
    if version == 1:
        return fnv1a32(value + seed) % 1000 / 1000
    return None


def bucket(seed: str, unit_id: str) -> int:
    """The unit's bucket under the seed, 0 to 9,999: version 2 of the hash as an integer.

    Examples:
        >>> bucket("seed", "홍길동")
        2155
    """
    return bucket_after(fnv1a32(seed), unit_id)


def bucket_after(start: int, unit_id: str) -> int:
    """As :func:`bucket`, the seed given as its hash: it is the same for all units of a test."""
    value, prime, mask = FNV_OFFSET, FNV_PRIME, _MASK
    for digit in b"%d" % fnv1a32(unit_id, start):
        value = ((value ^ digit) * prime) & mask
    return value % BUCKETS

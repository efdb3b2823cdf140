"""Units as numbers: 128 bits for each id, in two halves, found when the replica is written.

Facts are joined and grouped by them in about half the time that texts take. Among ten million
units, the odds that any two have one number are 1 in 10^24, and nobody can choose ids that
have: they are of BLAKE2b (RFC 7693).
"""

from hashlib import blake2b

import pyarrow as pa

HALVES = ("unit_high", "unit_low")
_HALF = 8


def with_numbers(facts: pa.Table) -> pa.Table:
    """Facts with the two halves of the number of each ``unit_id``, null where it is."""
    ids = facts["unit_id"].combine_chunks().dictionary_encode()
    numbers = [_number(each) for each in ids.dictionary.to_pylist()]
    for place, name in enumerate(HALVES):
        half = slice(place * _HALF, (place + 1) * _HALF)
        found = pa.py_buffer(b"".join(number[half] for number in numbers))
        halves = pa.Array.from_buffers(pa.int64(), len(numbers), [None, found])
        facts = facts.append_column(name, halves.take(ids.indices))
    return facts


def _number(unit_id: str) -> bytes:
    return blake2b(unit_id.encode(), digest_size=len(HALVES) * _HALF).digest()

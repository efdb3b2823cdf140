"""Lists of units in the database: read whole, or only what changed since."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from experiments.assignment.members import DIGEST_BYTES, UnitList
from experiments.storage.tables import unit_list_parts, unit_lists

PARTS = 256


def read_lists(
    db: Connection, wanted: Collection[tuple[int, str]], known: Mapping[int, UnitList]
) -> dict[tuple[int, str], UnitList]:
    """The lists of those project ids and keys that exist.

    Args:
        db: A connection for reads.
        wanted: (project id, key).
        known: As read before, by row id; parts that did not change since are taken from it.
    """
    keys = sorted({key for _, key in wanted})
    rows = db.execute(select(unit_lists).where(unit_lists.c.key.in_(keys))) if keys else ()
    return {
        (row.project_id, row.key): read_list(db, row, known.get(row.id))
        for row in rows
        if (row.project_id, row.key) in wanted
    }


def read_list(db: Connection, row: Row[Any], known: UnitList | None = None) -> UnitList:
    """A list with its members; what ``known`` has of it is believed only if all fits."""
    if known is not None:
        parts = _split(known.digests) | _parts(db, row.id, after=known.revision)
        if checksum(found := _joined(parts)) == row.checksum:
            return UnitList(row.id, row.key, row.kind, row.revision, found)
    whole = _joined(_parts(db, row.id, after=-1))
    return UnitList(row.id, row.key, row.kind, row.revision, whole)


def checksum(digests: bytes) -> bytes:
    """All digests combined by exclusive or: the same whatever their order.

    Examples:
        >>> checksum(b"").hex(), checksum(b"0123456789abcdef" * 2).hex()
        ('00000000000000000000000000000000', '00000000000000000000000000000000')
    """
    pairs = np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)
    combined: bytes = np.bitwise_xor.reduce(pairs, axis=0, initial=0).tobytes()
    return combined


def _parts(db: Connection, list_id: int, *, after: int) -> dict[int, bytes]:
    columns = (unit_list_parts.c.first, unit_list_parts.c.digests)
    changed = (unit_list_parts.c.list_id == list_id) & (unit_list_parts.c.revision > after)
    return {row.first: bytes(row.digests) for row in db.execute(select(*columns).where(changed))}


def _joined(parts: Mapping[int, bytes]) -> bytes:
    return b"".join(parts[first] for first in sorted(parts))


def _split(digests: bytes) -> dict[int, bytes]:
    """The parts of a whole list, by the first byte of the digests in them."""
    firsts = np.frombuffer(digests, dtype=np.uint8)[::DIGEST_BYTES]
    edges = np.searchsorted(firsts, np.arange(PARTS + 1)) * DIGEST_BYTES
    return {
        first: digests[edges[first] : edges[first + 1]]
        for first in range(PARTS)
        if edges[first] < edges[first + 1]
    }

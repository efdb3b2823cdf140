"""Lists of units in the database: read whole or only what changed since, written in part."""

from collections.abc import Collection, Mapping, Set
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, delete, insert, select

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


def write_list(
    db: Connection, kept: UnitList, *, add: Set[bytes], remove: Set[bytes], revision: int
) -> dict[str, Any]:
    """Write the parts of a list that a change touches.

    Args:
        db: In a transaction that has locked the list's row.
        kept: The list as it stands.
        add: Digests to put on it.
        remove: Digests to take off it.
        revision: Of the list after the change.

    Returns:
        ``members`` and ``checksum`` of the list's row, for the caller to write.
    """
    parts, fresh, gone = _split(kept.digests), _by_first(add), _by_first(remove)
    for first in sorted(fresh.keys() | gone.keys()):
        members = _each(parts.get(first, b"")) | fresh.get(first, set())
        parts[first] = b"".join(sorted(members - gone.get(first, set())))
        _write_part(db, kept.id, first, parts[first], revision)
    whole = _joined(parts)
    return {"members": len(whole) // DIGEST_BYTES, "checksum": checksum(whole)}


def replace_list(db: Connection, kept: UnitList, digests: bytes, revision: int) -> dict[str, Any]:
    """As :func:`write_list`, the whole list given anew: ``digests`` in ascending order."""
    before, after = _split(kept.digests), _split(digests)
    for first in sorted(before.keys() | after.keys()):
        if before.get(first, b"") != (part := after.get(first, b"")):
            _write_part(db, kept.id, first, part, revision)
    return {"members": len(digests) // DIGEST_BYTES, "checksum": checksum(digests)}


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


def _write_part(db: Connection, list_id: int, first: int, digests: bytes, revision: int) -> None:
    """An emptied part stays, so that those who know the list learn of it."""
    place = (unit_list_parts.c.list_id == list_id) & (unit_list_parts.c.first == first)
    db.execute(delete(unit_list_parts).where(place))
    row = {"list_id": list_id, "first": first, "revision": revision, "digests": digests}
    db.execute(insert(unit_list_parts).values(row))


def _by_first(digests: Set[bytes]) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for digest in digests:
        found.setdefault(digest[0], set()).add(digest)
    return found


def _each(digests: bytes) -> set[bytes]:
    return {digests[place : place + DIGEST_BYTES] for place in range(0, len(digests), DIGEST_BYTES)}


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

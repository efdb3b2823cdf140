"""The layers of a sheet's files: what was written first, and in its place what changed since.

The base has everybody who was measured when it was written. Units that new facts are of stand
in a second layer, which takes the place of their rows in the base; it is written whole each
time. So a unit counts once, by its last row.
"""

from collections.abc import Iterable
from pathlib import Path

from experiments.measurement.stored.shelf import File, Shelf

BASE, CHANGED = "base", "changed"


def current(shelf: Shelf, files: Iterable[File]) -> str:
    """A query for the rows of units as they stand, with ``layer``: 1 if changed, else 0.

    Args:
        shelf: Where they lie.
        files: At least one of the base.
    """
    base, changed = parted(files)
    rows = f"SELECT base.*, 0 AS layer FROM {read(shelf, base)} AS base"  # noqa: S608 - our own paths, quoted
    if not changed:
        return rows
    after = read(shelf, changed)
    return (
        f"{rows} ANTI JOIN {after} USING (unit) UNION ALL BY NAME SELECT *, 1 AS layer FROM {after}"  # noqa: S608 - our own paths, quoted
    )


def events_of(shelf: Shelf, files: Iterable[File]) -> str:
    """A query for marks and values of events, with ``anchor`` and ``layer`` of their units.

    Those of a unit's row in the base remain when it changed, and have no unit any more.
    """
    return " UNION ALL ".join(
        f"SELECT anchor, marks, value, {layer} AS layer FROM {read(shelf, each)}"  # noqa: S608 - our own paths, quoted
        for layer, each in enumerate(parted(files))
        if each
    )


def parted(files: Iterable[File]) -> tuple[list[File], list[File]]:
    """The files of the base, and of what changed."""
    base: list[File] = []
    changed: list[File] = []
    for each in files:
        (changed if each.layer == CHANGED else base).append(each)
    return base, changed


def read(shelf: Shelf, files: Iterable[File]) -> str:
    """How a query names files; a column may be narrower in some of them."""
    listed = ", ".join(quoted(shelf.folder / file.name) for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"


def quoted(path: Path) -> str:
    """A path as a text of SQL."""
    return text(str(path))


def text(characters: str) -> str:
    """A text of SQL."""
    return "'" + characters.replace("'", "''") + "'"

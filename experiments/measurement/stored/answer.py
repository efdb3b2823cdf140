"""What is kept of a sheet, read: the sums of its KPIs, and what they are of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.measurement.session import Session
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.shelf import Kept, Shelf, files_of
from experiments.measurement.stored.whole import Whole

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What is kept of a sheet, read.

    Attributes:
        sums: Of each KPI, by its place: rows per day, variant and standing.
        marked: Events of units by their marks, and whether the window of their unit is open.
        kept: What it is read from.
    """

    sums: tuple[Rows, ...]
    marked: Rows
    kept: Kept


def is_ahead(kept: Kept, session: Session, sheet: Sheet) -> bool:
    """Whether what is kept is of a later position or a later moment."""
    same = kept.ledger_identity == session.state.ledger_identity
    return same and (kept.position > session.state.position or kept.as_of > sheet.as_of)


def is_current(kept: Kept, session: Session, sheet: Sheet) -> bool:
    """Whether what is kept is of this position and this moment."""
    state = session.state
    there = (kept.ledger_identity, kept.position, kept.as_of)
    return there == (state.ledger_identity, state.position, sheet.as_of)


def read_answer(shelf: Shelf, kept: Kept) -> Answer | None:
    """What is kept, without a look at partitions; None if it is damaged or just went."""
    return _read(shelf, kept, sound=kept.sums is not None and shelf.is_sound(kept.sums))


def read_whole(shelf: Shelf, kept: Kept) -> Answer | None:
    """What is kept; None if any file is damaged."""
    return _read(shelf, kept, sound=all(shelf.is_sound(file) for file in files_of(kept)))


def nothing(session: Session, sheet: Sheet, before: Kept | None) -> Answer:
    """What is known of a sheet where nothing is kept, or nothing that can be used."""
    number, identity = 0 if before is None else before.number, session.state.ledger_identity
    kept = Kept(identity, 0, 0, None, (), (), Meaning(), None, Whole(), number=number)
    return Answer(tuple([] for _ in sheet.requests), [], kept)


def _read(shelf: Shelf, kept: Kept, *, sound: bool) -> Answer | None:
    if kept.sums is None or not sound:
        return None
    try:
        stored = json.loads((shelf.folder / kept.sums.name).read_bytes())
    except (OSError, ValueError):
        return None
    *sums, marked = [
        [dict(zip(each["columns"], row, strict=True)) for row in each["rows"]] for each in stored
    ]
    return Answer(tuple(sums), marked, kept)


def in_columns(sums: Sequence[Rows]) -> bytes:
    """Rows as they are kept."""
    told = [
        {"columns": list(rows[0]) if rows else [], "rows": [list(row.values()) for row in rows]}
        for rows in sums
    ]
    return json.dumps(told, separators=(",", ":")).encode()

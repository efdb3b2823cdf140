"""Saved segments: rules over attributes that several tests may name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_text
from experiments.names import check_key
from experiments.registry import keyed
from experiments.registry.audience import check_rule
from experiments.registry.keyed import Edit
from experiments.storage.tables import saved_segments


@dataclass(frozen=True)
class SegmentDraft:
    """A saved segment as it is asked for.

    Attributes:
        key: Name in its project.
        name: Name on screen.
        condition: Who is in it, in GrowthBook's condition language.
    """

    key: str
    name: str
    condition: Mapping[str, Any]

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_rule(self.condition, "condition")


@dataclass(frozen=True)
class SavedSegment:
    """A saved segment of a project."""

    id: int
    key: str
    name: str
    condition: Mapping[str, Any]
    revision: int
    created_at: datetime
    updated_at: datetime


def _read(row: Row[Any]) -> SavedSegment:
    return SavedSegment(
        id=row.id,
        key=row.key,
        name=row.name,
        condition=row.condition,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


SEGMENT = keyed.Kind("saved segment", saved_segments, _read)


def create_segment(db: Connection, draft: SegmentDraft, edit: Edit) -> SavedSegment:
    """Save a segment.

    Raises:
        KeyTaken: If the project has one with the key.
    """
    values = {"key": draft.key, "name": draft.name, "condition": dict(draft.condition)}
    return keyed.create(db, SEGMENT, values, edit)


def revise_segment(db: Connection, key: str, draft: SegmentDraft, edit: Edit) -> SavedSegment:
    """Replace a segment; tests that have started go on with what it said at their start.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
        Invalid: If the key is another.
    """
    before = keyed.lock(db, SEGMENT, key, edit)
    if draft.key != key:
        raise Invalid(field="key", expected=f"{key!r}, since keys stay", got=draft.key)
    values = {"name": draft.name, "condition": dict(draft.condition)}
    return keyed.change(db, SEGMENT, before, values, "revise", edit)


def delete_segment(db: Connection, key: str, edit: Edit) -> None:
    """Take a segment away.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
        InUse: If a test that is not archived names it.
    """
    before = keyed.lock(db, SEGMENT, key, edit)
    keyed.check_unused(db, SEGMENT, before, edit.project, "segments")
    keyed.remove(db, SEGMENT, before, edit)

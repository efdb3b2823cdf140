"""Notes: kept once, tagged, taken away, gone with their customer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from experiments.errors import NotFound
from experiments.ledger.erasure import erase_unit
from experiments.ledger.identity.key import AliasHasher
from experiments.notes.kept import WantedNotes, list_notes
from experiments.notes.note import read_notes
from experiments.notes.store import Added, add_notes, remove_note, set_tags
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, note_tags, notes

NOW = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
HASHER = AliasHasher(b"k" * 32)


def said(text: str = "배송이 늦어요", **changes: Any) -> dict[str, Any]:
    return {"text": text, "unit_id": "minji", "kind": "survey", "score": 3} | changes


@pytest.fixture
def edit(project: Project, actor: Actor) -> Edit:
    return Edit(project, actor, NOW)


def given_notes(database: Database, edit: Edit, *items: object) -> Added:
    with database.transaction() as db:
        return add_notes(db, read_notes(items, NOW), edit, HASHER)


def listed(database: Database, edit: Edit, **wanted: str) -> list[str]:
    with database.reading() as db:
        found = list_notes(db, edit.project, WantedNotes(**wanted), None, 100)
    return [each.note.text for each in found]


def test_a_note_counts_once_under_its_source_id(database: Database, edit: Edit) -> None:
    one = said(source_id="a-1", tags=["배송", "가격", "배송"])
    assert len(given_notes(database, edit, one, said("다른 말")).ids) == 2
    again = given_notes(database, edit, one, said("다른 말", source_id="a-1"))
    assert (again.ids, again.duplicates, again.conflicts) == ([], 1, [(1, "a-1")])
    assert listed(database, edit) == ["다른 말", "배송이 늦어요"]
    assert listed(database, edit, tag="가격") == ["배송이 늦어요"]
    assert listed(database, edit, unit_id="other") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": None}, "text"),
        ({"unit_id": None}, "unit_id"),
        ({"unit_id": ""}, "unit_id"),
        ({"kind": "tweet"}, "kind"),
        ({"variant": "a"}, "variant"),
        ({"experiment": "no-such"}, "experiment"),
        ({"kpi": "no-such"}, "kpi"),
        ({"score": "9"}, "score"),
        ({"said_at": "yesterday"}, "said_at"),
        ({"tags": "배송"}, "tags"),
        ({"tags": ["a,b"]}, "tags.0"),
        ({"tags": [""]}, "tags.0"),
        ({"mood": "bad"}, "mood"),
    ],
)
def test_what_does_not_fit_names_its_field(
    sqlite_database: Database, now: datetime, changes: dict[str, Any], field: str
) -> None:
    from tests.conftest import make_project  # noqa: PLC0415 - a fixture's own helper

    edit = Edit(make_project(sqlite_database, now), Actor("minji"), NOW)
    done = given_notes(sqlite_database, edit, said(), said(**changes))
    assert (len(done.ids), [each.error.field for each in done.rejected]) == (1, [field])


def test_tags_are_replaced_as_a_whole(database: Database, edit: Edit) -> None:
    [note_id] = given_notes(database, edit, said(tags=["old"])).ids
    with database.transaction() as db:
        assert set_tags(db, note_id, ["배송", "가격"], edit).note.tags == ("가격", "배송")
        assert set_tags(db, note_id, [], edit).note.tags == ()
        remove_note(db, note_id, edit)
        with pytest.raises(NotFound):
            set_tags(db, note_id, ["x"], edit)
        assert db.execute(select(note_tags)).all() == []


def test_a_customer_who_is_erased_takes_their_notes_along(
    database: Database, edit: Edit, tmp_path: Path
) -> None:
    given_notes(database, edit, said(tags=["배송"]), said("다른 고객", unit_id="jiho"))
    (tmp_path / "imports").mkdir()
    erased = erase_unit(database, "minji", edit, hasher=HASHER, folder=tmp_path / "imports")
    assert (erased.notes, erased.rows) == (1, 0)
    assert listed(database, edit) == ["다른 고객"]
    with database.reading() as db:
        assert db.execute(select(note_tags)).all() == []
    later = given_notes(database, edit, said("또 왔어요"))
    assert [each.error.code for each in later.rejected] == ["customer_erased"]


def test_the_trail_does_not_repeat_what_was_said(database: Database, edit: Edit) -> None:
    [note_id] = given_notes(database, edit, said()).ids
    with database.transaction() as db:
        set_tags(db, note_id, ["배송"], edit)
        remove_note(db, note_id, edit)
        rows = db.execute(
            select(audit).where(audit.c.object_type == "note").order_by(audit.c.id)
        ).all()
        assert db.execute(select(notes)).all() == []
    assert [row.action for row in rows] == ["note.add", "note.tag", "note.remove"]
    assert "늦어요" not in repr(rows)

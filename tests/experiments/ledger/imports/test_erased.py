"""Customers who are erased while an import runs, or before it, and rows that cannot be taken."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from experiments.ledger.append import append
from experiments.ledger.erased_names import words_of
from experiments.ledger.erasure import erase_unit
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.imports import run as run_module
from experiments.ledger.imports.erased import Lookout
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.reject import Reject
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.resolve import Context, resolve
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, metadata
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT
from tests.experiments.ledger.imports.factories import EVENTS, file_of, long_mapping

ACTOR = Actor("admin@example.com")
HEADER = EVENTS.splitlines()[0]
GOOD = "2025-03-10T10:00:00+09:00"


@dataclass
class Shop:
    """A project whose imports run here."""

    target: Target
    folder: Path

    def erase(self, unit_id: str) -> int:
        target, hasher = self.target, self.target.hasher
        assert hasher is not None
        edit = Edit(target.project, ACTOR, AT)
        return erase_unit(
            target.database, unit_id, edit, hasher=hasher, folder=self.folder
        ).rejects  # fmt: skip

    def is_known(self, unit_id: str, email: str) -> None:
        fact = AliasFact(Alias("email", email), unit_id, AT)
        row = resolve(fact, Context({}, "KRW", self.target.hasher))
        with self.target.database.transaction() as db:
            append(db, self.target.project, [row], received_at=AT, hasher=self.target.hasher)

    def submit(self, *rows: str) -> Callable[..., ImportJob]:
        target = self.target
        file = file_of(self.folder.parent, "\n".join([HEADER, *rows, ""]))
        with target.database.transaction() as db:
            job = submit_import(
                db, target.project, name="f", file=file, document=long_mapping(), actor=ACTOR,
                now=AT,
            )  # fmt: skip
        path = self.folder / f"{job.id}.rejects"
        return lambda **how: run_import(target, job.id, file, rejects=path, **how)

    def said(self) -> str:
        with self.target.database.reading() as db:
            tables = [db.execute(select(table)).all() for table in metadata.sorted_tables]
        return repr(tables) + "".join(path.read_text() for path in self.folder.glob("*"))

    def codes(self) -> tuple[list[str], list[str]]:
        """Of the rejects in the database, and in the file."""
        with self.target.database.reading() as db:
            (kept,) = db.execute(select(imports.c.rejects)).scalars()
        lines = (self.folder / "1.rejects").read_text().splitlines()
        return [each["code"] for each in kept], [json.loads(each)["code"] for each in lines]


def shop_in(database: Database, project: Project, folder: Path, now: datetime) -> Shop:
    identity = KeptKey(IdentityKey(bytes(range(32))), database)
    (folder / "imports").mkdir()
    return Shop(Target(database, project, lambda: now, identity), folder / "imports")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHUNK_ROWS", dict.fromkeys(run_module.CHUNK_ROWS, 2))


@pytest.fixture
def shop(database: Database, project: Project, tmp_path: Path, now: datetime) -> Shop:
    return shop_in(database, project, tmp_path, now)


@pytest.fixture
def on_sqlite(sqlite_database: Database, now: datetime, tmp_path: Path) -> Shop:
    """For rules that are the same on both databases."""
    return shop_in(sqlite_database, make_project(sqlite_database, now), tmp_path, now)


def erasing(shop: Shop, unit_id: str, after: int, *, left: bool = False) -> Callable[[], bool]:
    """Goes on, and erases once so many chunks are there; ``left`` leaves the import then."""
    chunks = iter(range(1, 1000))

    def keep_going() -> bool:
        if next(chunks) != after:
            return True
        shop.erase(unit_id)
        return not left

    return keep_going


# The reason repeats the time, and the database keeps reasons.
ROWS = [f"r{n},{who},open,day of {who},," for n in range(4) for who in (f"u{n}", "cust-X7")]


@pytest.mark.parametrize("chunk", [1, 3, 4])
def test_whoever_is_erased_while_an_import_runs_is_in_none_of_its_rejects(
    shop: Shop, chunk: int
) -> None:
    job = shop.submit(*ROWS)(keep_going=erasing(shop, "cust-X7", chunk))
    assert (job.state, job.rejected) == ("done", 8)
    assert "cust-X7" not in shop.said()
    assert shop.said().count("r3,u3,open,day of u3") == 1
    assert shop.codes() == (["invalid", "customer_erased"] * 4,) * 2


def test_an_import_that_is_left_is_looked_through_and_gone_on_with(shop: Shop) -> None:
    run = shop.submit(*ROWS)
    run(keep_going=erasing(shop, "cust-X7", 2, left=True))
    assert "cust-X7" not in shop.said()
    assert run().rejected == 8
    assert "cust-X7" not in shop.said()
    assert shop.codes() == (["invalid", "customer_erased"] * 4,) * 2


def test_what_a_killed_process_left_in_the_file_is_looked_through(on_sqlite: Shop) -> None:
    """The erasure passed over the file, which was locked, and nobody was there at the end."""
    shop = on_sqlite
    run = shop.submit(*ROWS)
    run(keep_going=lambda: False)
    path = shop.folder / "1.rejects"
    raw = path.read_text()
    assert "cust-X7" in raw
    assert shop.erase("cust-X7") == 2
    path.write_text(raw)
    run()
    assert "cust-X7" not in shop.said()


@pytest.mark.parametrize(
    ("unit_id", "row"),
    [
        ("custX99", "r1,custX99,open,yesterday,,"),
        ("Lee, Ann (2)", f'r1,"Lee, Ann (2)",open,{GOOD},many,KRW'),
        ("cust 99", "r1,cust 99,open"),
        ("cust 99", 'r1,"cust 99'),
        ("홍길동", f"r1,u1,open,{GOOD},홍길동,KRW"),
        ("custX99", "r1,u1,open,https://example.com/?user=custX99&day=1,,"),
        ("custX99", "r1,Minji99@Example.com,open,yesterday,,"),
    ],
)
def test_a_row_that_cannot_be_read_does_not_keep_whoever_was_erased(
    on_sqlite: Shop, unit_id: str, row: str
) -> None:
    shop = on_sqlite
    shop.is_known(unit_id, "minji99@example.com")
    shop.erase(unit_id)
    job = shop.submit("r0,u0,open,yesterday,,", row)()
    assert (job.state, job.rejected) == ("done", 2)
    said = shop.said()
    assert unit_id not in said
    assert "minji99" not in said.casefold()
    assert "r0,u0,open,yesterday" in said
    assert shop.codes() == (["invalid", "customer_erased"],) * 2
    assert [(each.line, each.row) for each in job.rejects][1] == (3, "")


def test_ids_of_another_project_are_nobody(on_sqlite: Shop, now: datetime) -> None:
    shop = on_sqlite
    other = Shop(
        Target(
            shop.target.database, make_project(shop.target.database, now, "other"),
            shop.target.clock, shop.target.identity,
        ),
        shop.folder,
    )  # fmt: skip
    other.erase("cust-X7")
    shop.submit(*ROWS)()
    assert shop.codes()[1] == ["invalid"] * 8


def test_whoever_is_erased_between_two_looks_at_a_chunk_is_found(
    on_sqlite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at ahead is looked at again if there are new tombstones."""
    shop, look_ahead = on_sqlite, Lookout.look_ahead
    shop.erase("somebody")

    def erased_just_after(*asked: Any) -> list[Reject]:
        found = look_ahead(*asked)
        shop.erase("cust-X7")
        return found

    monkeypatch.setattr(Lookout, "look_ahead", erased_just_after)
    shop.submit(*ROWS[:2])()
    assert "cust-X7" not in shop.said()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"id": "a b", "at": "\\ud64d\\uae38\\ub3d9"}', "홍길동"),
        ('{"id": "a: b"}', "a: b"),
        ('x;"say ""hi"" to";y', 'say "hi" to'),
        ("expected a time, got 'ann lee'", "ann lee"),
        ("(+82) 10-1234-5678,open", "(+82) 10-1234-5678"),
        ("mailto:minji@example.com.", "minji@example.com"),
        (' padded "\n', 'padded "'),
    ],
)
def test_a_text_is_taken_apart_in_every_way(text: str, word: str) -> None:
    assert word in words_of([text])


def test_what_nothing_can_keep_is_no_word() -> None:
    found: Any = words_of(['{"id": "\\ud83d"}', "x" * 1025, "\0"])
    assert "\ud83d" not in found
    assert "x" * 1025 not in found

"""The replica: a faithful copy, whatever happens to it."""

import hashlib
import os
import random
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, func, select, text, update

from experiments.ledger.append_postgresql import APPENDING
from experiments.measurement import ledger_rows, replica
from experiments.measurement.errors import LedgerBusy, ReplicaUnreadable, ReplicaUnwritable
from experiments.measurement.locks import only_writer
from experiments.measurement.manifest import FORMAT, MANIFEST, read_manifest
from experiments.measurement.replica import Replica, ReplicaState, read_state
from experiments.measurement.session import open_session
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import configuration, ledger
from tests.conftest import NOW, make_project
from tests.experiments.measurement.ledger import HOUR, SENT, add_experiment, append, event, exposure
from tests.journeys.outages import wait_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "replica"


@pytest.fixture
def shop(database: Database, project: Project) -> Database:
    """A database with one project and one experiment, both number 1."""
    assert project.id == 1
    assert add_experiment(database) == 1
    return database


@pytest.fixture
def sqlite_shop(sqlite_database: Database) -> Database:
    make_project(sqlite_database, NOW)
    add_experiment(sqlite_database)
    return sqlite_database


def copied(state: ReplicaState, fact: str = "event", project_id: int = 1) -> list[dict[str, Any]]:
    """The rows that a state holds, by position."""
    tables = [pq.ParquetFile(path).read() for path in state.files(project_id, fact)]
    rows = pa.concat_tables(tables).to_pylist() if tables else []
    return sorted(rows, key=lambda row: row["position"])


def ids(state: ReplicaState, fact: str = "event", project_id: int = 1) -> list[str]:
    return [row["source_id"] for row in copied(state, fact, project_id)]


def opens(*numbers: int) -> Iterable[dict[str, Any]]:
    return [event(f"open-{number}", f"unit-{number}") for number in numbers]


def parquet_files(folder: Path) -> set[Path]:
    return set(folder.glob("generation-*/*/*.parquet"))


def test_an_empty_ledger_has_an_empty_replica(shop: Database, folder: Path) -> None:
    state = Replica(folder, shop).refresh()
    assert (state.position, state.files(1, "event")) == (0, [])


def test_every_column_arrives_as_it_was_accepted(shop: Database, folder: Path) -> None:
    append(
        shop,
        [
            exposure(
                "s-1", "홍길동", "a", expected_variant="b", suppressed_reason="capped", value=9,
                currency="KRW",
            ),
            event(
                "e-1", "😀", "purchase", value=9007199254740993, currency="KRW", machine=True,
                properties={"상품": "신발", "first": True}, experiment_id=1, variant="a",
            ),
        ],
    )  # fmt: skip
    state = Replica(folder, shop).refresh()
    [met] = copied(state, "exposure")
    assert _taken(met) == _number("홍길동")
    assert [met] == [
        {
            "position": 1, "source_id": "s-1", "unit_id": "홍길동", "type": "sent",
            "occurred_at": SENT, "received_at": SENT + 2 * HOUR, "channel": "email",
            "experiment_id": 1, "variant": "a", "properties": None, "expected_variant": "b",
            "suppressed_reason": "capped", "alias": None, "import_id": None, "value": 9,
            "currency": "KRW",
        }
    ]  # fmt: skip
    [found] = copied(state, "event")
    assert _taken(found) == _number("😀")
    assert found.pop("properties").replace(" ", "") in {
        '{"상품":"신발","first":true}',
        r'{"\uc0c1\ud488":"\uc2e0\ubc1c","first":true}',
    }
    assert found == {
        "position": 2, "source_id": "e-1", "unit_id": "😀", "type": "purchase",
        "occurred_at": SENT + HOUR, "received_at": SENT + 2 * HOUR, "channel": None,
        "experiment_id": 1, "variant": "a", "value": 9007199254740993, "currency": "KRW",
        "machine": True, "alias": None, "import_id": None,
    }  # fmt: skip


def _taken(row: dict[str, Any]) -> tuple[int, int]:
    """The number of a row's unit, taken out of it."""
    return row.pop("unit_high"), row.pop("unit_low")


def _number(unit_id: str) -> tuple[int, ...]:
    """As BLAKE2b with 16 bytes, two numbers with a sign, the lowest byte first."""
    return struct.unpack("<2q", hashlib.blake2b(unit_id.encode(), digest_size=16).digest())


def test_facts_of_nobody_known_have_no_number(shop: Database, folder: Path) -> None:
    append(shop, [event("e-1", None, alias="mail:1"), event("e-2", "u-1"), event("e-3", "u-1")])
    rows = copied(Replica(folder, shop).refresh())
    assert [_taken(row) for row in rows] == [(None, None), _number("u-1"), _number("u-1")]


def test_a_refresh_adds_what_is_new_and_leaves_the_rest(shop: Database, folder: Path) -> None:
    copy = Replica(folder, shop)
    append(shop, opens(1, 2))
    before = copy.refresh()
    append(shop, opens(3))
    after = copy.refresh()
    assert (before.position, after.position) == (2, 3)
    assert ids(before) == ["open-1", "open-2"]
    assert ids(after) == ["open-1", "open-2", "open-3"]
    assert set(before.files(1, "event")) < set(after.files(1, "event"))


def test_nothing_new_writes_nothing(shop: Database, folder: Path) -> None:
    copy = Replica(folder, shop)
    append(shop, opens(1))
    copy.refresh()
    manifest = (folder / MANIFEST).stat().st_ino
    copy.refresh()
    Replica(folder, shop).refresh()
    assert (folder / MANIFEST).stat().st_ino == manifest


def test_projects_have_files_of_their_own(shop: Database, folder: Path) -> None:
    other = make_project(shop, NOW, "other")
    append(shop, [*opens(1), event("open-2", "unit-2", project_id=other.id), *opens(3)])
    state = Replica(folder, shop).refresh()
    assert ids(state) == ["open-1", "open-3"]
    assert ids(state, project_id=other.id) == ["open-2"]


def test_ids_that_only_two_projects_together_make_unique(shop: Database, folder: Path) -> None:
    other = make_project(shop, NOW, "other")
    append(shop, [*opens(1), event("open-1", "unit-1", project_id=other.id)])
    state = Replica(folder, shop).refresh()
    assert ids(state) == ids(state, project_id=other.id) == ["open-1"]


def test_chunks_and_buffers_lose_and_repeat_nothing(
    shop: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_rows, "CHUNK_ROWS", 7)
    monkeypatch.setattr(replica, "BUFFERED_ROWS", 21)
    append(shop, opens(*range(100)))
    append(shop, [exposure(f"sent-{n}", f"unit-{n}", "a") for n in range(50)])
    state = Replica(folder, shop).refresh()
    assert ids(state) == [f"open-{n}" for n in range(100)]
    assert ids(state, "exposure") == [f"sent-{n}" for n in range(50)]


def test_many_small_segments_are_merged(
    sqlite_shop: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "MOST_SMALL_SEGMENTS", 4)
    copy = Replica(folder, sqlite_shop)
    for n in range(12):
        append(sqlite_shop, opens(n))
        assert len(copy.refresh().files(1, "event")) <= 4
    state = copy.refresh()
    assert ids(state) == [f"open-{n}" for n in range(12)]
    assert parquet_files(folder) == set(state.files(1, "event"))


def test_large_segments_are_left_alone(
    sqlite_shop: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "MOST_SMALL_SEGMENTS", 2)
    monkeypatch.setattr(replica, "LARGE_ROWS", 10)
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(*range(10)))
    [large] = copy.refresh().files(1, "event")
    for n in range(10, 16):
        append(sqlite_shop, opens(n))
        state = copy.refresh()
        assert large in state.files(1, "event")
    assert len(ids(state)) == 16


def test_files_stay_while_a_state_is_in_use(
    sqlite_shop: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "MOST_SMALL_SEGMENTS", 1)
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(1))
    held: ReplicaState | None = copy.refresh()
    append(sqlite_shop, opens(2))
    merged = copy.refresh()
    assert held is not None
    assert ids(held) == ["open-1"]
    assert ids(merged) == ["open-1", "open-2"]
    assert len(parquet_files(folder)) == 3
    del merged
    held = None
    copy.refresh()
    assert len(parquet_files(folder)) == 1


@pytest.mark.parametrize("harm", ["truncate", "flip", "remove", "manifest", "no manifest"])
@pytest.mark.parametrize("restarted", [True, False])
def test_a_damaged_replica_is_made_anew(
    sqlite_shop: Database, folder: Path, harm: str, restarted: bool
) -> None:
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(1, 2, 3))
    [path] = copy.refresh().files(1, "event")
    content = path.read_bytes()
    match harm:
        case "truncate":
            path.write_bytes(content[:-10])
        case "flip":
            path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
        case "remove":
            path.unlink()
        case "manifest":
            (folder / MANIFEST).write_bytes(b'{"ledger_identity": 7')
        case "no manifest":
            (folder / MANIFEST).unlink()
    state = (Replica(folder, sqlite_shop) if restarted else copy).refresh()
    assert ids(state) == ["open-1", "open-2", "open-3"]
    assert parquet_files(folder) == set(state.files(1, "event"))


def test_a_manifest_of_another_format_is_not_read(folder: Path, sqlite_shop: Database) -> None:
    Replica(folder, sqlite_shop).refresh()
    path = folder / MANIFEST
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', '"format": 1'))
    assert read_manifest(folder) is None


def test_the_replica_of_another_ledger_is_made_anew(sqlite_shop: Database, folder: Path) -> None:
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(1))
    copy.refresh()
    with sqlite_shop.transaction() as db:
        db.execute(update(configuration).values(ledger_identity="another"))
        db.execute(update(ledger).values(unit_id="renamed"))
    state = copy.refresh()
    assert state.ledger_identity == "another"
    assert [row["unit_id"] for row in copied(state)] == ["renamed"]


def test_a_ledger_that_went_back_is_copied_anew(sqlite_shop: Database, folder: Path) -> None:
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(1, 2, 3))
    copy.refresh()
    with sqlite_shop.transaction() as db:
        db.execute(delete(ledger).where(ledger.c.position >= 2))
    assert ids(copy.refresh()) == ["open-1"]


def test_a_ledger_that_went_back_and_grew_again_is_copied_anew(
    sqlite_shop: Database, folder: Path
) -> None:
    copy = Replica(folder, sqlite_shop)
    append(sqlite_shop, opens(1, 2, 3))
    copy.refresh()
    with sqlite_shop.transaction() as db:
        db.execute(delete(ledger).where(ledger.c.position >= 2))
    append(sqlite_shop, opens(4, 5, 6, 7))
    assert ids(copy.refresh()) == ["open-1", "open-4", "open-5", "open-6", "open-7"]


def test_what_a_killed_writer_left_behind_is_swept(sqlite_shop: Database, folder: Path) -> None:
    append(sqlite_shop, opens(1))
    [path] = Replica(folder, sqlite_shop).refresh().files(1, "event")
    for name in ("event.new", "events-2-9.parquet"):
        (path.parent / name).write_bytes(b"half")
    spilled = folder / "spill" / "4711"
    spilled.mkdir(parents=True)
    append(sqlite_shop, opens(2))
    state = Replica(folder, sqlite_shop).refresh()
    assert set(path.parent.iterdir()) == set(state.files(1, "event"))
    assert not spilled.exists()


def test_reading_needs_no_ledger(sqlite_shop: Database, folder: Path) -> None:
    append(sqlite_shop, opens(1))
    made = Replica(folder, sqlite_shop).refresh()
    found = read_state(folder)
    assert found == made
    with sqlite_shop.reading() as db:
        assert found.ledger_identity == ledger_identity(db)


def test_reading_what_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ReplicaUnreadable):
        read_state(folder)
    folder.mkdir()
    with pytest.raises(ReplicaUnreadable):
        read_state(folder)


def test_one_writer_at_a_time(sqlite_shop: Database, folder: Path) -> None:
    append(sqlite_shop, opens(1))
    Replica(folder, sqlite_shop).refresh()
    done = threading.Event()

    def refresh() -> None:
        Replica(folder, sqlite_shop).refresh()
        done.set()

    with only_writer(folder):
        thread = threading.Thread(target=refresh)
        thread.start()
        assert not done.wait(0.2)
        assert ids(read_state(folder)) == ["open-1"]
    thread.join(10)
    assert done.is_set()


def test_refreshes_from_many_threads_copy_each_row_once(
    sqlite_shop: Database, folder: Path
) -> None:
    copies = [Replica(folder, sqlite_shop), Replica(folder, sqlite_shop)]

    def work(number: int) -> None:
        append(sqlite_shop, opens(*range(number * 10, number * 10 + 10)))
        copies[number % 2].refresh()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    state = copies[0].refresh()
    assert sorted(ids(state)) == sorted(f"open-{n}" for n in range(80))


def test_postgresql_rows_committed_late_are_not_skipped(
    postgresql_database: Database, folder: Path
) -> None:
    make_project(postgresql_database, NOW)
    copy = Replica(folder, postgresql_database)
    copy.refresh()
    found: list[ReplicaState] = []
    with postgresql_database.transaction() as slow:
        slow.execute(text(f"SELECT pg_advisory_xact_lock_shared({APPENDING})"))
        slow.execute(ledger.insert(), list(opens(1)))
        append(postgresql_database, opens(2))
        thread = threading.Thread(target=lambda: found.append(copy.refresh()))
        thread.start()
        thread.join(0.3)
        assert not found
    thread.join(10)
    assert ids(found[0]) == ["open-1", "open-2"]


def test_a_write_that_takes_long_leaves_the_replica_where_it_was(
    postgresql_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_rows, "LOCK_TIMEOUT_MS", 50)
    make_project(postgresql_database, NOW)
    copy = Replica(folder, postgresql_database)

    def busy() -> ReplicaState:
        with postgresql_database.transaction() as slow:
            slow.execute(text(f"SELECT pg_advisory_xact_lock_shared({APPENDING})"))
            return copy.refresh()

    with pytest.raises(LedgerBusy):
        busy()
    append(postgresql_database, opens(1))
    copy.refresh()
    append(postgresql_database, opens(2))
    assert ids(busy()) == ["open-1"]
    assert ids(copy.refresh()) == ["open-1", "open-2"]


def test_damage_that_only_a_reader_notices_is_mended(sqlite_shop: Database, folder: Path) -> None:
    append(sqlite_shop, opens(1))
    copy = Replica(folder, sqlite_shop)
    state = copy.refresh()
    [path] = state.files(1, "event")
    stat = path.stat()
    path.write_bytes(b"x" * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(ReplicaUnreadable), open_session(state, 1):
        pass
    assert ids(copy.refresh()) == ["open-1"]


def test_a_folder_that_cannot_be_written_is_told(sqlite_shop: Database, tmp_path: Path) -> None:
    (tmp_path / "replica").write_text("a file, where the folder should be")
    with pytest.raises(ReplicaUnwritable, match="File exists"):
        Replica(tmp_path / "replica", sqlite_shop).refresh()


@pytest.mark.slow
def test_no_kill_harms_the_replica(sqlite_shop: Database, folder: Path) -> None:
    url = sqlite_shop.engine.url.render_as_string()
    rng = random.Random(1)
    for _ in range(20):
        before = accepted_by(sqlite_shop)
        worker = subprocess.Popen([sys.executable, "-c", WORKER, url, str(folder)], cwd=ROOT)
        wait_for(lambda before=before: accepted_by(sqlite_shop) > before + 50, 60)
        time.sleep(rng.random() / 2)
        worker.kill()
        worker.wait()
        state = Replica(folder, sqlite_shop).refresh()
        with sqlite_shop.reading() as db:
            accepted = db.execute(select(ledger.c.source_id).order_by(ledger.c.position)).scalars()
            assert ids(state) == list(accepted)
    assert state.position > 1000


def accepted_by(database: Database) -> int:
    """How many facts the ledger holds."""
    with database.reading() as db:
        return int(db.execute(select(func.count()).select_from(ledger)).scalar_one())


ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys, uuid
from pathlib import Path
from experiments.measurement import replica
from experiments.storage.database import Database
from tests.experiments.measurement.ledger import append, event

replica.MOST_SMALL_SEGMENTS = 3
database = Database.open(sys.argv[1])
copy = replica.Replica(Path(sys.argv[2]), database)
while True:
    append(database, [event(uuid.uuid4().hex, "unit") for _ in range(20)])
    copy.refresh()
"""

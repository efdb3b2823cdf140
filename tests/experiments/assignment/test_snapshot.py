"""The configuration in memory follows the database, and outlives it."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from experiments.access.keys import create_secret_key, revoke_key
from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import assign
from experiments.assignment.hashing import bucket
from experiments.assignment.snapshot import (
    FIRST_LOOK_SECONDS,
    LOOK_AGAIN_SECONDS,
    ConfigurationUnknown,
    SnapshotKeeper,
    load_snapshot,
)
from experiments.assignment.snapshot_codec import Kept
from experiments.assignment.snapshot_file import SnapshotFile
from experiments.operations.audit import Actor
from experiments.storage import configuration
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import configuration as configuration_table
from experiments.storage.tables import experiments, phases


@dataclass
class Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def keeper(database: Database, project: Project, clock: Clock) -> Iterator[SnapshotKeeper]:
    made = SnapshotKeeper(database, clock)
    yield made
    made.stop()


def add_experiment(
    database: Database, project: Project, now: datetime, key: str = "subject", **changes: Any
) -> int:
    """A row as registration would write it; phases come as lists of ranges."""
    ranges_by_phase = changes.pop("phases", [])
    variants = [
        {"key": "a", "name": "A안", "weight": "0.5", "control": True, "payload": None},
        {"key": "b", "name": "B안", "weight": "0.5", "payload": {"subject": "혜택"}},
    ]
    draft = {"key": key, "allocation": "truelift", "variants": variants, "seed": None}
    row = {
        "project_id": project.id,
        "key": key,
        "state": "running",
        "revision": 1,
        "draft": draft | changes.pop("draft", {}),
        "created_at": now,
        "created_by": "minji",
        "updated_at": now,
    }
    with database.transaction() as db:
        made = db.execute(insert(experiments).values(row | changes).returning(experiments.c.id))
        experiment_id: int = made.scalar_one()
        for number, ranges in enumerate(ranges_by_phase, 1):
            db.execute(
                insert(phases).values(
                    experiment_id=experiment_id,
                    number=number,
                    seed=f"{key}-{number}",
                    ranges=ranges,
                    started_at=now,
                )
            )
        configuration.bump(db)
    return experiment_id


HALVES = [["a", 0, 5000], ["b", 5000, 10_000]]


def test_a_running_experiment_answers_by_its_latest_phase(
    database: Database, project: Project, now: datetime
) -> None:
    add_experiment(database, project, now, phases=[[["a", 0, 10_000]], HALVES])
    with database.reading() as db:
        snapshot = load_snapshot(db, now)
    experiment = snapshot.experiments[project.id, "subject"]
    assert experiment.seed == "subject-2"
    assert experiment.ranges == (BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000))
    answer = assign(experiment, "홍길동")
    place = bucket("subject-2", "홍길동")
    assert answer.variant == ("a" if place < 5000 else "b")
    assert answer.payload == (None if answer.variant == "a" else {"subject": "혜택"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "draft"}, "not_started"),
        ({"state": "paused", "phases": [HALVES]}, "paused"),
        ({"state": "stopped", "phases": [HALVES]}, "stopped"),
        ({"draft": {"allocation": "external"}, "phases": [HALVES]}, "external"),
    ],
)
def test_states_and_allocations_are_known(
    database: Database, project: Project, now: datetime, changes: dict[str, Any], reason: str
) -> None:
    add_experiment(database, project, now, **changes)
    with database.reading() as db:
        snapshot = load_snapshot(db, now)
    assert assign(snapshot.experiments[project.id, "subject"], "u1").reason == reason


def test_projects_and_keys_are_known(
    database: Database, project: Project, actor: Actor, now: datetime, keeper: SnapshotKeeper
) -> None:
    with database.transaction() as db:
        key = create_secret_key(db, project, name="app", scopes=["assign"], actor=actor, now=now)
    keeper.refresh()
    (public_id,) = keeper.current.keys
    assert key.startswith(f"tls_{public_id}_")
    assert keeper.current.projects[project.id].key == "shop"
    with database.transaction() as db:
        revoke_key(db, project, public_id, actor=actor, now=now)
    keeper.refresh()
    assert not keeper.current.keys[public_id].holds(now)


def test_a_refresh_reads_only_what_changed(
    database: Database, project: Project, now: datetime, keeper: SnapshotKeeper
) -> None:
    before = keeper.current
    assert keeper.refresh()
    assert keeper.current is before
    add_experiment(database, project, now, phases=[HALVES])
    assert keeper.refresh()
    assert keeper.current.version == before.version + 1
    assert (project.id, "subject") in keeper.current.experiments


def test_age_counts_from_the_last_look_that_succeeded(clock: Clock, keeper: SnapshotKeeper) -> None:
    assert keeper.age_seconds == 0
    clock.at += timedelta(seconds=3)
    assert keeper.age_seconds == 3
    keeper.refresh()
    assert keeper.age_seconds == 0
    assert keeper.current.loaded_at == clock.at - timedelta(seconds=3)


def test_a_clock_that_goes_back_gives_no_negative_age(clock: Clock, keeper: SnapshotKeeper) -> None:
    clock.at -= timedelta(seconds=3)
    assert keeper.age_seconds == 0


def test_changes_made_elsewhere_are_noticed_within_two_seconds(
    database: Database, project: Project, now: datetime, keeper: SnapshotKeeper
) -> None:
    keeper.start()
    add_experiment(database, project, now, phases=[HALVES])
    end = time.monotonic() + 2
    while not keeper.current.experiments and time.monotonic() < end:
        time.sleep(0.02)
    assert (project.id, "subject") in keeper.current.experiments


def test_what_is_asked_for_in_vain_is_looked_for_though_somebody_just_looked(
    database: Database, project: Project, now: datetime, keeper: SnapshotKeeper
) -> None:
    keeper.refresh()
    add_experiment(database, project, now)
    assert keeper.look_again().experiments


def test_asking_in_vain_again_and_again_asks_the_database_seldom(keeper: SnapshotKeeper) -> None:
    began, asked = time.monotonic(), 5
    for _ in range(asked):
        keeper.look_again()
    assert time.monotonic() - began >= (asked - 1) * LOOK_AGAIN_SECONDS


def test_the_last_known_configuration_outlives_the_database(
    sqlite_database: Database, now: datetime, clock: Clock
) -> None:
    keeper = SnapshotKeeper(sqlite_database, clock)
    known = keeper.current
    with sqlite_database.transaction() as db:
        db.execute(text("ALTER TABLE configuration RENAME TO away"))
    clock.at += timedelta(seconds=60)
    assert not keeper.refresh()
    assert keeper.current is known
    assert keeper.age_seconds == 60
    with sqlite_database.transaction() as db:
        db.execute(text("ALTER TABLE away RENAME TO configuration"))
    assert keeper.refresh()
    assert keeper.age_seconds == 0


def test_what_was_never_read_is_not_answered_as_empty(clock: Clock) -> None:
    away = Database.open("postgresql://nobody@127.0.0.1:1/nothing")
    keeper = SnapshotKeeper(away, clock)
    assert not keeper.loaded
    assert keeper.age_seconds is None
    with pytest.raises(ConfigurationUnknown):
        _ = keeper.current
    away.dispose()


def test_a_version_that_went_back_is_another_version(
    database: Database, project: Project, now: datetime, keeper: SnapshotKeeper
) -> None:
    add_experiment(database, project, now, phases=[HALVES])
    keeper.refresh()
    with database.transaction() as db:
        db.execute(update(configuration_table).values(version=0))
    keeper.refresh()
    assert keeper.current.version == 0


def test_stopping_twice_or_without_a_start_is_harmless(keeper: SnapshotKeeper) -> None:
    keeper.stop()
    keeper.start()
    keeper.stop()
    keeper.stop()


@pytest.fixture
def file(database: Database, tmp_path: Path) -> SnapshotFile:
    return SnapshotFile(tmp_path, database.address)


def out_of_reach(file: SnapshotFile, clock: Clock) -> SnapshotKeeper:
    """A keeper that starts on the folder while the database is away."""
    away = Database.open("postgresql://nobody@127.0.0.1:1/nothing")
    keeper = SnapshotKeeper(away, clock, file=file)
    away.dispose()
    return keeper


def test_a_start_without_the_database_answers_from_the_file(
    database: Database, project: Project, now: datetime, clock: Clock, file: SnapshotFile
) -> None:
    add_experiment(database, project, now, phases=[HALVES])
    before = SnapshotKeeper(database, clock, file=file).current
    clock.at += timedelta(seconds=90)
    keeper = out_of_reach(file, clock)
    assert keeper.loaded
    assert keeper.current == before
    assert (keeper.source, keeper.stale, keeper.age_seconds) == ("file", True, 90)
    assert not keeper.database_answers


def test_every_change_is_on_the_disk_once_it_is_known(
    database: Database, project: Project, now: datetime, clock: Clock, file: SnapshotFile
) -> None:
    keeper = SnapshotKeeper(database, clock, file=file)
    for key in ("one", "two"):
        add_experiment(database, project, now, key, phases=[HALVES])
        assert keeper.refresh()
        kept = file.read()
        assert kept is not None
        assert kept.snapshot == keeper.current
        assert (project.id, key) in kept.snapshot.experiments


def test_what_the_database_says_wins_over_the_file(
    database: Database, project: Project, now: datetime, clock: Clock, file: SnapshotFile
) -> None:
    add_experiment(database, project, now, "subject", phases=[HALVES])
    SnapshotKeeper(database, clock, file=file)
    # A restored back-up went another way: the same number, another configuration.
    with database.transaction() as db:
        db.execute(update(experiments).values(state="paused"))
    keeper = SnapshotKeeper(database, clock, file=file)
    assert keeper.source == "database"
    assert not keeper.stale
    assert keeper.current.experiments[project.id, "subject"].state == "paused"


def test_another_ledger_at_the_same_place_is_read_anew(
    database: Database, project: Project, now: datetime, clock: Clock, file: SnapshotFile
) -> None:
    keeper = SnapshotKeeper(database, clock, file=file)
    version = keeper.current.version
    add_experiment(database, project, now, phases=[HALVES])
    with database.transaction() as db:
        db.execute(update(configuration_table).values(version=version, ledger_identity="other"))
    keeper.refresh()
    assert (project.id, "subject") in keeper.current.experiments
    kept = file.read()
    assert kept is not None
    assert kept.ledger_identity == "other"


def test_a_disk_that_cannot_be_written_stops_nothing(
    database: Database, project: Project, now: datetime, clock: Clock, tmp_path: Path
) -> None:
    keeper = SnapshotKeeper(
        database, clock, file=SnapshotFile(tmp_path / "no such folder", database.address)
    )
    add_experiment(database, project, now, phases=[HALVES])
    assert keeper.refresh()
    assert (project.id, "subject") in keeper.current.experiments


def test_a_hung_database_does_not_hold_up_a_start_that_has_a_file(
    sqlite_database: Database, clock: Clock, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as line:
        silent = Database.open(f"postgresql://nobody@127.0.0.1:{line.getsockname()[1]}/nothing")
        file = SnapshotFile(tmp_path, silent.address)
        known = SnapshotKeeper(sqlite_database, clock).current
        file.write(Kept(known, "ledger"))
        began = time.monotonic()
        keeper = SnapshotKeeper(silent, clock, file=file)
        assert time.monotonic() - began < FIRST_LOOK_SECONDS + 0.5
        assert keeper.current == known
        while keeper.database_answers and time.monotonic() < began + 10:
            time.sleep(0.05)
        assert not keeper.database_answers
        silent.dispose()


def test_what_cannot_be_read_does_not_end_the_looking(
    database: Database, project: Project, now: datetime, keeper: SnapshotKeeper
) -> None:
    keeper.start()
    experiment_id = add_experiment(database, project, now, phases=[[["a", 7]]])
    time.sleep(0.7)
    assert not keeper.current.experiments
    with database.transaction() as db:
        db.execute(
            update(phases).values(ranges=HALVES).where(phases.c.experiment_id == experiment_id)
        )
        configuration.bump(db)
    end = time.monotonic() + 2
    while not keeper.current.experiments and time.monotonic() < end:
        time.sleep(0.02)
    assert (project.id, "subject") in keeper.current.experiments

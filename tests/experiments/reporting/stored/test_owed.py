"""Reports that are kept by themselves when a test ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from experiments.decisions.decision import Reason
from experiments.errors import Unavailable
from experiments.measurement.errors import ReplicaUnreadable, TooLargeToSum
from experiments.measurement.replica import Replica
from experiments.registry.moves import move
from experiments.reporting.stored import making
from experiments.reporting.stored.kept import list_stored
from experiments.reporting.stored.owed import ReportKeeper, owed
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.conftest import make_project
from tests.experiments.reporting.stored.shop import ACTOR, KEY, Shop


@pytest.fixture
def shop(sqlite_database: Database, tmp_path: Path, project: Project) -> Shop:
    made = Shop(sqlite_database, project, tmp_path)
    made.begin()
    made.send(range(20))
    return made


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def act(shop: Shop, action: str) -> None:
    shop.now += timedelta(hours=1)
    lines = Reason("saw", "why", "next") if action == "decide" else None
    with shop.database.transaction() as db:
        move(db, shop.project, KEY, action, actor=ACTOR, now=shop.now, reason=lines)


def occasions(shop: Shop) -> list[str]:
    with shop.database.reading() as db:
        return [each.occasion for each in list_stored(db, shop.project, KEY)]


def test_a_report_is_kept_once_when_a_test_stops_and_once_when_it_is_decided(shop: Shop) -> None:
    keeper = ReportKeeper(shop.database, lambda: shop.replica)
    assert keeper.keep_owed(shop.now) == 0
    for action, expected in (("stop", ["stopped"]), ("decide", ["decided", "stopped"])):
        act(shop, action)
        assert [keeper.keep_owed(shop.now), keeper.keep_owed(shop.now)] == [1, 0]
        assert occasions(shop) == expected


def test_while_nothing_can_be_measured_it_stays_owed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(shop, "stop")
    keeper = ReportKeeper(shop.database, lambda: shop.replica)

    def refuse(error: Exception) -> None:
        def raised(*_: object, **__: object) -> NoReturn:
            raise error

        monkeypatch.setattr(making, "make_report", raised)

    refuse(ReplicaUnreadable())
    with pytest.raises(Unavailable):
        keeper.keep_owed(shop.now)
    with shop.database.reading() as db:
        assert owed(db, shop.project) == [(KEY, "stopped")]
    refuse(TooLargeToSum(field="kpi"))
    assert keeper.keep_owed(shop.now) == 0
    monkeypatch.undo()
    assert keeper.keep_owed(shop.now) == 0
    assert ReportKeeper(shop.database, lambda: shop.replica).keep_owed(shop.now) == 1


def test_where_one_project_has_no_answer_the_others_are_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Shop(shop.database, make_project(shop.database, shop.now, "other"), tmp_path / "other")
    other.begin()
    other.send(range(20))
    for each in (shop, other):
        act(each, "stop")
    measure = making.make_report

    def away(
        database: Database, replica: Replica, project: Project, *rest: Any, **more: Any
    ) -> Any:
        if project.id == shop.project.id:
            raise ReplicaUnreadable
        return measure(database, replica, project, *rest, **more)

    monkeypatch.setattr(making, "make_report", away)
    with pytest.raises(ReplicaUnreadable):
        ReportKeeper(shop.database, lambda: shop.replica).keep_owed(other.now)
    assert (occasions(shop), occasions(other)) == ([], ["stopped"])

"""No acknowledged event is lost or counted twice, however often the server is killed.

F1 of the reliability goals, on both databases. Without a failure in n kills, fewer than 3/n of
them fail (95 %).
"""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.server import Client, free_port
from tests.journeys.kills import (
    AMOUNT,
    SENDERS,
    UNITS,
    VARIANTS,
    Journal,
    Place,
    Source,
    check,
    kill_while_sending,
    reported,
    set_up,
)
from tests.journeys.outages import own_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty folder and an empty database."""
    home, port = tmp_path / "home", free_port()
    if request.param == "sqlite":
        yield Place(home, port, None)
        return
    with own_postgres() as postgres:
        yield Place(home, port, postgres.url)


@pytest.mark.parametrize(
    "kills",
    [pytest.param(25, marks=pytest.mark.slow), pytest.param(300, marks=pytest.mark.release)],
)
def test_killed_servers_lose_nothing_and_count_nothing_twice(
    place: Place, tmp_path: Path, kills: int
) -> None:
    draw = random.Random(20250310)
    key = set_up(place)
    source = Source(place.port, key)
    journals = [Journal(tmp_path / f"journal-{number}") for number in range(SENDERS)]
    for kill in range(kills):
        kill_while_sending(place, source, journals, f"kill{kill}", draw)
        assert all(journal.unanswered for journal in journals), "a kill came between batches"
        if kill % 10 == 0:
            check(place, journals)
    with place.started() as (_, url, _printed):
        for journal in journals:
            source.send_the_rest(journal)
        ids = check(place, journals)
        report = reported(Client(url, key))
    assert set(ids) == set().union(*(journal.batches("sent") for journal in journals))
    arms = {arm["variant"]: arm for arm in report["goals"][0]["arms"]}
    assert {name: arm["units"] for name, arm in arms.items()} == dict.fromkeys(VARIANTS, UNITS / 2)
    assert sum(arm["total"] for arm in arms.values()) == AMOUNT * len(ids)
    print(f"{kills} kills, {len(ids):,} events acknowledged, 0 lost, 0 counted twice")


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_loses_nothing_either(place: Place, tmp_path: Path) -> None:
    draw = random.Random(20250310)
    source = Source(place.port, set_up(place))
    journals = [Journal(tmp_path / f"journal-{number}") for number in range(SENDERS)]
    for stop in range(3):
        kill_while_sending(place, source, journals, f"stop{stop}", draw, signal.SIGTERM)
    check(place, journals)

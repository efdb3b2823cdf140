"""Arrivals that are counted on are those that would be counted anew."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.measurement.arrivals import arrivals_by_type
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stored import delays
from experiments.measurement.stored.delays import Counted, counted
from experiments.measurement.stored.shelf import Shelf
from tests.experiments.measurement.ledger import SENT, Row, event, replica_of

EVENTS = st.tuples(
    st.sampled_from(["open", "purchase", "it's"]),
    st.sampled_from([-5, 0, 1, 2, 3, 50, 51, 10**9, 10**14]),
    st.sampled_from([None, None, None, 1]),
)


def rows_of(events: Sequence[tuple[str, int, int | None]], first: int) -> list[Row]:
    return [
        event(
            f"e-{first + place}", "u-1", type_, occurred_at=SENT + place,
            received_at=SENT + place + delay, import_id=import_id,
        )
        for place, (type_, delay, import_id) in enumerate(events)
    ]  # fmt: skip


def check(state: ReplicaState, before: Counted, since: int, number: int) -> Counted:
    with open_session(state, 1) as session:
        shelf = Shelf(state, 1, "delays")
        shelf.folder.mkdir(parents=True, exist_ok=True)
        found = counted(session, shelf, before.file, since, number)
        anew = arrivals_by_type(session)
    assert found.arrived == anew
    return found


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=st.lists(st.lists(EVENTS, min_size=1, max_size=40), min_size=2, max_size=3))
def test_they_are(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    batches: list[list[tuple[str, int, int | None]]],
) -> None:
    monkeypatch.setattr(delays, "_LONG", 0.6)
    monkeypatch.setattr(delays, "_SAMPLE", 20)
    folder = tmp_path_factory.mktemp("delays") / "replica"
    found, rows, since = Counted({}, None), list[list[Row]](), 0
    for number, batch in enumerate(batches):
        rows.append(rows_of(batch, 1000 * number))
        state = replica_of(folder, *rows)
        found = check(state, found, since, number)
        since = state.position


def test_a_quantile_between_two_long_delays(tmp_path: Path) -> None:
    many = [("open", 7 * place % 1009, None) for place in range(900)]
    rows = rows_of(many, 0)
    first = replica_of(tmp_path / "replica", rows[:850])
    before = check(first, Counted({}, None), 0, 1)
    assert before.file is not None
    assert before.file.rows < 100
    after = check(replica_of(tmp_path / "replica", rows[:850], rows[850:]), before, 850, 2)
    assert after.file is not None


def test_where_many_are_long_nothing_is_carried_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delays, "_MANY", 0)
    monkeypatch.setattr(delays, "_LONG", 0.5)
    state = replica_of(tmp_path / "replica", rows_of([("open", n, None) for n in range(99)], 0))
    assert check(state, Counted({}, None), 0, 1).file is None

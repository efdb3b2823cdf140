"""Arrivals that are counted on are those that would be counted anew."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.measurement.arrivals import arrivals_by_type
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stored import delays, tallies
from experiments.measurement.stored.delays import Counted, counted
from experiments.measurement.stored.shelf import Shelf
from tests.experiments.measurement.ledger import SENT, Row, event, replica_of, withdrawal

Event = tuple[str, int, int | None]
EVENTS = st.tuples(
    st.sampled_from(["open", "purchase", "it's"]),
    st.sampled_from([-5, 0, 1, 2, 3, 50, 51, 10**9, 10**14]),
    st.sampled_from([None, None, None, 1]),
)


def rows_of(events: Sequence[Event], first: int) -> list[Row]:
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
    assert found.file is not None
    return found


def check_batches(folder: Path, *batches: Sequence[Event], others: Sequence[Row] = ()) -> Counted:
    """Count after each batch, carrying on."""
    found, rows, since = Counted({}, None), [[*others]], 0
    for number, batch in enumerate(batches):
        rows.append(rows_of(batch, 100_000 * number))
        state = replica_of(folder, *rows)
        found = check(state, found, since, number)
        since = state.position
    return found


@pytest.fixture
def looked_at_again(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Types whose events are looked at as a whole, as they are."""
    found: list[list[str]] = []

    def of_types(types: Sequence[str]) -> str:
        found.append(list(types))
        return in_sql(types)

    in_sql = delays._of_types
    monkeypatch.setattr(delays, "_of_types", of_types)
    return found


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    batches=st.lists(st.lists(EVENTS, min_size=1, max_size=40), min_size=2, max_size=3),
    withdrawn=st.booleans(),
)
def test_they_are(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    batches: list[list[Event]],
    *,
    withdrawn: bool,
) -> None:
    changed = {"_LONG": 0.6, "_SAMPLE": 20, "_FEW_SEEN": 5, "_LONG_OF_FEW": 0.5, "_FEW": 4}
    for name, value in changed.items():
        monkeypatch.setattr(delays, name, value)
    monkeypatch.setattr(tallies, "_LEAST", 3)
    folder = tmp_path_factory.mktemp("delays") / "replica"
    check_batches(folder, *batches, others=[withdrawal(1)] if withdrawn else [])


def test_a_project_may_have_no_events(tmp_path: Path) -> None:
    assert check_batches(tmp_path / "replica", [], [("open", 5, None)], []).arrived["open"]


def test_all_may_be_imported(tmp_path: Path, looked_at_again: list[list[str]]) -> None:
    imported = [("open", place, 1) for place in range(9)]
    found = check_batches(tmp_path / "replica", imported, imported[:2])
    assert (found.arrived["open"]["delay"], found.arrived["open"]["received"]) == (None, 11)
    assert looked_at_again == []
    found = check_batches(tmp_path / "other", imported, [("open", 8, None)], imported)
    assert found.arrived["open"]["delay"] == 8


def test_what_came_with_a_withdrawn_import_is_not_complete_up_to_its_last(tmp_path: Path) -> None:
    events = [("open", 1, None), ("open", 1, 1), ("open", 1, 2), ("open", 1, 1)]
    found = check_batches(tmp_path / "replica", events, events, others=[withdrawal(1)])
    assert found.arrived["open"]["imported"] == SENT + 2
    found = check_batches(tmp_path / "other", events[:2], events[:2], others=[withdrawal(1)])
    assert (found.arrived["open"]["imported"], found.arrived["open"]["received"]) == (None, 4)


def test_delays_may_be_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at_again: list[list[str]]
) -> None:
    monkeypatch.setattr(delays, "_FEW_SEEN", 50)
    monkeypatch.setattr(delays, "_FEW", 10)
    same = [("open", 3, None)] * 90
    assert check_batches(tmp_path / "replica", same, same[:7]).arrived["open"]["delay"] == 3
    coarse = [*same, *[("open", 1, None)] * 50, ("open", 7, None)]
    assert check_batches(tmp_path / "other", coarse, coarse).arrived["open"]["delay"] == 3
    assert looked_at_again == []


def test_an_event_may_arrive_before_it_happened(tmp_path: Path) -> None:
    early = [("open", -9, None)] * 30
    found = check_batches(tmp_path / "replica", early, early[:5], [("open", 0, None)])
    assert found.arrived["open"]["delay"] == 0


def test_a_quantile_between_two_long_delays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "_LEAST", 20)
    many = [("open", 7 * place % 1009, None) for place in range(900)]
    found = check_batches(tmp_path / "replica", many[:850], many[850:])
    assert found.file is not None
    assert found.file.rows < 20
    assert found.arrived["open"]["delay"] % 1 == pytest.approx(0.01)


def test_a_type_may_be_new_or_long_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at_again: list[list[str]]
) -> None:
    monkeypatch.setattr(delays, "_SAMPLE", 40)
    old, usual = ([(type_, n, None) for n in range(50)] for type_ in ("old", "open"))
    check_batches(tmp_path / "replica", [*old, *usual], [("it's", 4, None)], usual)
    assert looked_at_again == [["old"], ["it's"]]


def test_a_type_that_became_quick_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at_again: list[list[str]]
) -> None:
    monkeypatch.setattr(tallies, "_LEAST", 10)
    monkeypatch.setattr(delays, "_FEW", 100)
    slow, quick = [("open", 900 + n, None) for n in range(300)], [("open", 2, None)]
    steady = [("click", n, None) for n in range(300)]
    check_batches(
        tmp_path / "replica", [*slow, *steady], quick * 500, quick * 900, [*slow, *steady]
    )
    assert looked_at_again == [["open"], ["open"]]


def test_where_many_are_long_their_type_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at_again: list[list[str]]
) -> None:
    monkeypatch.setattr(delays, "_SAMPLE", 100)
    monkeypatch.setattr(delays, "_FEW_SEEN", 50)
    monkeypatch.setattr(delays, "_FEW", 20)
    slow, quick = ([("open", at + n, None) for n in range(300)] for at in (5000, 0))
    found = check_batches(tmp_path / "replica", [*slow, *quick], quick)
    assert looked_at_again == [["open"], ["open"]]
    assert found.file is not None
    assert found.file.rows < 40

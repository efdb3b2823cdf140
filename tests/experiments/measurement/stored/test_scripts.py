"""Statements that are recorded once are those that would be built for the call."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.kpis.document import Cap
from experiments.measurement.identity import Uncertainty
from experiments.measurement.placed import met_since, settled
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored import scripts, steps, sums
from experiments.measurement.stored.onwards import News, can_go_on
from experiments.measurement.stored.scripts import Scripts, Since
from experiments.measurement.stored.sheet import Sheet, sheets_of
from tests.experiments.measurement.formula_logs import Setting, log_of, request_of
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, replica_of
from tests.experiments.measurement.test_formula import DOCUMENTS
from tests.experiments.measurement.test_measure import opens, spend

DAY = 24 * HOUR
SURE = Uncertainty()
STEPS: dict[str, Any] = {
    "touch": partial(steps.touch, later=False, again=False),
    "touch later": partial(steps.touch, later=True, again=True),
    "measure": partial(steps.measure, touched=False),
    "measure touched": partial(steps.measure, touched=True),
}
ONWARDS: dict[str, Any] = {
    f"onwards {news}": partial(steps.measure_onwards, news=news)
    for news in (
        News(later=False, hidden=False, again=False),
        News(later=True, hidden=True, again=True),
    )
}
EARLY, LATE = (Since(position, SENT + position) for position in (3, 4_000_000_000))


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    """What is recorded during a test."""
    found: dict[Any, Any] = {}
    monkeypatch.setattr(scripts, "_SCRIPTS", found)
    return found


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> ReplicaState:
    rows = log_of(random.Random(3), ["open", "purchase"], 20)
    return replica_of(tmp_path_factory.mktemp("scripts") / "replica", rows)


@pytest.fixture
def session(state: ReplicaState) -> Iterator[Session]:
    with open_session(state, 1) as session:
        yield session


def sheet_of(session: Session, *kpis: Any, hours: float = 30, zone: str = "Asia/Seoul") -> Sheet:
    setting = Setting(SENT_AT + timedelta(hours=hours), zone)
    requests = [settled(session, request_of(kpi, setting)) for kpi in kpis]
    [sheet] = sheets_of(requests, partial(met_since, session, requests[0]))
    return sheet


def check(session: Session, sheet: Sheet, since: Since) -> None:
    """What is recorded, and what is built for the call, are one."""
    found = STEPS | (ONWARDS if can_go_on(session, sheet) else {})
    for step, build in found.items():
        by_stand_ins = Scripts(session, sheet, since).script(step, build)
        for_the_call = Scripts(session, sheet, since).recorded(build)
        assert words(by_stand_ins.statements) == words(for_the_call.statements), step
        assert by_stand_ins.told == for_the_call.told


def words(statements: tuple[str, ...]) -> list[list[str]]:
    """Where lines end depends on how long numbers are."""
    return [each.replace("(", " ( ").replace(")", " ) ").split() for each in statements]


@pytest.mark.parametrize("key", ["retention-d7", "purchase-cycle", "aov"])
def test_a_script_is_what_would_be_built(session: Session, key: str) -> None:
    for hours, since in ((30, EARLY), (31.5, LATE), (30, LATE)):
        check(session, sheet_of(session, DOCUMENTS[key], hours=hours), since)


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(
    hours=st.lists(st.integers(1, 400_000_000), min_size=2, max_size=4),
    position=st.integers(0, 2**62),
    zone=st.sampled_from(["Asia/Seoul", "America/New_York"]),
    unsure=st.sampled_from(
        [SURE, Uncertainty(withdrawn=(1, 2)), Uncertainty(frozenset({"event"}), merged=True)]
    ),
)
def test_whatever_the_moment_the_position_and_the_session(
    state: ReplicaState, hours: list[int], position: int, zone: str, unsure: Uncertainty
) -> None:
    with open_session(state, 1) as session:
        session.uncertainty = unsure
        for each in hours:
            since = Since(position, SENT - each)
            check(session, sheet_of(session, opens(), spend(), hours=each / 1e5, zone=zone), since)


def test_it_is_built_once(session: Session, nothing_recorded: dict[Any, Any]) -> None:
    built: list[Since] = []

    def build(session: Session, sheet: Sheet, since: Since) -> Any:
        built.append(since)
        return steps.touch(session, sheet, since, later=False, again=False)

    for hours, since in ((30, EARLY), (31.5, LATE)):
        Scripts(session, sheet_of(session, opens(), hours=hours), since).script("touch", build)
    assert (len(built), len(nothing_recorded)) == (1, 1)
    assert built[0] not in {EARLY, LATE}


def test_a_number_reckoned_from_a_stand_in_is_built_for_the_call(
    session: Session, nothing_recorded: dict[Any, Any]
) -> None:
    def build(session: Session, sheet: Sheet, since: Since) -> Any:
        events = session.events
        return events.filter(events.occurred_at > sheet.as_of - DAY).select("position")

    sheet = sheet_of(session, opens())
    [statement] = Scripts(session, sheet, EARLY).script("yesterday", build).statements
    assert str(sheet.as_of - DAY) in statement
    assert nothing_recorded == {}


def test_a_kpi_that_names_a_stand_in_is_built_for_the_call(
    session: Session, nothing_recorded: dict[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sheet_of(session, opens())
    monkeypatch.setattr(
        scripts, "_SOME_TIME", Since(sheet.first.window_hours, 6_100_000_000_000_000)
    )
    check(session, sheet, EARLY)
    assert nothing_recorded == {}


def test_a_cap_with_the_digits_of_a_stand_in_is_built_for_the_call(
    session: Session, nothing_recorded: dict[Any, Any]
) -> None:
    digits = Decimal(scripts._SOME_TIME.position).scaleb(-3)
    sheet = sheet_of(session, spend(cap=Cap(digits, "last year")))
    check(session, sheet, EARLY)
    assert nothing_recorded == {}


def test_nothing_is_recorded_that_depends_on_an_answer(session: Session) -> None:
    def build(session: Session, sheet: Sheet, since: Since) -> Any:
        session.rows(session.events.select("position"))

    with pytest.raises(RuntimeError, match="an answer is asked for"):
        Scripts(session, sheet_of(session, opens()), EARLY).make("asks", build)


def test_few_are_held(
    session: Session, nothing_recorded: dict[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "MOST_SCRIPTS", 2)
    held = Scripts(session, sheet_of(session, opens()), EARLY)
    for step in range(5):
        held.script(step, STEPS["touch"])
    assert len(nothing_recorded) <= 2


class Forgetful(dict[Any, Any]):
    """Another thread forgets what was just noted."""

    def __setitem__(self, key: Any, value: Any) -> None:
        self.clear()


def test_what_others_forget_meanwhile_is_not_missed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "_SCRIPTS", Forgetful())
    monkeypatch.setattr(sums, "_ASKED", Forgetful())
    sheet = sheet_of(session, opens())
    assert Scripts(session, sheet, EARLY).script("touch", STEPS["touch"]).statements
    assert sums._asked(sheet)


@pytest.mark.slow
def test_answers_are_the_same_without_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_recorded: dict[Any, Any]
) -> None:
    from tests.experiments.measurement.stored.test_same import check_story  # noqa: PLC0415 - its own tests are not collected here

    monkeypatch.setattr(scripts, "RECORDS", False)
    check_story(tmp_path / "replica", 5, uncertain=False)
    assert nothing_recorded == {}

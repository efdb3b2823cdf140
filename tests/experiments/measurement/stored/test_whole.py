"""What is counted of a whole project, anew and carried on."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from experiments.measurement.placed import met_since
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stored.delays import counted
from experiments.measurement.stored.scripts import Scripts, Since
from experiments.measurement.stored.sheet import sheets_of
from experiments.measurement.stored.shelf import Shelf
from experiments.measurement.stored.whole import Nobodys, Whole, whole_of
from tests.experiments.measurement.formula_logs import Setting, request_of
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    alias,
    event,
    exposure,
    replica_of,
    withdrawal,
)
from tests.experiments.measurement.test_measure import opens

FIRST = [
    exposure("s-1", "u-1", "a"),
    exposure("s-2", "u-2", "b", type="trigger", occurred_at=SENT + 9 * HOUR),
    event("o-1", "u-1"),
    event("o-2", "u-1", occurred_at=SENT + 5 * HOUR),
    event("p-1", "u-2", "purchase", occurred_at=SENT + 8 * HOUR, import_id=1),
]
THEN = [
    exposure("s-3", "u-3", "a", occurred_at=SENT + 7 * HOUR),
    event("o-3", "u-3", occurred_at=SENT + 30 * HOUR),
    event("v-1", "u-3", "visit"),
]


def counted_at(
    state: ReplicaState, hours: int, held: Whole | None = None, since: int = 0
) -> tuple[int | None, Whole]:
    with open_session(state, 1) as session:
        request = request_of(opens(), Setting(SENT_AT + timedelta(hours=hours)))
        [sheet] = sheets_of([request], partial(met_since, session, request))
        shelf = Shelf(state, 1, "whole")
        shelf.folder.mkdir(parents=True, exist_ok=True)
        arrived = counted(session, shelf, None, 0, 1).arrived
        return whole_of(Scripts(session, sheet, Since(since)), held, arrived)


def nobodys(received: int, later_at: int | None = None, **by_reason: int) -> Nobodys:
    reasons = ("withdrawn", "after_as_of", "unknown_identity", "ambiguous_identity")
    return Nobodys(received, later_at, dict.fromkeys(reasons, 0) | by_reason)


def test_facts_are_counted_by_type_and_those_after_the_moment_apart(tmp_path: Path) -> None:
    later_at, whole = counted_at(replica_of(tmp_path / "replica", FIRST), 4)
    assert later_at == SENT + 5 * HOUR
    assert whole.exposures == {
        "sent": nobodys(1),
        "trigger": nobodys(1, SENT + 9 * HOUR, after_as_of=1),
    }
    assert whole.events == {
        "open": nobodys(2, SENT + 5 * HOUR, after_as_of=1),
        "purchase": nobodys(1, SENT + 8 * HOUR, after_as_of=1),
    }


@pytest.mark.parametrize("hours", [4, 6, 40])
@pytest.mark.parametrize(
    "first",
    [
        [],
        [withdrawal(1)],
        [alias("a-1", "email:1", "u-1"), event("o-9", None, alias="email:1")],
        [event("o-9", None, alias="email:2", occurred_at=SENT + 5 * HOUR)],
    ],
    ids=["sure", "withdrawn", "an alias", "an alias that nobody knows"],
)
def test_they_are_carried_on(tmp_path: Path, hours: int, first: Sequence[Row]) -> None:
    before = replica_of(tmp_path / "replica", [*first, *FIRST])
    _, held = counted_at(before, 4)
    now = replica_of(tmp_path / "replica", [*first, *FIRST], THEN)
    assert counted_at(now, hours, held, before.position) == counted_at(now, hours)


def test_a_project_may_have_no_facts(tmp_path: Path) -> None:
    state = replica_of(tmp_path / "replica", [])
    assert counted_at(state, 4) == (None, Whole())
    assert counted_at(replica_of(tmp_path / "replica", [], THEN), 4, Whole())[1].events

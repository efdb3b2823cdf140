"""Segments over history: who a customer was before the test met them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.text import Text
from experiments.measurement.history import (
    Amount,
    Frequency,
    Grade,
    HistorySegment,
    LastEvent,
    Past,
    Rule,
    members,
)
from experiments.measurement.measure import measure
from experiments.measurement.placed import anchored_units
from experiments.measurement.ready_segments import READY
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    Row,
    alias,
    event,
    exposure,
    replica_of,
)
from tests.experiments.measurement.test_measure import request

Build = Callable[..., ReplicaState]
DAY = 24 * HOUR


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def before(days: float, unit: str, type_: str, **other: Any) -> Row:
    """Something a customer did so many days before the send."""
    number = f"{unit}-{type_}-{days}"
    return event(number, unit, type_, **{"occurred_at": SENT - round(days * DAY)} | other)


def sends(*units: str) -> list[Row]:
    return [exposure(f"s-{unit}", unit, "a") for unit in units]


def inside(state: ReplicaState, segment: HistorySegment) -> int:
    return measure(state, request(segment=segment)).samples["a"].units


def of(*rules: Rule) -> HistorySegment:
    return HistorySegment("own", Text("우리", "Ours"), (rules,))


HISTORIES: list[tuple[str, list[tuple[float, str]], set[str]]] = [
    ("nothing", [], set()),
    ("signed up", [(10, "sign_up")], {"new", "active"}),
    ("signed up long ago", [(400, "sign_up")], {"dormant"}),
    ("clicked", [(200, "open"), (29, "click")], {"active"}),
    ("between", [(60, "purchase")], set()),
    ("sleeps", [(91, "purchase")], {"dormant"}),
    ("was written to", [(91, "purchase"), (5, "sent"), (5, "delivered")], {"dormant"}),
    ("buys", [(n * 60, "purchase") for n in range(1, 6)], {"vip"}),
    ("bought long ago", [(n * 100, "purchase") for n in range(1, 6)], {"dormant"}),
    ("left a cart", [(3, "add_to_cart")], {"active", "cart_abandoner"}),
    ("left an old cart", [(8, "add_to_cart")], {"active"}),
    ("paid", [(3, "add_to_cart"), (2, "purchase")], {"active"}),
    ("came back", [(3, "purchase"), (2, "장바구니 담기")], {"active", "cart_abandoner"}),
    ("later", [(-1, "sign_up"), (-1, "add_to_cart")], set()),
]


def test_the_ready_segments_hold_whom_they_say(build: Build) -> None:
    rows = [before(days, name, type_) for name, did, _ in HISTORIES for days, type_ in did]
    state = build(*sends(*(name for name, _, _ in HISTORIES)), *rows)
    with open_session(state, 1) as session:
        units = anchored_units(session, request())
        for key, segment in READY.items():
            found = units.semi_join(members(session.events, units, segment), "anchor")
            names = {row["unit_id"] for row in session.rows(found.select("unit_id"))}
            assert names == {name for name, _, wanted in HISTORIES if key in wanted}, key


def test_what_happened_at_the_anchor_or_later_tells_nothing(build: Build) -> None:
    state = build(*sends("u"), event("e", "u", "sign_up", occurred_at=SENT))
    assert inside(state, READY["new"]) == 0
    state = build(*sends("u"), event("e", "u", "sign_up", occurred_at=SENT - 1))
    assert inside(state, READY["new"]) == 1


def test_a_grade_is_the_last_one_told_before_the_anchor(build: Build) -> None:
    told = [
        before(30, "u", "profile", properties={"grade": "VIP"}),
        before(20, "u", "profile", properties={"other": "x"}),
        before(-1, "u", "profile", properties={"grade": "basic"}),
    ]
    assert inside(build(*sends("u"), *told), READY["vip"]) == 1
    lost = before(10, "u", "profile", properties={"grade": "basic"})
    assert inside(build(*sends("u"), *told, lost), READY["vip"]) == 0
    assert inside(build(*sends("u"), *told), of(Grade("grade", ("basic",)))) == 0


def test_amounts_add_up_in_one_currency_and_refunds_are_taken_off(build: Build) -> None:
    rule = Amount(Past(("purchase", "refund"), 365), at_least=10_000, currency="KRW")
    bought = [
        before(9, "u", "purchase", value=12_000, currency="KRW"),
        before(8, "u", "purchase", value=99_000, currency="USD"),
    ]
    assert inside(build(*sends("u"), *bought), of(rule)) == 1
    back = before(7, "u", "refund", value=-3_000, currency="KRW")
    assert inside(build(*sends("u"), *bought, back), of(rule)) == 0


def test_the_last_thing_done_and_rules_together(build: Build) -> None:
    rows = [*sends("u"), before(9, "u", "open"), before(2, "u", "unsubscribe")]
    last = LastEvent(("unsubscribe",))
    assert inside(build(*rows), of(last)) == 1
    assert inside(build(*rows), of(last, Frequency(Past(("open",)), at_least=2))) == 0
    assert inside(build(*rows, before(1, "u", "open")), of(last)) == 0
    assert inside(build(*rows, before(1, "u", "open", machine=True)), of(last)) == 1


def test_the_segments_events_add_up_and_the_others_are_counted(build: Build) -> None:
    state = build(
        *sends("new", "old"), before(3, "new", "sign_up"), event("o-1", "new"), event("o-2", "old")
    )
    found = measure(state, request(segment=READY["new"]))
    assert found.samples["a"] == BinomialSample(1, 1)
    assert found.accounting.excluded == {"outside_segment": 1}
    with open_session(state, 1) as session:
        assert measure(session, request()).samples["a"].units == 2
        assert measure(session, request(segment=READY["new"])).samples["a"].units == 1
        assert measure(session, request(segment=READY["dormant"])).samples["a"].units == 0
        assert measure(session, request()).samples["a"].units == 2


def test_a_history_under_an_alias_is_the_customers(build: Build) -> None:
    sign_up = event("e-1", None, "sign_up", alias="anon:1", occurred_at=SENT - DAY)
    rows = [*sends("u"), sign_up]
    assert inside(build(*rows), READY["new"]) == 0
    assert inside(build(*rows, alias("a-1", "anon:1", "u")), READY["new"]) == 1

"""Units that new facts are of, measured from what is kept of them and from what is new."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from experiments.kpis.document import Text
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.session import open_session
from experiments.measurement.stored.scripts import Scripts
from experiments.measurement.unit_numbers import with_numbers
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
)
from tests.experiments.measurement.stored.test_same import check
from tests.experiments.measurement.test_measure import opens, purchase, spend

KPIS = [opens(), spend(), replace(spend(machine="include"), key="with-machines")]
EARLY = [
    *(exposure(f"s-{n}", f"u-{n}", "ab"[n % 2]) for n in range(8)),
    event("o-1", "u-1"),
    event("o-2", "u-2", occurred_at=SENT - HOUR),
    event("stranger", "u-9", occurred_at=SENT - 5 * HOUR),
    purchase("p-1", "u-1", 500),
    purchase("p-2", "u-9", 700),
]
AT = SENT_AT + timedelta(hours=30)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each refresh went, in order."""
    found: list[str] = []
    ask = Scripts.ask

    def noted(scripts: Scripts, step: Any, build: Any) -> Any:
        if step[0].startswith("measure"):
            found.append("onwards" if step[0] == "measure onwards" else "from facts")
        return ask(scripts, step, build)

    monkeypatch.setattr(Scripts, "ask", noted)
    return found


def asked(hours: int = 0, **other: Any) -> list[MeasureRequest]:
    setting = Setting(AT + timedelta(hours=hours))
    return [replace(request_of(kpi, setting), **other) for kpi in KPIS]


def told(folder: Path, *steps: tuple[Sequence[Row], list[MeasureRequest]]) -> None:
    """Add facts step by step, and hold each time what is stored against measuring anew."""
    batches: list[Sequence[Row]] = []
    for new, requests in steps:
        batches.append(new)
        with open_session(replica_of(folder, *batches), 1) as session:
            check(session, requests)


LATER = {
    "an event of somebody known": [event("o-3", "u-3"), purchase("p-3", "u-1", 90)],
    "one before the anchor": [event("o-3", "u-3", occurred_at=SENT - 3 * HOUR)],
    "one after the window": [purchase("p-3", "u-1", 90, occurred_at=SENT + 500 * HOUR)],
    "one of a program": [event("o-3", "u-3", machine=True), purchase("p", "u-4", 3, machine=True)],
    "one of another type": [event("v-1", "u-3", "visit")],
    "one of a stranger": [event("o-3", "u-77")],
    "somebody new without a past": [exposure("s-20", "u-20", "a"), event("o-20", "u-20")],
    "somebody new with a past": [exposure("s-9", "u-9", "b"), event("o-9", "u-9")],
    "somebody known met again": [exposure("t-1", "u-1", "b", occurred_at=SENT + HOUR)],
    "somebody known met before": [exposure("t-1", "u-1", "b", occurred_at=SENT - 9 * HOUR)],
    "a message that was not sent": [exposure("t-1", "u-9", "b", suppressed_reason="capped")],
    "an exposure that is no anchor": [exposure("t-1", "u-1", "b") | {"type": "viewed"}],
    "somebody of no listed variant": [exposure("t-1", "u-9", "z"), event("o-9", "u-9")],
}

OFTEN = {"an event of somebody known", "somebody new with a past", "somebody known met before"}


@pytest.mark.parametrize(
    "name",
    [each if each in OFTEN else pytest.param(each, marks=pytest.mark.slow) for each in LATER],
)
def test_new_facts_are_placed_beside_what_is_kept(
    tmp_path: Path, ways: list[str], name: str
) -> None:
    new = LATER[name]
    more = [event("last", "u-1"), event("last-9", "u-9"), purchase("p-l", "u-20", 7)]
    told(tmp_path / "replica", (EARLY, asked()), (new, asked(1)), (more, asked(24)))
    assert ways == ["from facts", "onwards", "onwards"]


def test_facts_that_had_not_happened_are_placed_when_they_have(
    tmp_path: Path, ways: list[str]
) -> None:
    to_come = [
        exposure("s-9", "u-9", "b", occurred_at=SENT + 31 * HOUR),
        exposure("t-1", "u-1", "b", occurred_at=SENT + 32 * HOUR),
        purchase("p-9", "u-9", 800, occurred_at=SENT + 33 * HOUR),
        event("o-5", "u-5", occurred_at=SENT + 60 * HOUR),
    ]
    told(
        tmp_path / "replica", ([*EARLY, *to_come], asked()), ([], asked(5)),
        ([event("o-3", "u-9")], asked(6)), ([], asked(40)),
    )  # fmt: skip
    assert ways == ["from facts", "onwards", "onwards", "onwards"]


def test_a_segment_of_the_anchor_goes_on_too(tmp_path: Path, ways: list[str]) -> None:
    sms = AnchorSegment("sms", Text("문자", "Texts"), channel="sms")
    new = [exposure("s-9", "u-9", "b", channel="sms"), event("o-9", "u-9"), event("o-3", "u-3")]
    told(
        tmp_path / "replica", (EARLY, asked(segment=sms)), (new, asked(1, segment=sms)),
        ([event("o-4", "u-9")], asked(2, segment=sms)),
    )  # fmt: skip
    assert ways == ["from facts", "onwards", "onwards"]


def test_where_ids_have_to_be_looked_up_they_are(tmp_path: Path, ways: list[str]) -> None:
    unknown = [event("o-3", None, alias="email:1")]
    known = [alias("a-1", "email:1", "u-3"), event("o-4", "u-4")]
    told(
        tmp_path / "replica", (EARLY, asked()), (unknown, asked(1)), (known, asked(2)),
        ([event("o-5", "u-5")], asked(3)),
    )  # fmt: skip
    assert ways == ["from facts"] * 4


def test_units_whose_numbers_are_half_the_same_are_told_apart(
    tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = with_numbers

    def halved(facts: pa.Table) -> pa.Table:
        found = known(facts)
        place = found.column_names.index("unit_low")
        return found.set_column(place, "unit_low", pa.array([7] * found.num_rows, pa.int64()))

    monkeypatch.setattr("experiments.measurement.segments.with_numbers", halved)
    new = [*LATER["somebody new with a past"], *LATER["somebody known met before"]]
    told(
        tmp_path / "replica", (EARLY, asked()), (LATER["one of a stranger"], asked(1)),
        (new, asked(2)), ([event("last", "u-9"), event("last-1", "u-1")], asked(9)),
    )  # fmt: skip
    assert ways == ["from facts", "onwards", "onwards", "onwards"]


def test_whatever_somebody_did_before_makes_a_past(tmp_path: Path) -> None:
    kpi = replace(spend(), covariate_days=30)
    past = [event("v-1", "u-3", "visit", occurred_at=SENT - 20 * HOUR)]
    requests = [request_of(kpi, Setting(AT))]
    told(tmp_path / "replica", (EARLY, requests), (past, requests))

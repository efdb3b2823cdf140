"""A KPI over time, against a plain reading customer by customer."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.catalogue import ENTRIES
from experiments.kpis.document import Events, Formula, KpiDocument, Text, Tracking
from experiments.measurement.session import Session, open_session
from experiments.tracking import measured
from experiments.tracking.measured import measured_series
from experiments.tracking.ready import UnknownSegment
from experiments.tracking.series import PeriodValue, Series, SeriesRequest, Split
from tests.experiments.measurement.formula_logs import COSTS, FURTHER, log_of
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, event, replica_of
from tests.experiments.tracking.oracle_tracking import expected_values, reasons_add_up

FIRST, LAST = date(2025, 2, 24), date(2025, 3, 23)
BASES: dict[str, Tracking] = {
    "cohort": Tracking(base=Events("visit")),
    "period": Tracking(by="period", base=Events("visit")),
    "everybody": Tracking(by="period"),
    "rolling": Tracking(by="period", rolling_days=9),
}
CATALOGUE = {each.key: each.document() for each in ENTRIES if not each.formula.series}
DOCUMENTS = CATALOGUE | {
    f"{name}, {way}": replace(kpi, tracking=tracking, covariate_days=None)
    for name, kpi in FURTHER.items()
    for way, tracking in BASES.items()
}
EVERYBODY = Tracking(by="period", rolling_days=9)
ROLLED = [
    each
    for each in DOCUMENTS.values()
    if each.tracking == EVERYBODY and not each.formula.requires and each.kind in {"mean", "ratio"}
]
TYPES = sorted(
    {each for kpi in DOCUMENTS.values() for each in kpi.formula.event_types}
    | {each.event for kpi in DOCUMENTS.values() for each in kpi.formula.requires}
    | {kpi.tracking.base.event for kpi in DOCUMENTS.values() if kpi.tracking and kpi.tracking.base}
)


@pytest.fixture(scope="module")
def log() -> list[Row]:
    return log_of(random.Random(11), TYPES, 800, span=20 * 24 * HOUR)


@pytest.fixture(scope="module")
def session(log: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    state = replica_of(tmp_path_factory.mktemp("series") / "replica", log[::2], log[1::2])
    with open_session(state, 1) as opened:
        yield opened


def asked(document: KpiDocument, period: str = "week", **other: Any) -> SeriesRequest:
    as_of = SENT_AT + timedelta(days=11, hours=3)
    given: dict[str, Any] = {"zone": "America/New_York", "costs": COSTS, "as_of": as_of} | other
    return SeriesRequest(1, document, period, FIRST, LAST, **given)


def _once_a_kind() -> Iterator[Any]:
    """Every KPI; the first of each kind and way fast, the others slow."""
    seen = set()
    for key, kpi in DOCUMENTS.items():
        tracking = kpi.tracking
        assert tracking is not None
        way = tracking.by, tracking.base is None, tracking.rolling_days is None
        shape = kpi.kind, way, kpi.formula.days is None, bool(kpi.formula.requires)
        yield pytest.param(key, marks=[pytest.mark.slow] if shape in seen else [])
        seen.add(shape)


@pytest.mark.parametrize("key", [*_once_a_kind()])
def test_every_kpi_is_followed_as_read_plainly(session: Session, log: list[Row], key: str) -> None:
    check(session, log, asked(DOCUMENTS[key]))


@pytest.mark.parametrize("period", ["day", "month"])
@pytest.mark.parametrize(
    "key", ["arpu", "active-customers", "retention-d1", "nps", "since, cohort"]
)
def test_days_and_months(session: Session, log: list[Row], key: str, period: str) -> None:
    check(session, log, asked(DOCUMENTS[key], period))


@pytest.mark.parametrize("base", [None, Events("visit")])
@pytest.mark.parametrize("rolling", [1, 3, 9])
@pytest.mark.parametrize("period", ["day", "week"])
def test_running_sums_are_those_of_every_window(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    period: str,
    rolling: int,
    base: Events | None,
) -> None:
    for kpi in [CATALOGUE["stickiness"], *ROLLED[:1]]:
        same_rolling(session, monkeypatch, kpi, period, rolling, base)


@pytest.mark.slow
@pytest.mark.parametrize("base", [None, Events("visit")])
@pytest.mark.parametrize("kpi", ROLLED)
def test_running_sums_of_every_kind(
    session: Session, monkeypatch: pytest.MonkeyPatch, kpi: KpiDocument, base: Events | None
) -> None:
    same_rolling(session, monkeypatch, kpi, "day", 9, base)


def same_rolling(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    kpi: KpiDocument,
    period: str,
    rolling: int,
    base: Events | None,
) -> None:
    tracking = replace(kpi.tracking or Tracking(), rolling_days=rolling, base=base)
    request = asked(replace(kpi, tracking=tracking), period)
    found = measured_series(session, request)
    with monkeypatch.context() as plainly:
        plainly.setattr(measured, "rolls", lambda *_: False)
        wanted = measured_series(session, request)
    assert found.values == wanted.values
    assert (found.used, found.excluded) == (wanted.used, wanted.excluded)
    assert found.baseline == wanted.baseline


def check(session: Session, log: list[Row], request: SeriesRequest) -> None:
    found = measured_series(session, request)
    wanted = expected_values(log, request)
    assert len(found.values) == len(wanted)
    known = [
        (value, units, number)
        for value, (units, number) in zip(found.values, wanted, strict=True)
        if value.gap != "no_facts"
    ]
    assert known
    for value, units, number in known:
        assert number is None or value.units == units
        assert_same(value, number)
    assert reasons_add_up(found)


def assert_same(value: PeriodValue, number: Any) -> None:
    if number is None:
        assert value.value is None, value
        return
    assert value.value is not None, (value, number)
    assert abs(value.value - Decimal(number.numerator) / Decimal(number.denominator)) < Decimal(
        "1e-8"
    ), (value, number)
    if value.numerator is not None and value.denominator is not None:
        assert value.numerator / value.denominator == value.value


def small(folder: Path, rows: list[Row]) -> Any:
    return replica_of(folder / "replica", rows)


DAY = 24 * HOUR
BUYERS = KpiDocument(
    "buyers", Text("구매율", "Buyers"), "proportion", Formula("purchase", "occurrence", 72), "rate",
    tracking=Tracking(base=Events("visit")),
)  # fmt: skip


def _of(kpi: KpiDocument, rows: list[Row], folder: Path, **other: Any) -> Series:
    given: dict[str, Any] = {"as_of": SENT_AT + timedelta(days=5), "zone": "Asia/Seoul"} | other
    days: dict[str, Any] = {"since": date(2025, 3, 8), "until": date(2025, 3, 15)}
    request = SeriesRequest(1, kpi, "day", **(days | given))
    return measured_series(small(folder, rows), request)


def test_customers_of_open_windows_are_not_counted(tmp_path: Path) -> None:
    rows = [
        event("v1", "ann", "visit", occurred_at=SENT),
        event("v2", "bob", "visit", occurred_at=SENT + DAY),
        event("v3", "cy", "visit", occurred_at=SENT + 4 * DAY),
        event("p1", "ann", "purchase", occurred_at=SENT + 2 * DAY),
        event("p2", "ann", "purchase", occurred_at=SENT + 3 * DAY),
        event("p3", "cy", "purchase", occurred_at=SENT + 4 * DAY + HOUR),
    ]
    found = _of(BUYERS, rows, tmp_path)
    days = {each.starts_on.day: each for each in found.values}
    assert [(days[day].units, days[day].value) for day in (10, 11)] == [
        (1, Decimal(1)),
        (1, Decimal(0)),
    ]
    assert [days[day].complete for day in (10, 11, 12)] == [True, True, False]
    assert (days[14].units, days[14].waiting, days[14].gap) == (0, 1, "nobody")
    assert [days[day].gap for day in (8, 9, 15)] == ["no_facts"] * 3
    assert (found.used, found.excluded) == (1, {"no_window": 1, "immature": 1})
    assert found.baseline == Decimal("0.5")


def test_before_the_first_fact_and_after_the_last_there_is_no_zero(tmp_path: Path) -> None:
    total = replace(BUYERS, kind="mean", unit_of_measure="count",
                    tracking=Tracking(by="period", aggregate="total"))  # fmt: skip
    rows = [event(f"p{day}", "ann", "purchase", occurred_at=SENT + day * DAY) for day in (0, 2)]
    rows.append(event("other", "ann", "visit", occurred_at=SENT - 3 * DAY))
    found = _of(total, rows, tmp_path)
    assert [each.value for each in found.values] == [None, None, 1, 0, 1, None, None, None]
    assert [each.complete for each in found.values].count(True) == 3


def test_a_split_leaves_what_is_divided_by_whole(tmp_path: Path) -> None:
    leaving = replace(
        BUYERS, formula=Formula("cancel", "occurrence", 72),
        tracking=Tracking(by="period", base=Events("visit"), split_by=("reason",)),
    )  # fmt: skip
    rows = [event(f"v{unit}", unit, "visit", occurred_at=SENT) for unit in ("ann", "bob")]
    rows += [
        event("c1", "ann", "cancel", properties={"reason": "price"}),
        event("c2", "bob", "cancel", properties={"reason": "moved"}),
    ]
    found = _of(leaving, rows, tmp_path, split=Split("reason", "price"))
    assert {each.value for each in found.values if each.value is not None} == {Decimal("0.5")}
    assert found.excluded == {"property_filter": 1}


def test_a_channel_is_that_of_the_base_and_of_what_messages_report(tmp_path: Path) -> None:
    opens = replace(
        BUYERS, formula=Formula("open", "occurrence", 72), tracking=Tracking(base=Events("sent"))
    )
    rows = [
        event("s1", "ann", "sent", occurred_at=SENT, channel="email"),
        event("s2", "bob", "sent", occurred_at=SENT, channel="sms"),
        event("o1", "ann", "open", channel="app_push"),
    ]
    [value] = [each for each in _of(opens, rows, tmp_path, channel="email").values if each.units]
    assert (value.units, value.value) == (1, Decimal(0))


def test_segments_look_at_what_was_before(tmp_path: Path) -> None:
    rows = [
        event("up", "ann", "sign_up", occurred_at=SENT - 5 * DAY),
        *(event(f"v{unit}", unit, "visit", occurred_at=SENT) for unit in ("ann", "bob")),
        event("p", "ann", "purchase", occurred_at=SENT + HOUR),
    ]
    found = _of(BUYERS, rows, tmp_path, segment="new")
    [value] = [each for each in found.values if each.units]
    assert (value.units, value.value) == (1, Decimal(1))
    with pytest.raises(UnknownSegment):
        measured_series(
            small(tmp_path / "again", rows), replace(asked(BUYERS), segment="everybody", zone="UTC")
        )


def test_the_order_of_the_log_decides_nothing(log: list[Row], tmp_path: Path) -> None:
    request = asked(DOCUMENTS["aov"], "day")
    answers = []
    for number in range(3):
        mixed = log[:]
        random.Random(number).shuffle(mixed)
        answers.append(measured_series(small(tmp_path / str(number), mixed), request).values)
    assert answers[0] == answers[1] == answers[2]

"""One KPI of each kind on a log that fits on a page, with values worked out by hand."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.document import (
    Cap,
    DayWindow,
    Events,
    Formula,
    KpiDocument,
    Quantity,
    Requirement,
    Term,
)
from experiments.ledger.append import append
from experiments.ledger.facts import Event, Exposure
from experiments.ledger.resolve import Context, resolve
from experiments.measurement.credit_rules import by_credit_rule
from experiments.measurement.errors import DivisorBelowZero
from experiments.measurement.formula.samples import QuantileSample, TimedSample
from experiments.measurement.measure import Measurement, measure
from experiments.measurement.replica import Replica
from experiments.measurement.request import MeasureRequest
from experiments.storage.database import Database
from stats.samples import (
    BinomialSample,
    CovariateSample,
    LifeTable,
    MeanSample,
    RatioSample,
    ScoreSample,
    ValueCounts,
)
from tests.conftest import make_project
from tests.experiments.ledger.factories import known
from tests.experiments.measurement.formula_logs import DAY, document, request_of
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    add_experiment,
    event,
    exposure,
    replica_of,
)

BACK = Term("refund", "amount")


def bought(source_id: str, unit: str, hours: float, value: int | None = None, **other: Any) -> Row:
    at = SENT + round(hours * HOUR)
    usual = {"type_": "purchase", "value": value, "currency": "KRW" if value else None}
    return event(source_id, unit, occurred_at=at, **usual | other)


LOG = [
    *(exposure(f"s-{unit}", unit, variant) for unit, variant in zip("pqrst", "aabba", strict=True)),
    bought("p-1", "p", 1, 10_000), bought("p-2", "p", 30, 20_000, properties={"items": 2.5}),
    bought("p-3", "p", 40, -4_000, type_="refund"), bought("q-1", "q", 2, 900_000),
    bought("r-1", "r", 50, 5_000, currency="USD"), bought("r-2", "r", 50, 7_000),
    bought("s-1", "s", 80, 1_000), bought("old", "q", -100, 3_000), bought("seen", "s", -1, 500),
    event("v-1", "p", "visit", occurred_at=SENT + HOUR), event("v-2", "r", "visit"),
    event("n-1", "p", "answer", properties={"score": 9}),
    event("n-2", "p", "answer", occurred_at=SENT + 2 * HOUR, properties={"score": 3}),
    event("n-3", "q", "answer", properties={"score": "10"}), event("n-4", "t", "answer"),
]  # fmt: skip


def measured(tmp_path: Path, kpi: KpiDocument, **changes: Any) -> Measurement:
    request = replace(request_of(kpi), **changes)
    return measure(replica_of(tmp_path / "replica", LOG), request)


def spent(**other: Any) -> KpiDocument:
    formula = Formula("purchase", "amount", 72, plus=(BACK,), **other)
    return document("mean", formula, "money", currency="KRW")


def test_a_share_of_customers(tmp_path: Path) -> None:
    twice = document("proportion", Formula("purchase", "occurrence", 72, at_least=2), "rate")
    assert measured(tmp_path, twice).samples == {
        "a": BinomialSample(3, 1), "b": BinomialSample(2, 1),
    }  # fmt: skip


def test_a_share_that_did_not(tmp_path: Path) -> None:
    none = document("proportion", Formula("purchase", "absence", 72), "rate")
    assert measured(tmp_path, none).samples["a"] == BinomialSample(3, 1)


def test_a_mean_of_several_terms(tmp_path: Path) -> None:
    found = measured(tmp_path, spent(cap=Cap(Decimal(100_000), "last year")))
    assert found.samples["a"] == MeanSample.of([26_000, 100_000, 0])
    assert found.uncapped is not None
    assert found.uncapped["a"] == MeanSample.of([26_000, 900_000, 0])
    assert found.samples["b"] == MeanSample.of([7_000, 0])
    assert found.accounting.received == 9
    assert found.accounting.used == 5
    assert found.accounting.excluded == {
        "other_currency": 1, "before_anchor": 2, "after_window": 1,
    }  # fmt: skip


def test_an_event_is_told_under_the_reason_of_the_part_it_came_nearest_to(tmp_path: Path) -> None:
    either = Formula(
        "purchase",
        "count",
        72,
        where={"items": "2.5"},
        plus=(Term("purchase", "count", machine="include"),),
    )
    found = measured(tmp_path, document("mean", either, "count"))
    assert found.samples["a"] == MeanSample.of([3, 1, 0])
    assert found.accounting.excluded == {"before_anchor": 2, "after_window": 1}


def test_a_ratio_of_two_sums(tmp_path: Path) -> None:
    each = Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count"))
    found = measured(tmp_path, document("ratio", each, "money", currency="KRW"))
    assert found.samples["a"] == RatioSample.of([(30_000, 2), (900_000, 1), (0, 0)])
    assert found.samples["b"] == RatioSample.of([(7_000, 2), (0, 0)])
    assert found.accounting.used == 5


def test_what_a_ratio_divides_by_is_not_below_zero(tmp_path: Path) -> None:
    back = Formula("purchase", "amount", 72, denominator=Quantity("refund", "amount"))
    with pytest.raises(DivisorBelowZero):
        measured(tmp_path, document("ratio", back, "rate", currency="KRW"))


def test_a_score_of_the_last_answer(tmp_path: Path) -> None:
    nps = document("score", Formula("answer", "number", 72, of="score"), "score")
    found = measured(tmp_path, nps)
    assert found.samples == {"a": ScoreSample(1, 0, 1), "b": ScoreSample(0, 0, 0)}
    assert found.accounting.excluded == {"without_value": 1}
    assert found.analysed == {"a": 3, "b": 2}


def test_a_time_to_an_event_is_seen_until_now_and_no_longer(tmp_path: Path) -> None:
    soon = document("time_to_event", Formula("purchase", "occurrence", 72, step="hour"), "days")
    ended = measured(tmp_path, soon).samples["a"]
    assert ended == TimedSample(LifeTable.of([(1, True), (2, True), (72, False)]), 72, 24)
    running = measured(tmp_path, soon, as_of=SENT_AT + timedelta(hours=10))
    table = LifeTable.of([(10, False), (10, False)])
    assert running.samples["b"] == TimedSample(table, 72, 24)
    assert running.immature == {"a": 3, "b": 2}


def test_a_time_from_an_event_to_the_next(tmp_path: Path) -> None:
    cycle = document(
        "time_to_event",
        Formula("purchase", "occurrence", 72, since=Events("purchase"), step="hour"),
        "days",
    )
    table = LifeTable.of([(29, True), (70, False)])
    assert measured(tmp_path, cycle).samples["a"] == TimedSample(table, 72, 24, watched_alike=False)
    together = LifeTable.of([(0, True)])
    assert measured(tmp_path, cycle).samples["b"] == TimedSample(
        together, 72, 24, watched_alike=False
    )


def test_a_quantile_of_those_with_a_value(tmp_path: Path) -> None:
    formula = Formula("purchase", "amount", 72, quantile=Decimal("0.5"), over="with_value")
    found = measured(tmp_path, document("quantile", formula, "money", currency="KRW"))
    assert found.samples["a"] == QuantileSample(ValueCounts.of([30_000, 900_000]), 0.5)


def test_a_funnel_is_taken_in_order(tmp_path: Path) -> None:
    formula = Formula("visit", "occurrence", 72, then=(Events("purchase"),))
    found = measured(tmp_path, document("funnel", formula, "rate"))
    assert found.samples == {"a": BinomialSample(3, 1), "b": BinomialSample(2, 1)}
    assert found.steps == {"a": (1, 1), "b": (1, 1)}
    turned = Formula("purchase", "occurrence", 72, then=(Events("visit"),))
    assert measured(tmp_path, document("funnel", turned, "rate")).steps == {
        "a": (2, 1),
        "b": (1, 0),
    }


def test_only_those_who_bought_before_count(tmp_path: Path) -> None:
    formula = Formula("purchase", "occurrence", 72, requires=(Requirement("purchase"),))
    found = measured(tmp_path, document("proportion", formula, "rate"))
    assert found.samples == {"a": BinomialSample(1, 1), "b": BinomialSample(1, 0)}
    assert found.not_required == {"a": 2, "b": 1}
    assert found.accounting.excluded == {"not_required": 4, "before_anchor": 2, "after_window": 1}


def test_the_past_of_each_customer(tmp_path: Path) -> None:
    found = measured(tmp_path, replace(spent(), covariate_days=30))
    assert found.covariates == {
        "a": CovariateSample.of([(26_000, None), (900_000, 3_000), (0, None)]),
        "b": CovariateSample.of([(7_000, None), (0, 500)]),
    }


@pytest.mark.parametrize(
    ("zone", "days", "inside"),
    [
        # Sent at 10:00 in Seoul: the next day begins 14 hours later.
        ("Asia/Seoul", DayWindow(1, 1), (14, 38)),
        # Sent at 21:00 in New York, on the day of 23 hours: the days after have 24.
        ("America/New_York", DayWindow(1, 1), (3, 27)),
        ("America/New_York", DayWindow(0, 0), (0, 3)),
        ("Asia/Seoul", DayWindow(0, 2), (0, 62)),
    ],
)
def test_local_days(tmp_path: Path, zone: str, days: DayWindow, inside: tuple[int, int]) -> None:
    begin, end = (SENT + hours * HOUR for hours in inside)
    rows = [
        exposure("s", "u", "a"),
        *(
            event(f"e-{at}", "u", "visit", occurred_at=at)
            for at in (begin - 1, begin, end - 1, end)
        ),
    ]
    kpi = document("mean", Formula("visit", "count", days=days), "count")
    request = replace(request_of(kpi), zone=zone)
    found = measure(replica_of(tmp_path / "replica", rows), request)
    assert found.samples["a"] == MeanSample.of([2])
    assert sum(found.accounting.excluded.values()) == 2


def test_a_day_of_23_hours(tmp_path: Path) -> None:
    """On 9 March 2025 New York's clocks went from 2:00 to 3:00."""
    sent = SENT - DAY  # the evening of the 8th
    midnight = sent + 4 * HOUR
    rows = [
        exposure("s", "u", "a", occurred_at=sent),
        *(
            event(f"e-{hours}", "u", "visit", occurred_at=midnight + hours * HOUR)
            for hours in (0, 22, 23)
        ),
    ]
    kpi = document("mean", Formula("visit", "count", days=DayWindow(1, 1)), "count")
    request = replace(request_of(kpi), zone="America/New_York")
    assert measure(replica_of(tmp_path / "replica", rows), request).samples["a"] == MeanSample.of(
        [2]
    )


def test_messages_cost_what_they_say_or_what_the_list_says(tmp_path: Path) -> None:
    rows = [
        exposure("s-1", "u", "a", channel="sms"),
        # The provider tells of the same message, and of a second one, an hour later.
        event("m-1", "u", "sent", occurred_at=SENT + 5, channel="sms", experiment_id=1),
        event("m-2", "u", "sent", channel="sms", experiment_id=1, properties={"kind": "image"}),
        exposure("s-2", "u", "a", channel="sms", occurred_at=SENT + 4 * HOUR, experiment_id=2),
        exposure("s-3", "u", "a", channel="push", occurred_at=SENT + HOUR, value=3, currency="KRW"),
        exposure("s-4", "u", "a", channel="sms", suppressed_reason="capped"),
    ]
    kpi = document("mean", Formula("sent", "message_cost", 72), "money", currency="KRW")
    found = measure(replica_of(tmp_path / "replica", rows), request_of(kpi))
    assert found.samples["a"] == MeanSample.of([890 + 2945 + 940 + 300], 100)
    assert found.accounting.excluded == {"suppressed": 1, "same_message": 1}
    assert (found.accounting.received, found.accounting.used) == (6, 4)


def test_how_much_the_credit_decides(tmp_path: Path) -> None:
    rows = [
        exposure("s-1", "u", "a"),
        exposure("s-2", "u", "b", experiment_id=2, occurred_at=SENT + 10 * HOUR),
        bought("before", "u", 5, 100), bought("after", "u", 20, 1_000),
        bought("tagged", "u", 21, 10_000, experiment_id=1),
    ]  # fmt: skip
    found = by_credit_rule(replica_of(tmp_path / "replica", rows), request_of(spent()))
    assert {rule: samples["a"] for rule, samples in found.items()} == {
        "any": MeanSample.of([11_100]), "last_message": MeanSample.of([100]),
        "first_message": MeanSample.of([11_100]), "own_tag": MeanSample.of([10_000]),
    }  # fmt: skip


KINDS = {
    "terms": spent(),
    "ratio": document(
        "ratio",
        Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count")),
        "money",
        currency="KRW",
    ),
    "score": document("score", Formula("answer", "number", 72, of="score"), "score"),
    "time": document("time_to_event", Formula("purchase", "occurrence", 72), "days"),
    "quantile": document(
        "quantile",
        Formula("purchase", "amount", 72, quantile=Decimal("0.5")),
        "money",
        currency="KRW",
    ),
    "funnel": document(
        "funnel", Formula("visit", "occurrence", 72, then=(Events("purchase"),)), "rate"
    ),
}


@pytest.mark.parametrize("key", KINDS)
def test_any_order_gives_the_same_to_the_last_byte(tmp_path: Path, key: str) -> None:
    request: MeasureRequest = request_of(KINDS[key])
    answers = set()
    for seed in range(3):
        rows = LOG.copy()
        random.Random(seed).shuffle(rows)
        cut = seed * 5
        found = measure(replica_of(tmp_path / str(seed), rows[:cut], rows[cut:]), request)
        answers.add(repr(found))
    assert len(answers) == 1


def test_what_is_sent_again_in_any_order_counts_once(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Through the real ledger: every project is sent the same log another way."""
    facts = [_fact(row) for row in LOG]
    answers = set()
    for seed in range(3):
        project = make_project(sqlite_database, SENT_AT, f"shop-{seed}")
        experiment = add_experiment(sqlite_database, project.id)
        tests = {"test": known(id=experiment, allocates=False, phases=())}
        context = Context(tests, project.currency)
        rng = random.Random(seed)
        sent = [resolve(fact, context) for fact in rng.sample(facts, len(facts))]
        for batch in (sent[:7], rng.choices(sent, k=9), sent[3:], sent):
            with sqlite_database.transaction() as db:
                append(db, project, batch, received_at=SENT_AT)
        state = Replica(tmp_path / "replica", sqlite_database).refresh()
        of_project: Any = {"project_id": project.id, "experiment_id": experiment}
        found = [measure(state, replace(request_of(kpi), **of_project)) for kpi in KINDS.values()]
        answers.add(repr([(each.samples, each.accounting, each.steps) for each in found]))
    assert len(answers) == 1


def _fact(row: Row) -> Exposure | Event:
    at = datetime.fromtimestamp(row["occurred_at"] / 1e6, UTC)
    if row["fact"] == "exposure":
        return Exposure(
            row["source_id"], "test", row["unit_id"], "sent", at, row["variant"], "email"
        )
    said = {
        name: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in (row["properties"] or {}).items()
    }
    return Event(
        row["source_id"], row["unit_id"], row["type"], at, row["value"], row["currency"],
        properties=said,
    )  # fmt: skip

"""The same generated rows for every engine, and what must be equal in their answers."""

import hashlib
import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.contacts import contact_counts
from experiments.measurement.exposures import exposure_counts
from experiments.measurement.measure import Measurement, MeasureRequest, measure
from experiments.measurement.openers import open_counts
from experiments.measurement.ready_segments import READY
from experiments.measurement.session import Session
from tests.experiments.measurement.formula_logs import FURTHER, LONG, Setting, log_of, request_of
from tests.experiments.measurement.ledger import HOUR, SENT_AT, Row, event, exposure
from tests.experiments.measurement.test_agreement import uncertain_ledger
from tests.experiments.measurement.test_formula import DOCUMENTS, TYPES

Load = Callable[[list[Row]], AbstractContextManager[Session]]
NAME = Text("지표", "A KPI")
# One of each kind, and of what kinds have: covariates, local days, credit, caps, filters.
TYPICAL = (
    "terms", "score of a number", "hours to a click", "since", "quantile", "funnel", "local days",
    "per sent", "required", "credit last_message", "present",
)  # fmt: skip
TRICKY = [
    {"kind": "gift"}, {"a/b~c": "7"}, {"$.kind": "true", "/kind": "gift"},
    {"색 'x' \"y\"": "true"}, {"back\\slash": "a\\b"}, {"n": "1.5"}, {"n": "10.0"}, {"n": "0.1"},
    {"n": "100.0"}, {"n": "1.50"}, {"line": "a\nb"},
]  # fmt: skip


def log() -> list[Row]:
    """Of every type, over weeks: most KPIs look at many days."""
    return log_of(random.Random(7), TYPES, 900, span=40 * 24 * HOUR)


def small_log(seed: int) -> list[Row]:
    """Of the types of ``TYPICAL``, and clicks that come as fast as a scanner's."""
    rng = random.Random(seed)
    types = sorted(
        {"visit", "sent"} | {t for key in TYPICAL for t in FURTHER[key].formula.event_types}
    )
    rows = log_of(rng, types, 250)
    for number, row in enumerate(rows):
        if row["type"] == "click" and row["fact"] == "event" and rng.random() < 0.6:
            row["occurred_at"] = SENT_AT_US + HOUR + rng.randrange(8) * 700_000
            row["properties"] = {"message": "m", "url": f"https://x.example/{number % 7}"}
    return rows


SENT_AT_US = int(SENT_AT.timestamp()) * 1_000_000


def requests_of(keys: tuple[str, ...], rng: random.Random) -> Iterator[tuple[str, MeasureRequest]]:
    for key in keys:
        as_of = rng.choice([LONG, SENT_AT + timedelta(hours=rng.randrange(20, 100))])
        zone = rng.choice(["America/New_York", "Asia/Seoul", "America/Sao_Paulo"])
        yield key, request_of(DOCUMENTS[key], Setting(as_of, zone))


def uncertain_requests(rng: random.Random, many: int) -> Iterator[MeasureRequest]:
    """On ledgers with aliases, merges and withdrawals."""
    shapes = [
        ("proportion", "occurrence", "rate", None), ("mean", "count", "count", None),
        ("mean", "amount", "money", "KRW"),
    ]  # fmt: skip
    for _ in range(many):
        kind, value, unit, currency = rng.choice(shapes)
        formula = Formula(
            rng.choice(["open", "purchase"]), value, 72, machine=rng.choice(["include", "exclude"])
        )
        yield MeasureRequest(
            project_id=1,
            experiment_id=1,
            anchor=rng.choice(["sent", "sent", "assignment"]),
            variants=("a", "b"),
            as_of=SENT_AT + timedelta(hours=rng.choice([2, 14, 100])),
            allocation=rng.choice(["truelift", "external"]),
            kpi=KpiDocument("kpi", NAME, kind, formula, unit, currency=currency),
            window_hours=rng.choice([1, 2, 5]),
        )


def uncertain_rows(seed: int) -> list[Row]:
    return [row for batch in uncertain_ledger(random.Random(seed)) for row in batch]


def stored(rows: list[Row]) -> list[Row]:
    """The rows as a database takes them."""
    return [
        {"digest": hashlib.sha256(row["source_id"].encode()).digest(), "machine": False} | row
        for row in rows
    ]


@dataclass(frozen=True)
class Answers:
    """Everything that a report asks a session about one KPI."""

    measurement: Measurement
    contacts: Any
    exposures: Any
    openers: Any


def answers(session: Session, request: MeasureRequest, *, whole: bool = True) -> Answers:
    """What a session says, without how it was asked."""
    found = replace(measure(session, request), sql="", ledger_identity="", position=0)
    if not whole:
        return Answers(found, None, None, None)
    met = exposure_counts(session, request, [SENT_AT, SENT_AT + timedelta(hours=2)])
    return Answers(
        found, contact_counts(session, request), replace(met, sql=""), open_counts(session, request)
    )


def check_typical(ours: Session, theirs: Session, seed: int, keys: tuple[str, ...]) -> None:
    """Both say the same of KPIs; that it is right, DuckDB's own tests say."""
    for key, request in requests_of(keys, random.Random(seed)):
        whole = key == keys[0]
        assert answers(theirs, request, whole=whole) == answers(ours, request, whole=whole), key


def check_uncertain(ours: Session, theirs: Session, seed: int, many: int) -> None:
    for request in uncertain_requests(random.Random(seed), many):
        whole = request.window_hours == 1
        assert answers(theirs, request, whole=whole) == answers(ours, request, whole=whole), request


def check_segments(ours: Session, theirs: Session) -> None:
    for segment in READY.values():
        request = replace(request_of(FURTHER["numbers"]), segment=segment)
        assert answers(theirs, request, whole=False) == answers(ours, request, whole=False)


def tricky_rows() -> list[Row]:
    """Orders whose properties are spelled in every way."""
    spelled: list[Any] = [
        {"kind": "gift"}, {"a/b~c": 7}, {"a/b~c": "7"}, {"$.kind": True, "/kind": "gift"},
        {"색 'x' \"y\"": True}, {"back\\slash": "a\\b"}, {"n": 1.5}, {"n": "1.50"}, {"n": 10.0},
        {"n": 0.1}, {"n": 100.0}, {"line": "a\nb"}, {"n": None}, {}, None,
        {"n": "12\n"}, {"n": 9999999999999.5}, {"n": "1e400"}, {"n": "1e-400"}, {"n": 2.0000005},
        {"n": -2.0000005}, {"n": "1e0000000001"}, {"n": "0" * 50 + "7"}, {"n": "٣"},
    ]  # fmt: skip
    rows = [exposure("s-1", "u-1", "a")]
    return rows + [
        event(f"e-{number}", "u-1", "purchase", properties=properties)
        for number, properties in enumerate(spelled)
    ]


def tricky_requests() -> Iterator[MeasureRequest]:
    for where in TRICKY:
        formula = Formula("purchase", "count", 72, where=where)
        yield request_of(KpiDocument("kpi", NAME, "mean", formula, "count"))
    for kind, value in (("mean", "number"), ("mean", "distinct")):
        formula = Formula("purchase", value, 72, of="n")
        yield request_of(KpiDocument("kpi", NAME, kind, formula, "count"))


def check_tricky(ours: Session, theirs: Session) -> None:
    for request in tricky_requests():
        formula = request.kpi.formula
        assert answers(theirs, request, whole=False) == answers(ours, request, whole=False), formula


def once_a_shape() -> Iterator[Any]:
    """Every KPI of the catalogue; those that differ in an event or a window only, once."""
    seen = set()
    for key, kpi in DOCUMENTS.items():
        told = repr((repr(kpi.formula), kpi.credit, kpi.covariate_days is None, kpi.kind))
        shape = re.sub(r"event='\w+'|window_hours=\d+|first=\d+, last=\d+", "", told)
        if shape not in seen:
            yield pytest.param(key)
        seen.add(shape)

"""Stored values answer as measuring anew does, whatever came in between, and when."""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.measurement.measure import Measurement, MeasureRequest, measure
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.measured import measure_stored
from tests.experiments.measurement.formula_logs import Setting, log_of, request_of
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
from tests.experiments.measurement.test_formula import DOCUMENTS, TYPES
from tests.experiments.measurement.test_measure import opens, purchase, spend

EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(session: Session, requests: Sequence[MeasureRequest]) -> None:
    """What is stored says what measuring anew says, in every part.

    But for the SQL, in which a session leaves out what it made for a KPI before.
    """
    anew = [measure(session, each) for each in requests]
    stored = measure_stored(session, requests, smallest=0)
    for each, want, got in zip(requests, anew, stored, strict=True):
        assert (each.kpi.key, differences(want, got)) == (each.kpi.key, [])


def differences(want: Measurement, got: Measurement) -> list[tuple[str, object, object]]:
    return [
        (field.name, getattr(want, field.name), getattr(got, field.name))
        for field in fields(Measurement)
        if field.name != "sql" and getattr(want, field.name) != getattr(got, field.name)
    ]


def story(rng: random.Random, types: list[str], *, uncertain: bool) -> list[list[Row]]:
    """A log in batches, in no order of time; of customers under several names, if so asked."""
    rows = log_of(rng, types, 60)
    if uncertain:
        for row in rows:
            row["import_id"] = rng.choice([None] * 4 + [1, 2])
            if rng.random() < 0.3:
                row |= {"unit_id": None, "alias": rng.choice(["email:1", "anon:2"])}
        rows += [_alias(rng, f"a-{number}") for number in range(6)]
        rows += [withdrawal(number) for number in rng.sample([1, 2], rng.choice([0, 1]))]
    rng.shuffle(rows)
    cuts = sorted(rng.sample(range(len(rows)), 3))
    edges = [0, *cuts, len(rows)]
    return [rows[start:end] for start, end in pairwise(edges)]


def _alias(rng: random.Random, source_id: str) -> Row:
    name = rng.choice(["email:1", "anon:2", "unit:u-1", "unit:u-2"])
    at = SENT + rng.randrange(-30, 30) * HOUR
    return alias(source_id, name, f"u-{rng.randrange(1, 5)}", occurred_at=at)


def moments(rng: random.Random, count: int) -> Iterator[Setting]:
    """Later and later, but for one in five."""
    at = SENT_AT + timedelta(hours=rng.randrange(-20, 60))
    zone = rng.choice(["America/New_York", "Asia/Seoul"])
    for _ in range(count):
        at += timedelta(hours=rng.choice([0, 1, 5, 30, 100]))
        yield Setting(at - timedelta(hours=rng.choice([0, 0, 0, 0, 40])), zone)


def check_story(folder: Path, seed: int, *, uncertain: bool) -> None:
    rng = random.Random(seed)
    keys = rng.sample(sorted(DOCUMENTS), 2)
    kpis = [DOCUMENTS[key] for key in keys]
    types = [each for kpi in kpis for each in kpi.formula.event_types]
    types += [each.event for kpi in kpis for each in kpi.formula.requires]
    batches = story(rng, [*types, "visit", "click"], uncertain=uncertain)
    shutil.rmtree(folder, ignore_errors=True)
    seen = 1
    for setting in moments(rng, 5):
        seen = min(len(batches), seen + rng.choice([0, 1, 1, 2]))
        state = replica_of(folder, *batches[:seen])
        with open_session(state, 1) as session:
            check(session, [request_of(kpi, setting) for kpi in kpis])


def test_stored_values_answer_as_measuring_anew(tmp_path: Path) -> None:
    rows = log_of(random.Random(3), ["open", "purchase"], 40)
    kpis = [opens(), spend()]
    for seen, hours in ((50, 30), (58, 30), (58, 90)):
        setting = Setting(SENT_AT + timedelta(hours=hours))
        with open_session(replica_of(tmp_path / "replica", rows[:50], rows[50:seen]), 1) as session:
            check(session, [request_of(kpi, setting) for kpi in kpis])


@pytest.mark.parametrize("large", [(0,), (1,), (0, 1)])
def test_amounts_of_more_than_32_bits_are_kept_whole(
    tmp_path: Path, large: tuple[int, ...]
) -> None:
    rows = log_of(random.Random(3), ["purchase"], 40)
    batches = [rows[:40], rows[40:]]
    for number in large:
        unit = next(row["unit_id"] for row in rows if row["fact"] == "exposure")
        spent = {"occurred_at": SENT + 2 * HOUR, "value": 10**13, "currency": "KRW"}
        batches[number].append(event(f"large-{number}", unit, "purchase", **spent))
    for seen in (1, 2):
        with open_session(replica_of(tmp_path / "replica", *batches[:seen]), 1) as session:
            check(session, [request_of(spend(), Setting(SENT_AT + timedelta(hours=90)))])


def test_squares_that_have_room_in_each_variant_are_added_up(tmp_path: Path) -> None:
    rows = [exposure(f"s-{number}", f"u-{number}", "ab"[number % 2]) for number in range(12)]
    spent = [purchase(f"p-{number}", f"u-{number}", 2**63 - 1) for number in range(2)]
    with open_session(replica_of(tmp_path / "replica", [*rows, *spent]), 1) as session:
        check(session, [request_of(spend(), Setting(SENT_AT + timedelta(hours=90)))])


@pytest.mark.slow
@settings(EXAMPLES, max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_they_do_whatever_came_in_between(tmp_path: Path, seed: int) -> None:
    check_story(tmp_path / "replica", seed, uncertain=False)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=1)
@given(seed=st.integers(0, 2**32))
def test_they_do_where_customers_have_several_names(tmp_path: Path, seed: int) -> None:
    check_story(tmp_path / "replica", seed, uncertain=True)


@pytest.mark.parametrize("key", ["open-rate", "retention-d7"])
def test_the_sql_is_that_of_measuring_anew(tmp_path: Path, key: str) -> None:
    rows = log_of(random.Random(3), ["open", "visit"], 20)
    state = replica_of(tmp_path / "replica", rows)
    asked = request_of(DOCUMENTS[key], Setting(SENT_AT + timedelta(hours=30)))
    with open_session(state, 1) as session:
        [found] = measure_stored(session, [asked], smallest=0)
        for hours in (60, 90):
            asked = request_of(DOCUMENTS[key], Setting(SENT_AT + timedelta(hours=hours)))
            [found] = measure_stored(session, [asked], smallest=0)
    assert found.sql == measure(state, asked).sql


@pytest.mark.release
@pytest.mark.parametrize("seed", range(300))
def test_they_always_do(tmp_path: Path, seed: int) -> None:
    check_story(tmp_path / "replica", seed, uncertain=seed % 2 == 1)


@pytest.mark.release
def test_every_kpi_is_stored_as_it_is_measured(tmp_path: Path) -> None:
    log = log_of(random.Random(7), TYPES, 900, span=40 * 24 * HOUR)
    halves = log[::2], log[1::2]
    requests = [
        request_of(kpi, Setting(SENT_AT + timedelta(hours=50))) for kpi in DOCUMENTS.values()
    ]
    with open_session(replica_of(tmp_path / "replica", halves[0]), 1) as session:
        measure_stored(session, requests, smallest=0)
    later = [request_of(kpi, Setting(SENT_AT + timedelta(days=20))) for kpi in DOCUMENTS.values()]
    with open_session(replica_of(tmp_path / "replica", *halves), 1) as session:
        check(session, later)

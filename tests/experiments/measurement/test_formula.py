"""Every formula, measured, against a plain reading customer by customer."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.kpis.catalogue import BY_KEY, ENTRIES
from experiments.kpis.document import KpiDocument
from experiments.measurement.measure import Measurement, measure
from experiments.measurement.session import Session, open_session
from tests.experiments.measurement.formula_logs import (
    FURTHER,
    LONG,
    Setting,
    log_of,
    plainly,
    request_of,
)
from tests.experiments.measurement.ledger import HOUR, SENT_AT, Row, replica_of
from tests.experiments.measurement.oracle_formula import Answer, expected

PER_UNIT = {each.key: each.document() for each in ENTRIES if not each.formula.series}
DOCUMENTS = PER_UNIT | FURTHER
TYPES = sorted(
    {each for kpi in DOCUMENTS.values() for each in kpi.formula.event_types}
    | {each.event for kpi in DOCUMENTS.values() for each in kpi.formula.requires}
)


@pytest.fixture(scope="module")
def log() -> list[Row]:
    """Of every type, over weeks: most KPIs look at many days."""
    return log_of(random.Random(7), TYPES, 900, span=40 * 24 * HOUR)


@pytest.fixture(scope="module")
def session(log: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    state = replica_of(tmp_path_factory.mktemp("formula") / "replica", log[::2], log[1::2])
    with open_session(state, 1) as opened:
        yield opened


def test_the_catalogue_is_measured() -> None:
    assert len(PER_UNIT) > 45
    assert {BY_KEY[key].kind for key in PER_UNIT} >= {"proportion", "mean", "ratio", "score"}


def _once_a_shape() -> Iterator[Any]:
    """Every KPI; those that differ from one before only in their event or window are slow."""
    seen = set()
    for key, kpi in DOCUMENTS.items():
        told = repr(kpi.formula), kpi.credit, kpi.covariate_days is None, kpi.kind
        shape = re.sub(r"event='\w+'|window_hours=\d+|first=\d+, last=\d+", "", repr(told))
        yield pytest.param(key, marks=[pytest.mark.slow] if shape in seen else [])
        seen.add(shape)


@pytest.mark.parametrize("key", list(_once_a_shape()))
def test_every_kpi_is_measured_as_read_plainly(session: Session, log: list[Row], key: str) -> None:
    request = request_of(DOCUMENTS[key])
    check(measure(session, request), expected(log, request), DOCUMENTS[key])


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), key=st.sampled_from(sorted(DOCUMENTS)))
def test_the_engine_agrees_with_plain_python(tmp_path: Path, seed: int, key: str) -> None:
    check_agreement(tmp_path / f"{seed}-{key}".replace(" ", "-"), seed, key)


@pytest.mark.slow
@pytest.mark.parametrize("key", DOCUMENTS)
@pytest.mark.parametrize("seed", range(12))
def test_the_engine_agrees_with_plain_python_often(tmp_path: Path, seed: int, key: str) -> None:
    check_agreement(tmp_path, seed, key)


def check_agreement(folder: Path, seed: int, key: str) -> None:
    rng, kpi = random.Random(seed), DOCUMENTS[key]
    types = [*kpi.formula.event_types, *(each.event for each in kpi.formula.requires), "visit"]
    rows = log_of(rng, types, 60)
    setting = Setting(
        rng.choice([LONG, SENT_AT + timedelta(hours=rng.randrange(-5, 100))]),
        rng.choice(["America/New_York", "Asia/Seoul", "America/Sao_Paulo"]),
    )
    request = request_of(kpi, setting)
    check(measure(replica_of(folder, rows[::2], rows[1::2]), request), expected(rows, request), kpi)


def check(found: Measurement, answer: Answer, kpi: KpiDocument) -> None:
    assert {key: plainly(each) for key, each in found.samples.items()} == {
        key: plainly(each) for key, each in answer.samples.items()
    }
    counts = found.accounting
    assert counts.excluded == {key: n for key, n in answer.reasons.items() if key != "used"}
    assert counts.used == answer.reasons["used"]
    assert counts.received == counts.used + sum(counts.excluded.values())
    for standing, units in (("immature", found.immature), ("not_required", found.not_required)):
        assert units == {key: answer.standings[key, standing] for key in units}
    if kpi.formula.then:
        assert found.steps == answer.steps
    if found.uncapped is not None:
        assert {key: plainly(each) for key, each in found.uncapped.items()} == {
            key: plainly(each) for key, each in answer.uncapped.items()
        }
    if found.covariates is not None:
        assert answer.covariates is not None
        assert {key: plainly(each) for key, each in found.covariates.items()} == {
            key: plainly(each) for key, each in answer.covariates.items()
        }
    assert (found.uncapped is None) is (kpi.formula.cap is None)
    assert (found.covariates is None) is (kpi.covariate_days is None)

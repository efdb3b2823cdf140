"""One definition of every KPI compiles for every engine, and threads change no digit."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from experiments.measurement.engine import EngineSettings
from experiments.measurement.engines.contract import TableFacts
from experiments.measurement.engines.dialects import DIALECTS
from experiments.measurement.measure import measure
from experiments.measurement.session import Session, open_session, session_over
from tests.experiments.measurement.engines.ledgers import (
    TYPICAL,
    answers,
    requests_of,
    small_log,
    stored,
)
from tests.experiments.measurement.formula_logs import FURTHER, request_of
from tests.experiments.measurement.ledger import replica_of

# Sessions of these have functions of ours.
DEFINED = {"postgres", "pyspark", "databricks"}


@dataclass
class Writing:
    """An engine that runs nothing: every table is empty."""

    dialect: str
    asked: list[str] = field(default_factory=list)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        self.asked.append(statement)
        return [(None,)] if "MIN(" in statement.upper() and len(statement) < 300 else []

    def keep(self, name: str, select: str, schema: object) -> str:  # noqa: ARG002 - of the contract
        self.asked.append(select)
        return select


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_dialect_compiles_a_kpi_of_each_kind(dialect: str) -> None:
    engine = Writing(dialect)
    session = session_over(Session(TableFacts("written", 0), 1, engine))
    for key in ("numbers", "score of a number", "funnel"):
        engine.asked = []
        measure(session, request_of(FURTHER[key]))
        assert len(engine.asked) > 4
        assert not [each for each in engine.asked if "truelift_" in each and dialect not in DEFINED]


@contextmanager
def threads(count: int, folder: Path) -> Iterator[Session]:
    state = replica_of(folder / str(count), stored(small_log(1)))
    with open_session(state, 1, EngineSettings(threads=count)) as session:
        yield session


@pytest.mark.slow
def test_one_thread_and_four_say_the_same(tmp_path: Path) -> None:
    with threads(1, tmp_path) as one, threads(4, tmp_path) as four:
        for _, request in requests_of(TYPICAL[:3], random.Random(1)):
            assert answers(one, request) == answers(four, request)

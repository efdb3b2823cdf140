"""Where few of many customers change, their rows are laid over those of everybody; to the digit."""

import random
import shutil
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from experiments.kpis.document import Cap, Formula, KpiDocument, Quantity, Term, Text
from experiments.measurement.session import open_session
from tests.experiments.measurement.formula_logs import Setting, log_of, request_of
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, exposure, replica_of
from tests.experiments.measurement.stored.test_same import check
from tests.experiments.measurement.test_formula import DOCUMENTS
from tests.experiments.measurement.test_measure import opens, spend

NAME = Text("지표", "A KPI")
CUSTOMERS = [f"u-{number}" for number in range(150)]
TYPES = ["open", "click", "purchase", "refund", "coupon_used", "visit"]
NET = (Term("refund", "amount"),), (Term("coupon_used", "count", times=Decimal(5000)),)
# Of one window, so that several are kept together.
PLAIN = [
    opens(),
    opens(event="click"),
    opens(event="purchase", at_least=2),
    spend(),
    spend("USD"),
    spend(machine="include"),
    spend(cap=Cap(Decimal(50_000), "last year")),
    spend(plus=NET[0], minus=NET[1]),
    KpiDocument("orders", NAME, "mean", Formula("purchase", "count", 72), "count"),
    KpiDocument(
        "aov", NAME, "ratio",
        Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count")),
        "money", currency="KRW",
    ),
]  # fmt: skip
# Around those where a number needs more room.
LARGE = [10**9 - 1, 10**9, 1 - 10**9, -(10**9), 3_037_000_500, 2**52, -1]


def facts(rng: random.Random, name: str, count: int, *, large: bool) -> list[Row]:
    """Events of any customers, a few of them long after; seldom one of a large amount."""
    rows = [row for row in log_of(rng, TYPES, count) if row["fact"] == "event"]
    for row in rows:
        row |= {"source_id": f"{name}-{row['source_id']}", "unit_id": rng.choice(CUSTOMERS)}
        if rng.random() < 0.1:
            row["occurred_at"] = SENT + rng.randrange(100, 600) * HOUR
        if large and row["value"] is not None and rng.random() < 0.05:
            row["value"] = rng.choice(LARGE)
    return rows


def sends(rng: random.Random, name: str, count: int) -> list[Row]:
    return [
        exposure(
            f"{name}-s-{number}", rng.choice(CUSTOMERS), rng.choice("aaabbc"),
            occurred_at=SENT + rng.randrange(-60, 40) * HOUR,
        )
        for number in range(count)
    ]  # fmt: skip


def check_story(folder: Path, seed: int, steps: int) -> set[str]:
    """Hold what is stored against measuring anew; the layers that were there."""
    rng = random.Random(seed)
    layers: set[str] = set()
    kpis = rng.sample(PLAIN, rng.choice([2, 4, 6]))
    kpis += rng.sample(list(DOCUMENTS.values()), rng.choice([0, 0, 1]))
    kpis = [replace(kpi, key=f"kpi-{place}") for place, kpi in enumerate(kpis)]
    large = rng.random() < 0.3
    batches = [[*sends(rng, "0", 170), *facts(rng, "0", 300, large=large)]]
    at = SENT_AT + timedelta(hours=rng.randrange(-20, 100))
    shutil.rmtree(folder, ignore_errors=True)
    for step in range(1, steps + 1):
        state = replica_of(folder, *batches)
        with open_session(state, 1) as session:
            check(session, [request_of(kpi, Setting(at)) for kpi in kpis])
        layers |= {path.name.split("-")[1] for path in folder.rglob("units-*.parquet")}
        new = facts(rng, f"{step}", rng.choice([0, 1, 2, 5, 12, 60]), large=large)
        batches.append([*new, *sends(rng, f"{step}", rng.choice([0, 0, 1, 3]))])
        at += timedelta(hours=rng.choice([0, 0, 1, 5, 24, 72, -30]))
    return layers


@pytest.mark.slow
def test_few_of_many_are_laid_over_the_others(tmp_path: Path) -> None:
    assert check_story(tmp_path / "replica", 1, steps=5) == {"base", "changed"}


@pytest.mark.release
@pytest.mark.parametrize("seed", range(100))
def test_they_always_answer_as_measuring_anew(tmp_path: Path, seed: int) -> None:
    check_story(tmp_path / "replica", seed, steps=8)

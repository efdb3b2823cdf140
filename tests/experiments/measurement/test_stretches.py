"""Stretches of the window: each is what a plain loop over the events counts, or a stated gap."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.document import (
    Bands,
    DayWindow,
    Events,
    Formula,
    KpiDocument,
    Quantity,
    Term,
    Text,
)
from experiments.measurement import stretches as of
from experiments.measurement.formula.samples import QuantileSample
from experiments.measurement.kinds import KpiSample
from experiments.measurement.measure import MeasureRequest, measure
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stretches import Stretched, measure_stretches
from experiments.reporting.wording.reasons import say_gap
from stats.samples import BinomialSample, MeanSample
from tests.experiments.measurement.ledger import HOUR, Row, event, exposure, replica_of
from tests.experiments.measurement.ledger import SENT as AT
from tests.experiments.measurement.test_measure import request

Build = Callable[..., ReplicaState]
DAY = 24 * HOUR
# Customer, hours after the send, type of event, page that was looked at.
HAPPENED = (
    ("u1", 2, "visit", "x"), ("u1", 3, "visit", "x"), ("u1", 5, "visit", "y"),
    ("u1", 30, "visit", "x"), ("u1", 31, "cart", None), ("u1", 50, "purchase", None),
    ("u2", 10, "visit", "z"), ("u2", 11, "cart", None), ("u2", 12, "purchase", None),
    ("u2", 60, "purchase", None),
    ("u3", 1, "purchase", None), ("u3", 26, "cart", None), ("u3", 71, "visit", "x"),
    ("u4", 80, "visit", "x"),
)  # fmt: skip
VARIANT = {"u1": "a", "u2": "b", "u3": "b", "u4": "a", "u5": "a"}
PARTS = ((0, 24), (24, 48), (48, 72))


@pytest.fixture
def state(tmp_path: Path) -> ReplicaState:
    rows: list[Row] = [exposure(f"s-{unit}", unit, key) for unit, key in VARIANT.items()]
    for place, (unit, hours, type_, page) in enumerate(HAPPENED):
        rows.append(
            event(f"e{place}", unit, type_, occurred_at=AT + hours * HOUR, value=100 * (place + 1),
                  currency="KRW", properties={"page": page} if page else None)
        )  # fmt: skip
    return replica_of(tmp_path / "replica", rows)


def kpi(kind: str, formula: Formula, unit: str = "rate", **other: Any) -> KpiDocument:
    return KpiDocument("kpi", Text("지표", "A KPI"), kind, formula, unit, **other)


def stretched(state: ReplicaState, document: KpiDocument, **other: Any) -> Stretched:
    with open_session(state, 1) as session:
        return measure_stretches(session, request(document, **other))


def visits(part: tuple[int, int]) -> dict[str, list[str | None]]:
    """Pages that each customer visited in a stretch."""
    return {
        unit: [page for who, hours, type_, page in HAPPENED
               if (who, type_) == (unit, "visit") and part[0] <= hours < part[1]]
        for unit in VARIANT
    }  # fmt: skip


def of_variant(values: dict[str, int], variant: str) -> list[int]:
    return [value for unit, value in values.items() if VARIANT[unit] == variant]


def test_counts_and_different_pages_of_each_stretch(state: ReplicaState) -> None:
    counted = stretched(state, kpi("mean", Formula("visit", "count", 72), "count"))
    different = stretched(state, kpi("mean", Formula("visit", "distinct", 72, of="page"), "count"))
    for found, value in ((counted, len), (different, lambda pages: len(set(pages)))):
        assert found.gap is None
        assert [(part.from_hours, part.to_hours) for part, _ in found.found] == list(PARTS)
        for part, samples in found.found:
            values = {u: value(v) for u, v in visits((part.from_hours, part.to_hours)).items()}
            for variant, sample in samples.items():
                assert sample == MeanSample.of(of_variant(values, variant))


@pytest.mark.parametrize("over", ["customers", "with_value"])
def test_a_quantile_of_each_stretch_counts_customers_by_their_value(
    state: ReplicaState, over: str
) -> None:
    formula = Formula("visit", "count", 72, quantile=Decimal("0.5"), over=over)
    found = stretched(state, kpi("quantile", formula, "count"))
    assert len(found.found) == 3
    for part, samples in found.found:
        values = {u: len(v) for u, v in visits((part.from_hours, part.to_hours)).items()}
        for variant, sample in samples.items():
            assert isinstance(sample, QuantileSample)
            mine = of_variant(values, variant)
            kept = mine if over == "customers" else [value for value in mine if value]
            assert dict(sample.values.counts) == Counter(kept)


def test_those_through_a_funnel_in_each_stretch_add_up_to_all(state: ReplicaState) -> None:
    formula = Formula("visit", "occurrence", 72, then=(Events("cart"), Events("purchase")))
    document = kpi("funnel", formula)
    found = stretched(state, document)
    through = [
        {key: (sample.units, successes(sample)) for key, sample in samples.items()}
        for _, samples in found.found
    ]
    assert through == [
        {"a": (3, 0), "b": (2, 1)}, {"a": (3, 0), "b": (2, 0)}, {"a": (3, 1), "b": (2, 0)},
    ]  # fmt: skip
    whole = measure(state, request(document)).samples
    for variant, sample in whole.items():
        assert successes(sample) == sum(each[variant][1] for each in through)


def successes(sample: KpiSample) -> int:
    assert isinstance(sample, BinomialSample)
    return sample.successes


REFUNDS = Formula(
    "purchase", "count", 72,
    denominator=Quantity("visit", "count", minus=(Term("purchase", "count"),)),
)  # fmt: skip
GAPS = {
    of.SHORT: (kpi("proportion", Formula("visit", "occurrence", 24)), 24),
    of.ABSENT: (kpi("proportion", Formula("visit", "absence", 72)), 72),
    of.CALENDAR: (kpi("mean", Formula("visit", "days", 72), "count"), 72),
    of.ONE_ANSWER: (
        kpi("score", Formula("visit", "number", 72, of="page", bands=Bands()), "score"), 72,
    ),
    of.TIME: (kpi("time_to_event", Formula("visit", "occurrence", 72, step="hour"), "days"), 72),
    of.BELOW_ZERO: (kpi("ratio", REFUNDS), 72),
}  # fmt: skip


@pytest.mark.parametrize("gap", GAPS)
def test_what_has_no_stretches_says_why_in_both_languages(state: ReplicaState, gap: str) -> None:
    document, hours = GAPS[gap]
    found = stretched(state, document, window_hours=hours)
    assert (found.found, found.gap) == ((), gap)
    korean, english = say_gap(gap, "ko"), say_gap(gap, "en")
    assert korean.endswith("니다.")
    assert not any(letter.isascii() and letter.isalpha() for letter in korean)
    assert english.lower().startswith(gap.split("'", maxsplit=1)[0].lower()[:20])


def test_local_days_have_none_either() -> None:
    document = kpi("proportion", Formula("visit", "occurrence", days=DayWindow(1, 7)))
    asked: MeasureRequest = request(document, window_hours=192, zone="Asia/Seoul")
    assert of.why_not(asked) == of.CALENDAR

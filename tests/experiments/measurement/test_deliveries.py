"""Deliveries: whom a message reached, whoever reported it."""

from datetime import timedelta
from pathlib import Path

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.deliveries import delivery_samples
from experiments.measurement.measure import MeasureRequest
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, event, exposure, replica_of

FORMULA = Formula("open", "occurrence", 72)
REQUEST = MeasureRequest(
    project_id=1, experiment_id=1, anchor="sent", variants=("a", "b", "c"),
    as_of=SENT_AT + timedelta(hours=80), allocation="external", window_hours=72,
    kpi=KpiDocument("opens", Text("오픈율", "Open rate"), "proportion", FORMULA, "rate"),
)  # fmt: skip
MAILS = [
    *(exposure(f"a-{n}", f"a-{n}", "a") for n in range(5)),
    *(exposure(f"b-{n}", f"b-{n}", "b") for n in range(3)),
    exposure("c-0", "c-0", "c", occurred_at=SENT + 9 * HOUR),
]


def test_a_customer_is_reached_once_and_within_the_window(tmp_path: Path) -> None:
    rows = [
        *MAILS,
        event("d-0", "a-0", "delivered"),
        event("d-1", "a-0", "delivered", occurred_at=SENT + 3 * HOUR),
        event("d-2", "a-1", "delivered", occurred_at=SENT - HOUR),
        event("d-3", "a-2", "delivered", occurred_at=SENT + 72 * HOUR),
        event("d-4", "a-3", "delivered", experiment_id=7),
        event("d-5", "a-4", "delivered", experiment_id=1),
        event("d-6", "b-0", "bounced"),
        event("d-7", "b-0", "delivered", occurred_at=SENT + 4 * HOUR),
        event("d-8", "c-0", "delivered", occurred_at=SENT + 10 * HOUR),
        event("d-9", "stranger", "delivered"),
    ]
    assert delivery_samples(replica_of(tmp_path / "replica", rows), REQUEST) == {
        "a": BinomialSample(5, 2), "b": BinomialSample(3, 1), "c": BinomialSample(0, 0),
    }  # fmt: skip


def test_where_bounces_alone_are_reported_the_others_were_reached(tmp_path: Path) -> None:
    rows = [*MAILS, event("d-0", "a-0", "bounced"), event("d-1", "a-0", "bounced")]
    assert delivery_samples(replica_of(tmp_path / "replica", rows), REQUEST) == {
        "a": BinomialSample(5, 4), "b": BinomialSample(3, 3), "c": BinomialSample(0, 0),
    }  # fmt: skip


def test_nothing_is_known_where_nothing_is_reported(tmp_path: Path) -> None:
    rows = [*MAILS, event("o-0", "a-0"), event("d-0", "stranger", "delivered")]
    assert delivery_samples(replica_of(tmp_path / "replica", rows), REQUEST) == {}

"""Sends of a withdrawn import are nobody's messages, and hide none of a provider's."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from experiments.kpis.document import Formula, KpiDocument, Text, Tracking
from experiments.measurement.measure import measure
from experiments.tracking.measured import measured_series
from experiments.tracking.series import SeriesRequest
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    event,
    exposure,
    replica_of,
    withdrawal,
)
from tests.experiments.measurement.test_measure import request, total

MESSAGES = KpiDocument(
    key="messages",
    name=Text("고객당 메시지", "Messages per customer"),
    kind="mean",
    formula=Formula("sent", "count", 72),
    unit_of_measure="count",
    tracking=Tracking(by="period", aggregate="total"),
)


def told(source_id: str, hours: int, **other: object) -> Row:
    """What the mail provider says of a message of the test."""
    at = SENT + hours * HOUR
    return event(
        source_id, "u-1", "sent", experiment_id=1, channel="email", occurred_at=at, **other
    )


def of_file(source_id: str, hours: int) -> Row:
    return exposure(source_id, "u-1", "a", import_id=7, occurred_at=SENT + hours * HOUR)


ANCHOR = exposure("x-1", "u-1", "a")
TWO_TOLD = [told("p-1", 0), told("p-2", 1)]
CASES = {
    "a file's send is the provider's second": (
        [ANCHOR, of_file("x-2", 1), *TWO_TOLD], 2, {"same_message": 2},
    ),
    "withdrawn, it hides none": (
        [ANCHOR, of_file("x-2", 1), *TWO_TOLD, withdrawal(7)],
        2, {"withdrawn": 1, "same_message": 1},
    ),
    "what a withdrawn file tells of the provider takes nobody's place": (
        [ANCHOR, told("p-1", 0, import_id=7), told("p-2", 1), withdrawal(7)],
        1, {"withdrawn": 1, "same_message": 1},
    ),
    "nor does what another file tells": (
        [ANCHOR, told("p-1", 0, import_id=8), told("p-2", 1), withdrawal(7)],
        2, {"same_message": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_withdrawn_files_sends_count_for_nothing(case: str, tmp_path: Path) -> None:
    rows, messages, excluded = CASES[case]
    found = measure(replica_of(tmp_path / "replica", rows), request(MESSAGES))
    assert (found.accounting.used, found.accounting.excluded) == (messages, excluded)
    assert total(found) == messages


@pytest.mark.parametrize("case", CASES)
def test_tracking_counts_alike(case: str, tmp_path: Path) -> None:
    rows, messages, excluded = CASES[case]
    day = date(2025, 3, 10)
    asked = SeriesRequest(
        1, MESSAGES, "day", day, day, zone="Asia/Seoul", as_of=SENT_AT.replace(day=12)
    )
    found = measured_series(replica_of(tmp_path / "replica", rows), asked)
    assert [each.value for each in found.values] == [Decimal(messages)]
    assert (found.used, found.excluded) == (messages, excluded)

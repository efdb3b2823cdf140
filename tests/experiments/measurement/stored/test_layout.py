"""What is kept of units is narrow where it can be, and never loses a digit."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from experiments.kpis.document import Formula, KpiDocument, Quantity, Term, Text
from experiments.measurement.measure import measure
from experiments.measurement.session import open_session
from experiments.measurement.stored.layout import layout_of
from experiments.measurement.stored.measured import measure_stored
from experiments.measurement.stored.sheet import Sheet, sheets_of
from tests.experiments.measurement.formula_logs import Setting, request_of
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, exposure, replica_of
from tests.experiments.measurement.test_measure import opens, purchase, spend

NAME = Text("지표", "A KPI")
LATER = Setting(SENT_AT + timedelta(days=10))
ORDERS = KpiDocument("orders", NAME, "mean", Formula("purchase", "count", 72), "count")
AOV = KpiDocument(
    "aov", NAME, "ratio",
    Formula("purchase", "amount", 72, denominator=Quantity("purchase", "count")),
    "money", currency="KRW",
)  # fmt: skip


def sheet_of(*kpis: KpiDocument) -> Sheet:
    [found] = sheets_of([request_of(each, LATER) for each in kpis], lambda: SENT)
    return found


def sent(units: int) -> list[Row]:
    return [exposure(f"s-{n}", f"u-{n}", "ab"[n % 2]) for n in range(units)]


def types(folder: Path) -> set[tuple[str, str]]:
    """Of the columns of all files of units that have values."""
    files = [str(path) for path in folder.rglob("units-*.parquet")]
    described = duckdb.execute("SELECT name, type FROM parquet_schema($files)", {"files": files})
    return {(name, type_) for name, type_ in described.fetchall() if name.startswith("k")}


# Up to the first, squares and their sums have room; beyond the second, they need 128 bits.
@pytest.mark.parametrize(
    ("size", "wide"),
    [
        (1 - 10**9, False),
        pytest.param(10**9, True, marks=pytest.mark.slow),
        pytest.param(3_037_000_500, True, marks=pytest.mark.slow),
        (10**17, True),
    ],
)
def test_amounts_are_exact_however_large_they_are(tmp_path: Path, size: int, wide: bool) -> None:
    few = [purchase("p-0", "u-0", 7), purchase("p-1", "u-1", 9), purchase("p-2", "u-2", 8)]
    more = [purchase("p-3", "u-3", size), purchase("p-4", "u-0", size)]
    requests = [request_of(each, LATER) for each in (spend(), AOV, opens())]
    for batches in ([few], [few, more]):
        state = replica_of(tmp_path / "replica", sent(30), *batches)
        with open_session(state, 1) as session:
            found = measure_stored(session, requests, smallest=0)
            anew = [measure(session, each) for each in requests]
        assert [each.samples for each in found] == [each.samples for each in anew]
    kinds = {type_ for _, type_ in types(tmp_path)}
    assert kinds == {"INT64"} | ({"FIXED_LEN_BYTE_ARRAY"} if wide else set())


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (AOV, {"below": "value"}),
        (replace(spend(), key="revenue"), {}),
        (replace(ORDERS, key="again"), {"value": "value"}),
    ],
)  # fmt: skip
def test_an_amount_that_two_kpis_have_is_kept_once(
    other: KpiDocument, same: dict[str, str]
) -> None:
    sheet = sheet_of(ORDERS, other)
    found = {name[3:]: of[3:] for name, of in layout_of(sheet).same.items()}
    assert found in (same, {value: key for key, value in same.items()})


@pytest.mark.parametrize(
    "other",
    [
        spend("USD"),
        spend(machine="include"),
        spend(where={"store": "online"}),
        spend(channels=("sms",)),
        spend(plus=(Term("refund", "amount"),)),
        spend(event="refund"),
    ],
)
def test_amounts_that_differ_are_kept_apart(other: KpiDocument) -> None:
    assert layout_of(sheet_of(spend(), other)).same == {}


def test_answers_of_many_kpis_that_find_no_room_in_one_number_are_kept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.measurement.stored.layout._MOST_BITS", 24)
    rows = [*sent(20), *(purchase(f"p-{n}", f"u-{n}", n, machine=n < 3) for n in range(9))]
    bought = opens(event="purchase")
    requests = [request_of(each, LATER) for each in (bought, opens(), spend())]
    with open_session(replica_of(tmp_path / "replica", rows), 1) as session:
        found = measure_stored(session, requests, smallest=0)
        anew = [measure(session, each) for each in requests]
    for got, want in zip(found, anew, strict=True):
        assert (got.samples, got.by_machines) == (want.samples, want.by_machines)
    assert found[0].samples["a"] != found[1].samples["a"]


def test_whether_a_past_is_missing_finds_no_room_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.measurement.stored.layout._MOST_BITS", 23)
    before = {"occurred_at": SENT - HOUR}
    rows = [*sent(20), *(purchase(f"p-{n}", f"u-{n}", n) for n in range(1, 9))]
    rows += [purchase(f"q-{n}", f"u-{n}", 7 * n) | before for n in range(1, 20, 2)]
    request = request_of(replace(spend(), covariate_days=5), LATER)
    with open_session(replica_of(tmp_path / "replica", rows), 1) as session:
        [found] = measure_stored(session, [request], smallest=0)
        anew = measure(session, request)
    assert (found.samples, found.covariates) == (anew.samples, anew.covariates)
    assert found.covariates is not None
    assert found.covariates["a"].missing == 10
    assert found.covariates["a"].missing_y > 0

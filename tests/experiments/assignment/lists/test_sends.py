"""Lists of a send-time test: each row with the instant at which its message goes out."""

import csv
import io
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.assignment.lists.presets import PRESETS
from experiments.assignment.lists.rows import ListOptions
from experiments.assignment.lists.run import ListConfiguration, ListSummary, assign_list
from experiments.assignment.lists.sends import NoSendDate
from experiments.assignment.send_instants import SendPlan, told
from experiments.registry.send_times import SendTime
from tests.experiments.assignment.lists.test_lists import configuration, expected

NOW = datetime(2025, 3, 10, 3, tzinfo=UTC)
ON = date(2025, 3, 14)
TIMES = {"a": SendTime("10:00"), "b": SendTime("18:00")}
ZONES = ["Asia/Seoul", "America/New_York", "Asia/Kathmandu", "", "Pacific/Chatham"]
IDS = [f"c{number:03d}" for number in range(200)]


def by(plan: SendPlan) -> ListConfiguration:
    return configuration(sends=plan)


LOCAL = by(SendPlan(TIMES, "Asia/Seoul", "tz"))
PROJECT = by(SendPlan(TIMES, "Asia/Seoul"))


def answered(
    content: bytes, folder: Path, name: str = "list.csv", options: ListOptions | None = None,
    known: ListConfiguration = LOCAL, now: datetime | None = None, preset: str | None = None,
) -> tuple[bytes, ListSummary]:  # fmt: skip
    source, target = folder / name, io.BytesIO()
    source.write_bytes(content)
    asked = options or ListOptions("id", send_on=ON)
    summary = assign_list(known, source, target, asked, now=now, preset=PRESETS.get(preset or ""))
    return target.getvalue(), summary


def instants(out: bytes) -> dict[str, str]:
    return {row["id"]: row["send_at"] for row in csv.DictReader(io.StringIO(out.decode()))}


def due(unit_id: str, zone: str, since: datetime | date = ON) -> str:
    plan = LOCAL.experiment.sends
    assert plan is not None
    return told(plan.send_at(expected(unit_id), zone or "Asia/Seoul", since)) or ""


ROWS = [(unit_id, ZONES[number % len(ZONES)]) for number, unit_id in enumerate(IDS)]
CSV = ("id,tz\n" + "".join(f"{unit_id},{zone}\n" for unit_id, zone in ROWS)).encode()
WANTED = {unit_id: due(unit_id, zone) for unit_id, zone in ROWS}


def test_each_row_carries_the_instant_of_its_variant_in_its_own_zone(tmp_path: Path) -> None:
    out, summary = answered(CSV, tmp_path)
    assert instants(out) == WANTED
    assert summary.rejected == 0
    # Two variants, four zones (the project's is Seoul's), and some customers have no variant;
    # 18:00 on Chatham is 10:00 in Kathmandu.
    assert len(set(WANTED.values())) == 1 + 2 * 4 - 1


def test_the_other_forms_carry_the_same_instants(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"id": i, "tz": z or None}) for i, z in ROWS)
    out, summary = answered(lines.encode(), tmp_path, "list.ndjson")
    found = {item["id"]: item["send_at"] or "" for item in map(json.loads, out.splitlines())}
    assert found == WANTED
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": IDS, "tz": [zone or None for _, zone in ROWS]}), sink)
    out, other = answered(sink.getvalue(), tmp_path, "list.parquet")
    rows = pq.read_table(io.BytesIO(out)).to_pylist()
    assert {row["id"]: row["send_at"] or "" for row in rows} == WANTED
    assert (summary.digest, summary.counts) == (other.digest, other.counts)


def test_without_an_attribute_everybody_is_sent_to_in_the_projects_zone(tmp_path: Path) -> None:
    out, _ = answered(CSV, tmp_path, known=PROJECT)
    assert instants(out) == {unit_id: due(unit_id, "Asia/Seoul") for unit_id in IDS}


def test_rows_with_an_unknown_zone_are_refused_by_line_and_not_guessed(tmp_path: Path) -> None:
    lists = {
        "list.csv": b"id,tz\nc1,Asia/Seoul\nc2,Asia/Busan\nc3,\n",
        "list.ndjson": b'{"id":"c0"}\n{"id":"c1","tz":"Asia/Seoul"}\n{"id":"c2","tz":9}\n',
    }
    for name, content in lists.items():
        out, summary = answered(content, tmp_path, name)
        (row,) = summary.rejects
        assert (row.line, row.refusal.code, row.refusal.field) == (3, "unknown_zone", "tz")
        assert (summary.rows, summary.rejected) == (3, 1)
        assert b"c2" not in out
        assert sum(summary.reasons.values()) == 2
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ["c1", "c2"], "tz": [9, None]}), sink)
    _, summary = answered(sink.getvalue(), tmp_path, "list.parquet")
    assert [(row.line, row.refusal.code) for row in summary.rejects] == [(1, "unknown_zone")]


def test_without_a_date_the_next_send_after_now_counts(tmp_path: Path) -> None:
    out, _ = answered(CSV, tmp_path, options=ListOptions("id"), now=NOW)
    assert instants(out) == {unit_id: due(unit_id, zone, NOW) for unit_id, zone in ROWS}
    with pytest.raises(NoSendDate):
        answered(CSV, tmp_path, options=ListOptions("id"))


def test_variants_with_dates_of_their_own_need_no_other(tmp_path: Path) -> None:
    dated = SendPlan({key: replace(when, on=ON) for key, when in TIMES.items()}, "Asia/Seoul", "tz")
    out, _ = answered(CSV, tmp_path, options=ListOptions("id"), known=by(dated))
    assert instants(out) == WANTED


def test_a_variant_without_a_send_time_has_an_empty_cell(tmp_path: Path) -> None:
    known = by(SendPlan({"b": SendTime("18:00")}, "Asia/Seoul", "tz"))
    out, _ = answered(CSV, tmp_path, known=known)
    assert instants(out) == {
        unit_id: at if expected(unit_id) == "b" else "" for unit_id, at in WANTED.items()
    }


def test_the_digest_proves_variants_whatever_the_date(tmp_path: Path) -> None:
    _, one = answered(CSV, tmp_path)
    _, other = answered(CSV, tmp_path, options=ListOptions("id"), now=NOW)
    assert one.digest == other.digest


def test_the_configuration_file_carries_the_send_times() -> None:
    assert ListConfiguration.read(LOCAL.content).experiment.sends == LOCAL.experiment.sends


def test_a_tools_own_file_carries_the_instants_too(tmp_path: Path) -> None:
    out, _ = answered(CSV, tmp_path, preset="braze")
    rows = list(csv.DictReader(io.StringIO(out.decode())))
    assert {row["external_id"]: row["send_at"] for row in rows} == {
        unit_id: at for unit_id, at in WANTED.items() if at
    }


def test_payload_fields_stand_before_the_instant(tmp_path: Path) -> None:
    known = configuration(sends=LOCAL.experiment.sends, payloads={"a": {"send_at": "x"}, "b": None})
    options = ListOptions("id", payload=True, send_at_column="due", send_on=ON)
    out, _ = answered(CSV, tmp_path, options=options, known=known)
    for row in csv.DictReader(io.StringIO(out.decode())):
        assert row["payload.send_at"] == ("x" if row["variant"] == "a" else "")
        assert row["due"] == WANTED[row["id"]]


def test_a_column_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="has a column 'send_at' already"):
        answered(b"id,send_at\nc1,2025\n", tmp_path)


def test_a_test_without_send_times_adds_no_such_column(tmp_path: Path) -> None:
    out, _ = answered(CSV, tmp_path, known=configuration(), options=ListOptions("id"))
    assert out.startswith(b"id,tz,variant\n")


@pytest.mark.parametrize(
    ("header", "end"),
    [
        ("id,tz", "\n"),
        ("tz,id", "\n"),
        ("id,tz", "\r\n"),
        ("id,tz,note", "\n"),
        ("id,elsewhere", "\n"),
    ],
)
def test_plain_rows_and_rows_read_one_by_one_agree(tmp_path: Path, header: str, end: str) -> None:
    """A quoted note is read one by one; without the column, the project's zone holds."""
    lines = [header]
    for unit_id, zone in ROWS:
        cells = {"id": unit_id, "tz": zone, "elsewhere": zone, "note": '"x"'}
        lines.append(",".join(cells[name] for name in header.split(",")))
    out, summary = answered((end.join(lines) + end).encode(), tmp_path)
    zones = dict(ROWS) if "tz" in header.split(",") else dict.fromkeys(IDS, "")
    assert instants(out) == {unit_id: due(unit_id, zone) for unit_id, zone in zones.items()}
    assert summary.rejected == 0


@pytest.mark.slow
def test_many_batches_and_zones_agree_with_one_row_at_a_time(tmp_path: Path) -> None:
    chosen = random.Random(7).choices([*ZONES, "Europe/Paris", "Africa/Cairo"], k=3_000)
    rows = [(f"u{number}", zone) for number, zone in enumerate(chosen)]
    text = "id,tz\n" + "".join(f'"{unit_id}",{zone}\n' for unit_id, zone in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.assignment.lists.reading.BLOCK_BYTES", 997, raising=True)
        out, _ = answered(text.encode(), tmp_path)
    assert instants(out) == {unit_id: due(unit_id, zone) for unit_id, zone in rows}

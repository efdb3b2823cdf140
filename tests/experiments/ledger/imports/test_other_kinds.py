"""Files that are no CSV: JSON lines of a source, Parquet; plain and packed."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.errors import Invalid
from experiments.ledger.imports.errors import BadParquet, NotJson
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.json_lines import DEEPEST, JsonLines, read_value
from experiments.ledger.imports.rows import LONGEST_LINE, BadRow
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import SourceFile, inspect
from experiments.ledger.sources import SOURCES
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from tests.conftest import make_project
from tests.experiments.ledger.factories import stored
from tests.experiments.ledger.imports.factories import long_mapping

RECORDED = Path(__file__).resolve().parents[4] / "sample_data" / "recorded"
Import = Callable[[bytes, Any], ImportJob]


@pytest.fixture
def run(sqlite_database: Database, actor: Actor, now: datetime, tmp_path: Path) -> Import:
    """Receives a file, submits and runs it."""
    project = make_project(sqlite_database, now)
    folder = ImportFolder(tmp_path / "imports")

    def go(content: bytes, document: Any) -> ImportJob:
        with folder.arriving(io.BytesIO(content)) as file:
            with sqlite_database.transaction() as db:
                job = submit_import(
                    db, project, name="f", file=file, document=document, actor=actor, now=now
                )
                folder.keep(file, job.id)
            return run_import(Target(sqlite_database, project, lambda: now), job.id, found(job))

    def found(job: ImportJob) -> SourceFile:
        return folder.find(job.id)

    return go


def counts(job: ImportJob) -> tuple[int, ...]:
    return job.rows_read, job.accepted, job.duplicates, job.conflicts, job.rejected, job.ignored


def braze(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"b-{number}", "event_type": "users.messages.email.Open", "external_user_id": "7",
        "time": 1741568400 + number,
    } | changes  # fmt: skip


def lines(*items: Any) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_braze_is_read_line_by_line(
    run: Import, sqlite_database: Database, packed: bool
) -> None:
    content = lines(braze(1), braze(2, event_type="users.messages.email.Oops"), braze(1), braze(3))
    content += b'{"id": \n\n'
    job = run(gzip.compress(content) if packed else content, {"form": "source", "source": "braze"})
    assert counts(job) == (5, 2, 1, 0, 2, 0)
    assert [(reject.line, reject.code) for reject in job.rejects] == [
        (2, "unknown_event"),
        (5, "not_json"),
    ]
    assert job.rejects[1].row == '{"id": '
    assert [row["source_id"] for row in stored(sqlite_database)] == ["braze:b-1", "braze:b-3"]


def test_lines_that_say_nothing_that_is_kept_are_counted_as_such(run: Import) -> None:
    settings = {"events": {"users.messages.email.Open": None}}
    document = {"form": "source", "source": "braze", "settings": settings}
    assert counts(run(lines(braze(1), braze(2)), document)) == (2, 0, 0, 0, 0, 2)


@pytest.mark.parametrize("name", ["braze", "hubspot", "ga4_bigquery", "sendgrid", "amplitude"])
def test_recorded_examples_are_read_from_a_file(
    run: Import, sqlite_database: Database, name: str
) -> None:
    example = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    named = {each["experiment"] for each in example["facts"] if each["experiment"]}
    assert name in SOURCES
    body = example["body"]
    items = body if isinstance(body, list) else [body]
    document = {"form": "source", "source": name, "settings": {"tags": {}}}
    job = run(lines(*items), document)
    kept = [row for row in stored(sqlite_database) if row["fact"] == "event"]
    assert job.state == "done"
    if not named and not example["rejected"]:
        assert len(kept) == len({each["source_id"] for each in example["facts"]})


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": 1, "a": 2}', "NaN", "[1, Infinity]", "1e999", "9" * 30, "0." + "1" * 80,
     "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * 100_000],
)  # fmt: skip
def test_what_is_no_json_that_is_kept_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        read_value(text)


def test_numbers_stay_exact() -> None:
    assert read_value('{"a": 0.10, "b": 9007199254740993}') == {
        "a": Decimal("0.10"),
        "b": 9007199254740993,
    }


def test_a_line_too_long_is_refused_and_the_next_one_read() -> None:
    text = io.StringIO("1\n" + '"' + "x" * (2 * LONGEST_LINE) + '"\n2\n')
    rows = list(JsonLines(text))
    assert [row.line for row in rows] == [1, 2, 3]
    assert isinstance(rows[1], BadRow)


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, **options)
    return target.getvalue()


def events(count: int, **changes: Any) -> dict[str, Any]:
    at = datetime(2025, 3, 10, 1, tzinfo=UTC)
    return {
        "event_id": [f"e-{n}" for n in range(count)],
        "user_id": list(range(count)),
        "type": pa.array(["purchase"] * count).dictionary_encode(),
        "time": pa.array([at] * count, pa.timestamp("us", tz="Asia/Seoul")),
        "amount": pa.array([Decimal("1.50")] * count, pa.decimal128(10, 2)),
        "currency": ["USD"] * count,
        "left alone": [{"nested": [1]}] * count,
    } | changes  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_a_parquet_file_is_read_like_the_same_rows_as_csv(
    run: Import, sqlite_database: Database, packed: bool
) -> None:
    content = parquet(events(50), row_group_size=7)
    job = run(gzip.compress(content) if packed else content, long_mapping())
    assert counts(job) == (50, 50, 0, 0, 0, 0)
    row = stored(sqlite_database)[3]
    assert (row["unit_id"], row["value"], row["currency"]) == ("11", 150, "USD")
    assert run(content, long_mapping()).duplicates == 50


def test_times_without_a_zone_in_parquet_need_one_stated(run: Import) -> None:
    naive = pa.array([datetime(2025, 3, 10, 10)] * 2, pa.timestamp("ms"))  # noqa: DTZ001 - a local time is what is read
    content = parquet(events(2, time=naive))
    assert run(content, long_mapping()).rejected == 2
    assert run(content, long_mapping(zone="Asia/Seoul")).accepted == 2


def test_cells_of_parquet_are_read_by_their_types(run: Import, sqlite_database: Database) -> None:
    columns = events(3, amount=[2.5, None, float("nan")], machine=[True, False, None])
    document = long_mapping()
    document["columns"] = {**document["columns"], "machine": "machine"}
    job = run(parquet(columns), document)
    assert counts(job) == (3, 3, 0, 0, 0, 0)
    kept = [(row["value"], row["machine"]) for row in stored(sqlite_database)]
    assert kept == [(250, True), (None, False), (None, False)]


def test_parquet_may_hold_the_items_of_a_source(run: Import, sqlite_database: Database) -> None:
    value = {"string_value": "o-1", "double_value": None}
    money = {"string_value": None, "double_value": 42000.0}
    currency = {"string_value": "KRW", "double_value": None}
    params = [
        {"key": "transaction_id", "value": value},
        {"key": "value", "value": money},
        {"key": "currency", "value": currency},
    ]
    content = parquet(
        {
            "event_name": ["purchase"],
            "event_timestamp": [1741568400000000],
            "user_id": ["7"],
            "event_params": [params],
        }
    )
    job = run(content, {"form": "source", "source": "ga4_bigquery"})
    assert counts(job) == (1, 1, 0, 0, 0, 0)
    [row] = stored(sqlite_database)
    assert (row["source_id"], row["value"], row["unit_id"]) == ("ga4:purchase:o-1", 42000, "7")


def test_an_import_of_parquet_goes_on_within_a_row_group(
    sqlite_database: Database, actor: Actor, now: datetime, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from experiments.ledger.imports import run as run_module  # noqa: PLC0415 - to be changed

    monkeypatch.setattr(run_module, "CHUNK_ROWS", dict.fromkeys(run_module.CHUNK_ROWS, 10))
    project = make_project(sqlite_database, now)
    path = tmp_path / "file.parquet"
    path.write_bytes(parquet(events(45), row_group_size=16))
    file = inspect(path)
    with sqlite_database.transaction() as db:
        job = submit_import(
            db, project, name="f", file=file, document=long_mapping(), actor=actor, now=now
        )
    target = Target(sqlite_database, project, lambda: now + timedelta(seconds=1))
    seen = []
    while job.state != "done":
        answers = iter([False])
        job = run_import(target, job.id, file, keep_going=lambda: next(answers))  # noqa: B023 - asked at once
        seen.append(job.rows_read)
    assert seen == [10, 20, 30, 40, 45, 45]
    assert counts(job) == (45, 45, 0, 0, 0, 0)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_avro_is_taken_in_packed_or_not(
    run: Import, sqlite_database: Database, packed: bool
) -> None:
    names = {"id": "string", "external_user_id": "string", "time": "int"}
    schema = {
        "type": "record", "name": "Open", "namespace": "dataexport.S3.inner.users.messages.email",
        "fields": [{"name": name, "type": kind} for name, kind in names.items()],
    }  # fmt: skip
    out = io.BytesIO()
    records = [{"id": f"e-{n}", "external_user_id": f"u{n}", "time": 1741568400} for n in range(9)]
    fastavro.writer(out, schema, records, codec="deflate")
    content = gzip.compress(out.getvalue()) if packed else out.getvalue()
    assert counts(run(content, {"form": "source", "source": "braze"})) == (9, 9, 0, 0, 0, 0)
    assert {row["type"] for row in stored(sqlite_database)} == {"open"}
    document = long_mapping(
        columns={"source_id": "id", "unit_id": "external_user_id"},
        constants={"type": "seen", "occurred_at": "2025-03-10T10:00:00Z"},
    )
    assert counts(run(content, document)) == (9, 9, 0, 0, 0, 0)


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"x" * 500 + b"PAR1"])
def test_a_damaged_parquet_file_is_refused(run: Import, content: bytes) -> None:
    with pytest.raises(BadParquet) as refusal:
        run(content, long_mapping())
    assert refusal.value.field == "file"


def test_a_column_that_parquet_lacks_is_named(run: Import) -> None:
    with pytest.raises(Invalid) as refusal:
        run(parquet({"a": [1]}), long_mapping())
    assert refusal.value.field == "mapping.columns.source_id"

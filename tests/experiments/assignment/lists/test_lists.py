"""Lists of customers: the same rows out with their variants, in every form and encoding."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.lists import reading
from experiments.assignment.lists.presets import PRESETS
from experiments.assignment.lists.rows import ListOptions
from experiments.assignment.lists.run import (
    ListConfiguration,
    ListSummary,
    assign_list,
)
from experiments.assignment.loading import Snapshot
from experiments.errors import Invalid, NotFound

HALVES = (BucketRange("a", 0, 4_500), BucketRange("b", 5_000, 9_500))
PLAIN = AssignableExperiment(1, "spring", 1, "running", "spring", HALVES, {"a": None, "b": None})
IDS = [f"c{number:04d}" for number in range(300)] + ["홍길동", "😀", "user-é", "a,b", 'say "hi"']


def configuration(**changes: Any) -> ListConfiguration:
    values = {**vars(PLAIN), **changes}
    values.pop("compiled", None)
    values.pop("unit_lists", None)
    experiment = AssignableExperiment(**values)
    snapshot = Snapshot(7, datetime.now(UTC), {(1, "spring"): experiment}, {}, {})
    return ListConfiguration.of(snapshot, 1, "spring")


def answered(
    content: bytes,
    folder: Path,
    options: ListOptions | None = None,
    *,
    name: str = "list.csv",
    by: ListConfiguration | None = None,
) -> tuple[bytes, ListSummary]:
    source, target = folder / name, io.BytesIO()
    source.write_bytes(content)
    summary = assign_list(by or configuration(), source, target, options or ListOptions("id"))
    return target.getvalue(), summary


def table(rows: list[list[str]], *, end: str = "\r\n", sep: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end, delimiter=sep).writerows(rows)
    return out.getvalue()


def expected(unit_id: str, by: ListConfiguration | None = None) -> str:
    return assign((by or configuration()).experiment, unit_id).variant or ""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_every_row_goes_out_as_it_came_with_its_variant(tmp_path: Path, end: str, sep: str) -> None:
    rows = [["name", "id", "note"], *([f"고객 {i}", i, "x;y,z"] for i in IDS)]
    text = table(rows, end=end, sep=sep)
    out, summary = answered(text.encode(), tmp_path, ListOptions("id", delimiter=sep))
    found = list(csv.reader(io.StringIO(out.decode(), newline=""), delimiter=sep))
    assert found == [[*rows[0], "variant"], *([*row, expected(row[1])] for row in rows[1:])]
    assert out.decode().count(end) == text.count(end)
    assert summary.rows == len(IDS)
    assert sum(summary.counts.values()) == summary.reasons["assigned"]


def test_plain_rows_and_quoted_ones_are_read_alike(tmp_path: Path) -> None:
    plain = "id,city\n" + "".join(f"{i},서울\n" for i in IDS[:300])
    quoted = "id,city\n" + "".join(f'"{i}","서울"\n' for i in IDS[:300])
    _, one = answered(plain.encode(), tmp_path)
    _, other = answered(quoted.encode(), tmp_path)
    assert one == other


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_encoding_stays_as_it_was(tmp_path: Path, encoding: str) -> None:
    text = "회원번호,이름\n홍길동,가나다\nc1,라마바\n"
    out, summary = answered(text.encode(encoding), tmp_path, ListOptions("회원번호"))
    assert out.startswith(text.encode(encoding).split(b"\n")[0])
    assert out.decode(encoding).splitlines()[1] == f"홍길동,가나다,{expected('홍길동')}"
    assert summary.rejected == 0


def test_rows_that_cannot_be_answered_are_named_by_line(tmp_path: Path) -> None:
    lines = [
        b"id,name", b"c1,ok", b",no id", b"c2,one,too many", b"c3,\xff\xfe broken",
        b"c4", b"x" * 1025 + b",too long", b"c\x005,nul", b"c6,ok",
    ]  # fmt: skip
    out, summary = answered(b"\n".join(lines), tmp_path)
    assert [row.line for row in summary.rejects] == [3, 4, 5, 6, 7, 8]
    assert [row.refusal.code for row in summary.rejects] == [
        "invalid", "ragged_row", "broken_text", "ragged_row", "invalid", "invalid",
    ]  # fmt: skip
    assert [line.split(",")[0] for line in out.decode().splitlines()] == ["id", "c1", "c6"]
    assert (summary.rows, summary.rejected) == (8, 6)


def test_a_line_number_counts_the_lines_inside_quotes(tmp_path: Path) -> None:
    text = 'id,note\nc1,"two\nlines"\nc2,"three\n\nlines"\n,missing\n'
    out, summary = answered(text.encode(), tmp_path)
    assert [row.line for row in summary.rejects] == [7]
    assert out.decode().startswith(f'id,note,variant\nc1,"two\nlines",{expected("c1")}\n')


def test_letters_that_look_like_line_ends_are_none(tmp_path: Path) -> None:
    text = 'id,note\nc1,a\u2028b\u0085c\x0bd\nc2,"x\u2028"\n'
    out, summary = answered(text.encode(), tmp_path)
    assert (summary.rows, summary.rejected) == (2, 0)
    assert out.decode().count("\n") == 3


def test_a_list_longer_than_a_block_is_cut_between_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["id", "note"], *([i, f'q"{i}\n,'] for i in IDS)]
    whole = answered(table(rows).encode(), tmp_path)
    monkeypatch.setattr(reading, "BLOCK_BYTES", 97)
    assert answered(table(rows).encode(), tmp_path) == whole


def test_a_quote_left_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 1_000)
    monkeypatch.setattr(reading, "LONGEST_ROW_BYTES", 1_000)
    text = 'id,note\nc1,"open\n' + "c2,more\n" * 1_000
    with pytest.raises(Invalid, match="quote left open"):
        answered(text.encode(), tmp_path)


def test_the_payloads_fields_are_added_on_request(tmp_path: Path) -> None:
    payloads: dict[str, dict[str, Any]] = {
        "a": {"title": "가, 나", "n": 7},
        "b": {"title": '"제목"', "extra": [1, True]},
    }
    by = configuration(payloads=payloads)
    text = table([["id"], *([i] for i in IDS)])
    out, _ = answered(text.encode(), tmp_path, ListOptions("id", payload=True), by=by)
    for row in csv.DictReader(io.StringIO(out.decode(), newline="")):
        payload = payloads.get(row["variant"], {})
        assert row["payload.title"] == payload.get("title", "")
        assert row["payload.n"] == ("7" if "n" in payload else "")
        assert row["payload.extra"] == ("[1, true]" if "extra" in payload else "")


def test_a_payload_that_is_no_object_is_one_column(tmp_path: Path) -> None:
    by = configuration(payloads={"a": "제목", "b": 2.5})
    out, _ = answered(b"id\nc0001\n", tmp_path, ListOptions("id", payload=True), by=by)
    variant = expected("c0001", by)
    assert (
        out.decode() == f"id,variant,payload\nc0001,{variant},{'제목' if variant == 'a' else 2.5}\n"
    )


def test_the_audience_is_asked_with_the_rows_own_columns(tmp_path: Path) -> None:
    condition = {"country": "KR", "age": {"$gte": 30}}
    by = configuration(condition=condition)
    rows = [["id", "country", "age"], ["c1", "KR", "31"], ["c2", "KR", "29"], ["c3", "US", "40"],
            ["c4", "KR", ""], ["c5", "KR", "old"]]  # fmt: skip
    options = ListOptions("id", numbers=("age",))
    out, summary = answered(table(rows).encode(), tmp_path, options, by=by)
    variants = [row[-1] for row in csv.reader(io.StringIO(out.decode(), newline=""))][1:]
    assert variants[0] == expected("c1")
    assert variants[1:] == [""] * 4
    assert summary.reasons["not_targeted"] == 4


def test_ndjson_goes_out_with_members_added(tmp_path: Path) -> None:
    lines = ["\ufeff" + '{"id": "c1", "name": "가"}', '{ "n":1 , "id":"홍길동" } ', "",
             '{"name": "no id"}', "[1]", "{", '{"id": 7}', '{"id": "c2", "id": "c3"}',
             '{"id": "c4", "variant": "x"}', '{"id": "c5", "n": NaN}', '{"id": ""}']  # fmt: skip
    out, summary = answered("\n".join(lines).encode(), tmp_path, name="list.ndjson")
    found = [json.loads(line) for line in out.decode().splitlines()]
    assert found == [
        {"id": "c1", "name": "가", "variant": expected("c1") or None},
        {"n": 1, "id": "홍길동", "variant": expected("홍길동") or None},
    ]
    assert [row.line for row in summary.rejects] == [4, 5, 6, 7, 8, 9, 10, 11]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    source = pa.table(
        {"id": pa.array([*IDS, None, ""]), "paid": pa.array([1.5] * (len(IDS) + 2), pa.float32())}
    )
    held = io.BytesIO()
    pq.write_table(source, held)
    out, summary = answered(held.getvalue(), tmp_path, name="list")
    found = pq.read_table(io.BytesIO(out))
    assert found.schema.names == ["id", "paid", "variant"]
    assert found.schema.field("paid").type == pa.float32()
    assert found["id"].to_pylist() == IDS
    assert found["variant"].to_pylist() == [expected(each) or None for each in IDS]
    assert [row.line for row in summary.rejects] == [len(IDS) + 1, len(IDS) + 2]


def test_whole_numbers_as_unit_ids_are_their_digits(tmp_path: Path) -> None:
    held = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array([17, 2**53 + 1])}), held)
    out, _ = answered(held.getvalue(), tmp_path, name="list.parquet")
    found = pq.read_table(io.BytesIO(out))["variant"].to_pylist()
    assert found == [expected("17") or None, expected(str(2**53 + 1)) or None]


def test_every_form_gives_one_answer_and_one_digest(tmp_path: Path) -> None:
    held = io.BytesIO()
    pq.write_table(pa.table({"id": IDS}), held)
    forms = {
        "list.csv": table([["id"], *([i] for i in IDS)]).encode(),
        "list.ndjson": "\n".join(json.dumps({"id": i}) for i in IDS).encode(),
        "list.parquet": held.getvalue(),
    }
    summaries = [answered(content, tmp_path, name=name)[1] for name, content in forms.items()]
    assert summaries[0] == summaries[1] == summaries[2]


def test_the_digest_is_worked_out_from_the_files_alone(tmp_path: Path) -> None:
    content = table([["id"], *([i] for i in IDS)]).encode()
    _, summary = answered(content, tmp_path)
    kept = ListConfiguration.read(configuration().content)
    _, again = answered(content, tmp_path, by=kept)
    assert again == summary
    _, moved = answered(content, tmp_path, by=configuration(seed="autumn"))
    assert moved.digest != summary.digest
    _, shorter = answered(content.rsplit(b"\r\n", 2)[0], tmp_path)
    assert shorter.digest != summary.digest


def test_a_configuration_that_is_torn_is_refused() -> None:
    content = configuration().content
    for end in range(0, len(content), 97):
        with pytest.raises(Invalid, match="not a configuration"):
            ListConfiguration.read(content[:end])


def test_a_test_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        ListConfiguration.of(Snapshot(1, datetime.now(UTC), {}, {}, {}), 1, "spring")


@pytest.mark.parametrize("key", list(PRESETS))
@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_a_tool_gets_the_columns_that_it_takes(tmp_path: Path, key: str, name: str) -> None:
    preset, ids = PRESETS[key], ["c0001", "홍길동", "=1+1", "a,b"]
    held = io.BytesIO()
    pq.write_table(pa.table({"id": ids}), held)
    source = tmp_path / name
    csv_text = table([["id"], *([i] for i in ids)]).encode()
    source.write_bytes(held.getvalue() if name.endswith("parquet") else csv_text)
    target = io.BytesIO()
    summary = assign_list(configuration(), source, target, ListOptions("id"), preset=preset)
    text = target.getvalue().decode(preset.encoding)
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == [preset.unit_column, "truelift_spring"]
    wanted = [[i, expected(i)] for i in ids if expected(i)]
    if preset.for_people:
        wanted = [["'=1+1" if i == "=1+1" else i, variant] for i, variant in wanted]
        assert target.getvalue().endswith(b"\r\n")
    assert rows == wanted
    assert sum(summary.counts.values()) == len(rows)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"name\nc1\n", ListOptions("id"), "no column 'id'"),
        (b"id,id\nc1,c2\n", ListOptions("id"), "no column 'id'"),
        (b"id,variant\nc1,x\n", ListOptions("id"), "has a column 'variant' already"),
        (b"", ListOptions("id"), "empty"),
        (b"\n\n", ListOptions("id"), "empty"),
        (b"PAR1 but not really", ListOptions("id"), "not a Parquet file"),
    ],
)
def test_a_list_without_what_it_needs_is_refused(
    tmp_path: Path, content: bytes, options: ListOptions, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        answered(content, tmp_path, options)


def test_no_letter_is_replaced_by_another(tmp_path: Path) -> None:
    by = configuration(payloads={"a": "😀", "b": "😀"})
    source = tmp_path / "list.csv"
    source.write_bytes("id,이름\nc0001,홍길동\n".encode("cp949"))
    with pytest.raises(Invalid, match="cp949"):
        assign_list(by, source, io.BytesIO(), ListOptions("id", payload=True))
    source.write_text("id\n😀\n", encoding="utf-8")
    with pytest.raises(Invalid, match="cp949"):
        assign_list(
            configuration(ranges=(BucketRange("a", 0, 10_000),)), source, io.BytesIO(),
            ListOptions("id"), preset=PRESETS["excel-cp949"],
        )  # fmt: skip


def test_a_stopped_test_gives_no_variant_and_says_why(tmp_path: Path) -> None:
    out, summary = answered(b"id\nc1\nc2\n", tmp_path, by=configuration(state="stopped"))
    assert out == b"id,variant\nc1,\nc2,\n"
    assert summary.reasons == {"stopped": 2}


def texts(shortest: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
    return st.text(letters, min_size=shortest, max_size=9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts(1), texts(0)), max_size=30))
def test_any_table_comes_back_with_the_variants_of_its_units(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = table([["id", "note"], *(list(row) for row in rows)], end="\n")
    out, summary = answered(
        text.encode(), tmp_path_factory.mktemp("any"), ListOptions("id", delimiter=",")
    )
    found = list(csv.reader(io.StringIO(out.decode(), newline="")))[1:]
    assert found == [[*row, expected(row[0])] for row in rows]
    assert summary.rejected == 0

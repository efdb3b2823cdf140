"""The JSON reader against a hostile world."""

import io
import tarfile
import time
from decimal import Decimal
from pathlib import Path

import pytest

from api.strict_json import JsonRefused, read_json

CORPUS = Path(__file__).resolve().parents[2].parent / "shared/corpora/json_test_suite.tar.gz"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b"NaN", "not a JSON number"),
        (b"[-Infinity]", "not a JSON number"),
        (b"1e999", "out of range"),
        (b"1e-99999999999999999999", "out of range"),
        (b"0e99999999999999999999", "out of range"),
        (b"99999999999999999999999", "beyond 64 bits"),
        (b"[" * 33 + b"]" * 33, "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'["\xff"]', "not UTF-8 at byte 2"),
        (b'{"a": }', "line 1, column 7"),
        (b"", "line 1, column 1"),
    ],
)
def test_what_is_refused_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(JsonRefused, match=reason):
        read_json(body)


@pytest.mark.parametrize("start", [b"", b'"'])
def test_no_text_takes_long_to_refuse(start: bytes) -> None:
    began = time.process_time()
    with pytest.raises(JsonRefused):
        read_json(start + b"[" * 33 + b'\\"' * 2_000_000)
    assert time.process_time() - began < 2


def test_numbers_stay_exact() -> None:
    assert read_json(b"[9007199254740993, 0.1, 1.50]") == [
        9007199254740993,
        Decimal("0.1"),
        Decimal("1.5"),
    ]


def test_brackets_inside_strings_are_not_depth() -> None:
    assert read_json(b'["' + b"[" * 50 + b'\\""]') == ["[" * 50 + '"']


@pytest.mark.parametrize("text", [b"[" * 40, b"]" * 40, b'\\"[' * 40, "{새}".encode() * 40])
def test_depth_is_counted_outside_strings(text: bytes) -> None:
    opened, closed = b'["%b",{"a":' % text * 16, b"}]" * 16
    read_json(opened + b'"%b"' % text + closed)
    with pytest.raises(JsonRefused, match="nested deeper"):
        read_json(opened + b'["%b"]' % text + closed)


def test_escaped_korean_is_read() -> None:
    assert read_json(b'{"name": "\\ud64d\\uae38\\ub3d9 \\ud83d\\ude00"}') == {"name": "홍길동 😀"}


def test_the_public_suite() -> None:
    if not CORPUS.exists():
        pytest.skip("the JSON corpus is not there: ../shared/corpora")
    accepted: list[str] = []
    with tarfile.open(CORPUS) as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            file = archive.extractfile(member)
            if file is None or not name.endswith(".json"):
                continue
            try:
                read_json(io.BytesIO(file.read()).getvalue())
            except JsonRefused:
                continue
            accepted.append(name)
    assert [name for name in accepted if name.startswith("n_")] == []
    assert len([name for name in accepted if name.startswith("y_")]) >= 88

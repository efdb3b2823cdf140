"""The fast reader says what the slow one says, or nothing."""

import json
import tarfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.quick_json import InDoubt, quick_json
from api.strict_json import JsonRefused, _check_strings, _parse_exactly

SUITE = Path(__file__).parents[3] / "shared" / "corpora" / "json_test_suite.tar.gz"
TEXTS = st.text(max_size=8) | st.sampled_from(['"', "\\", '\\"', "[", "]]", "{", "a:b", "\0", "😀"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=30,
)


def slowly(body: bytes) -> Any:
    value = _parse_exactly(body)
    _check_strings(value)
    return value


def quickly(body: bytes) -> Any:
    """What the fast reader says; the slow one's answer where it says nothing."""
    try:
        return quick_json(body)
    except InDoubt:
        return slowly(body)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_both_read_the_same(value: Any, escaped: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=escaped, indent=indent).encode("utf-8", "replace")
    assert told(quickly, body) == told(slowly, body)


@given(st.lists(st.sampled_from([*'{}[]":,\\u0 1.e-', '"a"', "null", "\\ud83d"]), max_size=12))
def test_both_refuse_the_same(parts: list[str]) -> None:
    body = "".join(parts).encode()
    assert told(quickly, body) == told(slowly, body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'[{"a":{"b":1,"b":1}}]',
        b'{"\\"":1,"\\"":2}',
        b'["\\u0000"]',
        b"[9223372036854775808]",
        b"[-9223372036854775808]",
        b"[1e999]",
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
)
def test_what_may_be_refused_is_left_to_the_slow_reader(body: bytes) -> None:
    with pytest.raises(InDoubt):
        quick_json(body)
    with pytest.raises(JsonRefused):
        slowly(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 32 + b"]" * 32,
        b'{"a":"\\\\","b":"\\"\\\\\\""}',
        '[{"이름":"홍길동"},{"이름":"\\uad6d"}]'.encode(),
        b"[0.10, 1e5, -0, 9223372036854775807]",
        b' "x" ',
        b"[]",
    ],
)
def test_what_is_beyond_doubt_is_read_fast(body: bytes) -> None:
    assert repr(quick_json(body)) == repr(slowly(body))


def test_fractions_stay_exact() -> None:
    assert quick_json(b"[0.1, 1.50]") == [Decimal("0.1"), Decimal("1.50")]


@pytest.mark.skipif(not SUITE.exists(), reason=f"{SUITE.name} is not there")
def test_the_json_test_suite_is_read_the_same() -> None:
    with tarfile.open(SUITE) as tar:
        files = [each for each in tar.getmembers() if each.name.endswith(".json")]
        bodies = {each.name: tar.extractfile(each) for each in files}
        read = {name: file.read() for name, file in bodies.items() if file}
    assert len(read) > 300
    for name, body in read.items():
        assert told(quickly, body) == told(slowly, body), name


def told(read: Any, body: bytes) -> str:
    try:
        return repr(read(body))
    except JsonRefused:
        return "refused"

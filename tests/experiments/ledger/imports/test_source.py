"""Files: which text they hold, and which are none."""

import gzip
import os
import random
from hashlib import sha256
from pathlib import Path

import pytest

from experiments.ledger.imports import source
from experiments.ledger.imports.errors import (
    BrokenGzip,
    NotCsv,
    NotText,
    NotUtf16,
    UnfitFile,
    UnpacksTooLarge,
)
from experiments.ledger.imports.source import inspect
from tests.experiments.ledger.imports.factories import file_of

KOREAN = "고객,안\n홍길동,가안\n김민지,나안\n" * 1000


def text_of(file: source.SourceFile) -> str:
    with file.open() as opened:
        return opened.text.read()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_korean_files_read_the_same_in_every_encoding(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    file = file_of(tmp_path, KOREAN, encoding=encoding, packed=packed)
    assert text_of(file) == KOREAN
    assert file.encoding == {"utf-8": "utf-8-sig"}.get(encoding, encoding)
    assert file.size == file.path.stat().st_size
    assert file.sha256 == sha256(KOREAN.encode(encoding)).hexdigest()


def test_characters_across_blocks_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "BLOCK_BYTES", 7)
    for encoding in ("utf-8", "cp949", "utf-16"):
        assert text_of(file_of(tmp_path, KOREAN[:200], encoding=encoding)) == KOREAN[:200]


def test_one_bad_byte_far_in_is_found_with_its_place(tmp_path: Path) -> None:
    content = b"id,name\n" + b"1,a\n" * 600_000 + b"2,\xff\xff\n"
    with pytest.raises(NotText) as refusal:
        file_of(tmp_path, content)
    assert refusal.value.params["offset"] == 8 + 4 * 600_000 + 2
    assert refusal.value.field == "file"


@pytest.mark.parametrize("order", ["le", "be"])
def test_what_begins_as_utf_16_and_is_none_is_told_with_its_place(
    tmp_path: Path, order: str
) -> None:
    mark = "\ufeff".encode(f"utf-16-{order}")
    good = KOREAN.encode(f"utf-16-{order}")
    assert text_of(file_of(tmp_path, mark + good)) == KOREAN
    half = "\ud800".encode(f"utf-16-{order}", "surrogatepass")
    for bad in (half + "가".encode(f"utf-16-{order}"), b"x"):
        with pytest.raises(NotUtf16) as refusal:
            file_of(tmp_path, mark + good + bad)
        assert refusal.value.params["offset"] == 2 + len(good)
        assert refusal.value.field == "file"


def test_half_a_character_at_the_end_is_found(tmp_path: Path) -> None:
    with pytest.raises(NotText):
        file_of(tmp_path, "가,나\n".encode()[:-2] + b"\xe3")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04" + b"x" * 50, "Excel"),
        (b"\xd0\xcf\x11\xe0", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        ("id,name\n".encode("utf-32"), "UTF-32"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_files_of_another_kind_are_refused_by_name(
    tmp_path: Path, content: bytes, kind: str, packed: bool
) -> None:
    with pytest.raises(NotCsv, match=kind):
        file_of(tmp_path, content, packed=packed)


@pytest.mark.parametrize("cut", [3, 12, -1])
def test_a_gzip_file_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(KOREAN.encode())[:cut])
    with pytest.raises(BrokenGzip):
        inspect(path)


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(random.Random(1).randbytes(10_000).hex().encode()))
    content[len(content) // 2] ^= 0xFF
    path = tmp_path / "file.csv.gz"
    path.write_bytes(content)
    with pytest.raises(UnfitFile):
        inspect(path)


def test_a_bomb_is_refused_within_its_first_blocks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb") as bomb:
        for _ in range(200):
            bomb.write(b"0" * (1 << 20))
    assert path.stat().st_size < 300_000
    with pytest.raises(UnpacksTooLarge):
        inspect(path)


def test_a_file_in_several_gzip_members_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"id\n1\n") + gzip.compress(b"2\n"))
    assert text_of(inspect(path)) == "id\n1\n2\n"


def test_reading_tells_how_far_into_the_file_it_is(tmp_path: Path) -> None:
    content = os.urandom(400_000).hex()
    for packed in (False, True):
        file = file_of(tmp_path, content, packed=packed)
        with file.open() as opened:
            opened.text.read(400_000)
            assert 0.4 < opened.bytes_read / file.size < 0.8
            opened.text.read()
            assert opened.bytes_read == file.size


def test_packing_changes_nothing_of_a_rows_id(tmp_path: Path) -> None:
    plain = file_of(tmp_path, KOREAN)
    assert file_of(tmp_path, KOREAN, packed=True).mark == plain.mark

"""The configuration on disk: read back as written, or refused; never half of it."""

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from experiments.access.keys import StoredKey
from experiments.assignment import snapshot_codec
from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.loading import Snapshot
from experiments.assignment.members import UnitList
from experiments.assignment.snapshot_codec import Kept, SnapshotRefused, decode, encode
from experiments.assignment.snapshot_file import FILE_NAME, PREVIOUS_NAME, SnapshotFile
from experiments.storage.projects import Project

ADDRESS = "sqlite:truelift.db"
NOW = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
BLOCKED = replace(UnitList.of([f"u{n}" for n in range(100)]), id=7, key="blocked", revision=3)
CAPPED = replace(UnitList.of(["홍길동"], "capped"), id=8, key="capped:grand")


def experiments(count: int = 1) -> dict[tuple[int, str], AssignableExperiment]:
    """Tests in which every field says something, and one that says as little as it can."""
    full = AssignableExperiment(
        id=1, key="grand", project_id=1, state="running", seed="소금",
        ranges=(BucketRange("a", 0, 25), BucketRange("b", 50, 75), BucketRange("a", 90, 9999)),
        payloads={"a": {"제목": ["혜택", 1, 0.1, True, None]}, "b": None},
        phase=2, control="a", hash_attribute="company",
        condition={"$or": [{"country": "KR"}, {"age": {"$gt": 19}}]},
        holdouts=(Holdout("q1", "q1-salt", 500),), layer=Layer("mail", "mail-salt", 0, 5000),
        overrides={"tester@example.com": "b"},
        exclude_lists=(BLOCKED,), require_lists=(CAPPED, BLOCKED), capped=CAPPED,
    )  # fmt: skip
    bare = AssignableExperiment(2, "bare", 1, "draft", "bare")
    many = (replace(bare, id=10 + n, key=f"test-{n:05}") for n in range(count))
    return {(each.project_id, each.key): each for each in (full, bare, *many)}


def kept(version: int = 41, count: int = 1, identity: str = "ledger-1") -> Kept:
    key = StoredKey(
        "ab12cd34", 1, "secret", "app", "0" * 64, frozenset({"assign", "read"}),
        NOW + timedelta(days=90), None,
    )  # fmt: skip
    project = Project(1, "shop", "가게", "Asia/Seoul", "KRW", "ko")
    snapshot = Snapshot(version, NOW, experiments(count), {"ab12cd34": key}, {1: project})
    return Kept(snapshot, identity)


def file_in(folder: Path, address: str = ADDRESS) -> SnapshotFile:
    return SnapshotFile(folder, address)


def test_every_field_comes_back_as_it_was(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.write(kept())
    assert file.read() == kept()


def test_what_was_read_answers_the_same(tmp_path: Path) -> None:
    file_in(tmp_path).write(kept())
    found = file_in(tmp_path).read()
    assert found is not None
    before, after = (each.snapshot.experiments[1, "grand"] for each in (kept(), found))
    for unit in ("u1", "홍길동", "tester@example.com", "u999"):
        known = {"company": f"c-{unit}", "country": "KR"}
        assert assign(after, unit, known) == assign(before, unit, known)


def test_a_list_that_several_tests_consult_is_kept_once(tmp_path: Path) -> None:
    large = replace(BLOCKED, digests=bytes(16) * 10_000)
    tests = {
        (1, f"t{n}"): AssignableExperiment(
            n, f"t{n}", 1, "running", f"t{n}", exclude_lists=(large,)
        )
        for n in range(50)
    }
    whole = replace(kept().snapshot, experiments=tests)
    content = encode(Kept(whole, "ledger-1"), ADDRESS)
    assert len(content) < 2 * len(large.digests)
    found = decode(content, ADDRESS).snapshot
    assert found == whole
    assert len({id(each.exclude_lists[0]) for each in found.experiments.values()}) == 1


def test_the_file_is_its_owners_and_holds_no_secret(tmp_path: Path) -> None:
    file_in(tmp_path).write(kept())
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE_NAME]


def test_the_one_before_is_kept(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    for version in (1, 2, 3):
        file.write(kept(version))
    versions = [
        decode((tmp_path / name).read_bytes(), ADDRESS).snapshot.version
        for name in (FILE_NAME, PREVIOUS_NAME)
    ]
    assert versions == [3, 2]


def test_nothing_kept_is_nothing_read(tmp_path: Path) -> None:
    assert file_in(tmp_path).read() is None


def cuts(content: bytes) -> list[int]:
    """Every byte of a small file, every kilobyte of a larger one, and what surrounds it."""
    if len(content) <= 16 * 1024:
        return list(range(len(content)))
    return [cut + each for cut in range(1024, len(content), 1024) for each in (-1, 0, 1)]


@pytest.mark.parametrize("count", [1, 3000], ids=["every byte", "every kilobyte"])
def test_a_file_cut_anywhere_is_refused(count: int) -> None:
    content = encode(kept(count=count), ADDRESS)
    assert count == 1 or len(content) > 512 * 1024
    for cut in cuts(content):
        with pytest.raises(SnapshotRefused):
            decode(content[:cut], ADDRESS)


def test_in_place_of_a_cut_file_the_one_before_is_used(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.write(kept(41))
    file.write(kept(42))
    content = (tmp_path / FILE_NAME).read_bytes()
    for cut in range(0, len(content), 101):
        (tmp_path / FILE_NAME).write_bytes(content[:cut])
        assert file.read() == kept(41)


def test_a_changed_bit_is_noticed() -> None:
    content = bytearray(encode(kept(), ADDRESS))
    for place in range(0, len(content), 7):
        content[place] ^= 1
        with pytest.raises(SnapshotRefused):
            decode(bytes(content), ADDRESS)
        content[place] ^= 1
    assert decode(bytes(content), ADDRESS) == kept()


GARBAGE = [b"", b"\n", b"\x00" * 4096, "설정".encode(), b"{}", snapshot_codec._FORM + b"\n"]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_refused(tmp_path: Path, garbage: bytes) -> None:
    for name in (FILE_NAME, PREVIOUS_NAME):
        (tmp_path / name).write_bytes(garbage)
    assert file_in(tmp_path).read() is None


def test_bytes_after_the_end_are_noticed() -> None:
    with pytest.raises(SnapshotRefused):
        decode(encode(kept(), ADDRESS) + b"\n", ADDRESS)


def test_another_databases_configuration_is_refused(tmp_path: Path) -> None:
    file_in(tmp_path).write(kept())
    assert file_in(tmp_path, "postgresql://db.example.com/truelift").read() is None


def test_another_layout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_codec, "LAYOUT", "of-another-version")
    file_in(tmp_path).write(kept())
    monkeypatch.undo()
    assert file_in(tmp_path).read() is None


def test_after_a_change_of_ledger_the_old_one_is_not_fallen_back_to(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    for version in (1, 2):
        file.write(kept(version, identity="ledger-1"))
    file.write(kept(1, identity="ledger-2"))
    (tmp_path / FILE_NAME).write_bytes(b"torn")
    assert file.read() is None


def test_a_torn_file_does_not_replace_the_good_one_before(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.write(kept(1))
    file.write(kept(2))
    (tmp_path / FILE_NAME).write_bytes(b"torn")
    file.write(kept(3))
    (tmp_path / FILE_NAME).write_bytes(b"torn again")
    assert file.read() == kept(1)


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whichever step fails, and however often, a whole configuration is read."""
    file = file_in(tmp_path)
    file.write(kept(1))
    file.write(kept(2))
    owner = os if moment == "fsync" else Path
    original, calls = getattr(owner, moment), 0

    def fail_at(n: int) -> None:
        def failing(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls == n:
                raise OSError(28, "No space left on device")
            return original(*arguments)

        monkeypatch.setattr(owner, moment, failing)

    for n in (1, 2):
        calls = 0
        fail_at(n)
        with pytest.raises(OSError, match="No space"):
            file.write(kept(10 + n))
        monkeypatch.undo()
        found = file.read()
        assert found is not None
        assert found.snapshot.version in {2, 10 + n}
    assert {path.name for path in tmp_path.iterdir()} <= {FILE_NAME, PREVIOUS_NAME}


def test_the_layout_follows_the_fields() -> None:
    described = list(snapshot_codec._described(Snapshot, set()))
    assert any(line.startswith("Layer.seed: ") for line in described)
    assert any(line.startswith("StoredKey.secret_hash: ") for line in described)
    assert "AssignableExperiment.allocation: <class 'str'> = 'truelift'" in described

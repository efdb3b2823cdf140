"""What is stored can go, break or be of another time, and is made anew."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from experiments.measurement.measure import Measurement, measure
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stored import refresh, shelf, writing
from experiments.measurement.stored.measured import measure_stored, samples_by_day
from stats.samples import BinomialSample
from tests.experiments.measurement.formula_logs import Setting, log_of, request_of
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, event, replica_of
from tests.experiments.measurement.test_measure import opens

pytestmark = pytest.mark.slow
ROWS = log_of(random.Random(5), ["open"], 30)
BATCHES = ROWS[:35], ROWS[35:]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A replica's, with half of the log in it and everything stored."""
    answer(replica_of(tmp_path / "replica", BATCHES[0]))
    return tmp_path / "replica"


def answer(state: ReplicaState, hours: int = 20) -> Measurement:
    with open_session(state, 1) as session:
        asked = request_of(opens(), Setting(SENT_AT + timedelta(hours=hours)))
        [found] = measure_stored(session, [asked], smallest=0)
        assert facts(found) == facts(measure(session, asked))
    return found


def facts(found: Measurement) -> dict[str, Any]:
    return vars(found) | {"sql": ""}


def stored(folder: Path) -> Path:
    [found] = (folder / "generation-1" / "stored" / "project-1").iterdir()
    return found


def times(folder: Path, pattern: str) -> set[tuple[str, int]]:
    return {(path.name, path.stat().st_mtime_ns) for path in stored(folder).glob(pattern)}


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often everybody was measured."""
    calls: list[str] = []
    before = refresh._Refresh.anew

    def counted(self: Any) -> Any:
        calls.append("anew")
        return before(self)

    monkeypatch.setattr(refresh._Refresh, "anew", counted)
    return calls


def test_what_is_stored_is_read_and_not_written_again(folder: Path, anew: list[str]) -> None:
    before = times(folder, "*")
    answer(replica_of(folder, BATCHES[0]))
    assert (times(folder, "*"), anew) == (before, [])


def test_units_that_new_facts_are_of_are_written_beside_the_others(
    folder: Path, anew: list[str]
) -> None:
    before = times(folder, "*.parquet")
    late = event("o-late", ROWS[0]["unit_id"], occurred_at=SENT + HOUR)
    answer(replica_of(folder, BATCHES[0], [late]))
    written = {name for name, _ in times(folder, "*.parquet") - before}
    assert written == {"units-changed-2.parquet", "events-changed-2.parquet"}
    assert before <= times(folder, "*.parquet")
    assert anew == []


def test_where_many_changed_all_are_written_again(folder: Path, anew: list[str]) -> None:
    late = [
        event(f"o-late-{unit}", unit, occurred_at=SENT + HOUR)
        for unit in {row["unit_id"] for row in ROWS}
    ]
    answer(replica_of(folder, BATCHES[0], late))
    names = {name for name, _ in times(folder, "*.parquet")}
    assert names == {"units-base-2.parquet", "events-base-2.parquet"}
    assert anew == []


def test_time_alone_closes_windows(folder: Path, anew: list[str]) -> None:
    state = replica_of(folder, BATCHES[0])
    later = [answer(state, hours) for hours in (20, 400, 410)]
    assert sum(later[0].immature.values()) > 0
    assert [sum(each.immature.values()) for each in later[1:]] == [0, 0]
    assert anew == []


def test_a_moment_before_is_measured_anew_and_not_stored(folder: Path) -> None:
    before = times(folder, "*")
    answer(replica_of(folder, BATCHES[0]), hours=5)
    assert times(folder, "*") == before


def _no_folder(path: Path) -> None:
    shutil.rmtree(path)


def _no_manifest(path: Path) -> None:
    (path / shelf.MANIFEST).unlink()


def _cut_manifest(path: Path) -> None:
    manifest = path / shelf.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-9])


def _other_number(path: Path) -> None:
    """A manifest that somebody edited: it reads well, and its checksum tells."""
    manifest = path / shelf.MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"position":', b'"position":1'))


def _damaged(pattern: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        found = next(iter(path.glob(pattern)))
        found.write_bytes(found.read_bytes()[:-5] + b"12345")

    return damage


def _gone(path: Path) -> None:
    next(iter(path.glob("units-base-*"))).unlink()


@pytest.mark.parametrize(
    "harm",
    [
        _no_folder, _no_manifest, _cut_manifest, _other_number, _gone,
        _damaged("units-*"), _damaged("events-*"), _damaged("sums-*"),
    ],
)  # fmt: skip
def test_damage_is_noticed_and_mended(
    folder: Path, anew: list[str], harm: Callable[[Path], None]
) -> None:
    harm(stored(folder))
    answer(replica_of(folder, *BATCHES))
    assert anew == ["anew"]


class KilledError(Exception):
    """Ends a refresh in the middle."""


@pytest.mark.parametrize(
    ("module", "step"), [(writing, "write"), (refresh, "in_columns"), (refresh, "whole_of")]
)
def test_a_refresh_that_is_killed_leaves_what_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, anew: list[str], module: ModuleType, step: str
) -> None:
    def killed(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed)
        with pytest.raises(KilledError):
            answer(replica_of(folder, *BATCHES))
    answer(replica_of(folder, *BATCHES))
    assert anew == []
    files = {path.name for path in stored(folder).iterdir()}
    manifest = (stored(folder) / shelf.MANIFEST).read_bytes().partition(b"\n")[2]
    kept = json.loads(manifest)
    held = [*kept["partitions"], *kept["events"], kept["sums"], kept["delays"]]
    named = {each["name"] for each in held if each is not None}
    assert files == named | {shelf.MANIFEST, shelf.LOCK}


def test_a_ledger_of_another_name_is_measured_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, anew: list[str]
) -> None:
    state = replica_of(folder, BATCHES[0])
    object.__setattr__(state, "ledger_identity", "after-an-erasure")
    answer(state)
    assert anew == ["anew"]


def test_an_earlier_position_is_measured_anew_and_not_stored(folder: Path) -> None:
    answer(replica_of(folder, *BATCHES))
    before = times(folder, "*")
    answer(replica_of(folder, BATCHES[0]))
    assert times(folder, "*") == before


def test_other_code_has_other_values(
    folder: Path, monkeypatch: pytest.MonkeyPatch, anew: list[str]
) -> None:
    monkeypatch.setattr("experiments.measurement.stored.definition.code_digest", lambda: "other")
    answer(replica_of(folder, BATCHES[0]))
    assert anew == ["anew"]


def test_sheets_that_nobody_asks_for_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST_SHEETS", 2)
    state = replica_of(folder, BATCHES[0])
    for hours in (1, 2, 3):
        with open_session(state, 1) as session:
            asked = request_of(opens(window_hours=hours), Setting(SENT_AT))
            measure_stored(session, [asked], smallest=0)
    assert len(list((folder / "generation-1" / "stored" / "project-1").iterdir())) == 2


def test_samples_of_days_add_up(folder: Path) -> None:
    state = replica_of(folder, *BATCHES)
    found = answer(state, hours=400)
    with open_session(state, 1) as session:
        asked = request_of(opens(), Setting(SENT_AT + timedelta(hours=400)))
        [days] = samples_by_day(session, [asked])
    assert days is not None
    assert len(days) > 1
    total = BinomialSample(0, 0)
    for each in days.values():
        assert isinstance(each["a"], BinomialSample)
        total += each["a"]
    assert total == found.samples["a"]

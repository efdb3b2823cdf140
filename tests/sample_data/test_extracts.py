"""The committed extracts are what the generator writes, and what truth.json says of them."""

import json
from collections import Counter
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from experiments.assignment.hashing import bucket
from experiments.kpis.document import KpiDocument
from experiments.kpis.smart import smart_check
from experiments.registry.experiment import ExperimentDraft
from experiments.storage.codec import from_document
from sample_data.generate import MAILINGS, SCENARIOS, generate, main
from tests.sample_data.recount import WINDOW, Files, recount

EXTRACTS = Path(__file__).resolve().parents[2] / "sample_data"
NAMES = sorted(SCENARIOS)
TESTS = [name for name in NAMES if (EXTRACTS / name / "experiment.json").exists()]


@pytest.fixture(scope="module", params=sorted(MAILINGS))
def files(request: pytest.FixtureRequest) -> Files:
    return Files.read(EXTRACTS / request.param)


@pytest.mark.parametrize("name", NAMES)
def test_regenerating_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    generate(name, tmp_path, customers=SCENARIOS[name].extract)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in (EXTRACTS / name).iterdir()}
    assert made.keys() == committed.keys()
    assert [path for path in made if made[path] != committed[path]] == []


def test_truth_counts_what_the_files_hold(files: Files) -> None:
    counted = recount(files)
    for variant, truth in files.truth["realised"].items():
        assert {name: counted[variant].get(name, 0) for name in truth} == truth


def test_truth_counts_the_dirt(files: Files) -> None:
    dirt, sent_at = files.truth["dirt"], files.sent_at
    times = Counter(row["event_id"] for row in files.events)
    variants = {row["event_id"]: files.assignments.get(row["user_id"]) for row in files.events}
    repeated = Counter(variants[event] for event, seen in times.items() if seen == 2)
    assert max(times.values()) == 2
    assert repeated == dirt["repeated"]
    outside = [row for row in files.distinct_events if row["user_id"] not in files.assignments]
    assert len(outside) == dirt["never_assigned"]
    inside = [row for row in files.distinct_events if row["user_id"] in sent_at]
    early = [row for row in inside if _at(row, "occurred_at") < sent_at[row["user_id"]]]
    late = [row for row in inside if _at(row, "received_at") >= sent_at[row["user_id"]] + WINDOW]
    assert len(early) == dirt["before_the_send"]
    assert len(late) == dirt["received_late"]
    assert all(row["occurred_at"] < row["received_at"] for row in files.events)


def _at(row: dict[str, str], column: str) -> datetime:
    return datetime.fromisoformat(row[column])


def test_truth_counts_the_rows(files: Files) -> None:
    assert files.truth["rows"] == {
        "customers": len(files.customers),
        "exposures": len(files.exposures),
        "events": len(files.events),
        "distinct_events": len(files.distinct_events),
    }
    assert len(files.customers) == len(files.assignments) >= 2_000


def test_repetitions_are_of_the_same_event(files: Files) -> None:
    bodies = {
        tuple(value for name, value in row.items() if name != "received_at") for row in files.events
    }
    assert len(bodies) == len(files.distinct_events)


def test_the_products_hash_decides_the_arm(files: Files) -> None:
    seed = files.truth["assignment_seed"]
    assert files.assignments == {
        unit_id: "a" if bucket(seed, unit_id) < 5000 else "b" for unit_id in files.assignments
    }
    told = {(row["user_id"], row["variant"]) for row in files.exposures}
    assert told == set(files.assignments.items())


def test_scanners_follow_every_link_within_two_seconds(files: Files) -> None:
    delivered = {
        row["user_id"]: row
        for row in files.events
        if row["type"] == "delivered" and row["user_id"] in files.assignments
    }
    clicks = [
        row
        for row in files.distinct_events
        if row["type"] == "click" and row["machine"] == "1" and row["user_id"] in delivered
    ]
    assert clicks
    assert set(Counter(row["user_id"] for row in clicks).values()) == {3}
    for row in clicks:
        gap = _at(row, "occurred_at") - _at(delivered[row["user_id"]], "occurred_at")
        assert 0 <= gap.total_seconds() <= 2


def test_orders_are_whole_won_and_nothing_else_has_an_amount(files: Files) -> None:
    for row in files.events:
        is_order = row["type"] == "purchase"
        assert (row["currency"] == "KRW") is is_order
        assert row["amount"].isdigit() is is_order


def test_only_the_control_drops_customers_without_a_name() -> None:
    files = Files.read(EXTRACTS / "broken_split")
    nameless = {row["user_id"] for row in files.customers if not row["name"]}
    dropped = files.assignments.keys() - files.sent_at.keys()
    assert dropped == {unit_id for unit_id in nameless if files.assignments[unit_id] == "a"}
    assert {files.assignments[unit_id] for unit_id in nameless} == {"a", "b"}


def test_the_scenarios_share_no_customer_and_no_source_id() -> None:
    read = [Files.read(EXTRACTS / name) for name in TESTS]
    for found in (_source_ids, _everyone):
        for one, other in combinations(read, 2):
            assert not found(one) & found(other)


def _source_ids(files: Files) -> set[str]:
    exposures = [row["exposure_id"] for row in files.exposures]
    assert len(set(exposures)) == len(exposures)
    return {row["event_id"] for row in files.events} | set(exposures)


def _everyone(files: Files) -> set[str]:
    return files.assignments.keys() | {row["user_id"] for row in files.events}


@pytest.mark.parametrize("name", TESTS)
def test_the_documents_are_ones_the_registry_takes(name: str) -> None:
    kpis = [from_document(KpiDocument, document) for document in _read_json(name, "kpis")]
    known: set[str] = set()
    for kpi in kpis:
        assert smart_check(kpi).met, (kpi.key, smart_check(kpi).missing)
        assert kpi.parent is None or kpi.parent in known
        known.add(kpi.key)
    draft = from_document(ExperimentDraft, _read_json(name, "experiment"))
    assert {goal.kpi for goal in draft.goals} == known
    assert draft.schedule.starts_at is not None
    registered_at = datetime.fromisoformat(Files.read(EXTRACTS / name).truth["registered_at"])
    assert draft.schedule.starts_at > registered_at


@pytest.mark.parametrize("name", NAMES)
def test_the_mappings_name_columns_that_the_files_have(name: str) -> None:
    for path in (EXTRACTS / name).glob("imports*.json"):
        for step in _read_json(name, path.stem):
            header = (EXTRACTS / name / step["file"]).read_text(encoding="utf-8").splitlines()[0]
            assert set(step["mapping"]["columns"].values()) <= set(header.split(","))


def _read_json(name: str, document: str) -> Any:
    text = (EXTRACTS / name / f"{document}.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_the_command_line_writes_a_folder(tmp_path: Path) -> None:
    main([str(tmp_path / "new"), "--scenario", "subject_line", "--customers", "200"])
    assert len(Files.read(tmp_path / "new").customers) == 200


@pytest.mark.parametrize("customers", ["0", "-5", "many"])
def test_the_command_line_refuses_what_is_no_number_of_customers(
    customers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--scenario", "subject_line", "--customers", customers])
    assert "--customers" in capsys.readouterr().err

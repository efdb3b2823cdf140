"""The hash agrees with GrowthBook's published cases, and with itself everywhere."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.assignment.hashing import bucket, gb_hash, utf16_units
from tests.experiments.assignment.vectors import growthbook_cases

GOLDEN = Path(__file__).with_name("golden.csv")
ROOT = Path(__file__).resolve().parents[3]


def read_golden() -> list[tuple[str, str, int]]:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return [(row["unit"], row["seed"], int(row["bucket"])) for row in csv.DictReader(file)]


def test_published_hash_cases_hold() -> None:
    cases = growthbook_cases("hash")
    assert len(cases) == 15
    for seed, value, version, expected in cases:
        assert gb_hash(seed, value, version) == expected


@pytest.mark.parametrize(
    ("unit_id", "fraction"), [("홍길동", 0.2155), ("user-é", 0.6674), ("😀", 0.4346)]
)
def test_characters_outside_ascii_are_hashed_as_utf16(unit_id: str, fraction: float) -> None:
    assert gb_hash("seed", unit_id, 2) == fraction
    assert bucket("seed", unit_id) == round(fraction * 10_000)


def test_golden_file_holds_for_every_kind_of_id() -> None:
    rows = read_golden()
    assert len(rows) > 300
    for unit, seed, expected in rows:
        assert bucket(seed, unit) == expected, (unit, seed)


def test_half_a_surrogate_pair_in_a_seed_is_hashed_as_javascript_does() -> None:
    assert list(utf16_units("\ud83d")) == [0xD83D]


def test_composed_and_decomposed_letters_are_different_units() -> None:
    assert bucket("seed", "user-\u00e9") != bucket("seed", "user-e\u0301")


def test_an_unknown_version_answers_nothing() -> None:
    assert gb_hash("seed", "a", 3) is None
    assert gb_hash("seed", "a", 0) is None


def test_buckets_do_not_depend_on_the_process() -> None:
    program = (
        "import sys; sys.stdout.reconfigure(encoding='utf-8')\n"
        "from experiments.assignment.hashing import bucket\n"
        "print([bucket('subject-line', f'고객-{n}') for n in range(2000)])"
    )
    answers = {_run(program, hash_seed) for hash_seed in ("0", "1", "4242")}
    assert len(answers) == 1
    assert "9" in answers.pop()


def _run(program: str, hash_seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return finished.stdout

"""The hash agrees with GrowthBook's published cases, and with itself everywhere."""

import csv
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from experiments.assignment.bulk import buckets
from experiments.assignment.hashing import bucket, gb_hash, utf16_units
from tests.experiments.assignment.vectors import growthbook_cases

GOLDEN = Path(__file__).with_name("golden.csv.gz")
GOLDEN_SHA256 = "118c9d6fc5bcd2b606016f83bb19ee79bb5435a671b1bf7f43b7b345e1f3502f"
ROOT = Path(__file__).resolve().parents[3]
# The hash as a JavaScript client writes it, of rows that come as JSON on the standard input.
IN_JAVASCRIPT = """
const fnv = (text) => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};
const rows = JSON.parse(require("fs").readFileSync(0, "utf8"));
const placed = ([unit, seed, bucket]) => fnv(String(fnv(seed + unit))) % 10000 === bucket;
const wrong = rows.filter((row) => !placed(row));
console.log(JSON.stringify(wrong));
"""


@cache
def read_golden() -> list[tuple[str, str, int]]:
    text = gzip.decompress(GOLDEN.read_bytes()).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [(row["unit"], row["seed"], int(row["bucket"])) for row in rows]


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


def test_the_golden_file_is_frozen() -> None:
    assert hashlib.sha256(GOLDEN.read_bytes()).hexdigest() == GOLDEN_SHA256
    assert len(read_golden()) > 10_000


def test_golden_file_holds_for_every_kind_of_id() -> None:
    wrong = [row for row in read_golden() if bucket(row[1], row[0]) != row[2]]
    assert wrong == []


def test_golden_file_holds_for_whole_lists() -> None:
    for seed in {seed for _, seed, _ in read_golden()}:
        of_seed = [(unit, place) for unit, its, place in read_golden() if its == seed]
        units, places = zip(*of_seed, strict=True)
        assert buckets(seed, units).tolist() == list(places)


def test_golden_file_holds_in_javascript() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    done = subprocess.run(
        [node, "-e", IN_JAVASCRIPT],
        input=json.dumps(read_golden()),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert json.loads(done.stdout) == []


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

"""Writes golden.csv; run once when a kind of id is added, never to make a test pass."""

import csv
from pathlib import Path

from experiments.assignment.hashing import bucket

GOLDEN = Path(__file__).with_name("golden.csv")
SEEDS = ("seed", "subject-line", "2025-봄", "🎯", "")
UNITS = (
    *(f"c{number:06d}" for number in range(1, 31)),
    *("홍길동", "김민지", "이서연", "박도윤", "최하은", "남궁 민수", "ㄱㄴㄷ", "한글"),
    *("😀", "👩‍👩‍👧", "🇰🇷", "a😀b", "𠮷野家", "𝒜", "\U0010ffff"),
    *("user-\u00e9", "user-e\u0301", "Ünïcode", "Ελλάδα", "日本語", "ไทย", "مرحبا"),
    *("a", "0", " ", "  two  spaces ", "a,b", 'say "hi"', "tab\tid", "line\nbreak", "0001"),
    *("name@example.com", "010-1234-5678", "8f14e45f-ceea-467f-ab1e-0c8d5b0f1a2c", "x" * 200),
)


def main() -> None:
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["unit", "seed", "bucket"])
        rows.writerows((unit, seed, bucket(seed, unit)) for seed in SEEDS for unit in UNITS)


if __name__ == "__main__":
    main()

"""Writes golden.csv.gz; run once when a kind of id is added, never to make a test pass."""

import csv
import gzip
import io
import unicodedata
from pathlib import Path

from experiments.assignment.hashing import bucket

GOLDEN = Path(__file__).with_name("golden.csv.gz")
SEEDS = (
    "seed", "subject-line", "2025-봄", "🎯", "", "layer:crm", "holdout:all", "봄 세일", "e\u0301",
    "7",
)  # fmt: skip
FAMILIES = "김이박최정강조윤장임한오서신권황안송전홍"
GIVEN = ("민수", "서연", "도윤", "하은", "지호", "수빈", "예준", "지우", "현우", "소율")
ACCENTED = ("user-é", "Ünïcode", "François", "Zoë", "Åse", "ñandú", "각", "한글", "ぱぴぷ")
UNITS = (
    *(f"c{number:06d}" for number in range(1, 301)),
    *(str(number) for number in range(100)),
    *(f"{family}{name}" for family in FAMILIES for name in GIVEN),
    *(f"user{number}@example.com" for number in range(100)),
    *(f"010-{number:04d}-{9999 - number:04d}" for number in range(0, 5000, 100)),
    *(f"8f14e45f-ceea-467f-ab1e-{number:012x}" for number in range(0, 10**6, 10**4)),
    *(chr(0x1F600 + number) for number in range(80)),
    *(f"a{chr(0x20000 + 97 * number)}b" for number in range(40)),
    *(unicodedata.normalize("NFC", text) for text in ACCENTED),
    *(unicodedata.normalize("NFD", text) for text in ACCENTED),
    *("👩‍👩‍👧", "🇰🇷", "𝒜", "\U0010ffff", "\uffff", "\ufeff", "\u200b", "홍\u3000길동"),
    *("Ελλάδα", "日本語", "ไทย", "مرحبا", "עברית", "हिन्दी", "ㄱㄴㄷ", "남궁 민수"),
    *(" ", "  two  spaces ", "a,b", 'say "hi"', "tab\tid", "line\nbreak", "0001", "-1", "1e3"),
    *(
        "김민지",
        "한글",
        "😀",
        "a😀b",
        "𠮷野家",
        "a",
        "x" * 200,
        "name@example.com",
        "010-1234-5678",
    ),
    *("8f14e45f-ceea-467f-ab1e-0c8d5b0f1a2c", "박도윤", "최하은", "이서연", "홍길동"),
    *("null", "None", "true", "NaN", "'; drop table", "\\", "/", "%00", "\x7f", "\x01"),
    *("x" * length for length in (2, 10, 100, 1023, 1024)),
    *("가" * length for length in (10, 100, 1024)),
    *("😀" * length for length in (10, 100, 512, 1024)),
)


def main() -> None:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["unit", "seed", "bucket"])
    rows.writerows(
        (unit, seed, bucket(seed, unit)) for seed in SEEDS for unit in dict.fromkeys(UNITS)
    )
    GOLDEN.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), mtime=0))


if __name__ == "__main__":
    main()

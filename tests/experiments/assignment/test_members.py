"""Lists of units: who is on them, one by one and many at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.members import DIGEST_BYTES, UnitList, digest_of, digests_of


@given(st.lists(st.text(max_size=20)), st.lists(st.text(max_size=20)))
def test_members_are_on_the_list_and_nobody_else(members: list[str], others: list[str]) -> None:
    kept = UnitList.of(members)
    assert len(kept) == len(set(members))
    asked = [*members, *others]
    expected = [unit_id in set(members) for unit_id in asked]
    assert [unit_id in kept for unit_id in asked] == expected
    assert kept.hold(digests_of(asked)).tolist() == expected


def test_a_million_members_take_twenty_four_megabytes() -> None:
    digests = np.random.default_rng(1).bytes(16_000_000)
    kept = UnitList(1, "all", "consent", digests=digests)
    assert len(kept) == 1_000_000
    assert len(kept.digests) + kept._high.nbytes == 24_000_000


def test_members_whose_digests_begin_alike_are_told_apart() -> None:
    start = b"12345678"
    held = [start + bytes([n]) * 8 for n in (1, 2, 3)]
    kept = UnitList(1, "l", "test", digests=b"".join(held))
    asked = [*held, start + b"\x04" * 8, start + b"\x00" * 8]
    pairs = np.frombuffer(b"".join(asked), dtype=">u8").astype(np.uint64).reshape(-1, 2)
    assert kept.hold(pairs).tolist() == [True, True, True, False, False]
    assert [kept.holds(digest) for digest in asked] == [True, True, True, False, False]


def test_a_digest_is_sixteen_bytes_and_frozen() -> None:
    assert len(digest_of("홍길동")) == DIGEST_BYTES
    assert digest_of("").hex() == "cae66941d9efbd404e4d88758ea67670"

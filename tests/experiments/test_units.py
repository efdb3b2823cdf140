"""Which unit ids are accepted."""

import pytest

from experiments.errors import Invalid
from experiments.units import check_unit_id


@pytest.mark.parametrize("unit_id", ["c000001", "홍길동", "👩‍👩‍👧", " ", "a,b\n", "0", "x" * 1024])
def test_an_id_is_given_back_as_it_came(unit_id: str) -> None:
    assert check_unit_id(unit_id) == unit_id


@pytest.mark.parametrize(
    "value", [None, 7, 1.5, True, ["c1"], "", "x" * 1025, "a\x00", "\ud83d", "가\udc00"]
)
def test_what_cannot_be_stored_or_hashed_alike_is_refused(value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        check_unit_id(value, "units.3.unit_id")
    assert refusal.value.field == "units.3.unit_id"


def test_a_refusal_can_be_written_as_utf8_and_stays_short() -> None:
    with pytest.raises(Invalid) as refusal:
        check_unit_id("\ud83d" * 5000)
    assert len(str(refusal.value).encode()) < 600

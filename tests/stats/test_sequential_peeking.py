import pytest

from stats.sequential import peeking_alpha


def test_armitage_mcpherson_and_rowe_printed_these() -> None:
    printed = {1: 0.050, 2: 0.083, 3: 0.107, 4: 0.126, 5: 0.142, 10: 0.193}
    for looks, alpha in printed.items():
        assert peeking_alpha(looks) == pytest.approx(alpha, abs=6e-4)


def test_a_week_of_daily_looks_triples_the_error() -> None:
    assert peeking_alpha(7) == pytest.approx(0.166, abs=1e-3)


@pytest.mark.parametrize(("looks", "alpha"), [(0, 0.05), (-1, 0.05), (3, 0.0), (3, 5.0)])
def test_impossible_questions_are_refused(looks: int, alpha: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        peeking_alpha(looks, alpha=alpha)

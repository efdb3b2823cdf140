import pytest

from stats.sequential.spending import (
    SPENDING_FUNCTIONS,
    HwangShihDeCani,
    KimDeMets,
    Spending,
    obrien_fleming,
    pocock,
)

EVERY = [
    *SPENDING_FUNCTIONS.values(),
    HwangShihDeCani(-4),
    HwangShihDeCani(0),
    KimDeMets(2),
    KimDeMets(0.5),
]


@pytest.mark.parametrize("spending", EVERY)
def test_all_of_the_error_is_spent_at_the_end(spending: Spending) -> None:
    assert spending(1.0, 0.025) == pytest.approx(0.025, rel=1e-12)


@pytest.mark.parametrize("spending", EVERY)
def test_spending_never_falls(spending: Spending) -> None:
    spent = [spending(k / 100, 0.025) for k in range(1, 101)]
    assert spent == sorted(spent)
    assert spent[0] >= 0


def test_obrien_fleming_waits_and_pocock_does_not() -> None:
    assert obrien_fleming(0.25, 0.025) < 0.001 * 0.025 * 10 < 0.3 * 0.025 < pocock(0.25, 0.025)


def test_a_very_early_look_spends_nothing_instead_of_failing() -> None:
    assert obrien_fleming(1e-4, 0.025) == 0.0


def test_the_hwang_family_is_linear_at_zero_and_nearly_so_beside_it() -> None:
    assert HwangShihDeCani(0)(0.3, 0.05) == pytest.approx(0.015)
    assert HwangShihDeCani(1e-9)(0.3, 0.05) == pytest.approx(0.015, rel=1e-6)


def test_the_power_family_needs_a_positive_exponent() -> None:
    with pytest.raises(ValueError, match="exponent"):
        KimDeMets(0)

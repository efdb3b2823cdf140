"""Dunnett's integral: fine enough, fast, and right where variances differ."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from stats import quadrature
from stats.dunnett import Family
from stats.errors import NotEnoughData

FAMILIES = [
    Family(1000, (1000,) * 6),
    Family(1000, (900, 40, 7000)),
    Family(20, (20, 25, 30), degrees=12),
    Family(5, (5, 5), degrees=1),
    Family(5, (5, 9), degrees=1.5),
    Family(10, (10_000, 1000, 5)),
]


# Dunnett (1964), "New tables for multiple comparisons with a control", Biometrics 20, 482-491:
# two-sided, as many units in each of 1 + 2, 3, 4 and 5 variants.
PRINTED = [
    (5, 0.95, (3.03, 3.29, 3.48, 3.62)),
    (10, 0.95, (2.57, 2.76, 2.89, 2.99)),
    (20, 0.95, (2.38, 2.54, 2.65, 2.73)),
    (None, 0.95, (2.21, 2.35, 2.44, 2.51)),
    (10, 0.99, (3.53, 3.74, 3.88, 3.99)),
    (20, 0.99, (3.13, 3.29, 3.40, 3.48)),
    (None, 0.99, (2.79, 2.92, 3.00, 3.06)),
]


@pytest.mark.parametrize(("degrees", "confidence", "printed"), PRINTED)
def test_critical_values_are_those_printed(
    degrees: float | None, confidence: float, printed: tuple[float, ...]
) -> None:
    found = [Family(9, (9,) * k, degrees).critical(confidence) for k in (2, 3, 4, 5)]
    assert found == pytest.approx(printed, abs=0.0051)


def test_treatments_that_share_all_their_noise_count_as_one() -> None:
    assert Family(1, (10_000, 10_000)).exceeded(1.959964) == pytest.approx(0.05, abs=1e-3)
    assert Family(1, (1e9, 1e9), degrees=9).exceeded(2.262157) == pytest.approx(0.05, abs=5e-4)


def test_treatments_that_share_none_are_independent() -> None:
    assert Family(1e9, (1, 1, 1)).exceeded(1.959964) == pytest.approx(1 - 0.95**3, abs=1e-6)


def test_the_least_p_values_are_bonferronis() -> None:
    family = Family(1000, (1000,) * 3)
    assert family.adjust([1e-13, 1e-13, 1e-200]) == pytest.approx(
        (3e-13, 3e-13, 3e-200), rel=1e-12, abs=0
    )


@pytest.mark.parametrize("units", [0.0, -1.0, np.inf, np.nan])
def test_variants_have_units_and_not_without_end(units: float) -> None:
    with pytest.raises(NotEnoughData, match="no units"):
        Family(units, (10,))
    with pytest.raises(NotEnoughData, match="no units"):
        Family(10, (10, units))


@pytest.mark.parametrize("degrees", [0.0, 0.9, np.inf, np.nan])
def test_degrees_of_freedom_are_a_number_of_one_or_more(degrees: float) -> None:
    with pytest.raises(ValueError, match="degrees of freedom, expected 1 or more"):
        Family(10, (10,), degrees=degrees)


def test_a_confidence_in_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence is 95"):
        Family(10, (10, 10)).critical(95)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.9999])
def test_finer_nodes_change_nothing(
    family: Family, confidence: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = family.critical(confidence)
    monkeypatch.setattr(quadrature, "_PANEL_SDS", 1.0)
    assert family.critical(confidence) == pytest.approx(usual, rel=1e-8)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("confidence", [0.01, 0.5, 0.95, 1 - 1e-12])
def test_the_critical_value_is_exceeded_with_just_the_chance_left(
    family: Family, confidence: float
) -> None:
    critical = family.critical(confidence)
    assert family.exceeded(critical) == pytest.approx(1 - confidence, rel=1e-6)


def test_one_treatment_has_the_usual_quantile() -> None:
    assert Family(10, (30,)).critical(0.95) == pytest.approx(-ndtri(0.025), abs=1e-12)
    alone = 1 - 0.95
    assert Family(10, (30,), degrees=8).critical(0.95) == -stdtrit(8, alone / 2)


def test_errors_in_proportion_to_sizes_give_the_family_of_sizes() -> None:
    by_sizes = Family(400, (100, 900)).critical(0.95)
    by_errors = Family.of_errors(1 / 20, [1 / 10, 1 / 30]).critical(0.95)
    assert by_errors == pytest.approx(by_sizes, abs=1e-12)


@pytest.mark.parametrize(("control", "treatments"), [(0.0, [1.0]), (1.0, [0.0, 1.0]), (1.0, [])])
def test_a_variant_without_error_is_refused(control: float, treatments: list[float]) -> None:
    with pytest.raises(NotEnoughData):
        Family.of_errors(control, treatments)


def test_the_bar_of_sizes_where_standard_deviations_differ_twofold_is_off_as_documented() -> None:
    bar = Family(1000, (1000,) * 3).critical(0.95)
    errors = [Family.of_errors(1.0, [deviation] * 3).exceeded(bar) for deviation in (0.5, 1, 2)]
    assert errors == pytest.approx([0.0395, 0.05, 0.0546], abs=1e-4)


def test_seven_variants_take_less_than_twenty_milliseconds() -> None:
    unequal = Family(10_000, (9000, 8000, 7000, 12_000, 11_000, 5000))
    p_values = [0.001, 0.01, 0.02, 0.2, 0.5, 0.9]
    assert _least_ms(lambda: (unequal.critical(0.95), unequal.adjust(p_values))) < 20


def _least_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(9):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


@pytest.mark.slow
def test_heteroscedastic_means_keep_the_error_of_the_family() -> None:
    rng = np.random.default_rng(17)
    errors = np.array([1.0, 2.0, 0.5, 1.5])
    noise = rng.standard_normal((400_000, 4)) * errors
    z = (noise[:, 1:] - noise[:, :1]) / np.sqrt(1 + errors[1:] ** 2)
    bar = Family.of_errors(1.0, errors[1:].tolist()).critical(0.95)
    assert np.mean(np.abs(z).max(axis=1) > bar) == pytest.approx(0.05, abs=0.0011)

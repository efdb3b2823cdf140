"""Many treatments, many KPIs: critical values, adjusted p-values, one verdict."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from stats import multiplicity
from stats.errors import NotEnoughData
from stats.means import compare_means
from stats.multiplicity import METHODS, Family, compare_with_control, family_of
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample


@pytest.mark.parametrize(
    ("control", "treatments"),
    [(100, (100, 100)), (1000, (300, 5000)), (50, (4000, 9)), (300, (100, 200, 400))],
)
@pytest.mark.parametrize("critical", [1.0, 2.0, 3.2])
def test_the_chance_is_that_of_a_correlated_normal(
    control: int, treatments: tuple[int, ...], critical: float
) -> None:
    shared = np.array([(n / (n + control)) ** 0.5 for n in treatments])
    covariance = np.outer(shared, shared)
    np.fill_diagonal(covariance, 1)
    normal = multivariate_normal(cov=covariance, seed=1)
    corner = np.full(len(treatments), critical)
    expected = 1 - normal.cdf(corner, lower_limit=-corner)
    found = Family(control, treatments).exceeded(critical)
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_same_answer_every_time() -> None:
    family = Family(1000, (1000, 900, 800), degrees=40)
    assert family.exceeded(2.5) == family.exceeded(2.5)


def test_one_treatment_needs_no_adjustment() -> None:
    family = Family(1000, (1000,))
    assert family.critical(0.95) == pytest.approx(float(ndtri(0.975)), abs=1e-8)
    assert family.confidence(0.95) == pytest.approx(0.95, abs=1e-9)
    assert family.adjust([0.03]) == pytest.approx([0.03], abs=1e-9)


def test_the_bar_lies_between_none_and_bonferroni() -> None:
    for units in ((1000, 1000, 1000), (100, 2000, 500)):
        critical = Family(1000, units).critical(0.95)
        assert float(ndtri(0.975)) < critical < float(ndtri(1 - 0.025 / 3))


@pytest.mark.parametrize("times", [100, 10_000, 10**8])
def test_a_small_control_never_lowers_the_bar_below_one_comparisons(times: int) -> None:
    family = Family(10, (10 * times, 10 * times))
    assert float(ndtri(0.975)) - 1e-8 <= family.critical(0.95) <= 2.02
    assert Family(10, (10 * times,), degrees=30).critical(0.95) == pytest.approx(2.0423, abs=2e-2)


def test_small_tails_are_kept() -> None:
    adjusted = Family(1000, (1000, 1000)).adjust([1e-60, 1.1e-12])
    assert adjusted[0] == pytest.approx(2e-60)
    assert adjusted[1] == pytest.approx(2.2e-12, rel=1e-4)


def test_the_ends_of_the_scale_stay() -> None:
    assert Family(10, (10, 10)).adjust([0.0, 1.0]) == (0.0, 1.0)


def test_p_values_are_one_for_each_treatment() -> None:
    with pytest.raises(ValueError, match="expected as many"):
        Family(10, (10, 10)).adjust([0.5])
    with pytest.raises(ValueError, match="expected a fraction"):
        Family(10, (10, 10)).adjust([0.5, 1.5])


def test_no_treatment_and_no_units_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="no treatments"):
        Family(10, ())
    with pytest.raises(NotEnoughData, match="no units"):
        Family(0, (10,))
    with pytest.raises(NotEnoughData, match="no units"):
        Family(10, (10, 0))
    with pytest.raises(ValueError, match="degrees of freedom"):
        Family(10, (10,), degrees=0.5)


def test_every_treatment_is_compared_alone_and_adjusted() -> None:
    control = BinomialSample(26_000, 6_760)
    treatments = [BinomialSample(26_000, 7_150), BinomialSample(26_000, 6_890)]
    first, second = compare_with_control(compare_proportions, control, treatments)
    assert first.significant
    assert not second.significant
    assert first.lift.confidence == 0.95
    assert first.adjusted.confidence == pytest.approx(0.973042, abs=1e-6)
    narrow, wide = first.lift.absolute.interval, first.adjusted.absolute.interval
    assert wide.lower is not None
    assert narrow.lower is not None
    assert wide.lower < narrow.lower
    assert first.p_value > first.lift.p_value


def test_the_adjusted_p_value_and_the_adjusted_intervals_give_one_verdict() -> None:
    rng = np.random.default_rng(12)
    shown = 0
    for _ in range(150):
        units = [int(n) for n in rng.integers(300, 5000, 3)]
        control, *treatments = (
            BinomialSample(n, int(rng.binomial(n, rate)))
            for n, rate in zip(units, (0.1, 0.115, 0.12), strict=True)
        )
        for found in compare_with_control(compare_proportions, control, treatments):
            assert found.significant == (found.p_value < 0.05)
            assert found.significant != found.adjusted.absolute.interval.contains(0)
            shown += found.significant
    assert shown > 10


def test_means_are_adjusted_by_the_same_entry() -> None:
    control = MeanSample.of([0, 10, 20, 30] * 30)
    treatments = [MeanSample.of([5, 15, 20, 45] * 30), MeanSample.of([0, 10, 22, 30] * 30)]
    found = compare_with_control(compare_means, control, treatments, confidence=0.9)
    assert [item.significant for item in found] == [True, False]


def test_a_p_value_within_rounding_of_alpha_follows_the_verdict() -> None:
    above, below = multiplicity._settled(0.05, 0.05, True), multiplicity._settled(0.04, 0.05, False)
    assert above < 0.05 <= below
    assert above == pytest.approx(0.05)


def test_means_correlate_by_their_errors_and_rates_by_their_sizes() -> None:
    calm, wild = MeanSample.of([9, 10, 11] * 100), MeanSample.of([0, 10, 50] * 100)
    means = family_of(calm, [wild, calm])
    assert means.treatment_units == pytest.approx((calm.variance / wild.variance, 1.0))
    assert means.critical(0.95) > Family(300, (300, 300)).critical(0.95)
    rates = family_of(BinomialSample(50, 7), [BinomialSample(40, 9)])
    assert rates == Family(50, (40,))


def test_two_units_have_an_error_of_their_own() -> None:
    control, treatment = MeanSample.of([10, 14]), MeanSample.of([10, 30])
    assert family_of(control, [treatment]) == Family.of_errors(2.0, [10.0])


def test_means_that_do_not_vary_correlate_by_their_sizes() -> None:
    flat, wild = MeanSample.of([10] * 300), MeanSample.of([0, 10, 50] * 100)
    assert family_of(wild, [flat, wild]) == Family(300, (300, 300))
    assert family_of(wild, [MeanSample.of([1])]) == Family(300, (1,))


def test_corrections_look_at_the_whole_family() -> None:
    for adjust in METHODS.values():
        assert adjust([0.01])[0] == pytest.approx(0.01)
        assert adjust([0.01, 0.5, 0.6])[0] > 0.02


def test_corrections_keep_the_order_given_and_never_exceed_one() -> None:
    p_values = [0.9, 0.001, 0.5, 0.02]
    for adjust in METHODS.values():
        adjusted = adjust(p_values)
        assert np.argsort(adjusted).tolist()[:1] == [1]
        assert max(adjusted) <= 1
        assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))


# One of statsmodels' Holm takes 50 ms.
@pytest.mark.parametrize("times", [2, pytest.param(30, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "method"), [("holm", "holm"), ("benjamini_hochberg", "fdr_bh")])
def test_the_steps_are_those_of_statsmodels_to_the_digit(
    name: str, method: str, times: int
) -> None:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import

    rng = np.random.default_rng(29)
    for size in (1, 2, 3, 5, 8, 13) * times:
        p_values = rng.choice([0.0, 0.05, 1.0, *rng.random(size), *rng.random(size) ** 6], size)
        theirs = multipletests(p_values, method=method)[1]
        ours = METHODS[name](p_values.tolist())
        assert ours == tuple(round(float(value), 15) for value in theirs)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_an_empty_family_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least one"):
        METHODS[name]([])


@pytest.mark.slow
def test_the_error_rate_of_the_family_is_the_nominal_one() -> None:
    """Simulated statistics of one control with three treatments of unequal size."""
    rng = np.random.default_rng(13)
    family = Family(2000, (500, 1000, 4000))
    noise = rng.standard_normal((200_000, 4)) / np.sqrt([2000, 500, 1000, 4000])
    errors = np.sqrt(1 / 2000 + 1 / np.array([500, 1000, 4000]))
    z = (noise[:, 1:] - noise[:, :1]) / errors
    rate = float((np.abs(z).max(axis=1) > family.critical(0.95)).mean())
    assert rate == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 200_000))
    assert multiplicity.__doc__

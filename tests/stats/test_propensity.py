"""Runs whose shares followed the results: no bias, honest intervals, plain methods refused."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pytest

from stats.errors import AdaptiveAllocation, NotEnoughData, StatsError
from stats.lift import Lift
from stats.means import compare_means
from stats.propensity import (
    METHODS,
    Batch,
    check_propensities,
    compare_means_by_batch,
    compare_rates_by_batch,
    plain_samples,
)
from stats.propensity.batches import strata
from stats.propensity.score import StratifiedScore
from stats.proportions import compare_by_score, compare_proportions
from stats.samples import BinomialSample, MeanSample
from stats.thompson import thompson_weights

B, M = BinomialSample, MeanSample
HALF, LITTLE = Decimal("0.5"), Decimal("0.1")
EVEN = {"A": HALF, "B": HALF}
AHEAD = {"A": Decimal("0.2"), "B": Decimal("0.8")}
Floats = npt.NDArray[np.float64]

# Days differ and the second sends more of B: nothing differs within a day.
MISLEADING = [
    Batch(EVEN, {"A": B(2000, 100), "B": B(2000, 104)}),
    Batch(AHEAD, {"A": B(800, 80), "B": B(3200, 316)}),
]


def rates(seed: int, count: int = 6, drift: float = 0.5) -> list[Batch[BinomialSample]]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        share = Decimal(int(rng.integers(1000, 9001))) / 10_000
        rate = rng.uniform(0.03, 0.03 + 0.1 * drift)
        n_t = int(rng.binomial(800, float(share)))
        x_c, x_t = rng.binomial([800 - n_t, n_t], [rate, rate * rng.uniform(0.8, 1.6)])
        found.append(
            Batch(
                {"A": 1 - share, "B": share}, {"A": B(800 - n_t, int(x_c)), "B": B(n_t, int(x_t))}
            )
        )
    return found


def means(seed: int, count: int = 5) -> list[Batch[MeanSample]]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        share = Decimal(int(rng.integers(1000, 9001))) / 10_000
        n_t = int(rng.binomial(200, float(share)))
        level = rng.uniform(5, 6)
        arms = [[int(v) for v in rng.lognormal(level, 0.6, n)] for n in (200 - n_t, n_t)]
        found.append(Batch({"A": 1 - share, "B": share}, {"A": M.of(arms[0]), "B": M.of(arms[1])}))
    return found


def both_ways(seed: int) -> list[tuple[Lift, Lift]]:
    return [
        (
            compare_rates_by_batch(rates(seed), "A", "B"),
            compare_rates_by_batch(rates(seed), "B", "A"),
        ),
        (
            compare_means_by_batch(means(seed), "A", "B"),
            compare_means_by_batch(means(seed), "B", "A"),
        ),
    ]


def test_days_that_differ_are_not_taken_for_variants_that_do() -> None:
    added = {
        name: sum((batch.samples[name] for batch in MISLEADING), start=B(0, 0)) for name in "AB"
    }
    assert compare_proportions(added["A"], added["B"]).p_value < 0.02
    found = compare_rates_by_batch(MISLEADING, "A", "B")
    assert found.p_value > 0.8
    assert found.absolute.interval.contains(0)


def test_plain_methods_are_refused_where_the_shares_changed() -> None:
    with pytest.raises(AdaptiveAllocation, match="compare within batches") as refusal:
        plain_samples(MISLEADING)
    assert isinstance(refusal.value, StatsError)
    assert refusal.value.reason == str(refusal.value)


def test_batches_with_the_same_shares_may_be_added() -> None:
    first, second = MISLEADING[0], Batch(EVEN, {"A": B(10, 1), "B": B(12, 2)})
    assert plain_samples([first, second]) == {"A": B(2010, 101), "B": B(2012, 106)}
    with pytest.raises(NotEnoughData, match="no batches"):
        plain_samples(MISLEADING[:0])


def test_one_batch_gives_the_score_test() -> None:
    batch = Batch(AHEAD, {"A": B(400, 32), "B": B(1600, 170)})
    found = compare_rates_by_batch([batch], "A", "B")
    expected = compare_by_score(batch.samples["A"], batch.samples["B"], 0.95)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-12)
    for name in ("control", "treatment", "absolute", "relative"):
        mine, other = getattr(found, name), getattr(expected, name)
        assert mine.value == pytest.approx(other.value, rel=1e-12)
        assert mine.interval.lower == pytest.approx(other.interval.lower, rel=1e-8)
        assert mine.interval.upper == pytest.approx(other.interval.upper, rel=1e-8)
    assert found.method == "inverse_propensity_rates"
    assert METHODS[found.method] is compare_rates_by_batch


def test_one_batch_in_halves_gives_welchs_test() -> None:
    rng = np.random.default_rng(1)
    arms = [M.of([int(v) for v in rng.lognormal(6, 0.5 + i / 5, 300)]) for i in (0, 1)]
    batch = Batch(EVEN, {"A": arms[0], "B": arms[1]})
    found, expected = compare_means_by_batch([batch], "A", "B"), compare_means(*arms)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-9)
    assert found.absolute.interval.lower == pytest.approx(expected.absolute.interval.lower)
    assert found.relative.value == pytest.approx(expected.relative.value)
    assert found.method == "inverse_propensity_means"
    assert METHODS[found.method] is compare_means_by_batch


def test_rates_are_weighted_as_written_in_the_formula() -> None:
    batches = rates(3)
    found = compare_rates_by_batch(batches, "A", "B")
    weight = [
        b.units * math.sqrt(float(b.propensities["A"] * b.propensities["B"])) for b in batches
    ]
    gaps, variances = [], []
    for batch in batches:
        c, t = batch.samples["A"], batch.samples["B"]
        pooled, units = (c + t).rate, c.units + t.units
        gaps.append(t.rate - c.rate)
        variances.append(pooled * (1 - pooled) * (1 / c.units + 1 / t.units) * units / (units - 1))
    h, v = np.array(weight), np.array(variances)
    assert found.absolute.value == pytest.approx(h @ gaps / h.sum(), rel=1e-12)
    assert found.statistic == pytest.approx(h @ gaps / np.sqrt(h**2 @ v), rel=1e-12)


def test_the_order_of_the_batches_changes_nothing_but_rounding() -> None:
    batches = rates(4)
    there = compare_rates_by_batch(batches, "A", "B")
    back = compare_rates_by_batch(batches[::-1], "A", "B")
    assert there.p_value == pytest.approx(back.p_value, rel=1e-12)
    assert there.absolute.interval.upper == pytest.approx(back.absolute.interval.upper, rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_exchanging_the_variants_mirrors_the_answer(seed: int) -> None:
    for there, back in both_ways(seed):
        assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
        assert back.absolute.value == pytest.approx(-there.absolute.value, rel=1e-12)
        lower, upper = there.absolute.interval.lower, there.absolute.interval.upper
        assert lower is not None
        assert upper is not None
        mirrored = back.absolute.interval
        assert (mirrored.lower, mirrored.upper) == pytest.approx((-upper, -lower), rel=1e-7)


@pytest.mark.parametrize("seed", range(25))
def test_p_value_and_both_intervals_give_one_verdict(seed: int) -> None:
    for lift in (
        compare_rates_by_batch(rates(seed), "A", "B", confidence=0.8),
        compare_means_by_batch(means(seed), "A", "B", confidence=0.8),
    ):
        assert lift.significant != lift.absolute.interval.contains(0)
        assert lift.relative.interval is not None
        assert lift.significant != lift.relative.interval.contains(0)


def test_both_verdicts_occur() -> None:
    found = {compare_rates_by_batch(rates(s), "A", "B", confidence=0.8).significant
             for s in range(25)}  # fmt: skip
    assert found == {True, False}


def test_exchanging_the_outcomes_mirrors_the_difference() -> None:
    batches = rates(5)
    failures = [
        Batch(b.propensities, {name: B(s.units, s.failures) for name, s in b.samples.items()})
        for b in batches
    ]
    there, back = (compare_rates_by_batch(rows, "A", "B") for rows in (batches, failures))
    assert back.p_value == pytest.approx(there.p_value, rel=1e-9)
    assert there.absolute.interval.lower is not None
    assert back.absolute.interval.upper == pytest.approx(-there.absolute.interval.lower, rel=1e-7)


def test_another_unit_of_measure_changes_no_verdict() -> None:
    batches = means(6)
    scaled = [
        Batch(
            b.propensities,
            {n: M(s.units, 10 * s.total, 100 * s.squares, 1000) for n, s in b.samples.items()},
        )
        for b in batches
    ]
    there, back = (compare_means_by_batch(rows, "A", "B") for rows in (batches, scaled))
    assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
    assert back.absolute.value == pytest.approx(there.absolute.value / 100, rel=1e-12)


def test_a_control_without_successes_has_a_difference_and_a_lower_limit_of_the_lift() -> None:
    batches = [
        Batch(EVEN, {"A": B(500, 0), "B": B(500, 9)}),
        Batch(AHEAD, {"A": B(400, 0), "B": B(1600, 30)}),
    ]
    found = compare_rates_by_batch(batches, "A", "B")
    assert found.control.value == 0
    assert found.control.interval.lower == 0
    assert found.relative.value is None
    assert found.relative.gap is not None
    assert found.relative.interval is not None
    assert found.relative.interval.lower is not None
    assert found.relative.interval.lower > 0
    assert found.relative.interval.upper is None
    back = compare_rates_by_batch(batches, "B", "A")
    assert back.relative.value == -1
    assert back.relative.interval is not None
    assert back.relative.interval.lower == -1


def test_a_batch_that_could_not_or_did_not_send_a_variant_does_not_count() -> None:
    batches = rates(7)
    none = {"A": Decimal(0), "B": Decimal(1)}
    more = [
        *batches,
        Batch(none, {"A": B(0, 0), "B": B(900, 400)}),
        Batch(EVEN, {"A": B(0, 0), "B": B(1, 1)}),
    ]
    assert compare_rates_by_batch(more, "A", "B") == compare_rates_by_batch(batches, "A", "B")


def test_a_third_variant_changes_the_weights_alone() -> None:
    quarter = Decimal("0.25")
    shares = [
        {"A": quarter, "B": quarter, "C": HALF},
        {"A": LITTLE, "B": quarter, "C": Decimal("0.65")},
    ]
    samples = [
        {"A": B(250, 20), "B": B(250, 25), "C": B(500, 9)},
        {"A": B(100, 9), "B": B(250, 30), "C": B(650, 80)},
    ]
    batches = [Batch(*pair) for pair in zip(shares, samples, strict=True)]
    found = compare_rates_by_batch(batches, "A", "B")
    weights = [1000 * math.sqrt(0.25 / 2), 1000 * math.sqrt(0.1 * 0.25 / 0.35)]
    gaps = [25 / 250 - 20 / 250, 30 / 250 - 9 / 100]
    assert found.absolute.value == pytest.approx(np.average(gaps, weights=weights))


@pytest.mark.parametrize(
    ("propensities", "samples", "reason"),
    [
        ({"A": HALF, "B": HALF}, {"A": B(1, 0)}, "expected the same variants"),
        ({"A": HALF, "B": Decimal("0.4")}, {"A": B(1, 0), "B": B(1, 0)}, "sum to 1"),
        ({"A": Decimal("1.5"), "B": -HALF}, {"A": B(1, 0), "B": B(1, 0)}, "sum to 1"),
        ({"A": Decimal(1), "B": Decimal(0)}, {"A": B(1, 0), "B": B(1, 0)}, "propensity of 0"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(
    propensities: dict[str, Decimal], samples: dict[str, BinomialSample], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Batch(propensities, samples)


def test_what_cannot_be_compared_is_refused() -> None:
    scarce = [Batch(EVEN, {"A": B(500, 1), "B": B(500, 3)})]
    with pytest.raises(NotEnoughData, match=r"expects 2\.0 units of one outcome"):
        compare_rates_by_batch(scarce, "A", "B")
    everybody = [Batch(EVEN, {"A": B(500, 500), "B": B(500, 499)})]
    with pytest.raises(NotEnoughData, match=r"expects 0\.5 units of one outcome"):
        compare_rates_by_batch(everybody, "A", "B")
    with pytest.raises(NotEnoughData, match="no batch has 1 or more units"):
        compare_rates_by_batch([], "A", "B")
    with pytest.raises(ValueError, match="'C' is no variant"):
        compare_rates_by_batch(MISLEADING, "A", "C")
    with pytest.raises(ValueError, match="compared with itself"):
        compare_rates_by_batch(MISLEADING, "A", "A")
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_rates_by_batch(MISLEADING, "A", "B", confidence=95)
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_means_by_batch(means(1), "A", "B", confidence=95)
    single = [Batch(EVEN, {"A": M.of([1]), "B": M.of([2, 3])})]
    with pytest.raises(NotEnoughData, match="no batch has 2 or more units"):
        compare_means_by_batch(single, "A", "B")
    alike = [Batch(EVEN, {"A": M.of([1, 1]), "B": M.of([2, 2])})]
    with pytest.raises(NotEnoughData, match="one and the same value"):
        compare_means_by_batch(alike, "A", "B")
    scales = [Batch(EVEN, {"A": M.of([1, 2]), "B": M.of([2, 3], 100)})]
    with pytest.raises(ValueError, match="expected one scale"):
        compare_means_by_batch(scales, "A", "B")


def test_a_control_mean_that_is_not_above_zero_has_no_lift() -> None:
    found = compare_means_by_batch(
        [Batch(EVEN, {"A": M.of([-1, -3]), "B": M.of([2, 9])})], "A", "B"
    )
    assert found.relative.value is None
    assert found.absolute.value == 7.5


def test_units_that_did_not_follow_their_propensities_are_found() -> None:
    assert check_propensities(MISLEADING).p_value == 1
    wrong = [*MISLEADING, Batch(AHEAD, {"A": B(1600, 40), "B": B(400, 9)})]
    assert check_propensities(wrong).broken
    with pytest.raises(NotEnoughData, match="no batches"):
        check_propensities(MISLEADING[:0])
    other = Batch({"A": Decimal(1)}, {"A": B(5, 1)})
    with pytest.raises(ValueError, match="different variants"):
        check_propensities([MISLEADING[0], other])


def thompson_run(
    rng: np.random.Generator, by_day: Sequence[tuple[float, float]], units: int
) -> list[Batch[BinomialSample]]:
    """Shares by the normal approximation of the chance to be best: quick, and as adaptive."""
    successes, counts, share, batches = np.zeros(2), np.zeros(2), 0.5, []
    for rate in by_day:
        propensity = thompson_weights({"A": 1 - share, "B": share})
        n_t = int(rng.binomial(units, float(propensity["B"])))
        n = np.array([units - n_t, n_t])
        x = rng.binomial(n, rate)
        batches.append(
            Batch(propensity, {name: B(int(n[i]), int(x[i])) for i, name in enumerate("AB")})
        )
        successes, counts = successes + x, counts + n
        mean = (successes + 1) / (counts + 2)
        error = math.sqrt(float((mean * (1 - mean) / (counts + 3)).sum()))
        share = 0.5 * math.erfc(-(mean[1] - mean[0]) / error / math.sqrt(2))
    return batches


def simulate(
    seed: int, runs: int, by_day: Sequence[tuple[float, float]], units: int
) -> tuple[Floats, Floats, Floats]:
    """For each run: z of the comparison, z of the added samples, the control's added rate."""
    rng = np.random.default_rng(seed)
    truth = float(np.mean([t - c for c, t in by_day]))
    rows = []
    for _ in range(runs):
        batches = thompson_run(rng, by_day, units)
        within = standardised(batches, truth)
        c, t = (sum((b.samples[n] for b in batches), start=B(0, 0)) for n in "AB")
        error = math.sqrt(c.rate * (1 - c.rate) / c.units + t.rate * (1 - t.rate) / t.units)
        rows.append((within, (t.rate - c.rate - truth) / error, c.rate))
    within_z, added_z, control = np.array(rows).T
    return within_z, added_z, control


def standardised(batches: Sequence[Batch[BinomialSample]], truth: float) -> float:
    """The statistic at the true difference: the interval holds it where this is within 1.96."""
    score = StratifiedScore.of(strata(batches, "A", "B", fewest=1))
    return float(score.of_differences(np.array([truth]))[0]) if truth else score.pooled


def test_added_samples_are_biased_and_comparisons_within_batches_are_not() -> None:
    """Equal rates of 5 %, ten batches of 400: the control's added rate is too low."""
    within, added, control = simulate(1, 1200, [(0.05, 0.05)] * 10, 400)
    assert control.mean() < 0.05 - 5 * control.std() / math.sqrt(1200)
    assert abs(within.mean()) < 3 / math.sqrt(1200)
    assert (np.abs(within) > 1.96).mean() == pytest.approx(0.05, abs=0.02)
    assert (np.abs(added) > 1.96).mean() > 0.075


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by_day", "units"),
    [
        ([(0.05, 0.05)] * 10, 500),
        ([(0.02, 0.02)] * 10, 1000),
        ([(0.2, 0.2)] * 20, 200),
        ([(0.05, 0.07)] * 10, 500),
        ([(0.2, 0.2)] * 2, 1000),
        ([(rate, rate) for rate in np.linspace(0.03, 0.10, 10)], 500),
        ([(rate, rate + 0.02) for rate in np.linspace(0.10, 0.03, 10)], 500),
    ],
)
def test_intervals_of_rates_cover_as_often_as_they_say(
    by_day: list[tuple[float, float]], units: int
) -> None:
    runs = 4000
    within, _, _ = simulate(2, runs, by_day, units)
    assert (np.abs(within) < 1.959964).mean() == pytest.approx(0.95, abs=0.015)
    assert (within > 1.959964).mean() == pytest.approx(0.025, abs=0.012)
    assert (within < -1.959964).mean() == pytest.approx(0.025, abs=0.012)


@pytest.mark.slow
def test_where_days_drift_added_samples_are_wrong_most_of_the_time() -> None:
    by_day = [(rate, rate) for rate in np.linspace(0.03, 0.10, 10)]
    within, added, _ = simulate(3, 1500, by_day, 500)
    assert (np.abs(added) > 1.959964).mean() > 0.6
    assert (np.abs(within) > 1.959964).mean() < 0.07


@pytest.mark.slow
@pytest.mark.parametrize("buyers", [0.05, 0.5, 1.0])
def test_intervals_of_means_cover_at_least_about_as_often_as_they_say(buyers: float) -> None:
    """Revenue of a few buyers among many: Welch's variances alone would cover 0.90."""
    rng = np.random.default_rng(4)
    runs, units, days, inside = 800, 600, 6, 0
    for _ in range(runs):
        sums = np.zeros((2, 3))
        share, batches = 0.5, []
        for _ in range(days):
            propensity = thompson_weights({"A": 1 - share, "B": share})
            n_t = int(rng.binomial(units, float(propensity["B"])))
            values = (rng.lognormal(3, 0.8, units) * (rng.random(units) < buyers) * 100).astype(int)
            arms = (values[n_t:], values[:n_t])
            samples = [M(len(v), int(v.sum()), int((v * v).sum()), 100) for v in arms]
            batches.append(Batch(propensity, dict(zip("AB", samples, strict=True))))
            sums += [(len(v), v.sum(), (v * v).sum()) for v in arms]
            mean = sums[:, 1] / sums[:, 0]
            error = math.sqrt(float(((sums[:, 2] / sums[:, 0] - mean**2) / sums[:, 0]).sum()))
            share = 0.5 * math.erfc(-(mean[1] - mean[0]) / error / math.sqrt(2))
        inside += compare_means_by_batch(batches, "A", "B").absolute.interval.contains(0)
    assert 0.93 < inside / runs < 0.985

"""Two rates: one verdict, whatever the scale, the labels and the counts."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.proportions import (
    METHODS,
    compare_by_score,
    compare_exactly,
    compare_proportions,
    estimate_rate,
)
from stats.samples import BinomialSample
from stats.score import Difference, Ratio, Tables
from tests.calibration.contradictions import contradicts
from tests.calibration.tables import SCENARIOS, Scenario, random_pairs

B = BinomialSample


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    for control, treatment in random_pairs(150, seed=1):
        assert not contradicts(compare_by_score(control, treatment, confidence))


def test_the_exact_test_gives_one_verdict_too() -> None:
    for control, treatment in random_pairs(15, seed=2, most=2.5):
        assert not contradicts(compare_exactly(control, treatment, 0.95))


def test_both_routes_are_taken_by_the_expected_counts() -> None:
    assert compare_proportions(B(1000, 6), B(1000, 4)).method == "score"
    assert compare_proportions(B(1000, 5), B(1000, 4)).method == "exact"
    assert compare_proportions(B(1000, 995), B(1000, 996)).method == "exact"
    assert compare_proportions(B(100_000, 5_000), B(99, 4)).method == "exact"
    assert set(METHODS) == {"score", "exact"}


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    for control, treatment in [*random_pairs(12, seed=4, most=3.5), (B(1000, 0), B(900, 7))]:
        there, back = (
            compare_proportions(control, treatment),
            compare_proportions(treatment, control),
        )
        assert back.p_value == pytest.approx(there.p_value, rel=1e-6)
        assert back.statistic == -there.statistic
        assert mirrored(back) == pytest.approx(sides(there), rel=1e-5, abs=1e-9)


def sides(lift: Lift) -> list[float]:
    interval = lift.absolute.interval
    assert interval.lower is not None
    assert interval.upper is not None
    return [interval.lower, interval.upper]


def mirrored(lift: Lift) -> list[float]:
    lower, upper = sides(lift)
    return [-upper, -lower]


def test_exchanging_the_variants_inverts_the_ratio() -> None:
    for control, treatment in random_pairs(60, seed=5):
        there = compare_by_score(control, treatment, 0.95).relative.interval
        back = compare_by_score(treatment, control, 0.95).relative.interval
        if there is None or back is None or there.upper is None or back.upper is None:
            continue
        assert there.lower is not None
        assert back.lower is not None
        assert (1 + there.lower) * (1 + back.upper) == pytest.approx(1, rel=1e-6)
        assert (1 + there.upper) * (1 + back.lower) == pytest.approx(1, rel=1e-6)


def test_exchanging_the_outcomes_mirrors_the_difference() -> None:
    for control, treatment in random_pairs(60, seed=6):
        flipped = compare_by_score(
            B(control.units, control.failures), B(treatment.units, treatment.failures), 0.95
        )
        plain = compare_by_score(control, treatment, 0.95)
        assert flipped.p_value == plain.p_value
        assert mirrored(flipped) == pytest.approx(sides(plain), rel=1e-6, abs=1e-12)


def test_more_confidence_makes_every_interval_wider() -> None:
    narrow = compare_proportions(B(1000, 100), B(1000, 130), confidence=0.8)
    wide = compare_proportions(B(1000, 100), B(1000, 130), confidence=0.99)
    for few, many in (
        (narrow.absolute, wide.absolute),
        (narrow.control, wide.control),
        (narrow.treatment, wide.treatment),
    ):
        assert few.interval.lower is not None
        assert few.interval.upper is not None
        assert not many.interval.contains(few.interval.lower - 1)
        assert many.interval.contains(few.interval.lower)
        assert many.interval.contains(few.interval.upper)
    assert narrow.significant
    assert not wide.significant


def test_a_control_without_successes_gives_everything_but_an_upper_limit() -> None:
    lift = compare_proportions(B(1000, 0), B(1000, 8))
    assert lift.absolute.value == 0.008
    assert lift.significant
    assert lift.relative.value is None
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower is not None
    assert lift.relative.interval.lower > 0
    assert lift.relative.interval.upper is None
    assert lift.relative.gap is not None


def test_a_treatment_without_successes_has_lost_all_of_them() -> None:
    lift = compare_proportions(B(1000, 12), B(1000, 0))
    assert lift.relative.value == -1
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower == -1
    assert lift.significant


@pytest.mark.parametrize("successes", [0, 20])
def test_all_units_alike_are_no_evidence_and_have_no_lift(successes: int) -> None:
    lift = compare_proportions(B(20, successes), B(20, successes))
    assert lift.p_value == 1
    assert lift.statistic == 0
    assert lift.absolute.value == 0
    assert lift.absolute.interval.contains(0)
    assert lift.relative.value is None
    assert lift.relative.gap == "every unit of both variants has the same outcome"


@pytest.mark.parametrize(
    ("control", "treatment"),
    [(B(1, 0), B(1, 1)), (B(1, 1), B(1, 0)), (B(1, 0), B(1, 0))],
)
def test_one_unit_is_little_evidence_but_an_answer(control: B, treatment: B) -> None:
    lift = compare_proportions(control, treatment)
    assert not lift.significant
    assert not contradicts(lift)


def test_complete_separation_has_a_side_at_the_end_of_the_scale() -> None:
    lift = compare_proportions(B(20, 0), B(10, 10))
    assert lift.absolute.interval.upper == 1
    assert lift.significant


def test_an_empty_variant_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="the control has no units"):
        compare_proportions(B(0, 0), B(10, 1))
    with pytest.raises(NotEnoughData, match="the treatment has no units"):
        compare_proportions(B(10, 1), B(0, 0))
    with pytest.raises(NotEnoughData, match="at least one unit"):
        estimate_rate(B(0, 0))


@pytest.mark.parametrize("confidence", [95, 0, 1, math.nan])
def test_a_confidence_that_is_no_fraction_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_proportions(B(10, 1), B(10, 2), confidence=confidence)


def test_a_rate_stays_within_its_interval_and_both_within_0_and_1() -> None:
    for units in (1, 2, 7, 1000, 10**7):
        for successes in {0, 1, units // 2, units - 1, units}:
            estimate = estimate_rate(B(units, successes))
            assert estimate.interval.contains(estimate.value)
            assert estimate.interval.lower is not None
            assert estimate.interval.upper is not None
            assert 0 <= estimate.interval.lower < estimate.interval.upper <= 1


# Coverage by the statistic alone, over all outcomes; `tests/calibration` adds up the intervals.


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_score_intervals_cover_as_often_as_they_say(scenario: Scenario) -> None:
    (x_c, chance_c), (x_t, chance_t) = scenario.outcomes
    tables = Tables(scenario.control_units, x_c[:, None], scenario.treatment_units, x_t[None, :])
    chance = chance_c[:, None] * chance_t[None, :]
    for truth in (
        Difference(np.asarray(scenario.difference)),
        Ratio(np.asarray(1 + scenario.lift)),
    ):
        covered = np.abs(truth.statistic(tables)) <= 1.959963984540054
        assert 0.945 <= float((chance * covered).sum()) <= 0.965


@pytest.mark.parametrize("scenario", [SCENARIOS[0], SCENARIOS[3], SCENARIOS[5]], ids=str)
def test_the_statistic_and_the_interval_agree_on_what_is_covered(scenario: Scenario) -> None:
    rng = np.random.default_rng(scenario.control_units)
    for _ in range(60):
        control, treatment = (
            B(units, int(rng.binomial(units, rate)))
            for units, rate in (
                (scenario.control_units, scenario.control_rate),
                (scenario.treatment_units, scenario.treatment_rate),
            )
        )
        tables, lift = Tables.of(control, treatment), compare_by_score(control, treatment, 0.95)
        difference = float(Difference(np.asarray(scenario.difference)).statistic(tables))
        ratio = float(Ratio(np.asarray(1 + scenario.lift)).statistic(tables))
        covered = abs(difference) <= 1.959963984540054
        assert lift.absolute.interval.contains(scenario.difference) == covered
        if lift.relative.interval is not None:
            covered = abs(ratio) <= 1.959963984540054
            assert lift.relative.interval.contains(scenario.lift) == covered


@pytest.mark.parametrize("compare", [*METHODS.values(), lambda c, t, _: compare_proportions(c, t)])
@pytest.mark.parametrize(
    ("control", "treatment"), [((0, 0), (5, 1)), ((5, 1), (0, 0)), ((0, 0), (0, 0))]
)
def test_every_way_to_compare_names_the_empty_variant(
    compare: Callable[..., Lift], control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    empty = "treatment" if control[0] else "control"
    with pytest.raises(NotEnoughData, match=f"the {empty} has no units"):
        compare(BinomialSample(*control), BinomialSample(*treatment), 0.95)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_the_interval_of_one_rate_is_an_independent_implementations(confidence: float) -> None:
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415  # takes seconds

    for units, successes in [(1, 0), (1, 1), (7, 3), (80, 48), (263, 81), (5000, 1), (5000, 4999)]:
        found = estimate_rate(BinomialSample(units, successes), confidence=confidence).interval
        expected = proportion_confint(successes, units, alpha=1 - confidence, method="wilson")
        assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("units", [10, 100])
def test_a_p_value_at_the_threshold_shows_nothing(units: int) -> None:
    """From one half upwards a p-value is exactly 1 minus a confidence; exact and score test."""
    control, treatment = BinomialSample(units, units // 5), BinomialSample(units, units // 5 + 1)
    p_value = compare_proportions(control, treatment).p_value
    assert 0.5 < p_value < 1
    lift = compare_proportions(control, treatment, confidence=1 - p_value)
    assert not lift.significant
    assert lift.absolute.interval.contains(0)
    assert lift.relative.interval is not None
    assert lift.relative.interval.contains(0)

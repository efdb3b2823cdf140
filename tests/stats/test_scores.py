"""Net promoter scores: exact sums, one verdict, an interval that knows its ends."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy import stats as scipy_stats

from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.guardrails import judge_guardrail
from stats.samples import MeanSample, ScoreSample, pool
from stats.scores import compare_scores, estimate_score
from stats.targets import TargetCheck, WillHold

S = ScoreSample


def random_sample(rng: np.random.Generator, most: int) -> S:
    shares = rng.dirichlet((1.5, 1.5, 1.5))
    return S(*(int(n) for n in rng.multinomial(rng.integers(2, most), shares)))


def test_answers_are_counted_by_kind() -> None:
    assert S.of(range(11)) == S(promoters=2, passives=2, detractors=7)
    assert S.of([6, 7, 8, 9]) == S(1, 2, 1)
    assert S.of([]).units == 0


@pytest.mark.parametrize("answer", [-1, 11, 9.0, True, None])
def test_only_integers_from_0_to_10_are_answers(answer: object) -> None:
    with pytest.raises(ValueError, match="expected an int from 0 to 10"):
        S.of([answer])  # type: ignore[list-item]  # it is what is refused


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="expected none negative"):
        S(3, -1, 2)
    with pytest.raises(ValueError, match="expected an int"):
        S(3, 1.0, 2)  # type: ignore[arg-type]  # it is what is refused


def test_samples_of_days_add_up() -> None:
    assert pool([S(1, 2, 3), S(4, 0, 0), S(0, 0, 0)]) == S(5, 2, 3)


def test_an_answer_is_worth_one_nothing_or_minus_one() -> None:
    worth = [1] * 5 + [0] * 3 + [-1] * 4
    assert S(5, 3, 4).as_mean() == MeanSample.of(worth)


def test_the_comparison_is_welchs_test_of_these_values() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        control, treatment = random_sample(rng, 300), random_sample(rng, 300)
        if 0 in {control.as_mean().variance, treatment.as_mean().variance}:
            continue
        lift = compare_scores(control, treatment, confidence=0.9)
        values = [
            np.repeat([1, 0, -1], [s.promoters, s.passives, s.detractors])
            for s in (treatment, control)
        ]
        expected = scipy_stats.ttest_ind(*values, equal_var=False)
        assert lift.statistic == pytest.approx(expected.statistic, abs=1e-12)
        assert lift.p_value == pytest.approx(expected.pvalue)
        side = expected.confidence_interval(0.9)
        assert lift.absolute.interval.lower == pytest.approx(max(-2, side.low))
        assert lift.absolute.interval.upper == pytest.approx(min(2, side.high))


def best_variance(sample: S, score: float) -> float:
    """The variance at the best passives' share, found by search instead of a formula."""

    def minus_log_likelihood(spoken: float) -> float:
        shares = ((spoken + score) / 2, 1 - spoken, (spoken - score) / 2)
        counts = (sample.promoters, sample.passives, sample.detractors)
        return -sum(n * math.log(p) for n, p in zip(counts, shares, strict=True) if n)

    found = optimize.minimize_scalar(
        minus_log_likelihood,
        bounds=(abs(score) + 1e-13, 1 - 1e-13),
        method="bounded",
        options={"xatol": 1e-13},
    )
    return float(found.x) - score**2


@pytest.mark.parametrize("sample", [S(50, 30, 20), S(5, 0, 2), S(1, 40, 3), S(9, 1, 0), S(0, 7, 2)])
def test_each_side_of_an_estimate_is_where_its_own_test_turns(sample: S) -> None:
    estimate = estimate_score(sample)
    for side in (estimate.interval.lower, estimate.interval.upper):
        assert side is not None
        z = (estimate.value - side) / math.sqrt(best_variance(sample, side) / sample.units)
        assert abs(z) == pytest.approx(1.959964, abs=2e-5)


@pytest.mark.parametrize("units", [1, 5, 80])
def test_answers_of_one_kind_leave_room_for_the_others(units: int) -> None:
    square = 1.959964**2
    best = estimate_score(S(units, 0, 0))
    assert best.value == best.interval.upper == 1
    assert best.interval.lower == pytest.approx((units - square) / (units + square), abs=1e-6)
    worst = estimate_score(S(0, 0, units))
    assert worst.interval.lower == -1
    assert worst.interval.upper == pytest.approx(-(best.interval.lower or 0))
    neither = estimate_score(S(0, units, 0)).interval
    assert neither.upper == pytest.approx(-(neither.lower or 0))
    assert neither.contains(0)


def test_an_estimate_without_answers_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="at least one unit"):
        estimate_score(S(0, 0, 0))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_p_value_and_interval_give_one_verdict(confidence: float) -> None:
    rng = np.random.default_rng(2)
    shown = 0
    for _ in range(150):
        try:
            lift = compare_scores(
                random_sample(rng, 60), random_sample(rng, 60), confidence=confidence
            )
        except NotEnoughData:
            continue
        assert lift.significant != lift.absolute.interval.contains(0)
        assert lift.absolute.interval.contains(lift.absolute.value)
        assert -2 <= (lift.absolute.interval.lower or 0) <= (lift.absolute.interval.upper or 0) <= 2
        shown += lift.significant
    assert shown > 5


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    there, back = (
        compare_scores(S(40, 30, 30), S(60, 25, 15)),
        compare_scores(S(60, 25, 15), S(40, 30, 30)),
    )
    assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
    assert back.absolute.value == -there.absolute.value
    assert back.absolute.interval.lower == pytest.approx(-(there.absolute.interval.upper or 0))


def test_exchanging_promoters_and_detractors_mirrors_it_too() -> None:
    there = compare_scores(S(40, 30, 30), S(60, 25, 15))
    back = compare_scores(S(30, 30, 40), S(15, 25, 60))
    assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
    assert back.absolute.value == -there.absolute.value


def test_a_score_has_no_relative_lift_and_says_why() -> None:
    relative = compare_scores(S(40, 30, 30), S(60, 25, 15)).relative
    assert (relative.value, relative.interval) == (None, None)
    assert "no natural zero" in str(relative.gap)


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        (S(0, 0, 0), S(1, 1, 1), "the control has no units"),
        (S(1, 1, 1), S(0, 0, 0), "the treatment has no units"),
        (S(9, 0, 0), S(4, 4, 4), "the control's answers are all of one kind"),
        (S(4, 4, 4), S(0, 1, 0), "the treatment's answers are all of one kind"),
        (S(0, 0, 8), S(8, 0, 0), "the control's answers are all of one kind"),
    ],
)
def test_a_spread_that_cannot_be_told_is_refused(control: S, treatment: S, reason: str) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        compare_scores(control, treatment)


def test_a_confidence_of_95_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        compare_scores(S(1, 1, 1), S(1, 1, 1), confidence=95)
    with pytest.raises(ValueError, match="confidence"):
        estimate_score(S(1, 1, 1), confidence=95)


def test_targets_and_guardrails_are_judged_as_of_any_kpi() -> None:
    actual = estimate_score(S(600, 250, 150))
    assert TargetCheck(actual, 0.4, Direction.INCREASE).will_hold is WillHold.YES
    lift = compare_scores(S(600, 250, 150), S(450, 250, 300), confidence=0.9)
    judged = judge_guardrail(lift, margin=0.05, wanted=Direction.INCREASE)
    assert judged.outcome.value == "harmful"


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.8, 0.15, 0.05), (0.1, 0.85, 0.05)])
def test_intervals_cover_as_often_as_they_say(shares: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(3)
    covered = of_one = 0
    for _ in range(2000):
        control, treatment = (S(*map(int, rng.multinomial(80, shares))) for _ in range(2))
        covered += compare_scores(control, treatment).absolute.interval.contains(0)
        of_one += estimate_score(control).interval.contains(shares[0] - shares[2])
    assert abs(covered / 2000 - 0.95) < 0.015
    assert abs(of_one / 2000 - 0.95) < 0.02

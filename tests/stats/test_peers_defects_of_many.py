"""More defects met in other tools: many groups, chances to win, plans, opens.

`test_peers_defects.py` has the list of all.
"""

import pytest

from stats import multiplicity, textbook
from stats.bayes import posterior_of_rates, standings_of_rates
from stats.multiplicity import Family, adjust_bh, compare_with_control
from stats.opens import OpenCounts, OpensFault, compare_opens
from stats.planning import RateLift, planned_days, required_units
from stats.proportions import compare_by_score, compare_proportions
from stats.samples import BinomialSample
from stats.sequential import Progress, equally_spaced, peeking_alpha, planned_looks
from stats.sequential.operating import stops
from tests.calibration.tables import random_pairs

B = BinomialSample


def test_spotifys_corrections_applied_row_by_row() -> None:
    """Each p-value alone is no family: every correction but Bonferroni changed nothing."""
    p_values = [0.04, 0.5, 0.9, 0.8]
    for adjust in multiplicity.METHODS.values():
        assert adjust(p_values)[0] > 0.05
        assert adjust(p_values[:1]) == (0.04,)


def test_spotifys_sample_size_added_over_groups() -> None:
    """Information is that of the two variants compared, whatever a third one has."""
    pair = compare_proportions(B(1000, 100), B(1000, 128))
    third = [B(1000, 128), B(50_000, 5_000)]
    assert compare_with_control(compare_proportions, B(1000, 100), third)[0].lift == pair
    assert Progress(1_000, 1_000, planned_units=4_000).fraction == 0.5


def test_spotifys_intervals_overwritten_with_more_than_two_groups() -> None:
    control, treatments = B(1000, 100), [B(1000, 128), B(900, 110), B(1100, 60)]
    found = compare_with_control(compare_proportions, control, treatments)
    level = Family(1000, (1000, 900, 1100)).confidence(0.95)
    for treatment, answer in zip(treatments, found, strict=True):
        assert answer.lift == compare_proportions(control, treatment)
        alone = compare_proportions(control, treatment, confidence=level)
        assert answer.adjusted.absolute.interval == alone.absolute.interval


def test_spotifys_p_values_above_one() -> None:
    for adjust in multiplicity.METHODS.values():
        assert max(adjust([0.9, 0.95, 1.0])) <= 1
    assert max(adjust_bh([1.0])) == 1


def test_posthogs_failures_counted_twice() -> None:
    """Everybody who entered a funnel was taken for a failure, those who came through included."""
    sample = B(units=1000, successes=100)
    assert sample.successes + sample.failures == sample.units
    from scipy.stats import chi2_contingency  # noqa: PLC0415 - takes seconds to import

    pearson = chi2_contingency([[100, 900], [130, 870]], correction=False).pvalue
    found = textbook.pooled_z_test(sample, B(1000, 130)).p_value
    assert found == pytest.approx(pearson, rel=1e-9)


def test_posthogs_significance_that_knew_nothing_of_the_chance_to_win() -> None:
    for control, treatment in random_pairs(60, seed=14, most=4):
        lift = compare_by_score(control, treatment, 0.95)
        chance = posterior_of_rates(control, treatment).beats_control
        if lift.significant:
            assert chance > 0.9 if lift.absolute.value > 0 else chance < 0.1


def test_posthogs_significance_that_was_wrong_when_the_control_won() -> None:
    loss = compare_proportions(B(1000, 150), B(1000, 100))
    gain = compare_proportions(B(1000, 100), B(1000, 150))
    assert loss.significant
    assert loss.p_value == gain.p_value
    assert loss.absolute.interval.upper is not None
    assert loss.absolute.interval.upper < 0
    assert posterior_of_rates(B(1000, 150), B(1000, 100)).beats_control < 0.01


def test_posthogs_chance_to_win_against_the_control_only() -> None:
    """Each of two good treatments beats the control; only one of them can be the best."""
    standings = standings_of_rates(B(1000, 100), [B(1000, 140), B(1000, 142)])
    assert [standing.beats_control is None for standing in standings] == [True, False, False]
    for standing in standings[1:]:
        assert standing.beats_control is not None
        assert standing.beats_control > 0.99
        assert standing.best < 0.6
    assert sum(standing.best for standing in standings) == pytest.approx(1)


def test_posthogs_recommendation_of_no_persons_and_no_days() -> None:
    for lift in (RateLift(0.0001, 0.9998), RateLift(0.5, 0.49), RateLift(0.3, 1e-5)):
        size = required_units(lift)
        assert min(size.per_variant) >= 1
        days = planned_days(size.total, eligible_per_day=1e9)
        assert days is not None
        assert days >= 7
    with pytest.raises(ValueError, match="effect"):
        RateLift(0.1, 0.0)


def test_posthogs_daily_looks_without_a_sequential_test() -> None:
    """28 daily looks at p < .05 find a winner among equals in more than a quarter of the tests."""
    assert peeking_alpha(28) > 0.25
    plan = planned_looks(equally_spaced(28))
    assert sum(stops(plan, drift=0.0).by_look) == pytest.approx(0.05, abs=1e-9)


def test_brazes_three_kinds_of_opens() -> None:
    """Machine, other and estimated real opens: all, people's, and how far apart they may be.

    Half of all opens come within minutes and from machines. The second mail is opened by more
    machines and fewer people, so all opens and people's name different winners: no verdict.
    """
    control = OpenCounts(sent=10_000, by_anyone=4_000, by_people=2_000, by_machines=2_200)
    treatment = OpenCounts(sent=10_000, by_anyone=4_300, by_people=1_900, by_machines=2_600)
    opens = compare_opens(control, treatment)
    assert (opens.every.control.value, opens.human.control.value) == (0.4, 0.2)
    assert (opens.bounds.lower, opens.bounds.upper) == pytest.approx((-0.21, 0.23))
    assert opens.faults == (OpensFault.SIGNS_DISAGREE, OpensFault.MACHINES_DIFFER)

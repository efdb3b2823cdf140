"""Opens: machines are counted per sent, and a doubtful winner is none."""

import pytest

from stats.errors import NotEnoughData
from stats.opens import OpenCounts, OpensFault, compare_opens

# A subject-line test of 30,000 customers each: people 17.7 % and 20.4 %, a fifth prefetch.
CONTROL = OpenCounts(sent=30_000, by_anyone=10_385, by_people=5_319, by_machines=6_176)
TREATMENT = OpenCounts(sent=30_000, by_anyone=11_013, by_people=6_117, by_machines=6_170)


def test_a_true_winner_is_not_voided_by_its_smaller_machine_share_per_open() -> None:
    opens = compare_opens(CONTROL, TREATMENT)
    assert opens.faults == ()
    assert opens.human.significant
    assert opens.human.relative.value == pytest.approx(0.15, abs=0.001)
    assert opens.every.relative.value == pytest.approx(0.06, abs=0.001)
    per_open = [arm.by_machines / arm.by_anyone for arm in (CONTROL, TREATMENT)]
    assert per_open[0] - per_open[1] > 0.03


def test_opens_that_point_to_different_winners_are_void() -> None:
    fewer_machines = OpenCounts(30_000, 10_300, 6_117, 5_500)
    opens = compare_opens(CONTROL, fewer_machines)
    assert OpensFault.SIGNS_DISAGREE in opens.faults


def test_no_difference_points_to_nobody() -> None:
    same = OpenCounts(30_000, CONTROL.by_anyone, 6_117, 6_176)
    assert compare_opens(CONTROL, same).faults == ()


def test_unequal_machine_shares_are_void() -> None:
    more_machines = OpenCounts(30_000, 11_513, 6_117, 6_670)
    opens = compare_opens(CONTROL, more_machines)
    assert opens.faults == (OpensFault.MACHINES_DIFFER,)
    assert opens.machine.p_value < 0.001


def test_a_small_imbalance_of_machines_is_chance() -> None:
    a_few_more = OpenCounts(30_000, 11_100, 6_117, 6_350)
    opens = compare_opens(CONTROL, a_few_more)
    assert 0.001 < opens.machine.p_value < 0.2
    assert opens.faults == ()


def test_the_bounds_assume_the_worst_in_both_directions() -> None:
    bounds = compare_opens(CONTROL, TREATMENT).bounds
    assert bounds.lower == pytest.approx((6_117 - 10_385) / 30_000)
    assert bounds.upper == pytest.approx((11_013 - 5_319) / 30_000)


def test_days_add_up() -> None:
    both = CONTROL + TREATMENT
    assert both == OpenCounts(60_000, 21_398, 11_436, 12_346)


@pytest.mark.parametrize(
    ("sent", "anyone", "people", "machines"),
    [
        (10, 11, 5, 6),
        (10, 5, 6, 0),
        (10, 5, 0, 6),
        (10, 5, 2, 2),
        (10, 5, -1, 5),
        (-1, 0, 0, 0),
    ],
)
def test_impossible_counts_are_refused(sent: int, anyone: int, people: int, machines: int) -> None:
    with pytest.raises(ValueError, match=r"expected people's|neither a person"):
        OpenCounts(sent, anyone, people, machines)


def test_nothing_sent_is_no_comparison() -> None:
    with pytest.raises(NotEnoughData, match="no units"):
        compare_opens(CONTROL, OpenCounts(0, 0, 0, 0))

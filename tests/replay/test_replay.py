"""The first two hundred runs of each kind, among the slow tests; all of them: ``make replay``."""

import pytest

from experiments.reporting.report import State
from tests.replay.bars import FEWEST_FOUND, MOST_FALSE, Tally, tally
from tests.replay.days import DAYS, RATES, TWIN, UNITS, cumulative_days, run, verdict_on

RUNS = range(1, 201)
# Bars are for 2,000 runs; of 200 the share scatters by about 0.015 to 0.023 (one sigma).
SLACK = 0.045


@pytest.mark.slow
def test_planned_looks_keep_the_error_rate_where_naive_ones_do_not() -> None:
    twin = tally(RUNS, TWIN)
    print(twin.told("no effect", MOST_FALSE, "at most"))
    assert twin.share_shown <= MOST_FALSE + SLACK
    assert twin.naive > 2 * twin.shown


@pytest.mark.slow
def test_the_effect_is_found() -> None:
    real = tally(RUNS, RATES)
    print(real.told("the effect", FEWEST_FOUND, "at least"))
    assert real.share_better >= FEWEST_FOUND - SLACK
    assert real.on_day[1] == 0


def test_a_run_is_the_same_each_time_and_counts_everybody() -> None:
    days = list(cumulative_days(3, RATES))
    assert days == list(cumulative_days(3, RATES))
    assert len(days) == DAYS
    assert days[-1].sums["a"]["units"] == days[-1].sums["b"]["units"] == UNITS
    assert run(3, RATES) == run(3, RATES)


def test_before_a_look_shows_something_it_is_too_early_and_the_end_decides() -> None:
    days = list(cumulative_days(1, TWIN))
    states = [verdict_on(days[:number]).state for number in range(1, DAYS + 1)]
    assert states[:-1] == [State.TOO_EARLY] * (DAYS - 1)
    assert states[-1] in {State.NO_DIFFERENCE, State.TOO_SMALL}


def test_tallies_add_up() -> None:
    both = Tally(10, 2, 1, 3) + Tally(30, 4, 4, 5)
    assert (both.runs, both.share_shown, both.share_better) == (40, 0.15, 0.125)

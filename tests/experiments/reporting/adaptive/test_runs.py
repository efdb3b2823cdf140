"""Samples of a run in batches: compared within batches, never added; right over many runs."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from experiments.assignment.buckets import allocate
from experiments.assignment.bulk import buckets
from experiments.assignment.propensities import propensities
from experiments.assignment.reallocation import Allocation, reallocate
from experiments.reporting.adaptive import weighted
from experiments.reporting.adaptive.runs import Run, run_of
from experiments.reporting.families import family_of
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample, pool
from stats.thompson import plan_batch

B, HALF = BinomialSample, Decimal("0.5")
EVEN = {"a": HALF, "b": HALF}
AHEAD = {"a": Decimal("0.2"), "b": Decimal("0.8")}
FIRST, SECOND = {"a": B(2000, 100), "b": B(2000, 104)}, {"a": B(800, 80), "b": B(3200, 316)}


def two_batches(**second: BinomialSample) -> Run:
    return run_of("ab", "a", Direction.INCREASE, [(EVEN, FIRST), (AHEAD, SECOND | second)])


def test_the_better_day_is_not_the_better_variant() -> None:
    run = two_batches()
    lift = weighted.compare(run.arms["a"], run.arms["b"])
    assert (lift.method, lift.significant) == ("inverse_propensity_rates", False)
    assert compare_proportions(B(2800, 180), B(5200, 420)).significant


def test_a_variants_value_is_that_of_its_comparison() -> None:
    run = two_batches()
    control, treatment = (weighted.estimate(run.arms[key]) for key in "ab")
    lift = weighted.compare(run.arms["a"], run.arms["b"])
    assert treatment.value - control.value == pytest.approx(lift.absolute.value, rel=1e-12)
    # What was counted stays what it is.
    assert (run.arms["b"].units, weighted.total(run.arms["b"])) == (5200, 420.0)


def test_of_several_variants_the_control_is_shown_beside_the_leading_one() -> None:
    third = {"a": Decimal("0.2"), "b": Decimal("0.2"), "c": Decimal("0.6")}
    even = dict.fromkeys("abc", Decimal("0.25")) | {"c": HALF}
    run = run_of(
        "abc", "a", Direction.DECREASE,
        [(even, {"a": B(500, 50), "b": B(500, 60), "c": B(1000, 70)}),
         (third, {"a": B(400, 60), "b": B(400, 62), "c": B(1200, 120)})],
    )  # fmt: skip
    leading = run.compare("c", 0.95)
    assert weighted.estimate(run.arms["a"]) == leading.control
    assert run.compare("b", 0.95).control.value != leading.control.value


def test_methods_for_added_samples_cannot_be_asked() -> None:
    run = two_batches()
    for kind in ("proportion", "mean", "ratio"):
        with pytest.raises((AttributeError, TypeError)):
            family_of(kind).compare(run.arms["a"], run.arms["b"])
        with pytest.raises((AttributeError, TypeError)):
            family_of(kind).running(run.arms["a"], run.arms["b"])


def test_what_has_no_method_is_a_stated_gap() -> None:
    run = two_batches()
    with pytest.raises(NotEnoughData, match="no range holds at any time"):
        weighted.no_range(run.arms["a"], run.arms["b"])
    with pytest.raises(NotEnoughData, match="what would settle it"):
        weighted.no_size(run.arms["a"], run.arms["b"], 0.01)
    alone = run_of("ab", "a", Direction.INCREASE, [(AHEAD, {"a": B(0, 0), "b": B(10, 1)})])
    with pytest.raises(NotEnoughData, match="no batch has"):
        weighted.estimate(alone.arms["b"])
    assert weighted.mean(alone.arms["b"]) == 0.1


def test_a_value_that_cannot_be_compared_weighs_every_batch_by_its_customers() -> None:
    run = two_batches()
    assert weighted.mean(run.arms["b"]) == pytest.approx(0.5 * 104 / 2000 + 0.5 * 316 / 3200)
    assert weighted.mean(run.arms["b"]) != pytest.approx(420 / 5200, abs=1e-3)


def test_guardrails_and_targets_are_held_against_weighted_figures() -> None:
    run = two_batches()
    judged = weighted.guardrail(run.arms["a"], run.arms["b"], margin=0.02)
    assert judged.worsening.value == weighted.compare(run.arms["a"], run.arms["b"]).absolute.value
    assert (judged.confidence, judged.outcome.value) == (0.95, "safe")
    target = weighted.check_target(run.arms["b"], 0.08)
    # Added up it would be 8.1 %, and reached.
    assert (target.reached, round(target.actual.value, 3)) == (False, 0.073)


def test_means_are_weighted_too() -> None:
    first = {"a": MeanSample.of([0, 0, 30, 10]), "b": MeanSample.of([0, 40, 20, 60])}
    run = run_of("ab", "a", Direction.INCREASE, [(EVEN, first)])
    assert weighted.compare(run.arms["a"], run.arms["b"]).method == "inverse_propensity_means"
    assert weighted.total(run.arms["b"]) == 120.0


def test_equal_runs_are_compared_once() -> None:
    assert two_batches().arms["b"] == two_batches().arms["b"]
    assert hash(two_batches().arms["b"]) == hash(two_batches().arms["b"])


RUNS, UNITS = 110, 400
# Equal variants; every day better than the one before.
RATES = (0.03, 0.045, 0.06, 0.075, 0.09)


def simulated(seed: int) -> Run:
    """One run as the product makes it: its hash, its ranges, its shares, its propensities."""
    rng, salt = np.random.default_rng(seed), f"run-{seed}"
    before = Allocation(EVEN, Decimal(1))
    phases = [allocate(EVEN, Decimal(1))]
    kept: list[tuple[Mapping[str, Decimal], dict[str, BinomialSample]]] = []
    for day, rate in enumerate(RATES):
        if day:
            planned = plan_batch(day + 1, {k: pool(s[k] for _, s in kept) for k in "ab"})
            after = Allocation(planned.propensities, Decimal(1))
            phases.append(reallocate(phases, before, after))
            before = after
        place = buckets(salt, [f"u{day}-{number}" for number in range(UNITS)])
        kept.append((propensities(phases[-1], "ab"), {}))
        for key in "ab":
            mine = [each for each in phases[-1] if each.variant == key]
            units = int(sum(((place >= r.start) & (place < r.end)).sum() for r in mine))
            kept[-1][1][key] = B(units, int(rng.binomial(units, rate)))
    return run_of("ab", "a", Direction.INCREASE, kept)


def covered(run: Run) -> Iterator[bool]:
    """Whether no difference lies within the interval: weighted, then added up."""
    arms: list[Any] = [pool(arm.by_batch) for arm in run.arms.values()]
    for lift in (run.compare("b", 0.95), compare_proportions(*arms)):
        yield not lift.significant


@pytest.mark.slow
def test_weighted_intervals_cover_where_added_samples_do_not() -> None:
    """No difference, days that differ: over seeds, with the real hash and ranges."""
    runs = [simulated(seed) for seed in range(RUNS)]
    within, added = np.array([list(covered(run)) for run in runs]).mean(axis=0)
    gaps = np.array([run.compare("b", 0.95).absolute.value for run in runs])
    assert within == pytest.approx(0.95, abs=0.05)
    assert added < 0.8
    assert abs(gaps.mean()) < 3 * gaps.std() / RUNS**0.5

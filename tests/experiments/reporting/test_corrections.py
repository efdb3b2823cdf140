"""Several comparisons at once: intervals and p-values never disagree, whatever corrects them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from experiments.registry.experiment import ExperimentDraft
from experiments.registry.plan import Plan
from experiments.registry.variants import Variant
from experiments.reporting.adjusted import adjustments
from experiments.reporting.comparisons import answered, final_comparisons
from experiments.reporting.corrections import (
    FALSE_SHARE,
    among_secondaries,
    among_variants,
    method_among_variants,
)
from experiments.reporting.families import Sample, family_of
from experiments.reporting.goal_depth import expectation_of, uncapped_of
from experiments.reporting.setting import Setting
from stats.multiplicity import adjust_holm
from stats.samples import BinomialSample, CovariateSample, MeanSample


def setting(samples: dict[str, Sample], kind: str = "proportion", **other: object) -> Setting:
    keys, weight = list(samples), Decimal(1) / len(samples)
    draft = ExperimentDraft(
        key="t", name="T", anchor="sent", shape="triggered", channels=("email",),
        variants=tuple(Variant(key, key.upper(), weight, key == keys[0]) for key in keys),
        plan=Plan(looks=4, units_planned=4000),
    )  # fmt: skip
    whole = Setting(draft, family_of(kind), "up", samples, 2000, kind=kind)
    return Setting(**{**vars(whole), **other})


FOUR: dict[str, Sample] = {
    "a": BinomialSample(1000, 100), "b": BinomialSample(1000, 128),
    "c": BinomialSample(1000, 135), "d": BinomialSample(1000, 104),
}  # fmt: skip


def test_hints_are_shown_by_their_share_of_false_ones() -> None:
    found = among_secondaries({"a": 0.01, "b": 0.06, "c": 0.5, "d": 0.9})
    assert [key for key, each in found.items() if each.shown] == ["a"]
    assert found["a"].confidence == pytest.approx(1 - FALSE_SHARE / 4)
    assert found["b"].confidence == pytest.approx(1 - 2 * FALSE_SHARE / 4)
    assert among_secondaries({}) == {}
    assert among_secondaries({"a": 0.09})["a"].shown


@pytest.mark.parametrize("role", ["primary", "secondary", "guardrail"])
@pytest.mark.parametrize("kind", ["proportion", "quantile"])
def test_an_interval_leaves_out_no_difference_exactly_where_one_is_shown(
    role: str, kind: str
) -> None:
    # The kind decides the correction; the methods stay those of rates.
    mine = replace(setting(FOUR, role=role), kind=kind)
    for each in final_comparisons(mine):
        assert each.interval_adjusted is not None
        assert each.interval_adjusted.lower is not None
        assert each.significant == (each.interval_adjusted.lower > 0)


@pytest.mark.parametrize(
    ("kind", "planned", "used"),
    [
        ("proportion", "dunnett", "dunnett"), ("ratio", "dunnett", "dunnett"),
        ("quantile", "dunnett", "holm"), ("time_to_event", "dunnett", "holm"),
        ("quantile", "none", "none"), (None, "dunnett", "dunnett"),
    ],
)  # fmt: skip
def test_what_corrects_several_variants_is_named(kind: str | None, planned: str, used: str) -> None:
    draft = replace(setting(FOUR).draft, plan=Plan(correction=planned))
    assert method_among_variants(draft, kind) == used


@pytest.mark.parametrize("kind", ["proportion", "quantile"])
def test_what_is_named_is_what_corrects(kind: str) -> None:
    mine = replace(setting(FOUR), kind=kind)
    lifts = answered(mine)
    found = [each.p_value for each in among_variants(mine, lifts).values()]
    by_holm = adjust_holm([lift.p_value for lift in lifts.values()])
    named = method_among_variants(mine.draft, kind)
    assert (found == pytest.approx(by_holm)) == (named == "holm")


def test_the_end_of_a_test_with_looks_is_its_last_look() -> None:
    pair = {key: FOUR[key] for key in ("a", "c")}
    [plain] = final_comparisons(setting(pair))
    [last] = final_comparisons(setting(pair, looks=(0.5, 0.8)))
    assert (plain.method, last.method) == ("score", "group_sequential")
    assert last.interval_adjusted is not None
    assert plain.interval_adjusted is not None
    assert (last.interval_adjusted.lower or 0) < (plain.interval_adjusted.lower or 0)
    assert last.p_value_adjusted is not None
    assert plain.p_value is not None
    assert last.p_value_adjusted > plain.p_value


def test_phases_are_compared_one_by_one_where_the_allocation_changed() -> None:
    """Thrown together, B looks better only since it was sent more on the better days."""
    phases = (
        {"a": BinomialSample(900, 90), "b": BinomialSample(100, 10)},
        {"a": BinomialSample(100, 30), "b": BinomialSample(900, 270)},
    )
    whole: dict[str, Sample] = {key: phases[0][key] + phases[1][key] for key in ("a", "b")}
    [found] = final_comparisons(setting(whole, phases=phases))
    [beside] = found.adjustments
    assert (beside.kind, beside.used) == ("phases", True)
    assert beside.unadjusted.shown
    assert not found.significant
    assert found.difference == pytest.approx(0.0, abs=1e-9)


def test_values_before_decide_for_means_and_stand_beside_rates() -> None:
    a = CovariateSample.of((x + x % 3, x) for x in range(200))
    b = CovariateSample.of((x + x % 3 + 3, x) for x in range(200))
    samples: dict[str, Sample] = {"a": a.outcome, "b": b.outcome}
    mine = setting(samples, "mean", covariates={"a": a, "b": b})
    [found] = final_comparisons(mine)
    assert found.significant
    assert found.adjustments[0].used
    assert (found.adjustments[0].gain or 0) > 0.9
    rates = {key: CovariateSample.of_binary((x % 3 == 0, x) for x in range(200)) for key in "ab"}
    outcomes: dict[str, Sample] = {key: each.outcome for key, each in rates.items()}
    beside = setting(outcomes, covariates=rates)
    [noted] = adjustments(beside, beside.treatments[0], 0.95)
    assert not noted.used


def test_a_winner_is_expected_to_do_less_than_it_did() -> None:
    mine = setting({key: FOUR[key] for key in ("a", "c")})
    [found] = final_comparisons(mine)
    expected = expectation_of(mine, mine.treatments[0])
    assert expected is not None
    assert 0 < expected.relative < (found.relative or 0)
    assert expected.difference == pytest.approx(0.1 * expected.relative)


def test_a_few_giants_are_told_of() -> None:
    capped: dict[str, Sample] = {
        "a": MeanSample.of([100, 200] * 100), "b": MeanSample.of([110, 215] * 100),
    }  # fmt: skip
    free: dict[str, Sample] = {
        "a": MeanSample.of([100, 200] * 99 + [100, 90_000]),
        "b": MeanSample.of([110, 215] * 100),
    }
    mine = setting(capped, "mean")
    found = uncapped_of(mine, 1000.0, free, final_comparisons(mine))
    assert not found.agree
    assert (found.values["a"] or 0) > 500

"""Comparisons of one KPI: final ones, running ones, and stated gaps."""

from decimal import Decimal

import pytest

from experiments.registry.experiment import ExperimentDraft
from experiments.registry.plan import Plan
from experiments.registry.variants import Variant
from experiments.reporting.comparisons import (
    final_comparisons,
    guardrail_facts,
    running_comparisons,
    units_needed,
)
from experiments.reporting.families import MEANS, RATES, Sample
from experiments.reporting.setting import Setting
from stats.samples import BinomialSample, MeanSample


def draft(*keys: str, correction: str = "dunnett") -> ExperimentDraft:
    weight = Decimal(1) / len(keys)
    return ExperimentDraft(
        key="test",
        name="Test",
        anchor="sent",
        shape="one_blast",
        channels=("email",),
        variants=tuple(Variant(key, key.upper(), weight, control=key == keys[0]) for key in keys),
        plan=Plan(correction=correction),
    )


def rates(samples: dict[str, Sample], *, correction: str = "dunnett", planned: int = 0) -> Setting:
    return Setting(draft(*samples, correction=correction), RATES, "up", samples, planned)


TWO: dict[str, Sample] = {"a": BinomialSample(5000, 900), "b": BinomialSample(5000, 1035)}
THREE: dict[str, Sample] = {
    "a": BinomialSample(1000, 100),
    "b": BinomialSample(1000, 128),
    "c": BinomialSample(1000, 110),
}


def test_two_variants_need_no_correction() -> None:
    (found,) = final_comparisons(rates(TWO))
    assert found.difference == pytest.approx(0.027)
    assert found.interval == found.interval_adjusted
    assert found.p_value == pytest.approx(found.p_value_adjusted)
    assert (found.significant, found.better, found.always_valid) == (True, True, None)


def test_several_variants_are_judged_together() -> None:
    first, _ = final_comparisons(rates(THREE))
    assert first.interval is not None
    assert first.interval_adjusted is not None
    assert first.interval.lower is not None
    assert first.interval.lower > 0
    assert first.interval_adjusted.lower is not None
    assert first.interval_adjusted.lower < 0
    assert not first.significant


def test_without_correction_each_is_read_alone() -> None:
    first, _ = final_comparisons(rates(THREE, correction="none"))
    assert first.significant
    assert first.interval == first.interval_adjusted


def test_before_the_end_only_what_always_holds_is_given() -> None:
    (found,) = running_comparisons(rates(TWO, planned=20_000))
    assert found.always_valid is not None
    assert (found.interval, found.p_value, found.relative) == (None, None, None)
    assert not found.significant


def test_a_running_range_is_tuned_to_the_units_of_its_two_variants() -> None:
    several = running_comparisons(rates(THREE, planned=6_000, correction="none"))
    pair: dict[str, Sample] = {key: THREE[key] for key in ("a", "b")}
    (alone,) = running_comparisons(rates(pair, planned=4_000))
    assert several[0].always_valid == alone.always_valid


def test_an_empty_variant_is_a_gap_and_the_others_are_compared() -> None:
    samples = THREE | {"c": BinomialSample(0, 0)}
    first, second = final_comparisons(rates(samples))
    assert first.gap is None
    assert second.gap
    assert (second.difference, second.interval) == (None, None)


def test_too_few_customers_say_too_early() -> None:
    few: dict[str, Sample] = {"a": BinomialSample(50, 9), "b": BinomialSample(50, 10)}
    (found,) = running_comparisons(rates(few, planned=100))
    assert found.gap


def test_means_are_compared_by_welch() -> None:
    samples: dict[str, Sample] = {
        "a": MeanSample.of([0, 10, 20, 30] * 50),
        "b": MeanSample.of([10, 20, 30, 40] * 50),
    }
    setting = Setting(draft("a", "b"), MEANS, "up", samples, 0)
    (found,) = final_comparisons(setting)
    assert (found.method, found.difference, found.significant) == ("welch", 10.0, True)


@pytest.mark.parametrize(
    ("bad", "outcome"), [(60, "safe"), (100, "not_shown_safe"), (220, "harmful")]
)
def test_guardrails_have_three_outcomes(bad: int, outcome: str) -> None:
    samples: dict[str, Sample] = {"a": BinomialSample(10_000, 80), "b": BinomialSample(10_000, bad)}
    setting = Setting(draft("a", "b"), RATES, "down", samples, 0)
    (fact,) = guardrail_facts(setting, 0.003 if outcome != "not_shown_safe" else 0.0021)
    assert fact.outcome == outcome


def test_a_guardrail_that_cannot_be_judged_is_not_shown_safe() -> None:
    silent: dict[str, Sample] = {"a": MeanSample.of([0] * 500), "b": MeanSample.of([0] * 500)}
    (fact,) = guardrail_facts(Setting(draft("a", "b"), MEANS, "down", silent, 0), 0.01)
    assert (fact.outcome, fact.worsening, fact.worst) == ("not_shown_safe", 0.0, None)


def test_customers_needed_follow_from_the_effect() -> None:
    setting = rates({"a": BinomialSample(29_550, 51), "b": BinomialSample(29_550, 59)})
    needed = units_needed(setting, 0.00026)
    assert needed is not None
    assert 400_000 < needed < 460_000

"""An analysis from figures: the same verdicts and words as a test of the service."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from experiments.calculators.analysis import Analysis, analyse, analysis_document
from experiments.calculators.question import AnalysisQuestion
from experiments.calculators.text import analysis_text
from experiments.errors import Invalid
from experiments.registry.experiment import GoalTarget, Plan, Variant
from experiments.reporting.report import State
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample

NOW = datetime(2025, 3, 10, tzinfo=UTC)


def variants(number: int = 2) -> tuple[Variant, ...]:
    share = Decimal(1) / number
    return tuple(
        Variant(key, f"{key.upper()}안", share, control=key == "a") for key in "abcdefgh"[:number]
    )


def asked(*figures: dict[str, Any], kind: str = "proportion", **others: Any) -> Analysis:
    question = AnalysisQuestion(kind, variants(len(figures)), figures, **others)
    return analyse(question, now=NOW)


def rates(*counts: tuple[int, int], **others: Any) -> Analysis:
    return asked(*({"units": units, "successes": x} for units, x in counts), **others)


def mean(units: int, value: str, variance: str) -> dict[str, Any]:
    return {"units": units, "mean": Decimal(value), "variance": Decimal(variance)}


def test_rates_are_compared_as_in_a_report() -> None:
    comparison = rates((20_000, 400), (20_000, 480)).goal.comparisons[0]
    lift = compare_proportions(BinomialSample(20_000, 400), BinomialSample(20_000, 480))
    assert comparison.interval is not None
    assert comparison.p_value == lift.p_value
    assert comparison.interval.lower == lift.absolute.interval.lower
    assert comparison.relative == pytest.approx(0.2)


def test_means_come_from_moments() -> None:
    found = asked(mean(400, "12.5", "30.25"), mean(380, "13.75", "28"), kind="mean")
    direct = compare_means(
        MeanSample.from_moments(400, Fraction(25, 2), Fraction(121, 4)),
        MeanSample.from_moments(380, Fraction(55, 4), Fraction(28)),
    )
    assert found.goal.comparisons[0].p_value == pytest.approx(direct.p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("figures", "others", "state"),
    [
        (((20_000, 400), (20_000, 520)), {}, State.WIN),
        (((20_000, 400), (20_000, 300)), {}, State.LOSS),
        (((20_000, 400), (20_000, 405)), {}, State.TOO_SMALL),
        (((20_000, 400), (20_000, 405)), {"minimum_effect": Decimal("0.01")}, State.NO_DIFFERENCE),
        (((20_000, 400), (20_000, 405)), {"purpose": "choose"}, State.CHOICE),
        (((20_000, 400), (20_000, 520)), {"finished": False}, State.TOO_EARLY),
        (((20_000, 400), (21_500, 520)), {}, State.SPLIT_BROKEN),
        (((0, 0), (0, 0)), {}, State.NO_ANSWER),
        (((30_000, 120), (30_000, 195)), {"margin": Decimal("0.001"), "direction": "down"},
         State.HARMFUL),
    ],
)  # fmt: skip
def test_every_state_of_the_evidence_is_told(
    figures: tuple[tuple[int, int], ...], others: dict[str, Any], state: State
) -> None:
    found = rates(*figures, **others)
    assert found.report.verdict.state is state
    for language in ("ko", "en"):
        said = found.said(language)
        assert said.headline
        assert said.next_step
        assert said.headline in analysis_text(found, language)


def test_before_the_end_only_the_range_that_always_holds_is_given() -> None:
    found = rates((5_000, 100), (5_000, 150), finished=False, plan=Plan(units_planned=40_000))
    comparison = found.goal.comparisons[0]
    assert comparison.always_valid is not None
    assert comparison.interval is None
    assert comparison.p_value is None


def test_a_guardrail_that_is_safe_says_so_and_what_to_do() -> None:
    found = rates((30_000, 120), (30_000, 118), margin=Decimal("0.001"), direction="down")
    assert found.goal.guardrails[0].outcome == "safe"
    assert found.said("ko").headline.startswith("지표는 안전합니다")
    assert found.said("en").next_step == "As far as this KPI goes, B안 may be used."


def test_a_target_is_two_facts() -> None:
    found = rates((20_000, 900), (20_000, 994), target=GoalTarget(Decimal("0.048")))
    target = found.goal.arms[1].target
    assert target is not None
    assert (target.reached, target.holds) == (True, "not_certain")


def test_units_that_need_not_follow_the_weights_are_not_checked() -> None:
    found = rates((20_000, 400), (2_000, 52), check_split=False)
    assert found.report.health.splits == ()
    assert found.report.verdict.state is not State.SPLIT_BROKEN


def test_the_document_is_about_the_figures_alone() -> None:
    document = analysis_document(rates((200, 40), (200, 60), (200, 45)))
    assert set(document["said"]) == {"ko", "en"}
    assert len(document["goal"]["comparisons"]) == 2
    assert "sql" not in document["goal"]
    assert document["goal"]["comparisons"][0]["interval_adjusted"]


@pytest.mark.parametrize(
    ("kind", "figures", "others", "field"),
    [
        ("proportion", {"units": 10}, {}, "variants.0.successes"),
        ("proportion", {"units": 10, "successes": 11}, {}, "variants.0.successes"),
        ("proportion", {"units": -1, "successes": 0}, {}, "variants.0.units"),
        ("proportion", {"units": 10, "successes": 1, "mean": Decimal(1)}, {}, "variants.0.mean"),
        ("mean", mean(10, "1", "-1"), {}, "variants.0.variance"),
        ("mean", mean(1, "1", "1"), {}, "variants.0.variance"),
        ("mean", mean(10, "1e30", "1"), {}, "variants.0.mean"),
        ("score", {"promoters": 1, "passives": 1, "detractors": 1}, {"direction": "left"},
         "direction"),
        ("mean", mean(9, "1", "1"), {"unit_of_measure": "rate"}, "unit_of_measure"),
        ("mean", mean(9, "1", "1"), {"unit_of_measure": "money"}, "currency"),
        ("mean", mean(9, "1", "1"), {"currency": "KRW"}, "currency"),
        ("proportion", {"units": 9, "successes": 1}, {"margin": Decimal(0)}, "margin"),
        ("proportion", {"units": 9, "successes": 1}, {"direction": "left"}, "direction"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(
    kind: str, figures: dict[str, Any], others: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(figures, figures, kind=kind, **others)
    assert refusal.value.field == field

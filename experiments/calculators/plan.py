"""From a question to a plan: how many customers, how long, and what can be seen."""

from dataclasses import dataclass
from typing import Any

from experiments import __version__
from experiments.calculators.plan_question import PlannedKpi, PlanQuestion, finite, made
from stats.direction import Direction
from stats.planning.baselines import (
    Baseline,
    MeanBaseline,
    RateBaseline,
    RatioBaseline,
    ScoreBaseline,
)
from stats.planning.guards import GuardrailPlan
from stats.planning.plan import TestPlan, plan_test
from stats.planning.question import GuardrailQuestion, Question
from stats.planning.rules import Rules
from stats.planning.shapes import OneBlast, Recurring, Shape, TestThenRest, Triggered, usual_rules
from stats.planning.visibility import Effect, Visible
from stats.sequential.bounds import equally_spaced

POINTS = 100
_DIRECTIONS = {"up": Direction.INCREASE, "down": Direction.DECREASE}


@dataclass(frozen=True)
class Plan:
    """The planner's answer beside what was asked."""

    asked: PlanQuestion
    plan: TestPlan


def plan(question: PlanQuestion) -> Plan:
    """Plan a test.

    Raises:
        Invalid: Naming the number that is missing or out of range.
        NotPlannable: If the numbers make no test together.
    """
    shape = _shape(question)
    asked = made(
        "effect",
        Question,
        baseline=baseline_of(question.kpi),
        shape=shape,
        effect=_in_planners_unit(question.kpi, question.wanted_effect),
        units=question.units,
        harm=None if question.harm is None else _DIRECTIONS[question.harm],
        rules=_rules(question, shape),
        window_days=float(question.window_days),
        guardrails=tuple(
            _guardrail(each, f"guardrails.{index}")
            for index, each in enumerate(question.guardrails)
        ),
    )
    return Plan(question, made("effect", plan_test, asked))


def baseline_of(kpi: PlannedKpi, field: str = "baseline") -> Baseline:
    """The planner's baseline.

    Raises:
        NotPlannable: If the numbers are impossible.
    """
    moments = {name: float(value) for name, value in kpi.moments.items()}
    value = finite(kpi.value)
    baseline: Baseline
    match kpi.kind:
        case "proportion":
            baseline = made(field, RateBaseline, value)
        case "mean":
            baseline = made(field, MeanBaseline, value, moments["standard_deviation"])
        case "ratio":
            baseline = made(field, RatioBaseline, value, **moments)
        case _:
            baseline = made(field, ScoreBaseline, **moments)
    return baseline


def _shape(question: PlanQuestion) -> Shape:
    numbers = question.campaign
    shape: Shape
    match question.shape:
        case "one_blast":
            shape = OneBlast(int(numbers["list_size"]))
        case "test_then_rest":
            prior = _in_planners_unit(question.kpi, finite(question.prior_sd))
            shape = made("prior_sd", TestThenRest, int(numbers["list_size"]), prior)
        case "triggered":
            shape = Triggered(float(numbers["eligible_per_day"]))
        case _:
            shape = Recurring(
                int(numbers["list_size"]), int(numbers["sends"]), int(numbers["days_between"])
            )
    return shape


def _rules(question: PlanQuestion, shape: Shape) -> Rules:
    looks = usual_rules(shape).looks if question.looks is None else equally_spaced(question.looks)
    rules: Rules = made(
        "power",
        Rules,
        alpha=float(question.alpha),
        power=float(question.power),
        weights=tuple(float(weight) for weight in question.weights),
        looks=looks,
        retention=float(question.retention),
        covariate_correlation=float(question.covariate_correlation),
    )
    return rules


def _guardrail(kpi: PlannedKpi, field: str) -> GuardrailQuestion:
    made_of = baseline_of(kpi, f"{field}.baseline")
    margin = _in_planners_unit(kpi, finite(kpi.margin))
    worse = _DIRECTIONS[kpi.worse]
    found: GuardrailQuestion = made(f"{field}.margin", GuardrailQuestion, made_of, worse, margin)
    return found


def _in_planners_unit(kpi: PlannedKpi, value: float | None) -> float | None:
    """Scores are asked in points of 100, and planned as fractions."""
    return value / POINTS if value is not None and kpi.kind == "score" else value


def in_own_unit(kpi: PlannedKpi, value: float) -> float:
    """The planner's number in the KPI's own unit."""
    return value * POINTS if kpi.kind == "score" else value


def plan_document(found: Plan) -> dict[str, Any]:
    """The plan's numbers as a JSON document, in the KPI's own unit."""
    asked, answer = found.asked, found.plan
    return {
        "unknown": answer.question.unknown.value,
        "baseline": in_own_unit(asked.kpi, answer.question.baseline.value),
        "effect": _effect(asked.kpi, answer.question.effect),
        "units": sum(answer.per_variant),
        "per_variant": list(answer.per_variant),
        "power": answer.power,
        "alpha": float(asked.alpha),
        "alpha_per_comparison": answer.alpha,
        "visible": _visible(asked.kpi, answer.visible),
        "whole_list": None if answer.whole_list is None else _visible(asked.kpi, answer.whole_list),
        "looks": [
            {"fraction": look.fraction, "critical_z": look.critical_z} for look in answer.looks
        ],
        "inflation": answer.inflation,
        "expected_units": answer.expected_units,
        "saved_by_covariate": answer.saved_by_covariate,
        "days": answer.days,
        "days_to_verdict": answer.days_to_verdict,
        "profit": _profit(found),
        "guardrails": [
            _guarded(kpi, guard)
            for kpi, guard in zip(asked.guardrails, answer.guardrails, strict=True)
        ],
        "cautions": [caution.value for caution in answer.cautions],
        "code_version": __version__,
    }


def _effect(kpi: PlannedKpi, effect: float | None) -> float | None:
    return None if effect is None else in_own_unit(kpi, effect)


def _visible(kpi: PlannedKpi, visible: Visible) -> dict[str, Any]:
    return {
        "units": visible.units,
        "increase": _seen(kpi, visible.increase),
        "decrease": _seen(kpi, visible.decrease),
    }


def _seen(kpi: PlannedKpi, effect: Effect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {"absolute": in_own_unit(kpi, effect.absolute), "relative": effect.relative}


def _profit(found: Plan) -> dict[str, Any] | None:
    profit = found.plan.profit
    if profit is None:
        return None
    gain = in_own_unit(found.asked.kpi, profit.gain)
    return {"per_variant": profit.per_variant, "rest": profit.rest, "gain": gain}


def _guarded(kpi: PlannedKpi, guard: GuardrailPlan) -> dict[str, Any]:
    return {
        "name": {"ko": kpi.name.ko, "en": kpi.name.en},
        "limit": _effect(kpi, guard.limit),
        "margin": None if kpi.margin is None else float(kpi.margin),
        "safe_chance": guard.safe_chance,
    }

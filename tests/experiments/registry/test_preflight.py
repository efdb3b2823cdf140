from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from experiments.kpis.document import Formula, KpiDocument
from experiments.registry.experiment import ExperimentDraft, KpiGoal, Plan
from experiments.registry.preflight import (
    WARNINGS,
    NoEventSource,
    NoPrimaryKpi,
    start_refusals,
    warnings,
)
from experiments.registry.rough_size import visible_difference
from tests.experiments.kpis.documents import open_rate, revenue, unsubscribe_rate
from tests.experiments.registry.drafts import OPENS, UNSUBSCRIBES, subject_line

KPIS = {each.key: each for each in (open_rate(), unsubscribe_rate(), revenue())}


def codes(draft: ExperimentDraft, kpis: Mapping[str, KpiDocument] = KPIS) -> list[str]:
    return [each.code for each in warnings(draft, kpis)]


def test_a_complete_draft_starts_without_a_word() -> None:
    assert start_refusals(subject_line(), KPIS) == []
    assert codes(subject_line()) == []


def test_without_a_primary_kpi_nothing_starts() -> None:
    (refusal,) = start_refusals(subject_line(goals=(UNSUBSCRIBES,)), KPIS)
    assert isinstance(refusal, NoPrimaryKpi)
    assert refusal.field == "goals"


def test_without_a_source_of_its_events_nothing_starts() -> None:
    kpis = {**KPIS, "open": open_rate(source=None)}
    (refusal,) = start_refusals(subject_line(goals=(UNSUBSCRIBES, OPENS)), kpis)
    assert isinstance(refusal, NoEventSource)
    assert refusal.field == "goals.1.kpi"


def test_only_the_primary_kpi_must_have_a_source() -> None:
    kpis = {**KPIS, "unsubscribe": unsubscribe_rate(source=None)}
    assert start_refusals(subject_line(), kpis) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"owner": None}, "no_owner"),
        ({"hypothesis": "  "}, "no_hypothesis"),
        ({"element": "send_time"}, "timing_by_send"),
        ({"goals": (replace(OPENS, minimum_effect=None),)}, "no_minimum_effect"),
        ({"plan": Plan(units_planned=5_000)}, "list_too_small"),
        (
            {
                "plan": Plan(units_planned=5_000),
                "goals": (replace(OPENS, minimum_effect=None),),
            },
            "small_list",
        ),
    ],
)
def test_everything_else_is_said_and_not_refused(changes: dict[str, Any], code: str) -> None:
    draft = subject_line(**changes)
    assert code in codes(draft)
    assert start_refusals(draft, KPIS) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"owner": None}, "target_not_smart"),
        ({"status": "retired"}, "retired_kpi"),
        ({"formula": Formula("open", "occurrence", 72, machine="include")}, "machine_opens"),
    ],
)
def test_a_kpi_that_leaves_something_to_wish_is_named(changes: dict[str, Any], code: str) -> None:
    (warning,) = warnings(subject_line(), {**KPIS, "open": open_rate(**changes)})
    assert warning.code == code
    assert warning.field == "goals.0.kpi"
    assert "'open'" in warning.message


def test_more_than_five_kpis_have_their_price_in_customers() -> None:
    others = [open_rate(key=f"k{number}") for number in range(5)]
    goals = (OPENS, *(KpiGoal(each.key, "secondary") for each in others))
    (warning,) = warnings(
        subject_line(goals=goals), {each.key: each for each in (*others, *KPIS.values())}
    )
    assert warning.code == "many_kpis"
    assert "54 % more customers" in warning.message


@pytest.mark.parametrize(("baseline", "relative"), [("0.2", 0.16), ("0.025", 0.49)])
def test_a_list_of_5000_sees_what_the_specification_says(baseline: str, relative: float) -> None:
    draft = subject_line(plan=Plan(units_planned=5_000))
    visible = visible_difference(draft, open_rate(baseline=Decimal(baseline), target=None))
    assert visible is not None
    assert float(visible) / float(baseline) == pytest.approx(relative, abs=0.01)


def test_a_list_that_shows_the_minimum_effect_is_large_enough() -> None:
    assert codes(subject_line(plan=Plan(units_planned=60_000))) == []


def test_a_long_list_is_not_small_even_where_nothing_can_be_computed() -> None:
    goals = (replace(OPENS, minimum_effect=None),)
    draft = subject_line(goals=goals, plan=Plan(units_planned=5_001))
    assert codes(draft) == ["no_minimum_effect"]


@pytest.mark.parametrize("document", [revenue(baseline=Decimal(2520)), open_rate(baseline=None)])
def test_no_difference_is_guessed_without_a_rate(document: KpiDocument) -> None:
    draft = subject_line(plan=Plan(units_planned=60_000))
    assert visible_difference(draft, document) is None


def test_a_draft_without_goals_is_warned_of_itself_only() -> None:
    assert codes(subject_line(goals=(), owner=None)) == ["no_owner"]


def test_every_warning_is_a_sentence_of_its_own() -> None:
    assert len(set(WARNINGS.values())) == len(WARNINGS)

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from experiments.assignment.buckets import BucketRange
from experiments.errors import Invalid
from experiments.registry.experiment import (
    ExperimentDraft,
    GoalTarget,
    KpiGoal,
    Plan,
    Schedule,
    Variant,
)
from experiments.storage.codec import from_document, to_document
from tests.experiments.registry.drafts import OPENS, TWO_ARMS, subject_line

A, B = TWO_ARMS
NAIVE = datetime(2025, 3, 10, 10)  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Subject"}, "key"),
        ({"name": ""}, "name"),
        ({"hypothesis": "\0"}, "hypothesis"),
        ({"owner": ""}, "owner"),
        ({"seed": ""}, "seed"),
        ({"tags": ("ok", "")}, "tags.1"),
        ({"tags": tuple("x" for _ in range(51))}, "tags"),
        ({"anchor": "opened"}, "anchor"),
        ({"shape": "wave"}, "shape"),
        ({"purpose": "win"}, "purpose"),
        ({"element": "colour"}, "element"),
        ({"allocation": "ours"}, "allocation"),
        ({"channels": ()}, "channels"),
        ({"channels": ("email", "email")}, "channels"),
        ({"channels": ("email", "fax")}, "channels.1"),
        ({"coverage": Decimal(0)}, "coverage"),
        ({"coverage": Decimal("1.1")}, "coverage"),
        ({"coverage": Decimal("NaN")}, "coverage"),
        ({"coverage": Decimal("0.00001")}, "variants.0.weight"),
        ({"variants": (A,)}, "variants"),
        ({"variants": (A, replace(B, key="a"))}, "variants"),
        ({"variants": (A, replace(B, control=True))}, "variants"),
        ({"variants": (replace(A, control=False), B)}, "variants"),
        ({"variants": (A, replace(B, weight=Decimal("0.4")))}, "variants"),
        ({"variants": (A, replace(B, weight=Decimal("0.500002")))}, "variants"),
        ({"goals": (OPENS, replace(OPENS, role="secondary"))}, "goals"),
        ({"goals": (OPENS, replace(OPENS, kpi="click"))}, "goals"),
        ({"goals": tuple(KpiGoal(f"k{n}", "secondary") for n in range(51))}, "goals"),
        ({"plan": Plan(looks=2)}, "plan.looks"),
        ({"variants": (A, replace(B, no_message=True))}, "anchor"),
    ],
)
def test_a_draft_names_the_field_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        subject_line(**changes)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": ""}, "key"),
        ({"name": ""}, "name"),
        ({"weight": Decimal(0)}, "weight"),
        ({"weight": Decimal("-0.5")}, "weight"),
        ({"weight": Decimal("1.01")}, "weight"),
        ({"weight": Decimal("NaN")}, "weight"),
        ({"weight": Decimal("Infinity")}, "weight"),
        ({"payload": "x" * 16_384}, "payload"),
    ],
)
def test_a_variant_names_the_field_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(A, **changes)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kpi": "Open"}, "kpi"),
        ({"role": "main"}, "role"),
        ({"role": "guardrail"}, "margin"),
        ({"margin": Decimal("0.01")}, "margin"),
        ({"role": "guardrail", "margin": Decimal(0)}, "margin"),
        ({"role": "guardrail", "margin": Decimal("NaN")}, "margin"),
        ({"minimum_effect": Decimal("-0.01")}, "minimum_effect"),
        ({"minimum_effect": Decimal("NaN")}, "minimum_effect"),
    ],
)
def test_a_goal_names_the_field_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(OPENS, **changes)
    assert refusal.value.field == field


def test_a_goal_target_is_a_number() -> None:
    with pytest.raises(Invalid) as refusal:
        GoalTarget(Decimal("sNaN"))
    assert refusal.value.field == "target.value"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"alpha": Decimal(0)}, "plan.alpha"),
        ({"alpha": Decimal("NaN")}, "plan.alpha"),
        ({"alpha": Decimal("1e-30")}, "plan.alpha"),
        ({"alpha": Decimal("0.4"), "power": Decimal("0.3")}, "plan.power"),
        ({"power": Decimal("0.99999999999999999999999")}, "plan.power"),
        ({"power": Decimal(1)}, "plan.power"),
        ({"looks": 0}, "plan.looks"),
        ({"looks": 51}, "plan.looks"),
        ({"window_hours": 0}, "plan.window_hours"),
        ({"window_hours": 24 * 400 + 1}, "plan.window_hours"),
        ({"units_planned": 0}, "plan.units_planned"),
        ({"correction": "luck"}, "plan.correction"),
    ],
)
def test_a_plan_names_the_field_that_is_wrong(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Plan(**arguments)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "field"),
    [
        (NAIVE, None, "schedule.starts_at"),
        (None, NAIVE, "schedule.ends_at"),
        (datetime(2025, 3, 10, tzinfo=UTC), datetime(2025, 3, 10, tzinfo=UTC), "schedule.ends_at"),
    ],
)
def test_a_schedule_has_zones_and_an_order(
    starts_at: datetime | None, ends_at: datetime | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        Schedule(starts_at, ends_at)
    assert refusal.value.field == field


def test_thirds_written_with_seven_digits_sum_to_one() -> None:
    third = Decimal("0.3333333")
    arms = tuple(Variant(key, key, third, control=key == "a") for key in "abc")
    ranges = subject_line(variants=arms).ranges()
    assert [(each.start, each.end) for each in ranges] == [(0, 3333), (3333, 6667), (6667, 10000)]


def test_an_external_tool_owns_the_buckets() -> None:
    tiny = replace(A, weight=Decimal("0.00001")), replace(B, weight=Decimal("0.99999"))
    assert subject_line(variants=tiny, allocation="external").ranges() == ()


def test_coverage_narrows_each_arm_in_place() -> None:
    assert subject_line(coverage=Decimal("0.2")).ranges() == (
        BucketRange("a", 0, 1000),
        BucketRange("b", 5000, 6000),
    )


def test_the_key_is_the_salt_where_no_seed_is_given() -> None:
    assert subject_line().salt == "subject-line"
    assert subject_line(seed="spring").salt == "spring"


def test_the_control_is_the_one_marked() -> None:
    assert subject_line().control is A


def test_a_draft_survives_storage_unchanged() -> None:
    draft = subject_line(
        coverage=Decimal("0.10"),
        tags=("봄", "mail"),
        plan=Plan(units_planned=60_000),
        schedule=Schedule(datetime(2025, 3, 12, 1, tzinfo=UTC)),
        variants=(A, replace(B, payload={"a": [1, 2.5, None, {"b": "다"}]})),
    )
    assert from_document(ExperimentDraft, to_document(draft)) == draft

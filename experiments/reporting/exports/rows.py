"""A report as tidy rows: one for each KPI, variant and figure.

Numbers keep every digit and are in the KPI's own unit (rates and shares as fractions, money
in whole units of its currency). Where there is none, the row says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from math import isfinite

from experiments.reporting.adaptive.rows import of_batches
from experiments.reporting.exports.depth_rows import (
    Found,
    Told,
    beside_arm,
    beside_comparison,
    ends,
    of_group,
)
from experiments.reporting.exports.look_rows import is_known_before, of_looks
from experiments.reporting.goal_facts import Arm, Comparison, Goal, GuardrailFact
from experiments.reporting.report import Report
from experiments.reporting.wording import say_gap, say_withheld

REASONS: dict[str, tuple[str, str]] = {
    "before_end": (
        "예정된 종료 전이라 보여 드리지 않습니다.",
        "Not shown before the planned end.",
    ),
    "after_end": (
        "종료 뒤에는 최종 오차 범위를 보세요.",
        "After the end the fixed interval takes its place.",
    ),
    "no_limit": ("이쪽으로는 한계가 없습니다.", "There is no limit on this side."),
    "no_interval": ("오차 범위를 구할 수 없습니다.", "No interval can be computed."),
    "no_value": ("집계된 고객이 없습니다.", "No customer is counted yet."),
    "no_target": ("정해 둔 목표가 없습니다.", "No target was set."),
    "not_judged": ("판단할 수 없습니다.", "It cannot be judged."),
    "no_relative": ("증감률을 구할 수 없습니다.", "There is no relative difference."),
    "no_difference": ("차이가 없습니다.", "There is no difference."),
    "nobody_before": ("앞 단계를 거친 고객이 없습니다.", "Nobody took the step before."),
    "look_not_due": ("아직 오지 않은 중간 점검입니다.", "This planned check has not come yet."),
    "not_shown": ("차이를 확인하지 못했습니다.", "No difference is shown."),
    "not_adjusted": ("고려하지 않았습니다.", "It was not adjusted for."),
    "not_followed": (
        "이 차수의 배정 비율은 결과를 따르지 않았습니다.",
        "The shares of this batch did not follow the results.",
    ),
    "not_number": ("숫자로 나타낼 수 없습니다.", "It is no finite number."),
}


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        experiment, kpi, variant: Keys.
        unit: Of the KPI: rate, count, money, days or score.
        figure: Its name, as in docs/api-reports.md.
        value: The number; None where the figure is a word, or missing.
        text: The word; None where the figure is a number, or missing.
        reason: Why it is missing, or why it must not be read as a result; a stable name.
        reason_said: The same as a sentence in the reader's language.
        segment: Key of the dimension and of the group; empty for everybody.
        segment_name: On screen.
    """

    experiment: str
    experiment_name: str
    as_of: str
    kpi: str
    kpi_name: str
    role: str
    unit: str
    currency: str | None
    variant: str
    variant_name: str
    control: bool
    figure: str
    value: float | None
    text: str | None
    reason: str | None
    reason_said: str | None
    segment: str | None = None
    segment_name: str | None = None


COLUMNS = tuple(field.name for field in fields(Row))


def rows_of(report: Report, language: str) -> Iterator[Row]:
    """Every figure of the report, in the order of its KPIs and variants.

    Args:
        report: As analysed.
        language: ``ko``, or anything else for English; of names and reasons.
    """
    for goal in report.goals:
        for arm in goal.arms:
            compared = next((e for e in goal.comparisons if e.variant == arm.variant), None)
            guarded = next((f for f in goal.guardrails if f.variant == arm.variant), None)
            told = [*_of_arm(report, goal, arm), *beside_arm(goal, arm)]
            told += of_batches(report, goal, arm)
            if compared is not None:
                told += _of_comparison(report, goal, compared)
                told += beside_comparison(goal, compared)
                told += of_looks(report, goal, arm.variant)
            if guarded is not None:
                told += _of_guardrail(guarded)
            for each in told:
                yield _row(report, goal, arm, each, language)
    yield from _of_groups(report, language)


def _of_groups(report: Report, language: str) -> Iterator[Row]:
    """A row for each figure of each group of customers."""
    for fact in report.segments:
        goal = next(goal for goal in report.goals if goal.kpi == fact.kpi)
        arms = {arm.variant: arm for arm in goal.arms}
        for group in fact.groups:
            name = group.name.in_language(language)
            for variant, told in of_group(report, fact, group):
                row = _row(report, goal, arms[variant], told, language)
                yield replace(row, segment=f"{fact.key}={group.key}", segment_name=name)


def _of_arm(report: Report, goal: Goal, arm: Arm) -> Iterator[Told]:
    yield Told("customers", arm.units)
    yield Told("customers_waiting", goal.immature.get(arm.variant, 0))
    yield Told("total", arm.total)
    yield Told("value", arm.value)
    why = "no_interval" if report.final else "before_end"
    yield from ends("value", arm.interval, why)
    target = arm.target
    none = "before_end" if not report.final else "no_target"
    yield Told("target", target.value if target else None, none)
    if target is not None:
        yield Told("target_reached", target.reached)
        yield Told("target_holds", target.holds)


def _of_comparison(report: Report, goal: Goal, entry: Comparison) -> Iterator[Told]:
    early = "no_interval" if report.final else "before_end"
    yield Told("difference", entry.difference, gap=entry.gap)
    yield from ends("difference", entry.interval, early, entry.gap)
    yield from ends("difference_adjusted", entry.interval_adjusted, early, entry.gap)
    yield Told("relative", entry.relative, early, entry.gap or entry.relative_gap)
    gap = entry.gap or entry.relative_gap
    yield from ends("relative", entry.relative_interval, early, gap)
    yield Told("p_value", entry.p_value, early, entry.gap)
    yield Told("p_value_adjusted", entry.p_value_adjusted, early, entry.gap)
    late = "after_end" if report.final else "no_interval"
    yield from ends("always_valid", entry.always_valid, late, entry.gap)
    shown = entry.significant if report.final and not report.withheld else None
    yield Told("difference_shown", shown, early, entry.gap)
    better = entry.better if shown is not None else None
    yield Told("better", better, "no_difference" if report.final else early, entry.gap)
    yield Told("method", entry.method, early, entry.gap)
    if goal.minimum_effect is not None:
        yield Told("minimum_effect", goal.minimum_effect)
    if goal.power is not None:
        yield Told("power", goal.power)
    if goal.units_needed is not None:
        yield Told("customers_needed", goal.units_needed)


def _of_guardrail(fact: GuardrailFact) -> Iterator[Told]:
    yield Told("guardrail", fact.outcome)
    yield Told("worsening", fact.worsening)
    yield Told("worsening_at_most", fact.worst, "not_judged")
    yield Told("limit", fact.margin)


def _row(report: Report, goal: Goal, arm: Arm, told: Told, language: str) -> Row:
    value, text = _number(told.found), _text(told.found)
    reason, said = _reason(report, told, value is None and text is None, language)
    return Row(
        experiment=report.experiment,
        experiment_name=report.name,
        as_of=report.as_of.isoformat(),
        kpi=goal.kpi,
        kpi_name=goal.name.in_language(language),
        role=goal.role,
        unit=goal.unit_of_measure,
        currency=goal.currency,
        variant=arm.variant,
        variant_name=arm.name,
        control=arm.control,
        figure=told.figure,
        value=value,
        text=text,
        reason=reason,
        reason_said=said,
    )


def _number(found: Found) -> float | None:
    if found is None or isinstance(found, str | bool):
        return None
    return found if isfinite(found) else None


def _text(found: Found) -> str | None:
    if isinstance(found, bool):
        return "yes" if found else "no"
    return found if isinstance(found, str) else None


def _reason(
    report: Report, told: Told, missing: bool, language: str
) -> tuple[str | None, str | None]:
    """Why the figure is missing; of results that are withheld, why they do not count."""
    if report.withheld and _is_result(told.figure):
        return report.verdict.state.value, say_withheld(report, language)
    if not missing:
        return None, None
    if told.gap is not None:
        return "not_computable", say_gap(told.gap, language)
    code = told.missing if told.found is None else "not_number"
    korean, english = REASONS[code]
    return code, korean if language == "ko" else english


_NO_RESULTS = (
    "customers", "total", "value", "target", "minimum_effect", "power", "limit", "step", "cap",
    "method", "days_needed", "uncapped_value",
)  # fmt: skip


def _is_result(figure: str) -> bool:
    """Whether a figure says how variants differ: none may be read while results are withheld."""
    of_a_day = figure.startswith("hours_") and figure.endswith("_value") and "_p_" not in figure
    no_result = figure.startswith(_NO_RESULTS) or is_known_before(figure)
    return not no_result and not of_a_day

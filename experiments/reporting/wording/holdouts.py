"""A holdout, said: what comes on top of what would have come without any message."""

from experiments.assignment.gates import COMPARED, HELD_OUT
from experiments.reporting.holdout_facts import HoldoutReport, Incremental, Return
from experiments.reporting.ranges import Range
from experiments.reporting.wording.phrases import phrase
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.scales import Scale
from experiments.reporting.wording.telling import counted


def say_holdout(report: HoldoutReport, language: str) -> tuple[str, ...]:
    """The two groups, the difference, what it adds up to, and what the money brought."""
    groups = {each.group: each for each in report.groups}
    held, compared = groups[HELD_OUT], groups[COMPARED]
    if report.incremental is None:
        reason = say_gap(report.gap or "there are no samples to add", language)
        return (phrase(language, "holdout.gap", reason=reason),)
    scale = Scale(report.unit_of_measure, report.currency, language)
    values = scale.values(held.value or 0.0, compared.value or 0.0)
    kpi = report.kpi_name.in_language(language)
    said = [
        phrase(language, "holdout.values", kpi=kpi, held=values[0], compared=values[1]),
        _difference(report.incremental, scale, language),
        _total(report.incremental, compared.customers, scale, language),
    ]
    if report.returns is not None:
        said.append(_returned(report.returns, scale, language))
    return tuple(each for each in said if each)


def _difference(found: Incremental, scale: Scale, language: str) -> str:
    key = "holdout.shown" if found.shown else "holdout.not_shown"
    difference, text = _signed(found.per_customer, found.interval, scale.of_differences)
    return phrase(language, key, difference=difference, range=text)


def _total(found: Incremental, units: int, scale: Scale, language: str) -> str:
    totals = scale.of_totals
    if totals is None:
        return ""
    total, text = _signed(found.in_group, found.in_group_interval, totals)
    return phrase(
        language, "holdout.total", customers=counted(units, language), total=total, range=text
    )


def _returned(found: Return, scale: Scale, language: str) -> str:
    ends = [each for each in (found.interval.lower, found.interval.upper) if each is not None]
    return phrase(
        language,
        "holdout.returns",
        cost=scale.values(found.cost)[0],
        ratio=f"{found.ratio:.1f}",
        range="~".join(f"{each:.1f}" for each in ends)
        if language == "ko"
        else " to ".join(f"{each:.1f}" for each in ends),
    )


def _signed(value: float, between: Range, scale: Scale) -> tuple[str, str]:
    if between.lower is None or between.upper is None:
        return scale.signed(value)[0], "…"
    return scale.signed_with_range(value, between.lower, between.upper)

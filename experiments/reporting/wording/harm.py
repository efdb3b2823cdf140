"""Guardrails: safe, harmful, not yet shown to be safe; and gain beside loss."""

from experiments.reporting.goal_facts import Goal, GuardrailFact
from experiments.reporting.wording.looks import look_fact
from experiments.reporting.wording.names import kpi_name, spoken
from experiments.reporting.wording.phrases import moves, phrase
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.telling import Contrast, Telling, arm_of, scale_of

_PER = 10_000


def say_guardrail(goal: Goal, fact: GuardrailFact, language: str) -> tuple[str, ...]:
    """What is known of a variant's harm; only at the planned end, since it has limits."""
    values = _values(goal, fact, language)
    if fact.outcome == "harmful":
        return (
            phrase(language, f"harm.headline.{goal.direction}", **values),
            phrase(language, "harm.values", **values),
        )
    if fact.outcome == "safe":
        shown = fact.worst is not None and fact.worst > 0
        key = "safe.worst" if shown else "safe.never"
        return phrase(language, "safe.headline", **values), phrase(language, key, **values)
    key = "unsafe.open" if fact.worst is None else "unsafe.worst"
    return phrase(language, "unsafe.headline", **values), phrase(language, key, **values)


def tell_harmful(telling: Telling) -> Said:
    """A guardrail is broken, and nothing speaks for the variant."""
    (goal, fact), *rest = telling.guardrails()
    headline, values = say_guardrail(goal, fact, telling.language)
    others = [
        telling.name(each.variant)
        if each.variant != fact.variant
        else kpi_name(about, telling.language)
        for about, each in rest
    ]
    facts: tuple[str, ...] = (values,)
    if others:
        listed_others = ", ".join(dict.fromkeys(others))
        facts = (values, telling.phrase("harm.others", others=listed_others))
    variants = dict.fromkeys(each.variant for _, each in telling.guardrails())
    named = telling.names(list(variants))
    return Said(headline, facts, telling.phrase("harm.next", variant=named))


def tell_trade_off(telling: Telling) -> Said:
    """Better on what decides, beyond the limit on something else."""
    variant = telling.report.verdict.better[0]
    broken = [(goal, fact) for goal, fact in telling.guardrails() if fact.variant == variant]
    facts = [look_fact(telling), _moved(telling, "trade.gain", telling.contrast(variant))]
    facts += [
        _moved(telling, "trade.harm", telling.contrast(variant, goal), fact)
        for goal, fact in broken
    ]
    facts += [_moved(telling, "trade.cost", each) for each in _costs(telling, variant)]
    told = tuple(fact for fact in facts if fact)[:3]
    return Said(telling.phrase("trade.headline"), told, telling.phrase("trade.next"))


def _costs(telling: Telling, variant: str) -> list[Contrast]:
    """Secondary KPIs that are shown to be worse."""
    contrasts = [
        telling.contrast(variant, goal) for goal in telling.report.goals if goal.role == "secondary"
    ]
    return [
        each
        for each in contrasts
        if each.comparison.significant and each.comparison.better is False
    ]


def _moved(
    telling: Telling, key: str, contrast: Contrast, fact: GuardrailFact | None = None
) -> str:
    values = telling.change(contrast)
    difference = (contrast.arm.value or 0.0) - (contrast.control.value or 0.0)
    margin = ""
    if fact is not None:
        scale = scale_of(contrast.goal, telling.language).of_differences
        values["difference"], margin = scale.sizes(difference, fact.margin)
    amount = _amount(telling, contrast.goal, difference, values["difference"])
    return telling.phrase(key, **values, amount=amount, margin=margin)


def _amount(telling: Telling, goal: Goal, difference: float, shown: str) -> str:
    """A difference with what it means for 10,000 customers; sums of money in those alone."""
    totals = scale_of(goal, telling.language).of_totals
    if totals is None:
        return shown
    (total,) = totals.sizes(_PER * difference)
    key = "amount.rate" if goal.unit_of_measure == "rate" else "amount.total"
    return telling.phrase(key, difference=shown, total=total)


def _values(goal: Goal, fact: GuardrailFact, language: str) -> dict[str, str]:
    scale, control, arm = scale_of(goal, language), goal.control, arm_of(goal, fact.variant)
    sign = 1 if goal.direction == "down" else -1
    worst = fact.worst if fact.worst is not None else fact.worsening
    before, after = scale.values(control.value or 0.0, arm.value or 0.0)
    worsening, worst_shown, margin = scale.of_differences.sizes(fact.worsening, worst, fact.margin)
    signed = scale.of_differences.signed(sign * fact.worsening, worst, fact.margin)
    variant = spoken(fact.name, language)
    return {
        "kpi": kpi_name(goal, language),
        "variant": variant,
        "control": spoken(control.name, language),
        "where": phrase(language, "where", variant=variant) if len(goal.arms) > 2 else "",
        "control_value": before,
        "value": after,
        "worsening": worsening,
        "worst": worst_shown,
        "margin": margin,
        "difference": signed[0],
        **moves(goal.unit_of_measure, sign, language),
    }

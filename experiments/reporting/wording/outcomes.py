"""The states in which the test has answered: a difference, none, or too few customers."""

from collections.abc import Sequence

from experiments.reporting.goal_facts import Goal
from experiments.reporting.wording.facts import best_limit
from experiments.reporting.wording.names import kpi_name, listed
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.telling import (
    Contrast,
    Telling,
    customers,
    range_of,
    range_text,
    scale_of,
)

# KPIs that move within hours; there is no use in proposing a faster one.
_FAST = ("open", "click", "오픈", "클릭")


def tell_win(telling: Telling) -> Said:
    """A variant is better; where it has a target, whether that was reached is part of it."""
    contrast = telling.contrast(_about(telling))
    target = contrast.arm.target
    if target is not None and not target.reached:
        return _tell_missed(telling, contrast, target.value)
    values = telling.change(contrast)
    facts = [telling.phrase("win.values", **values), _range_fact(telling, contrast)]
    headline = "win.headline.many" if telling.many else "win.headline"
    return Said(
        headline=telling.phrase(headline, **values),
        sentences=_kept([*facts, *_beside(telling, contrast)]),
        next_step=telling.phrase(
            "win.unsure.next" if telling.guardrails() else "win.next", **values
        ),
    )


def tell_loss(telling: Telling) -> Said:
    """Every variant is worse."""
    contrast = telling.contrast(_about(telling))
    values = telling.change(contrast)
    worse = _worse(contrast.goal)
    headline = "loss.headline.many" if len(worse) > 1 else "loss.headline"
    facts = [telling.phrase("loss.values", **values), _range_fact(telling, contrast)]
    return Said(
        headline=telling.phrase(headline, **values, others=telling.names(worse)),
        sentences=_kept([*facts, _lower_is_better(telling, contrast.goal)]),
        next_step=telling.phrase("loss.next"),
    )


def tell_no_difference(telling: Telling) -> Said:
    """No variant is better by as much as matters."""
    goal = telling.goal
    worse = telling.names(_worse(goal))
    facts = [telling.phrase("none.worse", others=worse)] if worse else []
    facts.append(_no_more_than(telling, goal, "none.rest" if worse else "none.range"))
    unsure = _unsure(telling, [each.variant for each in goal.comparisons])
    facts += [unsure, _gaps(telling, goal)]
    many = telling.many
    return Said(
        headline=telling.phrase("none.headline.many" if many else "none.headline"),
        sentences=_kept(facts),
        next_step=telling.phrase(_which_one(unsure, worse), others=worse),
    )


def _which_one(unsure: str, worse: str) -> str:
    if unsure:
        return "none.unsure.next"
    return "none.next.many" if worse else "none.next"


def tell_too_small(telling: Telling) -> Said:
    """The range still holds both a gain and a loss that would matter."""
    goal = telling.goal
    faster = "small.faster.plain" if _is_fast(goal) else "small.faster"
    needed = goal.units_needed
    return Said(
        headline=telling.phrase("small.headline"),
        sentences=(_either_way(telling),),
        next_step=telling.phrase(
            "small.next.unknown" if needed is None else "small.next",
            customers="" if needed is None else customers(needed, telling.language),
            faster=telling.phrase(faster),
        ),
    )


def tell_choice(telling: Telling) -> Said:
    """The best so far goes out, though no difference is shown."""
    goal, language = telling.goal, telling.language
    chosen, unsure = telling.name(_about(telling)), _unsure(telling, [_about(telling)])
    known = [arm for arm in goal.arms if arm.value is not None]
    values = scale_of(goal, language).values(*(arm.value or 0.0 for arm in known))
    named = [
        f"{telling.name(arm.variant)} {value}" for arm, value in zip(known, values, strict=True)
    ]
    return Said(
        headline=telling.phrase("choice.headline", variant=chosen),
        sentences=(
            telling.phrase(
                "choice.values", kpi=kpi_name(goal, language), values=listed(named, language)
            ),
            telling.phrase("choice.open"),
            *([unsure] if unsure else []),
        ),
        next_step=telling.phrase("choice.unsure.next" if unsure else "choice.next", variant=chosen),
    )


def _tell_missed(telling: Telling, contrast: Contrast, target: float) -> Said:
    goal, arm = contrast.goal, contrast.arm
    scale, value = scale_of(goal, telling.language), arm.value or 0.0
    before, after, aim = scale.values(contrast.control.value or 0.0, value, target)
    _, _, rest = scale.change(value, target)
    values = telling.change(contrast) | {"control_value": before, "value": after}
    facts = [telling.phrase("missed.values", **values, target=aim), best_limit(goal, arm, telling)]
    unsure = telling.guardrails()
    return Said(
        headline=telling.phrase("missed.headline", **values),
        sentences=_kept([*facts, *_beside(telling, contrast)]),
        next_step=telling.phrase(
            "win.unsure.next" if unsure else "missed.next", **values, rest=rest
        ),
    )


def _about(telling: Telling) -> str:
    variant = telling.report.verdict.variant
    if variant is None:
        message = f"a verdict of {telling.report.verdict.state} names no variant"
        raise ValueError(message)
    return variant


def _kept(facts: list[str]) -> tuple[str, ...]:
    """At most three facts, the most important first."""
    return tuple(fact for fact in facts if fact)[:3]


def _range_fact(telling: Telling, contrast: Contrast) -> str:
    scale = scale_of(contrast.goal, telling.language).of_differences
    text = range_text(scale, range_of(contrast.comparison), always_signed=False)
    return telling.phrase("range", range=text) if text else ""


def _beside(telling: Telling, contrast: Contrast) -> list[str]:
    """What else must be known of a winner, the most important first."""
    unsure = [kpi_name(goal, telling.language) for goal, _ in telling.guardrails()]
    if unsure:
        return [telling.phrase("win.unsure", guardrails=listed(unsure, telling.language))]
    return [
        *_other_winners(telling, contrast.arm.variant),
        _gaps(telling, contrast.goal),
        _lower_is_better(telling, contrast.goal),
    ]


def _other_winners(telling: Telling, chosen: str) -> list[str]:
    better = telling.report.verdict.better
    place = better.index(chosen) if chosen in better else 0
    harmful = telling.harmful()
    named = {
        "win.ahead": better[:place],
        "win.harmed": [each for each in better[place + 1 :] if each in harmful],
        "win.others": [each for each in better[place + 1 :] if each not in harmful],
    }
    return [telling.phrase(key, others=telling.names(each)) for key, each in named.items() if each]


def _gaps(telling: Telling, goal: Goal) -> str:
    """Variants that the verdict says nothing of, where others could be compared."""
    gaps = [each.variant for each in goal.comparisons if each.gap is not None]
    return telling.phrase("win.gap", others=telling.names(gaps)) if gaps else ""


def _unsure(telling: Telling, variants: Sequence[str]) -> str:
    """Guardrails that a variant is not shown to keep."""
    kpis = [
        kpi_name(goal, telling.language)
        for goal in telling.report.goals
        if any(e.variant in variants and e.outcome == "not_shown_safe" for e in goal.guardrails)
    ]
    return telling.phrase("win.unsure", guardrails=listed(kpis, telling.language)) if kpis else ""


def _lower_is_better(telling: Telling, goal: Goal) -> str:
    return telling.phrase("lower_is_better") if goal.direction == "down" else ""


def _worse(goal: Goal) -> list[str]:
    return [each.variant for each in goal.comparisons if each.significant and each.better is False]


def _no_more_than(telling: Telling, goal: Goal, key: str) -> str:
    """How large a difference could still be, over all variants not shown to be worse."""
    scale = scale_of(goal, telling.language).of_differences
    ranges = [range_of(each) for each in goal.comparisons if not each.significant]
    lowers = [each.lower for each in ranges if each and each.lower is not None]
    uppers = [each.upper for each in ranges if each and each.upper is not None]
    if not lowers or not uppers or goal.minimum_effect is None:
        return ""
    lower, upper = min(lowers), max(uppers)
    minimum, text = scale.signed_with_range(goal.minimum_effect, lower, upper)
    return telling.phrase(key, range=text, minimum=minimum.removeprefix("+"))


def _either_way(telling: Telling) -> str:
    contrast = telling.contrast(_about(telling))
    limits = range_of(contrast.comparison)
    if limits is None or limits.lower is None or limits.upper is None:
        return telling.phrase("small.range.open")
    scale = scale_of(contrast.goal, telling.language).of_differences
    ends = limits.lower, limits.upper
    up = contrast.goal.direction == "up"
    worse, better = scale.sizes(*(ends if up else reversed(ends)))
    name = telling.name(contrast.arm.variant)
    return telling.phrase("small.range", variant=name, worse=worse, better=better)


def _is_fast(goal: Goal) -> bool:
    known_by = f"{goal.kpi} {goal.name.ko} {goal.name.en}".lower()
    return any(word in known_by for word in _FAST)

"""Reports with any numbers that an analysis could give, judged as any other."""

from dataclasses import replace

from hypothesis import strategies as st

from experiments.kpis.document import Text
from experiments.reporting.goal_facts import (
    Accounting,
    Arm,
    Comparison,
    Goal,
    GuardrailFact,
    Range,
    TargetFact,
)
from experiments.reporting.health_facts import OpensFact, Split
from experiments.reporting.report import Report, State
from experiments.reporting.verdict import Evidence, judge
from tests.experiments.reporting.factories import example

GAPS = ("the control has no units", "every unit of a variant has one and the same value")
NAMES = st.text(
    st.characters(exclude_characters="{}<", exclude_categories=["Cs"]), min_size=1, max_size=30
)
UNITS = st.sampled_from(["rate", "money", "count", "days", "score"])
KEYS = "abcd"


def _size(unit: str) -> float:
    return {"rate": 1.0, "money": 1e9, "count": 1e4, "days": 400.0, "score": 100.0}[unit]


@st.composite
def ranges(draw: st.DrawFn, around: float, size: float, *, open_sides: bool = False) -> Range:
    below, above = (draw(st.floats(0, size)) for _ in range(2))
    lower, upper = around - below, around + above
    sides = draw(st.sampled_from(["both", "lower", "upper"])) if open_sides else "both"
    return Range(None if sides == "upper" else lower, None if sides == "lower" else upper)


@st.composite
def comparisons(draw: st.DrawFn, control: Arm, arm: Arm, goal: Goal, final: bool) -> Comparison:
    if control.value is None or arm.value is None or draw(st.integers(0, 9)) == 0:
        return Comparison(arm.variant, arm.name, gap=draw(st.sampled_from(GAPS)))
    difference, size = arm.value - control.value, _size(goal.unit_of_measure)
    limits = draw(ranges(difference, size, open_sides=draw(st.booleans())))
    plain = Comparison(arm.variant, arm.name, difference=difference)
    if not final:
        return replace(plain, always_valid=limits)
    shown = draw(st.booleans()) and difference != 0
    gain = difference if goal.direction == "up" else -difference
    relative = difference / control.value if abs(control.value) > size * 1e-9 else None
    return replace(
        plain,
        interval=limits,
        interval_adjusted=limits,
        relative=draw(st.sampled_from([relative, None])),
        p_value=0.001 if shown else 0.5,
        p_value_adjusted=0.001 if shown else 0.5,
        significant=shown,
        better=None if gain == 0 else gain > 0,
        method="score",
    )


@st.composite
def arms(draw: st.DrawFn, names: list[str], unit: str, final: bool) -> list[Arm]:
    size, target = _size(unit), draw(st.none() | st.floats(0, _size(unit)))
    made = []
    for key, name in zip(KEYS, names, strict=False):
        value = draw(st.none() | st.floats(0, size))
        fact = None
        if target is not None and value is not None and final:
            holds = draw(st.sampled_from(["yes", "no", "not_certain"]))
            fact = TargetFact(target, value >= target, holds)
        limits = None if value is None or not final else draw(st.none() | ranges(value, size / 2))
        units = 0 if value is None else draw(st.integers(1, 10**7))
        total = 0.0 if value is None else draw(st.floats(0, 1e12))
        made.append(Arm(key, name, key == "a", units, total, value, limits, fact))
    return made


@st.composite
def goals(draw: st.DrawFn, key: str, role: str, names: list[str], final: bool) -> Goal:
    unit = draw(UNITS)
    found = draw(arms(names, unit, final))
    money = draw(st.sampled_from(["KRW", "USD", "KWD"])) if unit == "money" else None
    name = Text(draw(NAMES), draw(NAMES))
    goal = Goal(
        kpi=key, version=1, name=name, short_name=name, kind="mean", role=role,
        unit_of_measure=unit, currency=money, direction=draw(st.sampled_from(["up", "down"])),
        window_hours=draw(st.integers(1, 9_600)),
        minimum_effect=draw(st.none() | st.floats(1e-6, _size(unit))),
        exploratory=role == "secondary",
        units_needed=draw(st.none() | st.integers(1, 10**10)), arms=tuple(found), comparisons=(),
        guardrails=(), accounting=Accounting(3, 1, {"machine": 2}), immature={}, sql="",
    )  # fmt: skip
    against = tuple(draw(comparisons(found[0], arm, goal, final)) for arm in found[1:])
    judged = tuple(draw(guardrails(entry)) for entry in against if entry.difference is not None)
    shown = judged if role == "guardrail" and final else ()
    return replace(goal, comparisons=against, guardrails=shown)


@st.composite
def guardrails(draw: st.DrawFn, entry: Comparison) -> GuardrailFact:
    worsening = abs(entry.difference or 0.0)
    return GuardrailFact(
        variant=entry.variant,
        name=entry.name,
        outcome=draw(st.sampled_from(["safe", "harmful", "not_shown_safe"])),
        worsening=worsening,
        worst=draw(st.none() | st.floats(worsening, worsening + 1)),
        margin=draw(st.floats(1e-6, 1)),
    )


@st.composite
def splits(draw: st.DrawFn, variants: list[str]) -> Split:
    counts = {key: draw(st.integers(1, 10**6)) for key in variants}
    broken, rare = draw(st.booleans()), draw(st.none() | st.integers(1_000, 10**9))
    shares = {key: 1 / len(variants) for key in variants}
    bias = draw(st.none() | st.floats(0, 1)) if broken else None
    return Split("sent", counts, shares, 0.5, rare, broken, bias, None)


@st.composite
def opens(draw: st.DrawFn, variants: list[str]) -> tuple[OpensFact, ...]:
    share = {key: draw(st.floats(0, 1)) for key in variants}
    fraction = st.floats(-1, 1)
    faults = draw(st.sampled_from([(), ("signs_disagree",), ("machines_differ",)]))
    limits = draw(ranges(0.0, 1.0))
    return tuple(
        OpensFact(key, draw(fraction), draw(fraction), share, 0.5, limits, faults)
        for key in variants[1:]
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report, whatever its numbers."""
    names, final = draw(st.lists(NAMES, min_size=2, max_size=4)), draw(st.booleans())
    keys = list(KEYS[: len(names)])
    roles = ["primary", "secondary", "guardrail"][draw(st.integers(0, 1)) :]
    found = tuple(draw(goals(role, role, names, final)) for role in roles)
    base = example(State.NO_DATA)
    health = replace(
        base.health,
        splits=tuple(draw(st.lists(splits(keys), max_size=2))),
        opens=draw(st.none() | opens(keys)),
        mature_share=draw(st.none() | st.floats(0, 1)),
    )
    evidence = Evidence(
        found, health.splits, health.opens or () if roles[0] == "primary" else (),
        draw(st.sampled_from(["learn", "choose"])), draw(st.integers(0, 9)), final,
    )  # fmt: skip
    return replace(
        base,
        name=draw(NAMES),
        hypothesis=draw(NAMES),
        variants=dict(zip(keys, names, strict=True)),
        final=final,
        goals=found,
        health=health,
        verdict=judge(evidence),
    )

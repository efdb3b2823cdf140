"""Experiments as assignment knows them, to vary one thing of; and any of them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.members import UnitList

RUNNING = AssignableExperiment(
    id=1,
    key="subject-line",
    project_id=1,
    state="running",
    seed="subject-line",
    ranges=(BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000)),
    payloads={"a": None, "b": {"subject": "{이름}님만을 위한 혜택"}},
    phase=1,
    control="a",
)


def assignable(**changes: Any) -> AssignableExperiment:
    return replace(RUNNING, **changes)


names = st.sampled_from(
    ["u1", "u2", "홍길동", "😀", "user-é", " ", "0", "a" * 40, *(f"c{n}" for n in range(30))]
)
unit_lists = st.lists(names, max_size=12).map(UnitList.of)
edges = st.lists(st.integers(0, 10_000), min_size=4, max_size=4).map(sorted)


@st.composite
def experiments(draw: st.DrawFn) -> AssignableExperiment:
    """A running test with any mixture of what keeps units out."""
    first, second, third, last = draw(edges)
    start, end = sorted(draw(st.tuples(st.integers(0, 9_999), st.integers(1, 10_000))))
    layer = Layer("l", draw(st.text(max_size=3)), start, max(end, start + 1))
    holdout = Holdout("h", draw(st.text(max_size=3)), draw(st.integers(1, 5_000)))
    rule = draw(st.sampled_from([{"id": {"$in": ["u1", "c3"]}}, {"grade": "vip"}, {}]))
    return assignable(
        seed=draw(st.text(max_size=4)),
        ranges=(
            BucketRange("a", 0, first),
            BucketRange("b", second, third),
            BucketRange("a", third, last),
        ),
        hash_attribute=draw(st.sampled_from(["id", "household"])),
        condition=draw(st.sampled_from([None, rule])),
        layer=draw(st.sampled_from([None, layer])),
        holdouts=draw(st.sampled_from([(), (holdout,)])),
        overrides=draw(st.dictionaries(names, st.sampled_from("ab"), max_size=3)),
        exclude_lists=tuple(draw(st.lists(unit_lists, max_size=2))),
        require_lists=tuple(draw(st.lists(unit_lists, max_size=1))),
        capped=draw(st.none() | unit_lists),
        cooling=draw(st.none() | unit_lists),
    )


attributes = st.fixed_dictionaries(
    {},
    optional={
        "household": st.sampled_from(["가-7", "", "8", 8, 8.0, 1.5, 0, True, None, ["8"]]),
        "grade": st.sampled_from(["vip", "new", None]),
    },
)

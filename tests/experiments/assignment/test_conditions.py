"""Conditions: GrowthBook's published cases, refusals, and the same answer as its clients."""

from decimal import Decimal
from typing import Any

import pytest
from growthbook.core import evalCondition
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.conditions import check_condition, matches, portable
from experiments.assignment.conditions.compare import LONGEST_TEXT_SEARCHED
from experiments.errors import Invalid
from tests.experiments.assignment.left_out import kept, left_out, read_list

LOGIC = ("$and", "$or", "$nor")
GROUPS = {"vips": ["a", 1, "홍길동"], "nobody": []}


def test_published_condition_cases_hold() -> None:
    cases = kept("evalCondition")
    assert len(cases) == 248 - 3
    for name, condition, attributes, expected, *groups in cases:
        assert matches(condition, attributes, *groups) is expected, name


def test_published_cases_hold_as_they_go_out_too() -> None:
    sent = 0
    for name, condition, attributes, expected, *groups in kept("evalCondition"):
        if accepted(condition):
            sent += 1
            assert matches(portable(condition), attributes, *groups) is expected, name
    assert sent > 230


def test_the_list_of_cases_left_out_is_what_its_rules_say() -> None:
    assert read_list() == list(left_out())


def accepted(condition: Any) -> bool:
    try:
        check_condition(condition)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    ("condition", "attributes", "expected"),
    [
        ({"age": {"$gt": 5}}, {"age": "8"}, False),
        ({"age": {"$lt": 5}}, {}, False),
        ({"age": {"$gt": True}}, {"age": True}, False),
        ({"age": {"$gte": Decimal("0.5")}}, {"age": 0.5}, True),
        ({"age": {"$in": [1, 2]}}, {"age": Decimal("1.0")}, True),
        ({"age": {"$in": [1]}}, {"age": True}, False),
        ({"age": 1}, {"age": "1"}, True),
        ({"age": "1"}, {"age": 1}, True),
        ({"age": True}, {"age": "yes"}, True),
        ({"tags": "a,b"}, {"tags": ["a", "b"]}, True),
        ({"name": {"$lt": "\uffee"}}, {"name": "😀"}, True),
        ({"name": {"$ini": ["KIM"]}}, {"name": "Kim"}, True),
        ({"cart.0.price": {"$gt": 10}}, {"cart": [{"price": 11}]}, True),
        ({"cart.length": 1}, {"cart": [{}]}, True),
        ({"cart.00.price": {"$exists": False}}, {"cart": [{"price": 11}]}, True),
        ({"app": {"$vgte": "2.0"}}, {"app": 2.1}, True),
        ({"app": {"$vlt": "2.0.0"}}, {}, True),
        ({"id": {"$inGroup": "gone"}}, {"id": "a"}, False),
        ({"id": {"$notInGroup": "gone"}}, {"id": "a"}, True),
        ({"id": {"$notInGroup": "vips"}}, {"id": "홍길동"}, False),
        ({"city": {}}, {"city": {}}, True),
        ({"city": {"a": 1, "b": 2}}, {"city": {"b": 2, "a": 1}}, False),
    ],
)
def test_what_the_published_cases_leave_open(
    condition: dict[str, Any], attributes: dict[str, Any], *, expected: bool
) -> None:
    assert matches(condition, attributes, GROUPS) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {"$and": {"age": 1}},
        {"$not": []},
        {"$not": {"$or": "all"}},
        {"$nor": [3]},
        {"tags": {"$elemMatch": 3}},
        {"$not": {"tags": {"$elemMatch": 3}}},
    ],
)
def test_what_is_no_condition_is_met_by_nobody(condition: dict[str, Any]) -> None:
    assert matches(condition, {"age": 1, "tags": [1]}) is False


def test_a_pattern_is_not_held_against_a_very_long_text() -> None:
    condition = {"agent": {"$regex": "x"}}
    assert matches(condition, {"agent": "x" * LONGEST_TEXT_SEARCHED})
    assert not matches(condition, {"agent": "x" * (LONGEST_TEXT_SEARCHED + 1)})


@pytest.mark.parametrize(
    ("condition", "field", "expected"),
    [
        ([], "", "an object"),
        ("age > 3", "", "an object"),
        ({"": 1}, "", "attributes named"),
        ({"a..b": 1}, "", "attributes named"),
        ({"$savedGroup": {"id": "g"}}, ".$savedGroup", "an attribute or one of"),
        ({"$nand": []}, ".$nand", "an attribute or one of"),
        ({"$and": {"a": 1}}, ".$and", "a list"),
        ({"$or": [{"a": 1}, 3]}, ".$or.1", "an object"),
        ({"$not": []}, ".$not", "an object"),
        ({"name": {"$regx": "a"}}, ".name.$regx", "one of the operators"),
        ({"a": {"b": {"$gt": 1}}}, "", None),
        ({"a": {"$gt": 1, "b": 2}}, ".a", "operators alone"),
        ({"a": {}}, ".a", "operators alone"),
        ({"a": {"$gt": None}}, ".a.$gt", "a number or a text"),
        ({"a": {"$lte": True}}, ".a.$lte", "a number or a text"),
        ({"a": {"$gt": 1, "$lt": "9"}}, ".a", "values of one kind"),
        ({"a": {"$gt": 1, "$regex": "9"}}, ".a", "values of one kind"),
        ({"a": {"$gt": 1, "$type": "string"}}, ".a", "values of one kind"),
        ({"a": {"$vne": "1", "$not": {"$eq": 2}}}, ".a", "in two conditions"),
        ({"a": {"$vgt": 2}}, ".a.$vgt", "a text"),
        ({"a": {"$inGroup": ""}}, ".a.$inGroup", "a text"),
        ({"a": {"$eq": [1]}}, ".a.$eq", "a text, a number"),
        ({"a": {"$in": "KR"}}, ".a.$in", "a list"),
        ({"a": {"$nini": ["a", {}]}}, ".a.$nini.1", "a text, a number"),
        ({"a": {"$all": [["a"]]}}, ".a.$all.0", "a text, a number"),
        ({"a": {"$size": "2"}}, ".a.$size", "a number, or operators"),
        ({"a": {"$size": {"$gt": None}}}, ".a.$size.$gt", "a number or a text"),
        ({"a": {"$elemMatch": 3}}, ".a.$elemMatch", "an object"),
        ({"a": {"$elemMatch": {"$or": []}}}, ".a.$elemMatch.$or", "operators, or a condition"),
        ({"a": {"$elemMatch": {"b": {"$x": 1}}}}, ".a.$elemMatch.b.$x", "one of the operators"),
        ({"a": {"$elemMatch": {"$x": 1}}}, ".a.$elemMatch.$x", "one of the operators"),
        ({"a": {"$exists": 1}}, ".a.$exists", "true or false"),
        ({"a": {"$type": "date"}}, ".a.$type", "one of string"),
        ({"a": {"$type": ["string"]}}, ".a.$type", "one of string"),
        ({"a": {"$not": {"$lt": []}}}, ".a.$not.$lt", "a number or a text"),
        ({"a": [b"bytes"]}, ".a.0", "a JSON value"),
        ({"a": {"$regex": 3}}, ".a.$regex", "a text"),
    ],
)
def test_what_clients_would_take_for_nobody_is_refused_by_place(
    condition: Any, field: str, expected: str | None
) -> None:
    if expected is None:
        check_condition(condition | {"a": {"b": 1}})
        return
    with pytest.raises(Invalid) as refusal:
        check_condition(condition, "segment")
    assert refusal.value.field == f"segment{field}"
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", "a text"),
        ("a" * 257, "1 to 256 characters"),
        ("/???***[)", "a regular expression"),
        ("(?P<n>a)", "only Python knows"),
        ("(?i)a", "only Python knows"),
        ("(?>a)", "only Python knows"),
        ("a++", "possessive"),
        (r"\Aa\Z", "no escape"),
        ("[[a]", "no set within a set"),
        ("a{,3}", "no brace"),
        ("(a+)+$", "no repetition of what repeats"),
        ("(a|aa)*$", "no repetition of what repeats"),
        ("((a*)b){2,}", "no repetition of what repeats"),
        ("(a{1,9}){9}", "no repetition of what repeats"),
    ],
)
def test_patterns_that_clients_read_differently_or_forever_are_refused(
    pattern: str, expected: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_condition({"agent": {"$regexi": pattern}})
    assert refusal.value.field == "audience.conditions.agent.$regexi"
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    "pattern",
    [
        "(Mobile|Tablet)", r"^\d{3}-\d{4}$", "-12-25$", r"(\d{1,3}\.){3}\d{1,3}", "a*?b", "(?:a)+",
        "(?!bot).", r"[^\]a]", r"\{a\}", "(?<=a)b", "가|나", r"[\w.]+@[\w.]+",
    ],
)  # fmt: skip
def test_usual_patterns_are_taken(pattern: str) -> None:
    check_condition({"agent": {"$regex": pattern}})


def test_a_condition_has_an_end() -> None:
    deep: dict[str, Any] = {"a": 1}
    for _ in range(16):
        deep = {"$and": [deep]}
    with pytest.raises(Invalid) as refusal:
        check_condition(deep)
    assert "at most 32 levels" in str(refusal.value)
    with pytest.raises(Invalid) as refusal:
        check_condition({"id": {"$in": [f"customer-{number}" for number in range(10_000)]}})
    assert "at most 65536 bytes" in str(refusal.value)


def test_an_order_is_asked_of_its_kind_alone_when_it_goes_out() -> None:
    condition = {
        "$or": [{"age": {"$lt": 20}}, {"$not": {"plan": "pro"}}],
        "app": {"$vne": "1.0"},
        "tags": {"$all": ["a"], "$size": {"$gt": 1}},
        "cart": {"$elemMatch": {"price": {"$gt": 5}}},
        "note": {"$alli": ["b"], "$elemMatch": {"$regex": "x"}},
        "gone": None,
    }
    check_condition(condition)
    assert portable(condition) == {
        "$or": [
            {"age": {"$type": "number", "$lt": 20}},
            {"$not": {"plan": {"$eq": "pro"}}},
        ],
        "app": {"$not": {"$type": "string", "$veq": "1.0"}},
        "tags": {"$all": [{"$eq": "a"}], "$size": {"$type": "number", "$gt": 1}},
        "cart": {"$elemMatch": {"price": {"$type": "number", "$gt": 5}}},
        "note": {"$alli": [{"$ini": ["b"]}], "$elemMatch": {"$type": "string", "$regex": "x"}},
        "gone": None,
    }


# Values that readers of JSON are tempted to convert into each other.
scalars = st.sampled_from(
    [None, True, False, 0, 1, 5, -1, 0.1, "", "0", "1", "5", "KR", "kr", "true", "null", "홍길동",
     "😀", "\uffee", "1.2.3", "v1.2.3", "1.10.0", "2.0.0-beta"]
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=5,
)
orders = st.sampled_from([0, 1, 5, 0.1, "", "1", "KR", "홍길동", "😀", "\uffee"])
versions = st.sampled_from(["1.2.3", "1.10.0", "2.0.0-beta", "1", "v2"])
lists = st.lists(scalars, max_size=3)
OPERANDS = {
    **dict.fromkeys(("$eq", "$ne"), scalars),
    **dict.fromkeys(("$lt", "$lte", "$gt", "$gte"), orders),
    **dict.fromkeys(("$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte"), versions),
    **dict.fromkeys(("$in", "$nin", "$ini", "$nini", "$all", "$alli"), lists),
    **dict.fromkeys(("$inGroup", "$notInGroup"), st.sampled_from(["vips", "nobody", "gone"])),
    **dict.fromkeys(("$regex", "$regexi"), st.sampled_from(["^k", "KR", "null", "1", "^(a|b)$"])),
    "$exists": st.booleans(),
    "$type": st.sampled_from(["string", "number", "boolean", "array", "object", "null"]),
}


def operators(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    nested = {"$not": inner, "$size": st.integers(0, 2) | inner, "$elemMatch": inner}
    one_of = {name: st.fixed_dictionaries({name: each}) for name, each in OPERANDS.items()}
    one_of |= {name: st.fixed_dictionaries({name: each}) for name, each in nested.items()}
    pairs = st.lists(st.one_of(*one_of.values()), min_size=1, max_size=2)
    return pairs.map(lambda parts: {name: value for part in parts for name, value in part.items()})


wanted = values | operators(values | operators(values))
paths = st.sampled_from(["a", "b", "c", "a.x", "b.0", "c.length"])
conditions = st.recursive(
    st.dictionaries(paths, wanted, max_size=2),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"$not": inner}),
        *(st.fixed_dictionaries({name: st.lists(inner, max_size=2)}) for name in LOGIC),
    ),
    max_leaves=3,
)
attributes_of = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@settings(max_examples=400)
@given(conditions.filter(accepted), attributes_of)
def test_the_python_client_answers_the_same_to_every_condition_that_goes_out(
    condition: dict[str, Any], attributes: dict[str, Any]
) -> None:
    sent = portable(condition)
    assert portable(sent) == sent
    assert matches(sent, attributes, GROUPS) is evalCondition(attributes, sent, GROUPS)

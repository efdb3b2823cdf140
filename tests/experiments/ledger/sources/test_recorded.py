"""Every source reads its recorded example as the facts written beside it."""

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.schemas.inbound import told_facts
from experiments.errors import Invalid
from experiments.ledger.identity.alias import Alias
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import Placed, Rejected, received
from experiments.ledger.sources.settings import read_settings

RECORDED = Path(__file__).resolve().parents[4] / "sample_data" / "recorded"
NOW = datetime(2025, 3, 10, 1, 0, 10, tzinfo=UTC)
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 10**40, 1e300, Decimal("1e-30"), "", " ", "\0", "\ud800", "x" * 5000, [], {},
    [[]], {"a": {"b": 1}}, "NaN", "1e999", "-0", "9" * 39, "http://[", "2025-13-45T99:99:99Z",
    "2199-12-31T23:59:59+14:00", 253_402_300_800, -62_135_596_801, "<script>",
)  # fmt: skip


def recorded(name: str) -> dict[str, Any]:
    text = (RECORDED / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return found


def told(name: str, body: object) -> list[dict[str, Any]]:
    read = received(SOURCES[name], body, read_settings(recorded(name)["settings"]), NOW)
    return told_facts(read)


def lists_of(body: object) -> list[Any]:
    """The list of items in a body, to be changed in place."""
    if isinstance(body, list):
        return body
    assert isinstance(body, dict)
    return next(found for name in ("batch", "events", "data") if (found := body.get(name)))


@pytest.mark.parametrize("name", SOURCES)
def test_the_recorded_example_is_read_as_is_written(name: str) -> None:
    example = recorded(name)
    assert example["documentation"] == SOURCES[name].documentation
    read = received(SOURCES[name], example["body"], read_settings(example["settings"]), NOW)
    assert told_facts(read) == example["facts"]
    assert read.ignored == example["ignored"]
    refused = [[each.index, each.error.field, each.error.code] for each in read.batch.rejected]
    assert refused == example["rejected"]
    known_by = [
        [index, fact.alias.kind, fact.alias.value]
        for index, fact in read.batch.facts
        if isinstance(fact.alias, Alias)
    ]
    assert known_by == example.get("aliases", [])


@pytest.mark.parametrize("name", SOURCES)
def test_ids_tell_facts_apart_and_name_nobody(name: str) -> None:
    facts = told(name, recorded(name)["body"])
    ids = [each["source_id"] for each in facts]
    assert len(set(ids)) == len(ids)
    assert "@example.com" not in json.dumps(facts, default=str).lower()


@pytest.mark.parametrize("name", SOURCES)
def test_the_order_of_items_changes_no_fact(name: str) -> None:
    body = recorded(name)["body"]
    mixed = copy.deepcopy(body)
    random.Random(7).shuffle(lists_of(mixed))

    def apart(facts: list[dict[str, Any]]) -> list[str]:
        return sorted(str({**each, "index": None}) for each in facts)

    assert apart(told(name, mixed)) == apart(told(name, body))


@pytest.mark.parametrize("name", SOURCES)
def test_a_bad_item_refuses_no_other(name: str) -> None:
    body = copy.deepcopy(recorded(name)["body"])
    good = len(told(name, body))
    items = lists_of(body)
    if name == "ga4":
        body = [body, 5, None, {"events": "x"}]
    else:
        items += [5, None, {}, [], "x"]
    read = received(SOURCES[name], body, read_settings(recorded(name)["settings"]), NOW)
    assert len(read.batch.facts) == good
    assert len(read.batch.rejected) + read.ignored >= 3


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))


def planted(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def check_nothing_but_facts_and_refusals(name: str, body: Any) -> None:
    try:
        found = list(SOURCES[name].read(body, read_settings(recorded(name)["settings"]), NOW))
    except Invalid:
        return
    for each in found:
        assert isinstance(each, Placed | Rejected)
        if isinstance(each, Rejected):
            f"{each.id} {each.error} {each.error.field}".encode()


@pytest.mark.parametrize("name", SOURCES)
def test_hostile_values_anywhere_are_facts_or_refusals(name: str) -> None:
    body = recorded(name)["body"]
    rng = random.Random(11)
    for path in leaves(body):
        for value in rng.sample(HOSTILE, 3):
            check_nothing_but_facts_and_refusals(name, planted(body, path, value))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", SOURCES)
@given(body=JSON)
@settings(max_examples=15, deadline=None)
def test_any_json_is_facts_or_refusals(name: str, body: object) -> None:
    check_nothing_but_facts_and_refusals(name, body)


def test_every_example_is_of_a_source() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == set(SOURCES)

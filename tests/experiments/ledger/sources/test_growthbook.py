"""GrowthBook's tracking plugins: what of their items becomes a fact, and once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment
from experiments.ledger.batch import BatchResult, BatchTooLong, record
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.sources.growthbook import read_tracked, resolve_once
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.ledger.factories import AT, register, stored
from tests.experiments.ledger.test_batch import JSON

RANGES = (BucketRange("a", 0, 2000), BucketRange("b", 2000, 9000), BucketRange("a", 9000, 9500))
SPRING = {
    "spring": AssignableExperiment(
        1, "spring", 1, "running", "spring", RANGES, {"a": None, "b": None, "c": None}
    )
}


def viewed(**properties: Any) -> dict[str, Any]:
    """Customer 1 met variant b, as the Python plugin says it."""
    said = {
        "experiment_id": "spring", "variation_id": 1, "variation_key": "b", "in_experiment": True,
        "hash_used": True, "hash_attribute": "id", "hash_value": "1",
    }  # fmt: skip
    return {
        "event_name": "$$experiment_viewed",
        "properties_json": {**said, **properties},
        "device_id": "device-1",
        "user_id": None,
    }


def happened(name: str = "click", **properties: Any) -> dict[str, Any]:
    """Something that customer 1 did."""
    return {"event_name": name, "properties_json": properties, "device_id": "1"}


def read_one(item: Any) -> Fact:
    tracked = read_tracked([item], SPRING, AT)
    assert not tracked.batch.rejected, tracked.batch.rejected
    [fact] = tracked.batch.open_facts
    return fact


def refused(item: Any) -> str | None:
    [rejected] = read_tracked([item], SPRING, AT).batch.rejected
    return rejected.error.field


def test_an_experiment_viewed_is_an_exposure_of_its_arrival() -> None:
    fact = read_one(viewed())
    assert isinstance(fact, Exposure)
    assert (fact.experiment, fact.unit_id, fact.variant) == ("spring", "1", "b")
    assert (fact.type, fact.occurred_at, fact.channel) == ("viewed", AT, None)


def test_the_javascript_plugin_says_it_in_its_own_words() -> None:
    item = {
        "event_name": "Experiment Viewed",
        "properties_json": {
            "experimentId": "spring", "variationId": "b", "hashAttribute": "id", "hashValue": "1",
        },
        "device_id": None,
    }  # fmt: skip
    assert read_one(item) == read_one(viewed())


@pytest.mark.parametrize(("index", "variant"), [(0, "a"), (1, "b"), (2, "a"), (3, "c")])
def test_without_a_key_the_index_is_looked_up_in_the_phases_list(index: int, variant: str) -> None:
    fact = read_one(viewed(variation_key=None, variation_id=index))
    assert isinstance(fact, Exposure)
    assert fact.variant == variant


def test_the_key_is_believed_before_the_index() -> None:
    fact = read_one(viewed(variation_key="a", variation_id=1))
    assert isinstance(fact, Exposure)
    assert fact.variant == "a"


def test_a_number_is_the_customer_of_its_text() -> None:
    assert read_one(viewed(hash_value=7)).unit_id == "7"
    assert read_one(viewed(hash_value=Decimal("7.0"))).unit_id == "7"


def test_where_a_group_was_hashed_the_customer_is_the_devices_id() -> None:
    grouped = viewed(hash_attribute="household", hash_value="가-7")
    assert read_one(grouped).unit_id == "device-1"
    assert read_one(grouped | {"device_id": None, "user_id": "u1"}).unit_id == "u1"
    assert refused(grouped | {"device_id": None}) == "device_id"


@pytest.mark.parametrize(
    "item",
    [
        {"event_name": "$$feature_evaluated", "properties_json": {"feature_key": "spring"}},
        {"event_name": "Feature Evaluated"},
        viewed(experiment_id="$holdout:global"),
        viewed(in_experiment=False),
        viewed(hash_used=False),
    ],
)
def test_what_states_nothing_is_ignored(item: dict[str, Any]) -> None:
    tracked = read_tracked([item, viewed()], SPRING, AT)
    assert (tracked.ignored, len(tracked.batch.facts), tracked.batch.rejected) == (1, 1, ())


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("viewed", None),
        ({}, "event_name"),
        ({"event_name": ["click"]}, "event_name"),
        ({"event_name": "click", "properties_json": [1]}, "properties_json"),
        ({"event_name": "click"}, "device_id"),
        (happened("clicked"), "type"),
        (happened(value=1, currency="won"), "currency"),
        (viewed(experiment_id=None), "properties_json.experiment_id"),
        (viewed(experiment_id="Spring!"), "properties_json.experiment_id"),
        (viewed(variation_key="B!"), "properties_json.variation_key"),
        (viewed(variation_key=None, variation_id=4), "properties_json.variation_id"),
        (viewed(variation_key=None, variation_id=True), "properties_json.variation_id"),
        (viewed(hash_value="x" * 1025), "unit_id"),
    ],
)
def test_a_bad_item_is_refused_by_field_and_the_others_stay(item: Any, field: str | None) -> None:
    assert refused(item) == field
    tracked = read_tracked([viewed(), item, happened()], SPRING, AT)
    assert [index for index, _ in tracked.batch.facts] == [0, 2]
    assert [each.index for each in tracked.batch.rejected] == [1]


def test_other_names_are_events_with_an_amount_where_there_is_one() -> None:
    fact = read_one(happened("purchase", value=Decimal("9.5"), currency="USD", order="o-1"))
    assert isinstance(fact, Event)
    assert (fact.type, fact.unit_id, fact.occurred_at) == ("purchase", "1", AT)
    assert (fact.value, fact.currency) == (Decimal("9.5"), "USD")
    assert fact.properties == {"order": "o-1"}
    told = read_one(happened("장바구니 담기", value="빨강", currency="KRW"))
    assert isinstance(told, Event)
    assert (told.value, told.properties) == (None, {"value": "빨강", "currency": "KRW"})


def test_too_many_items_are_refused() -> None:
    with pytest.raises(BatchTooLong):
        read_tracked([{}] * 10_001, SPRING, AT)


@pytest.fixture
def with_spring(database: Database, project: Project) -> Database:
    register(database, project)
    return database


def keep(database: Database, project: Project, *items: Any, hours: int = 0) -> BatchResult:
    now = AT + timedelta(hours=hours)
    tracked = read_tracked(items, SPRING, now)
    with database.transaction() as db:
        return record(db, project, tracked.batch, now=now, place=resolve_once)


def test_a_customer_meets_a_variant_once_and_two_variants_stay_visible(
    with_spring: Database, project: Project
) -> None:
    assert keep(with_spring, project, viewed(), viewed()).duplicates == 1
    again = keep(with_spring, project, viewed(), viewed(variation_key="a"), hours=5)
    assert (again.accepted, again.duplicates, again.conflicts) == (1, 1, [])
    assert [(row["unit_id"], row["variant"]) for row in stored(with_spring)] == [
        ("1", "b"),
        ("1", "a"),
    ]


def test_the_same_event_may_happen_twice(with_spring: Database, project: Project) -> None:
    assert keep(with_spring, project, happened(), happened()).accepted == 2


def test_an_unknown_experiment_is_refused(with_spring: Database, project: Project) -> None:
    result = keep(with_spring, project, viewed(experiment_id="autumn"), happened())
    assert (result.accepted, [each.index for each in result.rejected]) == (1, [0])
    assert "no experiment 'autumn'" in str(result.rejected[0].error)


FIELDS = st.sampled_from([*viewed(), *viewed()["properties_json"], "value", "currency"])


@st.composite
def hostile_items(draw: st.DrawFn) -> Any:
    changes = draw(st.dictionaries(FIELDS, JSON, max_size=3))
    item = draw(st.sampled_from([viewed(), happened()]))
    inside = item["properties_json"] | changes
    return draw(st.sampled_from([item | changes, item | {"properties_json": inside}]) | JSON)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(hostile_items(), max_size=6))
def test_whatever_is_sent_every_item_is_in_one_place(
    with_spring: Database, project: Project, items: list[Any]
) -> None:
    before = len(stored(with_spring))
    tracked = read_tracked(items, SPRING, AT)
    with with_spring.transaction() as db:
        result = record(db, project, tracked.batch, now=AT, place=resolve_once)
    told = len(result.conflicts) + len(result.rejected)
    assert result.accepted + result.duplicates + told + tracked.ignored == len(items)
    assert len(stored(with_spring)) == before + result.accepted

"""Batches: whatever is sent, every item ends up in exactly one place."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from experiments.ledger.batch import Batch, BatchTooLong, read_batch, record
from experiments.ledger.facts import read_event, read_exposure
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.ledger.factories import AT, event_item, exposure_item, register, stored

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.decimals(places=7)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from([*exposure_item(), *event_item(), "value", "currency", "properties"])


@st.composite
def hostile_items(draw: st.DrawFn) -> Any:
    """A good item with a few fields replaced by anything, or anything at all."""
    good = draw(st.sampled_from([event_item(), exposure_item()]))
    return draw(st.just(good | draw(st.dictionaries(FIELDS, JSON, max_size=3))) | JSON)


@pytest.fixture
def with_experiment(database: Database, project: Project) -> Database:
    register(database, project)
    return database


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(hostile_items(), max_size=8), st.sampled_from([read_event, read_exposure]))
@example([event_item(unit_id="\ud800"), event_item(properties={"\0": 1})], read_event)
def test_every_item_is_in_exactly_one_place(
    with_experiment: Database, project: Project, items: list[Any], read: Any
) -> None:
    before = len(stored(with_experiment))
    with with_experiment.transaction() as db:
        result = record(db, project, read_batch(items, read), now=AT)
    told = [item.index for item in result.conflicts] + [item.index for item in result.rejected]
    assert len(told) == len(set(told))
    assert result.accepted + result.duplicates + len(told) == len(items)
    assert len(stored(with_experiment)) == before + result.accepted
    assert all(str(item.error) for item in result.rejected)


def test_good_items_are_kept_beside_bad_ones(database: Database, project: Project) -> None:
    batch = read_batch([event_item(), event_item(type=""), event_item(type="click")], read_event)
    with database.transaction() as db:
        result = record(db, project, batch, now=AT)
    assert (result.accepted, result.duplicates) == (1, 0)
    assert [(item.index, item.id) for item in result.conflicts] == [(2, "e-1")]
    assert [(item.index, item.id, item.error.field) for item in result.rejected] == [
        (1, "e-1", "type")
    ]


def test_more_than_fits_is_refused_before_anything_is_read() -> None:
    with pytest.raises(BatchTooLong, match="10001 items are too many"):
        read_batch([None] * 10_001, read_event)
    assert read_batch([], read_event) == Batch((), ())

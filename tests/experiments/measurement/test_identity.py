"""Whose a fact is: aliases from a time on, merges, and who cannot be told."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from experiments.measurement.exposures import exposure_counts
from experiments.measurement.measure import Measurement, measure
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    Row,
    alias,
    event,
    exposure,
    replica_of,
    withdrawal,
)
from tests.experiments.measurement.test_measure import request

Build = Callable[..., ReplicaState]
EMAIL = "email:5f2b"
CLIENT = "ga4_client:77aa"


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    numbers = iter(range(1000))
    return lambda *rows: replica_of(tmp_path / f"replica-{next(numbers)}", rows)


def under(name: str, source_id: str, **other: Any) -> Row:
    """An open by whoever has the alias."""
    return event(source_id, None, alias=name, **other)


def counted(found: Measurement) -> tuple[int, dict[str, int]]:
    return found.accounting.used, found.accounting.excluded


def test_an_event_under_an_alias_is_the_units_in_any_order_of_arrival(build: Build) -> None:
    rows = [
        exposure("s-1", "u-1", "a"), under(EMAIL, "o-1"), alias("a-1", EMAIL, "u-1"),
    ]  # fmt: skip
    for order in permutations(rows):
        found = measure(build(*order), request())
        assert counted(found) == (1, {})
        assert found.samples["a"] == BinomialSample(1, 1)


def test_an_unknown_alias_waits_and_is_released(build: Build) -> None:
    rows = [exposure("s-1", "u-1", "a"), under(EMAIL, "o-1")]
    assert counted(measure(build(*rows), request())) == (0, {"unknown_identity": 1})
    assert counted(measure(build(*rows, alias("a-1", EMAIL, "u-1")), request())) == (1, {})
    other = alias("a-1", CLIENT, "u-1")
    assert counted(measure(build(*rows, other), request())) == (0, {"unknown_identity": 1})


@pytest.mark.parametrize(
    ("hours", "unit"),
    [(0, "u-1"), (2, "u-1"), (3, "u-2"), (4, "u-2"), (5, "u-3"), (71, "u-3")],
)
def test_the_alias_in_force_counts_and_before_the_first_the_first(
    build: Build, hours: int, unit: str
) -> None:
    state = build(
        *(exposure(f"s-{n}", f"u-{n}", "a") for n in (1, 2, 3)),
        alias("a-3", EMAIL, "u-3", occurred_at=SENT + 5 * HOUR),
        alias("a-1", EMAIL, "u-1", occurred_at=SENT + 1 * HOUR),
        alias("a-2", EMAIL, "u-2", occurred_at=SENT + 3 * HOUR),
        under(EMAIL, "o-1", occurred_at=SENT + hours * HOUR),
    )
    with open_session(state, 1) as session:
        [found] = session.rows(session.events)
    assert (found["unit_id"], found["doubt"]) == (unit, None)


def test_two_units_from_one_instant_on_are_nobody_until_a_later_alias(build: Build) -> None:
    rows = [
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "b"),
        alias("a-1", EMAIL, "u-1"), alias("a-2", EMAIL, "u-2"),
        under(EMAIL, "o-1", occurred_at=SENT), under(EMAIL, "o-2", occurred_at=SENT + 3 * HOUR),
    ]  # fmt: skip
    assert counted(measure(build(*rows), request())) == (0, {"ambiguous_identity": 2})
    same = alias("a-3", EMAIL, "u-1", occurred_at=SENT + 2 * HOUR)
    assert counted(measure(build(*rows, same), request())) == (1, {"ambiguous_identity": 1})


def test_one_alias_told_twice_is_not_ambiguous(build: Build) -> None:
    rows = [alias("a-1", EMAIL, "u-1"), alias("a-2", EMAIL, "u-1"), under(EMAIL, "o-1")]
    assert counted(measure(build(exposure("s-1", "u-1", "a"), *rows), request())) == (1, {})


def test_exposures_under_an_alias_anchor_the_unit(build: Build) -> None:
    rows = [exposure("s-1", None, "a", alias=EMAIL), event("o-1", "u-1")]
    state = build(*rows)
    assert counted(measure(state, request())) == (0, {"never_assigned": 1})
    assert exposure_counts(state, request()).left_out == {"unknown_identity": 1}
    state = build(*rows, alias("a-1", EMAIL, "u-1"))
    assert counted(measure(state, request())) == (1, {})
    counts = exposure_counts(state, request())
    assert (counts.units, counts.left_out) == ({"a": 1}, {})
    truelift = request(allocation="truelift")
    assert measure(state, truelift).samples["a"] == BinomialSample(1, 1)
    assert [each.unverified for each in exposure_counts(state, truelift).stages] == [0]


def test_a_merged_unit_is_one_customer(build: Build) -> None:
    state = build(
        exposure("s-1", "guest", "a"), exposure("s-2", "member", "a", occurred_at=SENT + HOUR),
        alias("m-1", "unit:guest", "member", occurred_at=SENT + 2 * HOUR),
        alias("a-1", EMAIL, "guest"),
        event("o-1", "guest"), under(EMAIL, "o-2"), event("o-3", "member"),
    )  # fmt: skip
    found = measure(state, request())
    assert found.samples == {"a": BinomialSample(1, 1), "b": BinomialSample(0, 0)}
    assert counted(found) == (3, {})
    assert exposure_counts(state, request()).units == {"a": 1}


def test_merges_are_followed_twice(build: Build) -> None:
    state = build(
        *(alias(f"m-{n}", f"unit:u-{n}", f"u-{n + 1}") for n in range(4)),
        *(event(f"o-{n}", f"u-{n}") for n in range(5)),
    )
    with open_session(state, 1) as session:
        found = {row["source_id"]: row["unit_id"] for row in session.rows(session.events)}
    assert found == {"o-0": "u-2", "o-1": "u-3", "o-2": "u-4", "o-3": "u-4", "o-4": "u-4"}


def test_a_unit_merged_into_two_at_once_is_ambiguous(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), event("o-1", "guest"),
        alias("m-1", "unit:guest", "u-1"), alias("m-2", "unit:guest", "u-2"),
    )  # fmt: skip
    assert counted(measure(state, request())) == (0, {"ambiguous_identity": 1})


def test_ids_that_met_different_variants_are_left_out_and_counted(build: Build) -> None:
    state = build(
        exposure("s-1", "guest", "a"), exposure("s-2", "member", "b"), exposure("s-3", "u-3", "b"),
        alias("m-1", "unit:guest", "member"),
        event("o-1", "guest"), event("o-2", "member"), event("o-3", "u-3"),
    )  # fmt: skip
    found = measure(state, request())
    assert found.samples == {"a": BinomialSample(0, 0), "b": BinomialSample(1, 1)}
    assert counted(found) == (1, {"merged_apart": 2})
    assert found.merged_apart == 1
    counts = exposure_counts(state, request())
    assert (counts.units, counts.merged_apart) == ({"b": 1}, 1)


def test_one_id_in_two_variants_is_not_merged_apart(build: Build) -> None:
    state = build(
        exposure("s-1", "guest", "a"), exposure("s-2", "guest", "b", occurred_at=SENT + HOUR),
        exposure("s-3", "member", "a"), alias("m-1", "unit:guest", "member"),
    )  # fmt: skip
    found = measure(state, request())
    assert (found.merged_apart, found.two_variants) == (0, {"a": 1, "b": 0})


def test_a_withdrawn_import_counts_for_nothing_and_is_told(build: Build) -> None:
    kept = [
        exposure("s-1", "u-1", "a"), exposure("s-2", None, "b", alias=EMAIL), event("o-1", "u-1"),
    ]  # fmt: skip
    wrong = [
        exposure("s-3", "u-3", "b", import_id=7), event("o-3", "u-1", import_id=7),
        event("o-4", "u-3", import_id=7), alias("a-1", EMAIL, "u-2", import_id=7),
        alias("m-1", "unit:u-1", "u-3", import_id=7),
    ]  # fmt: skip
    never, loaded = build(*kept), build(*kept, *wrong)
    withdrawn = build(*kept, *wrong, withdrawal(7))
    expected, found = measure(never, request()), measure(withdrawn, request())
    assert measure(loaded, request()).samples != expected.samples
    assert found.samples == expected.samples
    assert found.accounting.used == expected.accounting.used
    assert found.accounting.excluded == {"withdrawn": 2} | expected.accounting.excluded
    assert found.accounting.received == expected.accounting.received + 2
    counts = exposure_counts(withdrawn, request())
    assert counts.left_out == {"withdrawn": 1, "unknown_identity": 1}
    assert counts.units == exposure_counts(never, request()).units


def test_without_aliases_and_withdrawals_the_sql_is_as_before(build: Build) -> None:
    with open_session(build(exposure("s-1", "u-1", "a")), 1) as session:
        assert session.uncertainty.withdrawn == ()
        measure(session, request())
        assert "names" not in session.sql
        assert "doubt" not in session.sql
    with open_session(build(under(EMAIL, "o-1"), alias("a-1", EMAIL, "u-1")), 1) as session:
        measure(session, request())
        assert 'TEMP TABLE "names"' in session.sql
        assert session.sql.count('TEMP TABLE "names"') == 1


def test_the_sql_can_be_run_again_by_hand(build: Build) -> None:
    rows = [exposure("s-1", "u-1", "a"), under(EMAIL, "o-1"), alias("a-1", EMAIL, "u-1")]
    with open_session(build(*rows), 1) as session:
        for _ in range(2):
            found = measure(session, request())
            assert 'TEMP TABLE "names"' in found.sql
        session.connection.execute(found.sql)

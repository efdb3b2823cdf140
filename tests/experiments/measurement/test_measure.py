"""Measuring one KPI: who counts, from when until when, and what becomes of the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.kinds import KINDS
from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.append import append
from experiments.ledger.facts import Event, Exposure
from experiments.ledger.resolve import Context, resolve
from experiments.measurement.engine import EngineSettings
from experiments.measurement.errors import ReplicaUnreadable, TooLargeToSum
from experiments.measurement.kinds import MEASURED
from experiments.measurement.measure import Measurement, MeasureRequest, measure
from experiments.measurement.replica import Replica, ReplicaState
from experiments.measurement.session import open_session
from experiments.storage.database import Database
from experiments.storage.projects import Project
from stats.samples import BinomialSample, MeanSample
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    add_experiment,
    event,
    exposure,
    replica_of,
)

Build = Callable[..., ReplicaState]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def opens(**formula: Any) -> KpiDocument:
    usual: Any = {"event": "open", "value": "occurrence", "window_hours": 72}
    found = Formula(**usual | formula)
    return KpiDocument("opens", Text("오픈율", "Open rate"), "proportion", found, "rate")


def spend(currency: str | None = "KRW", **formula: Any) -> KpiDocument:
    usual: Any = {"event": "purchase", "value": "amount", "window_hours": 72}
    found = Formula(**usual | formula)
    unit = "score" if currency is None else "money"
    return KpiDocument("spend", Text("매출", "Revenue"), "mean", found, unit, currency=currency)


def request(kpi: KpiDocument | None = None, **other: Any) -> MeasureRequest:
    """Of an external test anchored at the send, ten days later."""
    values: Any = {
        "project_id": 1,
        "experiment_id": 1,
        "anchor": "sent",
        "variants": ("a", "b"),
        "as_of": SENT_AT + timedelta(days=10),
        "allocation": "external",
        "kpi": kpi or opens(),
        "window_hours": 72,
    }
    return MeasureRequest(**values | other)


def purchase(source_id: str, unit_id: str, value: int | None, **other: Any) -> Row:
    return event(source_id, unit_id, "purchase", **{"value": value, "currency": "KRW"} | other)


def total(found: Measurement, variant: str = "a") -> int:
    sample = found.samples[variant]
    assert isinstance(sample, BinomialSample | MeanSample)
    return sample.successes if isinstance(sample, BinomialSample) else sample.total


def test_a_customer_opens_once_however_often(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a"), exposure("s-3", "u-3", "b"),
        event("o-1", "u-1"), event("o-2", "u-1"), event("o-3", "u-3"),
    )  # fmt: skip
    found = measure(state, request())
    assert found.samples == {"a": BinomialSample(2, 1), "b": BinomialSample(1, 1)}
    assert (found.accounting.received, found.accounting.used) == (3, 3)


def test_spending_nothing_counts_as_zero(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a"),
        purchase("p-1", "u-1", 12_000), purchase("p-2", "u-1", 30_000),
    )  # fmt: skip
    found = measure(state, request(spend()))
    assert found.samples["a"] == MeanSample(2, 42_000, 42_000**2, 1)
    assert found.samples["b"] == MeanSample(0, 0, 0, 1)


def test_orders_are_counted(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", 1), purchase("p-2", "u-1", None)
    )
    formula = replace(spend().formula, value="count")
    orders = replace(spend(), formula=formula, currency=None, unit_of_measure="count")
    assert measure(state, request(orders)).samples["a"] == MeanSample(1, 2, 4, 1)


def test_money_back_is_subtracted(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", -500))
    assert measure(state, request(spend())).samples["a"] == MeanSample(1, -500, 250_000, 1)


@pytest.mark.parametrize(
    ("currency", "scale"), [("KRW", 1), ("USD", 100), ("KWD", 1000), (None, 1_000_000)]
)
def test_values_keep_the_scale_of_the_ledger(
    build: Build, currency: str | None, scale: int
) -> None:
    state = build(exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", 4250, currency=currency))
    found = measure(state, request(spend(currency)))
    assert found.samples["a"] == MeanSample(1, 4250, 4250**2, scale)


def test_sums_past_the_reach_of_floats_are_exact(build: Build) -> None:
    odd = 9_007_199_254_740_993
    state = build(
        *(exposure(f"s-{n}", f"u-{n}", "a") for n in range(3)),
        purchase("p-0", "u-0", odd), purchase("p-1", "u-1", odd), purchase("p-2", "u-2", 1),
    )  # fmt: skip
    found = measure(state, request(spend()))
    assert found.samples["a"] == MeanSample(3, 2 * odd + 1, 2 * odd**2 + 1, 1)


def test_squares_of_values_above_four_billion_are_exact(build: Build) -> None:
    values = [4_000_000_007 + 2 * n for n in range(200)]
    state = build(
        *(exposure(f"s-{n}", f"u-{n}", "a") for n in range(200)),
        *(purchase(f"p-{n}", f"u-{n}", value) for n, value in enumerate(values)),
    )
    expected = MeanSample.of(values)
    assert expected.squares > 2**64
    assert measure(state, request(spend())).samples["a"] == expected


def test_the_largest_value_of_the_ledger_is_exact(build: Build) -> None:
    largest = 2**63 - 1
    state = build(exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", largest))
    assert measure(state, request(spend())).samples["a"] == MeanSample(1, largest, largest**2, 1)


def test_sums_that_cannot_be_exact_are_refused(build: Build) -> None:
    largest = 2**63 - 1
    rows = [exposure(f"s-{n}", f"u-{n}", "a") for n in range(2)]
    rows += [purchase(f"p-{n}", f"u-{n}", largest) for n in range(2)]
    with pytest.raises(TooLargeToSum):
        measure(build(*rows), request(spend()))
    rows = [exposure("s", "u", "a"), *(purchase(f"p-{n}", "u", largest) for n in range(3))]
    with pytest.raises(TooLargeToSum):
        measure(build(*rows), request(spend()))


def test_the_window_begins_at_the_anchor_and_ends_before_its_end(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"),
        event("early", "u-1", occurred_at=SENT - 1),
        event("first", "u-1", occurred_at=SENT),
        event("last", "u-1", occurred_at=SENT + 72 * HOUR - 1),
        event("late", "u-1", occurred_at=SENT + 72 * HOUR),
    )
    accounting = measure(state, request()).accounting
    assert accounting.used == 2
    assert accounting.excluded == {"before_anchor": 1, "after_window": 1}


def test_customers_count_once_their_window_has_closed(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a", occurred_at=SENT + 1),
        event("o-1", "u-1"), event("o-2", "u-2"),
    )  # fmt: skip
    found = measure(state, request(as_of=SENT_AT + timedelta(hours=72)))
    assert found.samples["a"] == BinomialSample(1, 1)
    assert found.immature == {"a": 1, "b": 0}
    assert found.matures_at == SENT_AT + timedelta(hours=72, microseconds=1)
    assert found.accounting.excluded == {"immature": 1}


def test_nothing_is_immature_once_all_windows_have_closed(build: Build) -> None:
    found = measure(build(exposure("s-1", "u-1", "a")), request())
    assert (found.immature, found.matures_at) == ({"a": 0, "b": 0}, None)


def test_what_happened_after_the_moment_looked_at_is_not_seen(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a", occurred_at=SENT + 50 * HOUR),
        event("o-1", "u-1", occurred_at=SENT + 49 * HOUR),
    )  # fmt: skip
    found = measure(state, request(as_of=SENT_AT + timedelta(hours=48), window_hours=24))
    assert found.samples["a"] == BinomialSample(1, 0)
    assert found.immature["a"] == 0
    assert found.accounting.excluded == {"after_as_of": 1}


def test_the_first_exposure_anchors(build: Build) -> None:
    state = build(
        exposure("again", "u-1", "a", occurred_at=SENT + 70 * HOUR),
        exposure("first", "u-1", "a", occurred_at=SENT),
        event("o-1", "u-1", occurred_at=SENT + 80 * HOUR),
    )
    assert measure(state, request()).accounting.excluded == {"after_window": 1}


def test_of_two_exposures_at_one_time_the_first_accepted_anchors(build: Build) -> None:
    found = measure(build(exposure("s-1", "u-1", "b"), exposure("s-2", "u-1", "a")), request())
    assert found.samples == {"a": BinomialSample(0, 0), "b": BinomialSample(1, 0)}
    assert found.two_variants == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("anchor", "type_", "anchored"),
    [
        ("assignment", "assigned", True),
        ("assignment", "viewed", True),
        ("assignment", "sent", False),
        ("trigger", "trigger", True),
        ("trigger", "sent", False),
        ("planned_send", "planned_send", True),
        ("planned_send", "sent", False),
        ("sent", "sent", True),
        ("sent", "planned_send", False),
        ("sent", "viewed", False),
    ],
)
def test_each_anchor_has_its_exposures(
    build: Build, anchor: str, type_: str, anchored: bool
) -> None:
    found = measure(build(exposure("s-1", "u-1", "a", type=type_)), request(anchor=anchor))
    assert found.samples["a"].units == int(anchored)


def test_a_planned_send_counts_even_if_nothing_was_sent(build: Build) -> None:
    planned = exposure("s-1", "u-1", "a", type="planned_send", suppressed_reason="quiet_hours")
    assert measure(build(planned), request(anchor="planned_send")).samples["a"].units == 1


def test_a_reported_variant_that_is_not_ours_is_left_out_and_counted(build: Build) -> None:
    rows = [
        exposure("s-1", "u-1", "a", expected_variant="b"),
        exposure("s-2", "u-2", "b", expected_variant="b"),
        exposure("s-3", "u-3", "b"),
        event("o-1", "u-1"),
    ]
    ours = measure(build(*rows), request(allocation="truelift"))
    assert ours.samples == {"a": BinomialSample(0, 0), "b": BinomialSample(1, 0)}
    assert ours.mismatched == {"a": 1, "b": 1}
    assert ours.accounting.excluded == {"unit_excluded": 1}
    believed = measure(build(*rows), request(allocation="external"))
    assert believed.samples == {"a": BinomialSample(1, 1), "b": BinomialSample(2, 0)}
    assert believed.mismatched == {"a": 0, "b": 0}


def test_variants_that_are_not_compared_are_left_out_and_counted(build: Build) -> None:
    found = measure(build(exposure("s-1", "u-1", "c"), event("o-1", "u-1")), request())
    assert found.unlisted == 1
    assert found.accounting.excluded == {"unit_excluded": 1}


def test_another_project_is_never_seen(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a", project_id=2),
        event("o-1", "u-1", project_id=2), event("o-2", "u-1"),
    )  # fmt: skip
    found = measure(state, request())
    assert found.samples["a"] == BinomialSample(1, 1)
    assert found.accounting.received == 1


def test_another_experiment_anchors_nobody(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a", experiment_id=2), event("o-1", "u-1"))
    found = measure(state, request())
    assert found.samples["a"] == BinomialSample(0, 0)
    assert found.accounting.excluded == {"never_assigned": 1}


def test_an_open_of_another_tests_mail_is_not_an_open_of_this_one(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), event("o-1", "u-1", experiment_id=2),
        exposure("s-2", "u-2", "a"), event("o-2", "u-2", experiment_id=1),
    )  # fmt: skip
    found = measure(state, request())
    assert found.samples["a"] == BinomialSample(2, 1)
    assert found.accounting.excluded == {"other_experiment": 1}


def test_a_purchase_counts_whatever_led_to_it(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", 700, experiment_id=2))
    assert total(measure(state, request(spend()))) == 700


def test_machines_count_only_where_the_kpi_says_so(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"), event("o-1", "u-1", machine=True))
    without = measure(state, request(opens(machine="exclude")))
    assert (total(without), without.accounting.excluded) == (0, {"machine": 1})
    assert total(measure(state, request(opens(machine="include")))) == 1


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ({"category": "신발"}, True),
        ({"category": "신발", "first": "true"}, True),
        ({"category": "신발", "first": "false"}, False),
        ({"items": "3"}, True),
        ({"items": "03"}, False),
        ({"price": "1.5"}, True),
        ({"a/b~c.d": "x"}, True),
        ({"it's": 'a "quote"'}, True),
        ({"absent": ""}, False),
        ({"nothing": ""}, False),
        ({"$.category": "신발"}, False),
    ],
)
def test_property_filters(build: Build, where: dict[str, str], counted: bool) -> None:
    properties = {
        "category": "신발", "first": True, "items": 3, "price": 1.5, "a/b~c.d": "x",
        "it's": 'a "quote"', "nothing": None,
    }  # fmt: skip
    state = build(exposure("s-1", "u-1", "a"), event("o-1", "u-1", properties=properties))
    found = measure(state, request(opens(where=where)))
    assert total(found) == int(counted)
    assert found.accounting.excluded == ({} if counted else {"property_filter": 1})


def test_an_event_without_properties_passes_no_filter(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"), event("o-1", "u-1"))
    assert total(measure(state, request(opens(where={"first": "true"})))) == 0


def test_other_money_is_held_apart(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), purchase("p-1", "u-1", 100),
        purchase("p-2", "u-1", 999, currency="USD"), purchase("p-3", "u-1", 999, currency=None),
        purchase("p-4", "u-1", None, currency=None),
    )  # fmt: skip
    found = measure(state, request(spend()))
    assert total(found) == 100
    assert found.accounting.excluded == {"other_currency": 2, "without_value": 1}


def test_late_arrivals_count_and_are_told(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"),
        event("o-1", "u-1", received_at=SENT + 72 * HOUR),
        event("o-2", "u-1", received_at=SENT + 72 * HOUR - 1),
    )
    accounting = measure(state, request()).accounting
    assert (accounting.used, accounting.late) == (2, 1)


def test_nothing_recorded_gives_empty_samples(build: Build) -> None:
    found = measure(build(), request())
    assert found.samples == {"a": BinomialSample(0, 0), "b": BinomialSample(0, 0)}
    assert found.accounting.received == 0


def test_names_that_look_like_sql_are_only_names(build: Build) -> None:
    odd = "'; DROP TABLE units; --"
    state = build(exposure("s-1", odd, odd), event("o-1", odd, properties={odd: odd}))
    found = measure(state, request(opens(where={odd: odd}), variants=("a", odd)))
    assert found.samples[odd] == BinomialSample(1, 1)


def test_the_sql_gives_the_same_sums_by_hand(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"), event("o-1", "u-1"))
    found = measure(state, request())
    assert str(state.folder) not in found.sql
    with open_session(state, 1) as session:
        for statement in found.sql.split(";\n\n")[:3]:
            answer = session.connection.execute(statement).fetchall()
    assert [tuple(map(str, row))[:4] for row in answer] == [("a", "analysed", "1", "1")]


def test_the_same_position_gives_the_same_answer(build: Build) -> None:
    rows = [exposure(f"s-{n}", f"u-{n}", "ab"[n % 2]) for n in range(500)]
    rows += [purchase(f"p-{n}", f"u-{n % 500}", n * 1000 + 1) for n in range(2000)]
    state = build(*rows)
    answers = {repr(measure(state, request(spend()))) for _ in range(5)}
    assert len(answers) == 1


def test_a_session_serves_several_kpis(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), event("o-1", "u-1"), purchase("p-1", "u-1", 5),
        exposure("s-2", "u-2", "b", occurred_at=SENT + 30 * HOUR),
    )  # fmt: skip
    requests = [
        request(), request(spend()), request(window_hours=24), request(allocation="truelift"),
        request(variants=("a",)), request(as_of=SENT_AT + timedelta(hours=1)),
    ]  # fmt: skip
    with open_session(state, 1) as session:
        together = [measure(session, each) for each in requests]
    assert together == [measure(state, each) for each in requests]


def test_a_session_of_another_project_is_refused(build: Build) -> None:
    with (
        open_session(build(), 2) as session,
        pytest.raises(ValueError, match="project 2, not on 1"),
    ):
        measure(session, request())


@pytest.mark.parametrize(
    ("field", "value"),
    [("anchor", "opened"), ("allocation", "both"), ("as_of", datetime(2025, 3, 10))],  # noqa: DTZ001 - meant
)
def test_an_impossible_request_is_refused(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        request(**{field: value})
    assert refusal.value.field == field


def test_every_kind_is_measured() -> None:
    assert MEASURED.keys() == KINDS.keys()


def test_a_damaged_file_is_told(build: Build) -> None:
    state = build(exposure("s-1", "u-1", "a"))
    [path] = state.files(1, "exposure")
    path.write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(ReplicaUnreadable):
        measure(state, request())
    path.unlink()
    with pytest.raises(ReplicaUnreadable):
        measure(state, request())


def test_little_memory_goes_through_the_disk(build: Build) -> None:
    rows = [exposure(f"source-{n:0200}", f"unit-{n:0400}", "a") for n in range(30_000)]
    state = build(*rows)
    settings = EngineSettings(memory_limit="60MB", threads=2)
    with open_session(state, 1, settings) as session:
        assert measure(session, request()).samples["a"].units == 30_000
    assert list((state.folder / "spill").iterdir()) == []


def test_from_accepted_facts_to_samples(
    database: Database, project: Project, tmp_path: Path
) -> None:
    add_experiment(database)
    known = {"subject-line": KnownExperiment(1, False, {"a": False, "b": False})}
    at = datetime(2025, 3, 10, 1, tzinfo=UTC)
    facts: list[Exposure | Event] = [
        Exposure("s-1", "subject-line", "홍길동", "sent", at, "a", "email"),
        Exposure("s-2", "subject-line", "😀", "sent", at, "b", "email"),
        Event("e-1", "홍길동", "purchase", at, 42_000, properties={"상품": "신발"}),
        Event("e-2", "😀", "purchase", at, 30_000, "USD"),
        Event("e-1", "홍길동", "purchase", at, 42_000, properties={"상품": "신발"}),
    ]
    resolved = [resolve(fact, Context(known, project.currency)) for fact in facts]
    copy = Replica(tmp_path / "replica", database)
    for _ in range(2):
        with database.transaction() as db:
            append(db, project, resolved, received_at=at)
        found = measure(copy.refresh(), request(spend(where={"상품": "신발"})))
        assert found.samples == {
            "a": MeanSample(1, 42_000, 42_000**2, 1), "b": MeanSample(1, 0, 0, 1),
        }  # fmt: skip
        assert found.accounting.excluded == {"property_filter": 1}

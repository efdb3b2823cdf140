"""Appending: each fact once, on both databases."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import IntegrityError

from experiments.ledger.append import Outcome, append
from experiments.ledger.facts import Fact
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.storage.database import Database, DatabaseUnavailable
from experiments.storage.projects import Project
from experiments.storage.tables import ledger
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, event, exposure, known, register, stored

ACCEPTED, DUPLICATE, CONFLICT = Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.CONFLICT
RECEIVED = datetime(2025, 3, 10, 2, tzinfo=UTC)


def rows(facts: Sequence[Fact]) -> list[Resolved]:
    return [resolve(fact, Context({"spring": known()}, "KRW")) for fact in facts]


def append_facts(database: Database, project: Project, facts: Sequence[Fact]) -> list[Outcome]:
    with database.transaction() as db:
        return append(db, project, rows(facts), received_at=RECEIVED)


def test_a_fact_is_kept_with_everything_that_it_says(database: Database, project: Project) -> None:
    experiment_id = register(database, project)
    facts: list[Fact] = [
        event(type="purchase", value=42000, properties={"링크": "x"}, machine=True),
        exposure(type="planned_send", suppressed_reason="capped", channel="sms"),
    ]
    assert append_facts(database, project, facts) == [ACCEPTED, ACCEPTED]
    bought, planned = stored(database)
    assert (bought["value"], bought["currency"], bought["machine"]) == (42000, "KRW", True)
    assert bought["properties"] == {"링크": "x"}
    assert bought["received_at"] - bought["occurred_at"] == 3_600_000_000
    assert bought["experiment_id"] is None
    assert planned["experiment_id"] == experiment_id
    assert (planned["variant"], planned["channel"]) == ("a", "sms")
    assert (planned["suppressed_reason"], planned["properties"]) == ("capped", None)
    assert planned["import_id"] is None


def test_nothing_is_a_batch_too(database: Database, project: Project) -> None:
    assert append_facts(database, project, []) == []


def test_a_batch_sent_twice_counts_once(database: Database, project: Project) -> None:
    batch = [event(source_id=f"e-{number}") for number in range(1000)]
    assert append_facts(database, project, batch) == [ACCEPTED] * 1000
    assert append_facts(database, project, batch) == [DUPLICATE] * 1000
    assert len(stored(database)) == 1000


def test_a_known_id_with_another_body_is_a_conflict_and_the_first_stands(
    database: Database, project: Project
) -> None:
    append_facts(database, project, [event()])
    outcomes = append_facts(
        database, project, [event(type="click"), event(), event(source_id="e-2")]
    )
    assert outcomes == [CONFLICT, DUPLICATE, ACCEPTED]
    assert [row["type"] for row in stored(database)] == ["open", "open"]


def test_repeats_within_a_batch_are_told_apart_too(database: Database, project: Project) -> None:
    other = event(type="click")
    outcomes = append_facts(database, project, [event(), event(), other, event()])
    assert outcomes == [ACCEPTED, DUPLICATE, CONFLICT, DUPLICATE]
    assert append_facts(database, project, [other, other, event()]) == [
        CONFLICT,
        CONFLICT,
        DUPLICATE,
    ]
    assert [row["type"] for row in stored(database)] == ["open"]


def test_two_appends_of_one_transaction_know_of_each_other(
    database: Database, project: Project
) -> None:
    with database.transaction() as db:
        one = append(db, project, rows([event()]), received_at=RECEIVED)
        two = append(db, project, rows([event(), event(source_id="e-2")]), received_at=RECEIVED)
    assert (one, two) == ([ACCEPTED], [DUPLICATE, ACCEPTED])


def test_what_is_said_to_be_kept_is_though_what_stood_there_goes_meanwhile(
    postgresql_database: Database, now: datetime
) -> None:
    """An erasure deletes a row between the insert that met it and the look at what it met."""
    project = make_project(postgresql_database, now)
    append_facts(postgresql_database, project, [event()])
    asked: list[str] = []

    def before(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT source_id, digest") and not asked:
            asked.append(statement)
            with postgresql_database.transaction() as other:
                other.execute(delete(ledger))

    listen(postgresql_database.engine, "before_cursor_execute", before)
    try:
        outcomes = append_facts(postgresql_database, project, [event(type="click"), event()])
    finally:
        remove(postgresql_database.engine, "before_cursor_execute", before)
    assert asked
    assert outcomes == [ACCEPTED, CONFLICT]
    assert [row["type"] for row in stored(postgresql_database)] == ["click"]


def test_many_rows_of_which_one_is_known_are_all_told_of(
    database: Database, project: Project
) -> None:
    """Many at once are taken to be new, and looked at once they are not."""
    many = [event(source_id=f"e-{number:04}") for number in range(1200)]
    append_facts(database, project, [many[-1], event(source_id="e-0007", type="click")])
    outcomes = append_facts(database, project, [*many, many[3]])
    assert [outcomes[place] for place in (7, 1199, 1200)] == [CONFLICT, DUPLICATE, DUPLICATE]
    assert outcomes.count(ACCEPTED) == 1198
    assert len(stored(database)) == 1200


def test_ids_belong_to_their_project(database: Database, project: Project) -> None:
    other = make_project(database, AT, key="other")
    assert append_facts(database, project, [event()]) == [ACCEPTED]
    assert append_facts(database, other, [event(type="click")]) == [ACCEPTED]


def test_what_is_rolled_back_was_never_there(database: Database, project: Project) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as db:  # noqa: PT012 - what goes before the fault matters
        append(db, project, rows([event()]), received_at=RECEIVED)
        _ = 1 / 0
    assert stored(database) == []
    assert append_facts(database, project, [event()]) == [ACCEPTED]


def test_a_row_that_the_tables_own_checks_refuse_is_never_passed_over_in_silence(
    database: Database, project: Project
) -> None:
    [good] = rows([event()])
    bad = good._replace(fact="exposure", experiment_id=None)
    with (
        pytest.raises(IntegrityError, match="ck_ledger_exposure_complete"),
        database.transaction() as db,
    ):
        append(db, project, [bad], received_at=RECEIVED)
    assert stored(database) == []


@pytest.mark.parametrize("total", [9007199254740993, 4_000_000_001])
def test_sums_are_exact(database: Database, project: Project, total: int) -> None:
    facts = [event(source_id=f"e-{n}", type="purchase", value=total + n) for n in range(7)]
    append_facts(database, project, facts)
    with database.reading() as db:
        assert int(db.execute(select(func.sum(ledger.c.value))).scalar_one()) == total * 7 + 21


def test_hostile_texts_are_kept_as_they_are(database: Database, project: Project) -> None:
    texts = [
        "'; drop table ledger; --",
        "a\tb\nc\\N",
        "\\N",
        "\x01",
        "홍길동",
        "😀" * 200,
        '{"a":1}',
    ]
    facts = [
        event(source_id=f"e-{n}-{text}"[:256], unit_id=text, properties={text: text})
        for n, text in enumerate(texts)
        if len(text) <= 128
    ] + [event(source_id="long", unit_id="😀" * 1024)]
    assert set(append_facts(database, project, facts)) == {ACCEPTED}
    kept = {row["source_id"]: row for row in stored(database)}
    for fact in facts:
        assert kept[fact.source_id]["unit_id"] == fact.unit_id
        assert (kept[fact.source_id]["properties"] or {}) == fact.properties


@pytest.mark.parametrize("during", ["before", "after"])
def test_a_database_that_goes_away_is_said_to_be_away(
    postgresql_database: Database, during: str
) -> None:
    project = make_project(postgresql_database, AT)

    def interrupted() -> None:
        with postgresql_database.transaction() as db:
            if during == "after":
                append(db, project, rows([event(source_id="e-0")]), received_at=RECEIVED)
            pid = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with postgresql_database.reading() as other:
                other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))
            append(db, project, rows([event()]), received_at=RECEIVED)

    with pytest.raises(DatabaseUnavailable):
        interrupted()
    assert stored(postgresql_database) == []
    assert append_facts(postgresql_database, project, [event()]) == [ACCEPTED]


def test_writers_at_once_keep_each_fact_once(database: Database, project: Project) -> None:
    batch = [event(source_id=f"e-{number}") for number in range(300)]
    outcomes: list[Outcome] = []

    def send(facts: Sequence[Fact]) -> None:
        outcomes.extend(append_facts(database, project, facts))

    senders = [
        threading.Thread(target=send, args=(batch if n % 2 else batch[::-1],)) for n in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert outcomes.count(ACCEPTED) == 300
    assert outcomes.count(DUPLICATE) == 900
    assert len(stored(database)) == 300


LOG: list[Fact] = [
    *(event(source_id=f"e-{n}", unit_id=str(n % 3), type="purchase", value=n) for n in range(8)),
    *(exposure(source_id=f"m-{n}", unit_id=str(n)) for n in range(4)),
]


@pytest.fixture
def with_experiment(database: Database, project: Project) -> Database:
    """A database that knows the experiment of ``LOG``."""
    register(database, project)
    return database


EXAMPLES = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(EXAMPLES, max_examples=60)
@given(st.data())
def test_any_order_and_any_repetition_of_a_log_stores_the_same(
    with_experiment: Database, project: Project, data: st.DataObject
) -> None:
    check_any_order(with_experiment, project, data)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=200)
@given(st.data())
def test_any_order_and_any_repetition_stores_the_same_more_often(
    with_experiment: Database, project: Project, data: st.DataObject
) -> None:
    check_any_order(with_experiment, project, data)


def check_any_order(with_experiment: Database, project: Project, data: st.DataObject) -> None:
    """F10 of the reliability goals: shuffled, repeated, cut in two at will."""
    with with_experiment.transaction() as db:
        db.execute(delete(ledger))
    repeated = data.draw(st.permutations(LOG + data.draw(st.lists(st.sampled_from(LOG)))))
    cut = data.draw(st.integers(0, len(repeated)))
    outcomes = append_facts(with_experiment, project, repeated[:cut])
    outcomes += append_facts(with_experiment, project, repeated[cut:])
    assert outcomes.count(ACCEPTED) == len(LOG)
    assert outcomes.count(DUPLICATE) == len(repeated) - len(LOG)
    kept = [(row["source_id"], row["unit_id"], row["value"]) for row in stored(with_experiment)]
    assert kept == sorted((row.source_id, row.unit_id, row.value) for row in rows(LOG))

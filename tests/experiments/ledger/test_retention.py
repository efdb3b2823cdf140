"""Retention: old facts refused, added up once, dropped; whatever is sent again or interrupted."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from experiments.errors import Invalid
from experiments.ledger import append as append_module
from experiments.ledger.append import Outcome, append
from experiments.ledger.append_postgresql import announce
from experiments.ledger.batch import Batch, record
from experiments.ledger.facts import Event
from experiments.ledger.gate import gate_of
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.resolve import Context, resolve
from experiments.ledger.retained import Total, sweep, totals_of
from experiments.ledger.retention import (
    GRACE_DAYS,
    Retention,
    begins,
    day_of,
    retention_of,
    set_retention,
)
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, imports, ledger, shadows
from tests.conftest import make_project
from tests.experiments.ledger.factories import event, exposure, register, stored

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2025, 6, 10, 12, tzinfo=SEOUL)
# What 40 days keep on that day.
OLDEST = date(2025, 5, 1)
HASHER = AliasHasher(bytes(32))


def keep(database: Database, project: Project, days: int | None, now: datetime = NOW) -> Retention:
    with database.transaction() as db:
        return set_retention(db, days, Edit(project, Actor("admin@example.com"), now))


def send(
    database: Database, project: Project, *events: Event, now: datetime = NOW
) -> list[Outcome]:
    rows = [resolve(each, Context({}, "KRW")) for each in events]
    with database.transaction() as db:
        return append(db, project, rows, received_at=now)


def bought(number: int, at: datetime, value: int | None = 1000) -> Event:
    return event(source_id=f"o-{number}", type="purchase", occurred_at=at, value=value)


def totals(database: Database, project: Project) -> list[Total]:
    with database.reading() as db:
        return [total for _, total in totals_of(db, project)]


def on(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SEOUL)


@pytest.fixture
def on_sqlite(sqlite_database: Database) -> tuple[Database, Project]:
    """For rules that are the same on both databases."""
    return sqlite_database, make_project(sqlite_database, NOW)


def test_without_a_bound_everything_is_kept(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    with database.reading() as db:
        assert retention_of(db, project, NOW) == Retention(None, None, None)
    send(database, project, bought(1, datetime(1999, 1, 1, tzinfo=UTC)))
    assert sweep(database, project, NOW).dropped == 0
    assert len(stored(database)) == 1


@pytest.mark.parametrize("days", [0, 29, 36_501])
def test_a_bound_that_is_none_is_refused(on_sqlite: tuple[Database, Project], days: int) -> None:
    with pytest.raises(Invalid) as refusal:
        keep(*on_sqlite, days)
    assert refusal.value.field == "days"


def test_who_set_it_is_written_down(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    keep(database, project, 400)
    keep(database, project, None)
    with database.reading() as db:
        query = select(audit.c.before, audit.c.after).where(audit.c.action == "retention.set")
        query = query.order_by(audit.c.id)
        assert [tuple(row) for row in db.execute(query)] == [
            ({"days": None}, {"days": 400}), ({"days": 400}, {"days": None}),
        ]  # fmt: skip


def test_days_begin_in_the_projects_zone(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    kept = keep(database, project, 40)
    assert kept == Retention(40, OLDEST, None)
    before = datetime(2025, 4, 30, 23, 59, 59, 999_999, tzinfo=SEOUL)
    after = datetime(2025, 5, 1, tzinfo=SEOUL)
    assert send(database, project, bought(1, before), bought(2, after)) == [
        Outcome.TOO_OLD, Outcome.ACCEPTED,
    ]  # fmt: skip
    # The day moves on at midnight in Seoul, not in London.
    tomorrow = datetime(2025, 6, 10, 15, 1, tzinfo=UTC)
    assert send(database, project, bought(3, after), now=tomorrow) == [Outcome.TOO_OLD]


def test_an_old_item_is_told_by_itself(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    keep(database, project, 40)
    old, good = bought(1, on(date(2025, 4, 1))), bought(2, on(OLDEST))
    with database.transaction() as db:
        result = record(db, project, Batch(((0, old), (1, good)), ()), now=NOW)
    assert result.accepted == 1
    told = [(each.index, each.id, each.error.field, each.error.code) for each in result.rejected]
    assert told == [(0, "o-1", "occurred_at", "before_retention")]


def test_aliases_are_kept_however_old(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    keep(database, project, 40)
    fact = resolve(AliasFact(Alias("email", "a@b.kr"), "1"), Context({}, "KRW", HASHER))
    with database.transaction() as db:
        assert append(db, project, [fact], received_at=NOW) == [Outcome.ACCEPTED]
    assert sweep(database, project, NOW).dropped == 0


def test_sums_are_exact_beyond_64_bits(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    largest = 2**63 - 1
    send(database, project, *(bought(number, on(date(2025, 1, 1)), largest) for number in range(3)))
    keep(database, project, 40)
    sweep(database, project, NOW)
    (total,) = totals(database, project)
    assert (total.facts, total.total, total.amount) == (3, 3 * largest, Decimal(3 * largest))


def test_rows_of_a_withdrawn_import_count_for_nothing(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    with database.transaction() as db:
        made = insert(imports).values(
            project_id=project.id, name="wrong", file_sha256="0" * 64, file_bytes=1, mapping={},
            state="withdrawn", rejects=[], created_at=NOW, created_by="minji",
        )  # fmt: skip
        import_id = db.execute(made.returning(imports.c.id)).scalar_one()
    send(database, project, bought(1, on(date(2025, 1, 1))), bought(2, on(date(2025, 1, 1))))
    with database.transaction() as db:
        mine = update(ledger).where(ledger.c.source_id == "o-1")
        db.execute(mine.values(import_id=import_id))
    keep(database, project, 40)
    assert sweep(database, project, NOW).dropped == 2
    assert [each.facts for each in totals(database, project)] == [1]


def test_another_projects_facts_stay(on_sqlite: tuple[Database, Project]) -> None:
    database, project = on_sqlite
    other = make_project(database, NOW, "other")
    send(database, other, bought(1, on(date(2025, 1, 1))))
    send(database, project, bought(1, on(date(2025, 1, 1))))
    keep(database, project, 40)
    assert sweep(database, project, NOW).dropped == 1
    assert [row["project_id"] for row in stored(database)] == [other.id]


@settings(max_examples=200)
@given(at=st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_day_holds_its_instants(at: datetime) -> None:
    project = Project(1, "shop", "가게", "Europe/London", "GBP", "en")
    moment = int(
        (at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)
    )
    day = date(1970, 1, 1) + timedelta(days=day_of(moment, project))
    assert begins(day, project) <= moment < begins(day + timedelta(days=1), project)


def test_old_facts_are_added_up_and_dropped(database: Database, project: Project) -> None:
    register(database, project)
    day, kept = date(2025, 4, 1), OLDEST - timedelta(days=GRACE_DAYS)
    facts = [
        *(bought(number, on(day, number), 1000 + number) for number in range(7)),
        event(source_id="c-1", type="click", occurred_at=on(day), machine=True, channel="email"),
        event(source_id="c-2", type="click", occurred_at=on(kept)),
    ]
    send(database, project, *facts)
    with database.transaction() as db:
        batch = Batch(((0, exposure(occurred_at=on(day), channel="email")),), ())
        record(db, project, batch, now=NOW)
        before = ledger_identity(db)
    keep(database, project, 40)
    swept = sweep(database, project, NOW, chunk=2)
    assert (swept.dropped, swept.before) == (9, kept)
    assert [row["source_id"] for row in stored(database)] == ["c-2"]
    assert Counter(totals(database, project)) == Counter([
        Total(day, "event", "purchase", None, "KRW", False, 7, 7021),
        Total(day, "event", "click", "email", None, True, 1, 0),
        Total(day, "exposure", "sent", "email", None, False, 1, 0),
    ])  # fmt: skip
    with database.reading() as db:
        after = ledger_identity(db)
        assert retention_of(db, project, NOW).dropped_before == date(2025, 4, 2)
    assert after != before
    assert sweep(database, project, NOW).dropped == 0
    with database.reading() as db:
        assert ledger_identity(db) == after


def test_what_was_dropped_never_counts_again(database: Database, project: Project) -> None:
    facts = [bought(number, on(date(2025, 4, 1))) for number in range(3)]
    send(database, project, *facts)
    keep(database, project, 40)
    sweep(database, project, NOW)
    added = totals(database, project)
    for days in (40, 365, None):
        keep(database, project, days)
        assert send(database, project, *facts) == [Outcome.TOO_OLD] * 3
        later = bought(9, on(date(2025, 4, 2)))
        assert send(database, project, later)[0] is not Outcome.TOO_OLD or days == 40
        assert sweep(database, project, NOW).dropped == 0
    assert totals(database, project) == added


def test_shadows_of_what_was_dropped_go_too(database: Database, project: Project) -> None:
    send(database, project, bought(1, on(date(2025, 4, 1))))
    with database.transaction() as db:
        made = insert(imports).values(
            project_id=project.id, name="f", file_sha256="0" * 64, file_bytes=1, mapping={},
            state="done", rejects=[], created_at=NOW, created_by="minji",
        )  # fmt: skip
        import_id = db.execute(made.returning(imports.c.id)).scalar_one()
        db.execute(
            insert(shadows).values(
                project_id=project.id, source_id="o-1", standing_import_id=import_id,
                received_at=0, outcome="duplicate", unit_id="1", fact_row={},
            )
        )  # fmt: skip
    keep(database, project, 40)
    sweep(database, project, NOW)
    with database.reading() as db:
        assert db.execute(select(shadows)).all() == []


def test_whoever_writes_while_less_is_kept_counts_nothing_twice(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact that is sent again while its first copy is about to be dropped."""
    database, project = postgresql_database, make_project(postgresql_database, NOW)
    old = bought(1, on(date(2025, 4, 1)))
    send(database, project, old)
    with ThreadPoolExecutor(1) as aside, database.transaction() as db:
        announce(db)
        looked_up = gate_of(db, project, NOW)
        monkeypatch.setattr(append_module, "gate_of", lambda *_: looked_up)
        keep(database, project, 40)
        sweeping = aside.submit(sweep, database, project, NOW)
        with pytest.raises(FutureTimeout):
            sweeping.result(0.3)
        again = resolve(old, Context({}, "KRW"))
        assert append(db, project, [again], received_at=NOW) == [Outcome.DUPLICATE]
        db.commit()
        assert sweeping.result(10).dropped == 1
    (total,) = totals(database, project)
    assert total.facts == 1


def test_an_interrupted_sweep_goes_on(database: Database, project: Project) -> None:
    send(database, project, *(bought(number, on(date(2025, 4, 1)), 1) for number in range(25)))
    keep(database, project, 40)
    for allowed in range(4):
        with pytest.raises(ConnectionError):
            sweep(_Failing(database, allowed), project, NOW, chunk=3)  # type: ignore[arg-type] # a database that fails
        gone = sum(each.facts for each in totals(database, project))
        assert gone + len(stored(database)) == 25
    sweep(database, project, NOW, chunk=3)
    (total,) = totals(database, project)
    assert (total.facts, total.total, stored(database)) == (25, 25, [])


class _Failing:
    """A database that fails after so many transactions, before the commit of the next."""

    def __init__(self, database: Database, transactions: int) -> None:
        self.reading = database.reading
        self.dialect = database.dialect
        self._database = database
        self._left = transactions

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self._database.transaction() as db:
            yield db
            self._left -= 1
            if self._left < 0:
                raise ConnectionError

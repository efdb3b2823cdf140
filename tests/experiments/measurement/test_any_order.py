"""One log of all sources, in any order, cut anyhow, with anything sent again: one answer.

The ledger is the real one, on SQLite, and rolled back after each example. What would be
measured is read in plain Python for every example, and by the engine for one in 100; that
the two agree is tested elsewhere (``test_agreement``).
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from experiments.ledger.append import append
from experiments.ledger.batch import Batch, place_batch, read_batch
from experiments.ledger.facts import read_event
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.repeats import Repeats, repeats_up_to
from experiments.ledger.resolve import Resolved
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import received
from experiments.ledger.sources.settings import read_settings
from experiments.measurement.contacts import contact_counts
from experiments.measurement.exposures import exposure_counts
from experiments.measurement.measure import MeasureRequest, measure
from experiments.measurement.session import open_session
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger
from stats.samples import BinomialSample, MeanSample
from tests.conftest import NOW, make_project
from tests.experiments.ledger.factories import known, register
from tests.experiments.measurement.ledger import Row, replica_of, withdrawal
from tests.experiments.measurement.oracle import expected
from tests.experiments.measurement.test_measure import opens, request, spend

RECORDED = Path(__file__).resolve().parents[3] / "sample_data" / "recorded"
ARRIVED = datetime(2025, 3, 10, 1, 0, 10, tzinfo=UTC)
HASHER = AliasHasher(bytes(32))
EXPERIMENTS = {"spring-mail": known(id=1, allocates=False, phases=())}
KPIS = [opens(), opens(event="click"), spend(), opens(event="purchase")]
WRONG_FILE = 7
# Of a burst of deliveries, how many are engine-measured too.
MEASURED = 100


def at(second: int) -> str:
    return f"2025-03-10T01:{second // 60:02}:{second % 60:02}Z"


# One customer: a mail tool knows the address, the app the number, analytics the browser.
MAIL = [
    {"email": "Jiwoo@Example.com", "timestamp": 1741568400, "event": "processed",
     "sg_event_id": "j-1", "sg_message_id": "j-m", "experiment": "spring-mail", "variant": "a"},
    {"email": " jiwoo@example.com", "timestamp": 1741568460, "event": "open",
     "sg_event_id": "j-2", "sg_message_id": "j-m"},
]  # fmt: skip
APP = [
    {"source_id": "j-order", "unit_id": "jiwoo", "type": "purchase", "value": 42000,
     "currency": "KRW", "occurred_at": at(120)}
]  # fmt: skip
ANALYTICS = {
    "batch": [
        {"type": "track", "messageId": "j-3", "anonymousId": "browser-9", "timestamp": at(90),
         "event": "Product Added", "properties": {}},
        {"type": "identify", "messageId": "j-4", "userId": "jiwoo", "anonymousId": "browser-9",
         "timestamp": at(150), "traits": {"email": "jiwoo@example.com"}},
    ]
}  # fmt: skip


def placed(batch: Batch, project: Project) -> tuple[Resolved, ...]:
    found = place_batch(batch, EXPERIMENTS, project, hasher=HASHER)
    assert not found.rejected or found.rows
    return found.rows


def of_source(name: str, body: object, project: Project, **given: Any) -> tuple[Resolved, ...]:
    return placed(received(SOURCES[name], body, read_settings(given), ARRIVED).batch, project)


def story(project: Project) -> list[Resolved]:
    return [
        *of_source("sendgrid", MAIL, project),
        *of_source("segment", ANALYTICS, project),
        *placed(read_batch(APP, read_event), project),
    ]


def log_of_all_sources(project: Project) -> list[Resolved]:
    """Everything recorded of every source, and the story of one customer."""
    facts = story(project)
    for name in sorted(SOURCES):
        text = (RECORDED / f"{name}.json").read_text(encoding="utf-8")
        example = json.loads(text, parse_float=Decimal)
        facts += of_source(name, example["body"], project, **example["settings"])
    # Google Analytics tells a purchase twice, under one id; which of the two stands is chance.
    return list({fact.source_id: fact for fact in facts}.values())


# Nothing that hypothesis should write out for every example.
@dataclass(frozen=True, repr=False)
class Shop:
    """A database with the test's project, and the log."""

    database: Database
    project: Project
    log: Sequence[Resolved]


@pytest.fixture(scope="module")
def shop(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    path = tmp_path_factory.mktemp("any-order") / "truelift.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database.open(f"sqlite:///{path}")
    project = make_project(database, NOW)
    assert register(database, project, "spring-mail") == 1
    file = {
        "id": WRONG_FILE, "project_id": project.id, "name": "x.csv", "file_sha256": "",
        "file_bytes": 0, "mapping": {}, "state": "withdrawn", "rejects": [], "created_at": NOW,
        "created_by": "test",
    }  # fmt: skip
    with database.transaction() as db:
        db.execute(insert(imports).values(file))
    yield Shop(database, project, log_of_all_sources(project))
    database.dispose()


class RolledBackError(Exception):
    """Leaves nothing of an example behind."""


@contextmanager
def passing(database: Database) -> Iterator[Connection]:
    with suppress(RolledBackError), database.transaction() as db:
        yield db
        raise RolledBackError


def deliveries(rng: random.Random, log: Sequence[Resolved]) -> Iterator[list[Resolved]]:
    """The log shuffled, some of it sent up to three times, in batches of any size."""
    sent = [fact._replace() for fact in log for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    rng.shuffle(sent)
    while sent:
        size = rng.choice([1, 2, 5, 20, 100])
        yield sent[:size]
        sent = sent[size:]


def replay(
    shop: Shop, batches: Sequence[Sequence[Resolved]], wrong: Sequence[Resolved] = ()
) -> tuple[list[Row], Repeats]:
    """The ledger's rows after all batches, in their order, and what was counted as repeated.

    The wrong file's rows come in the middle, and their import is withdrawn in the end.
    """
    with passing(shop.database) as db:
        for number, batch in enumerate(batches):
            if wrong and number == len(batches) // 2:
                take(db, shop, wrong, import_id=WRONG_FILE)
            take(db, shop, batch)
        if wrong:
            db.execute(insert(ledger).values(withdrawal(WRONG_FILE)))
        rows = db.execute(select(ledger).order_by(ledger.c.position)).mappings().all()
        repeats = repeats_up_to(db, shop.project, rows[-1]["position"] + 1)
    return [dict(row) for row in rows], repeats


def take(db: Connection, shop: Shop, facts: Sequence[Resolved], **whence: Any) -> None:
    append(db, shop.project, facts, received_at=ARRIVED, **whence)


def content(rows: Sequence[Row]) -> list[Row]:
    """All but the order of arrival."""
    bare = [{name: row[name] for name in row if name != "position"} for row in rows]
    return sorted(bare, key=lambda row: str(row["source_id"]))


def read_plainly(rows: list[Row]) -> list[Any]:
    """As the plain reading has it; customers in no order, as they have none."""
    found = [expected(rows, asked(kpi)) for kpi in KPIS]
    for each in found:
        for of_variant in (each.values, each.openers):
            for people in of_variant.values():
                people.sort()
    return found


def measured(rows: list[Row], folder: Path) -> list[Any]:
    """All that a report would say, but for the SQL."""
    with open_session(replica_of(folder, rows), 1) as session:
        found = [measure(session, asked(kpi)) for kpi in KPIS]
        met = exposure_counts(session, asked(KPIS[0]))
        facts = [vars(each) | {"sql": ""} for each in (*found, met)]
        return [*facts, contact_counts(session, asked(KPIS[0]))]


def asked(kpi: Any) -> MeasureRequest:
    return request(kpi, as_of=datetime(2025, 4, 1, tzinfo=UTC))


def check(shop: Shop, seed: int, folder: Callable[[], Path]) -> None:
    rng = random.Random(seed)
    wrong = rng.sample(list(shop.log), rng.choice([0, 0, 5, 20]))
    log = [fact for fact in shop.log if fact not in wrong]
    batches = list(deliveries(rng, log))
    in_order, _ = replay(shop, [log], wrong)
    rows, repeats = replay(shop, batches, wrong)
    assert content(rows) == content(in_order)
    again = sum(map(len, batches)) - len(log)
    assert sum(repeats.values()) == again
    assert {outcome for *_, outcome in repeats} <= {"duplicate"}
    assert read_plainly(rows) == read_plainly(in_order)
    never, _ = replay(shop, [log])
    plain = read_plainly(rows)
    assert [each.received for each in plain] == [of_type(rows, kpi) for kpi in KPIS]
    for each in plain:
        each.received -= each.excluded.pop("withdrawn", 0)
    assert plain == read_plainly(never)
    if seed % MEASURED == 0:
        assert measured(rows, folder()) == measured(in_order, folder())


def of_type(rows: Sequence[Row], kpi: Any) -> int:
    counts = Counter((row["fact"], row["type"]) for row in rows)
    return counts["event", kpi.formula.event]


# One example is a whole log: nothing is gained by making it smaller.
EXAMPLES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def folders(tmp_path: Path) -> Callable[[], Path]:
    numbers = iter(range(10_000))
    return lambda: tmp_path / f"replica-{next(numbers)}"


@settings(EXAMPLES, max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_any_order_and_repetition_gives_the_same(shop: Shop, tmp_path: Path, seed: int) -> None:
    check(shop, seed * MEASURED + 1, folders(tmp_path))


@pytest.mark.slow
def test_the_engine_measures_the_same_in_another_order(shop: Shop, tmp_path: Path) -> None:
    next_folder = folders(tmp_path)
    for seed in range(2):
        check(shop, seed * MEASURED, next_folder)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=2000)
@given(seed=st.integers(0, 10**6))
def test_any_order_and_repetition_gives_the_same_2000_times(
    shop: Shop, tmp_path: Path, seed: int
) -> None:
    with TemporaryDirectory(dir=tmp_path) as folder:
        check(shop, seed, folders(Path(folder)))


def is_one_customer(shop: Shop, order: Sequence[Resolved], folder: Path) -> None:
    """Sent, opened, put something into the cart and bought: all of it is one unit's."""
    rows, _ = replay(shop, [[fact] for fact in order])
    with open_session(replica_of(folder, rows), 1) as session:
        bought = measure(session, asked(spend()))
        assert bought.samples["a"] == MeanSample(1, 42_000, 42_000**2, 1)
        assert bought.accounting.excluded == {}
        opened = measure(session, asked(opens()))
        assert opened.samples["a"] == BinomialSample(1, 1)
        added = measure(session, asked(opens(event="Product Added")))
        assert added.samples["a"] == BinomialSample(1, 1)
        assert exposure_counts(session, asked(opens())).units == {"a": 1}


def test_a_mail_an_order_and_a_visit_are_one_customers(shop: Shop, tmp_path: Path) -> None:
    facts = story(shop.project)
    assert [fact.unit_id is None for fact in facts] == [True, True, True, False, False, False]
    is_one_customer(shop, facts, tmp_path / "as-told")
    is_one_customer(shop, facts[::-1], tmp_path / "backwards")


@pytest.mark.slow
@settings(EXAMPLES, max_examples=30)
@given(data=st.data())
def test_they_are_one_customers_in_any_order(
    shop: Shop, tmp_path: Path, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(story(shop.project)))
    with TemporaryDirectory(dir=tmp_path) as folder:
        is_one_customer(shop, order, Path(folder) / "replica")

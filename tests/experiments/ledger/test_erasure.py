"""Erasing a customer: nothing of them stays, nothing of anybody else goes, nothing comes back."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from experiments.errors import Invalid
from experiments.ledger.append import Outcome, append
from experiments.ledger.batch import Batch, record
from experiments.ledger.customer_facts import Customer, Spans, customer_of
from experiments.ledger.erased_rejects import Mentions
from experiments.ledger.erasure import Erased, erase_unit
from experiments.ledger.facts import Event, Fact
from experiments.ledger.gate import gate_of
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.imports.reject import Reject
from experiments.ledger.resolve import Context, resolve
from experiments.ledger.shadows import keep_shadows
from experiments.ledger.standstill import WritersBusy
from experiments.ledger.tombstones import CustomerErased, name_of_unit, tombstone
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.registry.unit_lists import ListDraft, change_members, create_list, members_of
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, erasures, imports, metadata, overrides
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, event, exposure, known, register, stored

HASHER = AliasHasher(bytes(range(32)))
ACTOR = Actor("admin@example.com")
ID, OLD, EMAIL = "customer-77", "anon-77", "minji77@example.com"
HASHED = HASHER.hashed(Alias("email", EMAIL))
HOUR = timedelta(hours=1)


@dataclass
class Shop:
    """A project, and the folder of its imports."""

    database: Database
    project: Project
    folder: Path

    def send(self, *facts: Fact, import_id: int | None = None) -> list[Outcome]:
        context = Context({"spring": known()}, "KRW", HASHER)
        rows = [resolve(fact, context) for fact in facts]
        with self.database.transaction() as db:
            return append(
                db, self.project, rows, received_at=AT, import_id=import_id, hasher=HASHER
            )

    def erase(self, unit_id: str = ID, reason: str | None = None) -> Erased:
        edit = Edit(self.project, ACTOR, AT)
        return erase_unit(
            self.database, unit_id, edit, hasher=HASHER, folder=self.folder, reason=reason
        )

    def source_ids(self) -> list[str]:
        return [row["source_id"] for row in stored(self.database)]

    def dump(self) -> str:
        with self.database.reading() as db:
            tables = [db.execute(select(table)).all() for table in metadata.sorted_tables]
        files = [path.read_text() for path in sorted(self.folder.glob("*"))]
        return repr(tables) + "".join(files)


@pytest.fixture
def shop(database: Database, project: Project, tmp_path: Path) -> Shop:
    register(database, project)
    (tmp_path / "imports").mkdir()
    return Shop(database, project, tmp_path / "imports")


@pytest.fixture
def on_sqlite(sqlite_database: Database, now: datetime, tmp_path: Path) -> Shop:
    """For rules that are the same on both databases."""
    (tmp_path / "imports").mkdir()
    return Shop(sqlite_database, make_project(sqlite_database, now), tmp_path / "imports")


def named(source_id: str, alias: str, at: datetime = AT, kind: str = "email") -> Event:
    return event(source_id=source_id, unit_id=None, alias=Alias(kind, alias), occurred_at=at)


def is_known(alias: str, unit_id: str, since: datetime = AT, kind: str = "email") -> AliasFact:
    return AliasFact(Alias(kind, alias), unit_id, since)


def plant(shop: Shop, unit_id: str, old: str, email: str, start: int) -> None:
    """A customer in every table that may hold one."""
    facts: list[Fact] = [
        event(source_id=f"s-{start}", unit_id=unit_id, properties={"mail": email}),
        exposure(source_id=f"s-{start + 1}", unit_id=unit_id),
        event(source_id=f"s-{start + 2}", unit_id=old),
        named(f"s-{start + 3}", email),
        is_known(email, unit_id), is_known(old, unit_id, kind="unit"),
    ]  # fmt: skip
    assert shop.send(*facts) == [Outcome.ACCEPTED] * 6
    edit = Edit(shop.project, ACTOR, AT)
    with shop.database.transaction() as db:
        change_members(db, "refused", add=[unit_id, old], remove=[], edit=edit)
        tester = {"experiment_id": 1, "unit_id": unit_id, "variant": "a"}
        db.execute(insert(overrides).values(**tester, created_at=AT, created_by="minji"))
        reject = Reject.of(start, Invalid(field="type", expected="open", got=unit_id), "")
        row = {
            "project_id": shop.project.id, "name": "f.csv", "file_sha256": "0" * 64,
            "file_bytes": 1, "mapping": {}, "rejects": [reject.document(with_row=False)],
            "state": "done" if start else "paused", "created_at": AT, "created_by": "minji",
        }  # fmt: skip
        made = db.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
        context = Context({}, "KRW", HASHER)
        met = [resolve(each, context) for each in (event(unit_id=unit_id), named("x", email))]
        keep_shadows(
            db, shop.project, [(each, "conflict", made) for each in met],
            received_at=0, import_id=None,
        )  # fmt: skip
    lines = [
        Reject.of(2, Invalid(expected="a", got="b"), f"e-1,{unit_id},open"),
        Reject.of(3, Invalid(expected="a", got="b"), f'e-2,"{email.upper()}",open'),
        Reject.of(4, Invalid(expected="a", got=old), ""),
        Reject.of(5, Invalid(expected="a", got="b"), "e-3,nobody,open"),
    ]
    text = "".join(json.dumps(each.document()) + "\n" for each in lines)
    (shop.folder / f"{made}.rejects").write_text(text)


def test_everything_of_a_customer_goes_and_nothing_of_another(shop: Shop) -> None:
    with shop.database.transaction() as db:
        draft = ListDraft("refused", "수신거부", "suppression")
        create_list(db, draft, Edit(shop.project, ACTOR, AT))
    plant(shop, ID, OLD, EMAIL, 0)
    plant(shop, "customer-770", "anon-770", "minji770@example.com", 10)
    with shop.database.reading() as db:
        identity = ledger_identity(db)
    erased = shop.erase(reason="asked for by mail")
    assert erased == Erased(rows=6, shadows=2, lists=2, overrides=1, rejects=4, open_imports=(1,))
    left = shop.dump()
    for word in (ID, OLD, EMAIL, EMAIL.upper(), HASHED):
        assert f"'{word}'" not in left
        assert f"{word}," not in left
        assert f'"{word}"' not in left
    assert shop.source_ids()[-4:] == [f"s-{number}" for number in (10, 11, 12, 13)]
    assert left.count("minji770@example.com") == 1
    with shop.database.reading() as db:
        assert ledger_identity(db) != identity
        kept = members_of(db, shop.project, "refused")
        assert (len(kept), "customer-770" in kept, ID in kept) == (2, True, False)
        row = db.execute(select(audit).where(audit.c.action == "unit.erase")).one()
    assert row.object_key == tombstone(HASHER, name_of_unit(ID))
    assert (row.after["rows"], row.after["reason"]) == (6, "asked for by mail")
    lines = [json.loads(line) for line in (shop.folder / "1.rejects").read_text().splitlines()]
    assert [each["code"] for each in lines] == ["customer_erased"] * 3 + ["invalid"]
    assert [each["line"] for each in lines] == [2, 3, 4, 5]


def test_nothing_of_them_comes_back(shop: Shop) -> None:
    shop.send(event(unit_id=ID), is_known(EMAIL, ID), is_known(OLD, ID, kind="unit"))
    shop.erase()
    later: list[Fact] = [
        event(source_id="l-1", unit_id=ID), exposure(source_id="l-2", unit_id=OLD),
        named("l-3", EMAIL.upper()), is_known(EMAIL, "somebody"), is_known("a@b.kr", ID),
        is_known(ID, "somebody", kind="unit"), event(source_id="l-4", unit_id="somebody"),
    ]  # fmt: skip
    assert shop.send(*later) == [Outcome.ERASED] * 6 + [Outcome.ACCEPTED]
    assert shop.source_ids() == ["l-4"]
    with shop.database.reading() as db:
        refused = db.execute(select(erasures.c.refused)).scalars().all()
    assert (len(refused), sum(refused)) == (3, 6)
    with shop.database.transaction() as db:
        batch = Batch(((3, event(source_id="l-5", unit_id=ID)),), ())
        result = record(db, shop.project, batch, now=AT, hasher=HASHER)
    (told,) = result.rejected
    assert (told.index, told.error.code, told.error.field) == (3, "customer_erased", "unit_id")
    assert isinstance(told.error, CustomerErased)


def test_a_write_that_did_not_see_the_tombstone_is_waited_for(shop: Shop) -> None:
    done: list[Erased] = []
    eraser = threading.Thread(target=lambda: done.append(shop.erase()))
    with shop.database.transaction() as db:
        row = resolve(event(unit_id=ID), Context({}, "KRW"))
        assert append(db, shop.project, [row], received_at=AT, hasher=HASHER) == [Outcome.ACCEPTED]
        eraser.start()
        eraser.join(0.3)
        assert not done
    eraser.join()
    assert (done[0].rows, shop.source_ids()) == (1, [])


def test_asked_for_again_it_finds_nothing_more(on_sqlite: Shop) -> None:
    on_sqlite.send(event(unit_id=ID))
    assert on_sqlite.erase().rows == 1
    with on_sqlite.database.reading() as db:
        identity = ledger_identity(db)
    assert on_sqlite.erase() == Erased(0, 0, 0, 0, 0, ())
    with on_sqlite.database.reading() as db:
        assert ledger_identity(db) == identity
        assert db.execute(select(erasures.c.rows)).scalars().all() == [1]


def test_somebody_unknown_can_be_kept_out(on_sqlite: Shop) -> None:
    assert on_sqlite.erase().rows == 0
    assert on_sqlite.send(event(unit_id=ID)) == [Outcome.ERASED]


def test_in_another_project_they_are_somebody_else(on_sqlite: Shop) -> None:
    other = Shop(
        on_sqlite.database, make_project(on_sqlite.database, AT, "other"), on_sqlite.folder
    )
    other.send(event(unit_id=ID))
    on_sqlite.erase()
    assert other.send(event(source_id="e-2", unit_id=ID)) == [Outcome.ACCEPTED]
    assert len(other.source_ids()) == 2


@pytest.mark.parametrize("unit_id", ["", "x" * 1025, "a\0b"])
def test_what_is_no_id_is_refused(on_sqlite: Shop, unit_id: str) -> None:
    with pytest.raises(Invalid) as refusal:
        on_sqlite.erase(unit_id)
    assert refusal.value.field == "unit_id"


@pytest.mark.parametrize("reason", [f"{ID} asked", "x" * 1001])
def test_a_reason_that_cannot_be_kept_is_refused(on_sqlite: Shop, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        on_sqlite.erase(reason=reason)
    assert refusal.value.field == "reason"
    assert ID not in str(refusal.value)
    assert on_sqlite.send(event(unit_id=ID)) == [Outcome.ACCEPTED]


def test_an_address_that_was_others_too_is_erased_for_their_time(on_sqlite: Shop) -> None:
    shared = "family@example.com"
    on_sqlite.send(
        is_known(shared, "mother", AT), is_known(shared, ID, AT + 2 * HOUR),
        is_known(shared, "father", AT + 4 * HOUR),
        *(named(f"h-{hour}", shared, AT + hour * HOUR) for hour in range(6)),
    )  # fmt: skip
    assert on_sqlite.erase().rows == 3
    assert [each for each in on_sqlite.source_ids() if each.startswith("h-")] == [
        "h-0", "h-1", "h-4", "h-5",
    ]  # fmt: skip
    assert on_sqlite.send(named("h-6", shared, AT + 6 * HOUR)) == [Outcome.ACCEPTED]


def test_where_nobody_can_say_whose_it_is_it_goes(on_sqlite: Shop) -> None:
    on_sqlite.send(is_known(EMAIL, ID), is_known(EMAIL, "other"), named("e-1", EMAIL))
    assert on_sqlite.erase().rows == 2
    assert all(each != "e-1" for each in on_sqlite.source_ids())


def test_a_device_that_two_used_is_erased_for_their_time(on_sqlite: Shop) -> None:
    on_sqlite.send(
        is_known("device", ID, AT, "unit"), is_known("device", "other", AT + HOUR, "unit"),
        event(source_id="e-1", unit_id="device", occurred_at=AT),
        event(source_id="e-2", unit_id="device", occurred_at=AT + HOUR),
    )  # fmt: skip
    assert on_sqlite.erase().rows == 2
    assert [each for each in on_sqlite.source_ids() if each.startswith("e-")] == ["e-2"]


def test_ids_are_followed_through_merges(on_sqlite: Shop) -> None:
    chain = ["one", "two", "three", ID]
    on_sqlite.send(
        *(is_known(old, new, kind="unit") for old, new in pairwise(chain)),
        *(event(source_id=f"e-{each}", unit_id=each) for each in chain),
    )
    with on_sqlite.database.reading() as db:
        assert customer_of(db, on_sqlite.project, ID).units == set(chain)
    on_sqlite.erase()
    assert on_sqlite.source_ids() == []


def test_ids_that_lead_in_a_ring_come_to_an_end(on_sqlite: Shop) -> None:
    on_sqlite.send(is_known("a", "b", kind="unit"), is_known("b", "a", kind="unit"))
    assert on_sqlite.erase("a").rows == 2


def test_an_alias_that_only_a_withdrawn_import_gave_says_nothing(on_sqlite: Shop) -> None:
    row = {
        "project_id": on_sqlite.project.id, "name": "wrong.csv", "file_sha256": "0" * 64,
        "file_bytes": 1, "mapping": {}, "rejects": [], "state": "withdrawn",
        "created_at": AT, "created_by": "minji",
    }  # fmt: skip
    with on_sqlite.database.transaction() as db:
        made = db.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
    on_sqlite.send(is_known("other@example.com", ID), import_id=made)
    on_sqlite.send(named("e-1", "other@example.com"))
    withdrawal = resolve(event(), Context({}, "KRW"))._replace(
        source_id=f"withdrawal:{made}", fact="withdrawal", unit_id=None
    )
    with on_sqlite.database.transaction() as db:
        append(db, on_sqlite.project, [withdrawal], received_at=AT, import_id=made)
    assert on_sqlite.erase().rows == 1
    assert on_sqlite.source_ids() == ["e-1", f"withdrawal:{made}"]


def test_spans_say_whose_a_name_was() -> None:
    spans = Spans((-(2**63), 10), (frozenset({"a"}), frozenset({"b"})))
    assert [set(spans.at(moment)) for moment in (0, 9, 10, 11)] == [{"a"}, {"a"}, {"b"}, {"b"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"e-1,{ID},open", True),
        (f"e-1,{ID}0,open", False),
        (f"e-1,x{ID},open", False),
        (f"<{EMAIL}>", True),
        ("minji@example.com", False),
        ("+82 10-1234-5678,open", True),
        ("010-1234-9999,open", False),
        ("", False),
    ],
)
def test_a_row_that_names_the_customer_is_recognised(text: str, found: bool) -> None:
    phone = HASHER.hashed(Alias("phone", "+821012345678"))
    customer = Customer({ID}, {HASHED, phone})
    assert Mentions.of(customer, HASHER).found_in(text) is found


def test_whoever_looked_before_the_erasure_is_waited_for(
    postgresql_database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a fact found to be nobody's who was erased would be written after the erasure."""
    project = make_project(postgresql_database, now)
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    hurried = Database.open(url, patience_seconds=0.2)
    erased = []

    def erased_just_after(*asked: Any) -> Any:
        found = gate_of(*asked)
        with pytest.raises(WritersBusy):
            Shop(hurried, project, tmp_path).erase()
        erased.append(found)
        return found

    monkeypatch.setattr("experiments.ledger.append.gate_of", erased_just_after)
    shop = Shop(postgresql_database, project, tmp_path)
    assert shop.send(event(unit_id=ID)) == [Outcome.ACCEPTED]
    assert erased
    hurried.dispose()
    assert shop.erase().rows == 1

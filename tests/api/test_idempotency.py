"""Idempotency-Key: sent again, a request does nothing again and is answered the same."""

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api import kept_answers
from api.idempotency import CHANGES_NOTHING, changing
from api.kept_answers import KEPT_FOR, LARGEST_BODY_BYTES
from experiments.storage.database import Database
from experiments.storage.tables import idempotency_keys, metadata
from tests.acceptance.server import ROOT
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import experiment_body, kpi_body, unsubscribe_body
from tests.experiments.ledger.imports.factories import EVENTS, long_mapping

KEY, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
LISTS = "/api/v1/lists"
A_LIST = {"key": "refused", "name": "수신거부", "kind": "suppression"}
ANY = {"If-Match": "*"}
# Slow: what reports need is loaded first.
WITH_A_REPORT = (
    "reports.share", "reports.revoke", "stored_reports.keep", "tracking.adopt", "batches.open_next",
)  # fmt: skip


def keyed(key: str, **headers: str) -> dict[str, str]:
    return {KEY: key, **headers}


def rows_of(database: Database, but: Sequence[str] = ("idempotency_keys",)) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in but
        }


def same(first: TestResponse, again: TestResponse) -> None:
    """Fail unless the second is the first, and says so."""
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    # Vary names the cookie where a session was looked at, which a repetition need not do.
    differ = {REPLAYED: "", "Vary": ""}
    assert {**again.headers, **differ} == {**first.headers, **differ}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.mark.parametrize("left_out", [WITH_A_REPORT, pytest.param((), marks=pytest.mark.slow)])
def test_every_route_that_changes_something_honours_it(
    app: Flask, api: Api, clock: Clock, database: Database, left_out: tuple[str, ...]
) -> None:
    told: set[str] = set()
    for number, step in enumerate(story()):
        if step.endpoint in left_out:
            continue
        clock.at += timedelta(days=step.days)
        before = rows_of(database)
        first = step.send(api, keyed(f"step-{number}"))
        assert first.status_code < 300, (step, first.text)
        after = rows_of(database)
        again = step.send(api, keyed(f"step-{number}"))
        same(first, again)
        assert rows_of(database) == after, step
        assert after != before, step
        told.add(step.endpoint)
        remember(step, first)
    every = {endpoint for _, _, endpoint in changing(app)}
    assert told | set(CHANGES_NOTHING) | set(left_out) == every
    assert not told & set(CHANGES_NOTHING)


def test_without_the_header_nothing_is_kept(api: Api, database: Database) -> None:
    answer = api.post(LISTS, json=A_LIST)
    assert (answer.status_code, REPLAYED in answer.headers) == (201, False)
    assert api.post(LISTS, json=A_LIST).status_code == 409
    assert rows_of(database, but=())["idempotency_keys"] == 0


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    answer = api.post(LISTS, json=A_LIST, headers=keyed(key))
    assert (answer.status_code, field_of(answer)) == (422, KEY)
    assert api.post(LISTS, json=A_LIST, headers=keyed("k" * 255)).status_code == 201


def test_another_body_under_the_key_is_refused(api: Api) -> None:
    api.post(LISTS, json=A_LIST, headers=keyed("one"))
    for path, body in ((LISTS, A_LIST | {"key": "other"}), (f"{LISTS}?lang=ko", A_LIST)):
        answer = api.post(path, json=body, headers=keyed("one"))
        assert answer.status_code == 422
        assert answer.get_json()["type"] == "/problems/idempotency_key_reused"
    assert [each["key"] for each in api.get(LISTS).get_json()["items"]] == ["refused"]


def test_a_key_holds_for_one_caller_method_and_address(
    api: Api, key_for: Callable[..., Api], browser_for: Callable[[str], FlaskClient]
) -> None:
    path = f"{LISTS}/refused/members"
    api.post(LISTS, json=A_LIST, headers=keyed("one"))
    first = api.post(path, json={"add": ["minji"]}, headers=keyed("one"))
    assert first.get_json()["added"] == 1
    for other in (key_for(["admin"]).post, browser_for("admin").post):
        answer = other(path, json={"add": ["minji"]}, headers=keyed("one"))
        assert (answer.get_json()["added"], REPLAYED in answer.headers) == (0, False)


def test_a_refusal_is_not_kept(api: Api, database: Database) -> None:
    path = f"{LISTS}/refused/members"
    answer = api.post(path, json={"add": ["minji"]}, headers=keyed("one"))
    assert answer.status_code == 404
    assert rows_of(database, but=())["idempotency_keys"] == 0
    api.post(LISTS, json=A_LIST)
    answer = api.post(path, json={"add": ["minji"]}, headers=keyed("one"))
    assert (answer.status_code, REPLAYED in answer.headers) == (200, False)


def test_a_single_fact_that_is_refused_leaves_nothing(api: Api, database: Database) -> None:
    before = rows_of(database, but=())
    body = {"source_id": "e-1", "unit_id": "minji", "type": "click", "occurred_at": "never"}
    assert api.post("/api/v1/events", json=body, headers=keyed("one")).status_code == 422
    assert rows_of(database, but=()) == before


def test_a_key_made_under_the_header_is_no_plain_text(api: Api, database: Database) -> None:
    body = {"name": "mail tool", "scopes": ["ingest"]}
    first = api.post("/api/v1/keys", json=body, headers=keyed("its-own-key"))
    same(first, api.post("/api/v1/keys", json=body, headers=keyed("its-own-key")))
    with database.reading() as db:
        row = db.execute(select(idempotency_keys)).one()
    kept = repr(tuple(row)).encode() + bytes(row.body)
    assert first.get_json()["key"].encode() not in kept
    assert b"its-own-key" not in kept


def test_keys_are_forgotten_after_a_week(
    api: Api, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "PRUNED_AT_ONCE", 3)
    for number in range(5):
        body = A_LIST | {"key": f"list-{number}"}
        assert api.post(LISTS, json=body, headers=keyed(f"k-{number}")).status_code == 201
    clock.at += KEPT_FOR - timedelta(seconds=1)
    again = A_LIST | {"key": "list-4"}
    assert api.post(LISTS, json=again, headers=keyed("k-4")).headers[REPLAYED] == "true"
    clock.at += timedelta(seconds=1)
    # Five old ones go, three with each write.
    for fresh, kept in (("new-1", 3), ("new-2", 2)):
        api.post(LISTS, json=A_LIST | {"key": fresh}, headers=keyed(fresh))
        assert rows_of(database, but=())["idempotency_keys"] == kept
    answer = api.post(LISTS, json=again, headers=keyed("k-4"))
    assert (answer.status_code, REPLAYED in answer.headers) == (409, False)


def test_a_body_that_is_too_long_is_refused_before_it_is_read(api: Api) -> None:
    body = b" " * (LARGEST_BODY_BYTES + 1)
    answer = api.post(LISTS, data=body, headers=keyed("one"), content_type="application/json")
    assert answer.status_code == 413


def test_the_same_file_is_one_import(api: Api, database: Database) -> None:
    first = upload(api, EVENTS, "one")
    again = upload(api, EVENTS, "one")
    same(first, again)
    assert upload(api, EVENTS + "\n", "one").status_code == 422
    assert rows_of(database)["imports"] == 1


def test_an_answer_that_was_lost_is_given_again(app: Flask, api: Api, database: Database) -> None:
    lost: list[int] = []

    def lose(answer: Response) -> Response:
        if not lost:
            lost.append(answer.status_code)
            raise ConnectionResetError
        return answer

    app.after_request_funcs.setdefault(None, []).insert(0, lose)
    with pytest.raises(ConnectionResetError):
        api.post(LISTS, json=A_LIST, headers=keyed("one"))
    assert lost == [201]
    answer = api.post(LISTS, json=A_LIST, headers=keyed("one"))
    assert (answer.status_code, answer.headers[REPLAYED]) == (201, "true")
    assert answer.get_json()["key"] == "refused"


@dataclass(frozen=True)
class Step:
    """A request of a route, in an order in which each is possible."""

    endpoint: str
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    # Since the step before.
    days: int = 0

    def send(self, api: Api, headers: dict[str, str]) -> TestResponse:
        path = self.path.format(**NAMES)
        given = {"headers": headers | self.headers}
        if self.endpoint == "imports.upload":
            return upload(api, EVENTS, headers[KEY])
        if isinstance(self.body, bytes):
            return rows_of_a_file(api, self.path, self.body, headers)
        if self.body is not None:
            given["json"] = self.body
        return api._open(self.method, path, **given)


def rows_of_a_file(api: Api, path: str, text: bytes, headers: dict[str, str]) -> TestResponse:
    """Send a small file; the boundary of the form has to be the same the second time."""
    form = EncodedFile(text)
    return api.post(path, headers=headers, data=form.body, content_type=form.content_type)


@dataclass(frozen=True)
class EncodedFile:
    """A form with one file in it."""

    text: bytes
    content_type: str = "multipart/form-data; boundary=mark"

    @property
    def body(self) -> bytes:
        head = b'--mark\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        return head + self.text + b"\r\n--mark--\r\n"


NAMES: dict[str, str] = {}


def remember(step: Step, answer: TestResponse) -> None:
    """Ids that later steps name."""
    body = answer.get_json(silent=True) or {}
    if step.endpoint == "keys.create":
        NAMES["key"] = body["key"].split("_")[1]
    if step.endpoint == "inbound.create":
        NAMES["webhook"] = body["id"]
    if step.endpoint == "reports.share":
        NAMES["share"] = body["id"]


def beside_how_much() -> Iterator[Step]:
    """What messages cost, figures that arrive added up, and what customers said."""
    yield Step("message_costs.replace", "PUT", "/api/v1/message-costs", {"items": []}, ANY)
    figure = {"series": "reach", "day": "2025-03-09", "source": "meta", "value": 120}
    yield Step("reported_values.add", "POST", "/api/v1/reported-values", figure)
    yield Step("reported_values.take_back", "DELETE", "/api/v1/reported-values/1")
    file = b"series,day,value,source\nreach,2025-03-08,7,meta\n"
    yield Step("reported_values.add_file", "POST", "/api/v1/reported-values/file", file)
    said = {"text": "too late", "unit_id": "minji"}
    yield Step("notes.add", "POST", "/api/v1/notes", said)
    yield Step("notes.tag", "PUT", "/api/v1/notes/1/tags", {"tags": ["delivery"]})
    yield Step("notes.remove", "DELETE", "/api/v1/notes/1")
    file = b"unit_id,text\nminji,again\n"
    yield Step("notes.add_file", "POST", "/api/v1/notes/file", file)


def on_kpis_over_time() -> Iterator[Step]:
    """A KPI with two whole days of a past."""
    days = [f"2025-03-0{day}T09:00:00+09:00" for day in (7, 8, 9)]
    visits = [
        {"source_id": day, "unit_id": "minji", "type": "visit", "occurred_at": day} for day in days
    ]
    yield Step("ingest.add_events", "POST", "/api/v1/events", visits)
    yield Step("kpis.create", "POST", "/api/v1/kpis", {"from": "dau", "key": "daily"})
    asked = {"months": 3, "period": "day"}
    yield Step("tracking.adopt", "POST", "/api/v1/kpis/daily/baseline", asked)
    notes, sale = "/api/v1/kpis/daily/annotations", {"kind": "campaign", "text": "sale"}
    yield Step("tracking.add_annotation", "POST", notes, sale | {"starts_on": "2025-03-08"})
    yield Step("tracking.remove_annotation", "DELETE", f"{notes}/1")


def story() -> Iterator[Step]:
    """One request of every route that changes something."""
    one, moves = "/api/v1/experiments/subject-line", "/api/v1/experiments/subject-line/"
    at = "2025-03-10T09:00:00+09:00"
    fact = {"unit_id": "minji", "occurred_at": at}
    yield Step("keys.create", "POST", "/api/v1/keys", {"name": "tool", "scopes": ["read"]})
    yield Step("keys.revoke", "DELETE", "/api/v1/keys/{key}")
    for body in (kpi_body(), unsubscribe_body()):
        yield Step("kpis.create", "POST", "/api/v1/kpis", body)
    yield Step("kpis.replace", "PUT", "/api/v1/kpis/open", kpi_body(owner="soo"), ANY)
    yield Step("kpis.set_status", "POST", "/api/v1/kpis/open/status", {"status": "official"})
    yield Step("layers.create", "POST", "/api/v1/layers", {"key": "crm", "name": "CRM"})
    yield Step("layers.rename", "PUT", "/api/v1/layers/crm", {"name": "Mail"}, ANY)
    yield Step("lists.create", "POST", LISTS, A_LIST)
    yield Step("lists.change", "POST", f"{LISTS}/refused/members", {"add": ["minji"]})
    yield Step("lists.remove", "DELETE", f"{LISTS}/refused", None, ANY)
    segment = {"key": "vip", "name": "VIP", "condition": {"grade": "vip"}}
    yield Step("segments.create", "POST", "/api/v1/segments", segment)
    yield Step("segments.revise", "PUT", "/api/v1/segments/vip", segment | {"name": "V"}, ANY)
    yield Step("segments.remove", "DELETE", "/api/v1/segments/vip", None, ANY)
    later = {"starts_at": "2099-03-01T09:00:00+09:00"}
    slots = {"key": "crm", "start": 0, "end": 5000}
    draft = experiment_body(layer=slots, schedule=later)
    yield Step("experiments.register", "POST", "/api/v1/experiments", draft)
    yield Step("experiments.revise", "PUT", one, draft | {"owner": "soo"}, ANY)
    for action in ("schedule", "unschedule", "start", "pause", "resume"):
        yield Step(f"experiments.{action}", "POST", moves + action)
    yield Step(
        "allocation.reallocate", "POST", moves + "reallocate",
        {"weights": {"a": 0.6, "b": 0.4}}, ANY,
    )  # fmt: skip
    yield Step(
        "allocation.replace_overrides", "PUT", moves + "overrides",
        {"overrides": {"tester": "a"}}, ANY,
    )  # fmt: skip
    yield Step(
        "ingest.add_exposures", "POST", "/api/v1/exposures",
        [fact | {"source_id": "x-1", "experiment": "subject-line", "variant": "a", "type": "sent"}],
    )  # fmt: skip
    yield Step(
        "ingest.add_events", "POST", "/api/v1/events", [fact | {"source_id": "e", "type": "open"}]
    )
    yield Step(
        "identity.add_aliases", "POST", "/api/v1/aliases",
        [{"kind": "email", "value": "minji@example.com", "unit_id": "minji"}],
    )  # fmt: skip
    yield Step("imports.upload", "POST", "/api/v1/imports")
    wrong = {"reason": "wrong"}
    for action, asked in (("pause", None), ("resume", None), ("withdraw", wrong)):
        yield Step(f"imports.{action}", "POST", f"/api/v1/imports/1/{action}", asked)
    yield from on_reports(moves)
    yield Step("experiments.stop", "POST", moves + "stop")
    yield Step("allocation.release", "POST", moves + "release-slots")
    choice = {"variant": "a", "saw": "more opens", "why": "the name", "next": "keep it"}
    yield Step("experiments.decide", "POST", moves + "decide", choice)
    yield Step("experiments.archive", "POST", moves + "archive")
    holdout = {"key": "nobody", "name": "Nobody", "share": 0.05}
    yield Step("holdouts.create", "POST", "/api/v1/holdouts", holdout)
    yield Step("holdouts.end", "POST", "/api/v1/holdouts/nobody/end", None, ANY)
    yield Step("privacy.keep", "PUT", "/api/v1/retention", {"days": 400})
    yield from chain(on_kpis_over_time(), beside_how_much())
    yield Step("sending.replace", "PUT", "/api/v1/sending-rules", {"items": []}, ANY)
    webhook = {"source": "sendgrid", "name": "Newsletter"}
    yield Step("inbound.create", "POST", "/api/v1/inbound-webhooks", webhook)
    address = "/api/v1/inbound-webhooks/{webhook}"
    yield Step("inbound.change", "PUT", address, {"settings": {"events": {"processed": None}}})
    yield Step("inbound.revoke", "DELETE", address)
    yield from in_batches()


def in_batches() -> Iterator[Step]:
    """A test whose shares follow its results, and its second batch a day later."""
    draft = experiment_body(
        key="follows", shape="triggered", anchor="trigger", adaptive={"batch": "day"},
        plan={"units_planned": 1000}, goals=[{"kpi": "unsubscribe", "role": "primary"}],
    )  # fmt: skip
    one = "/api/v1/experiments/follows/"
    yield Step("experiments.register", "POST", "/api/v1/experiments", draft)
    yield Step("experiments.start", "POST", one + "start")
    yield Step("batches.open_next", "POST", one + "batches", {}, days=1)


def on_reports(moves: str) -> Iterator[Step]:
    """A test unit before there is a report, links to it, and the report kept."""
    tried = {"unit_id": "second-tester", "variant": "b"}
    yield Step("preflight.register", "POST", moves + "test-units", tried)
    yield Step("reports.share", "POST", moves + "shares", {})
    yield Step("reports.revoke", "DELETE", moves + "shares/{share}")
    yield Step("stored_reports.keep", "POST", moves + "reports", {})


def upload(api: Api, text: str, key: str) -> TestResponse:
    data = {"file": (io.BytesIO(text.encode()), "e.csv"), "mapping": json.dumps(long_mapping())}
    return api.post(
        "/api/v1/imports", data=data, content_type="multipart/form-data", headers=keyed(key)
    )


def field_of(answer: TestResponse) -> str:
    found: str = answer.get_json()["errors"][0]["field"]
    return found


KILLED = """
import os, signal, sys
from pathlib import Path
from api.app import create_app
from api.settings import Settings

home, url, key, path, body = sys.argv[1:]
app = create_app(Settings(Path(home), url, "k" * 32, background=False))
# Everything is done and committed; nobody hears of it.
app.after_request(lambda answer: os.kill(os.getpid(), signal.SIGKILL))
shown = {"Authorization": f"Bearer {key}", "Idempotency-Key": "one"}
app.test_client().post(path, data=body, headers=shown, content_type="application/json")
"""


@pytest.mark.slow
def test_a_server_killed_before_it_answers_has_answered(
    api: Api, database: Database, tmp_path: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, str(tmp_path), url, api.key, LISTS, json.dumps(A_LIST)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = rows_of(database)
    assert before["unit_lists"] == 1
    answer = api.post(
        LISTS, data=json.dumps(A_LIST), headers=keyed("one"), content_type="application/json"
    )
    assert (answer.status_code, answer.headers[REPLAYED]) == (201, "true")
    assert answer.get_json()["key"] == "refused"
    assert rows_of(database) == before

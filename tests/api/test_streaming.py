"""Streams: what a listener gets when, and where the web process says that they are."""

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api.app import create_app
from api.client_keys import RateLimit
from api.settings import Settings
from api.streaming.application import PIECE_BYTES, Message, Streaming
from api.streaming.feed import Feed
from api.streaming.process import SnapshotFileOfAnother
from experiments.access import keys
from experiments.assignment.snapshot import SnapshotKeeper
from experiments.assignment.snapshot_file import SnapshotFile
from experiments.kpis.document import KpiDocument
from experiments.kpis.store import create_kpi
from experiments.operations.audit import Actor
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from sample_data.documents import experiment_document, kpi_documents
from sample_data.subject_line import SUBJECT_LINE
from tests.api.conftest import Clock
from tests.conftest import make_project

SOON = 5.0


@dataclass
class Ear:
    """A listener's connection: what came, and whether more may come."""

    key: str
    path: str = ""
    method: str = "GET"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    start: Message = field(default_factory=dict)
    body: bytes = b""
    pieces: list[int] = field(default_factory=list)
    ended: bool = False
    taking: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def scope(self) -> dict[str, Any]:
        path = self.path or f"/sub/{self.key}"
        client = ("192.0.2.1", 1)
        common = {"type": "http", "method": self.method, "path": path, "client": client}
        return common | {"headers": self.headers}

    async def receive(self) -> Message:
        if not self.taking.is_set() and not self.leaving.is_set() and not self.start:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        await self.taking.wait()
        self.body += message["body"]
        self.pieces.append(len(message["body"]))
        self.ended = not message["more_body"]

    @property
    def status(self) -> int:
        return int(self.start["status"])

    @property
    def answer_headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.start["headers"]}

    @property
    def events(self) -> list[bytes]:
        """The data of the events that are whole."""
        whole = [each for each in self.body.split(b"\n\n")[:-1] if b"event: features" in each]
        return [
            b"\n".join(
                line.removeprefix(b"data: ")
                for line in each.split(b"\n")
                if line.startswith(b"data: ")
            )
            for each in whole
        ]

    async def until(self, true: Callable[["Ear"], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not true(self):
                await asyncio.sleep(0.01)


@dataclass(frozen=True)
class World:
    """A project with a running test and a client key, and the streams of it."""

    app: Flask
    database: Database
    project: Project
    actor: Actor
    clock: Clock
    streaming: Streaming
    key: str

    @property
    def feed(self) -> Feed:
        return self.streaming.feed

    def take(self, action: str) -> None:
        """Take an action on the test."""
        with self.database.transaction() as db:
            move(db, self.project, "subject-line", action, actor=self.actor, now=self.clock.at)
        self.streaming.keeper.refresh()

    def key_of(self, project: Project) -> str:
        with self.database.transaction() as db:
            key = keys.create_client_key(
                db, project, name="app", actor=self.actor, now=self.clock.at
            )
        self.streaming.keeper.refresh()
        return key

    @asynccontextmanager
    async def listening(self, *ears: Ear) -> Any:
        """The application, with everybody connected who is given; slow ones take nothing yet."""
        watching = asyncio.create_task(self.feed.watch())
        running = [
            asyncio.create_task(self.streaming(each.scope, each.receive, each.send))
            for each in ears
        ]
        try:
            yield running
        finally:
            for task in (*running, watching):
                task.cancel()
            await asyncio.gather(*running, watching, return_exceptions=True)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def world(app: Flask, database: Database, project: Project, actor: Actor, clock: Clock) -> World:
    with database.transaction() as db:
        for document in kpi_documents():
            create_kpi(db, project, from_document(KpiDocument, document), actor=actor, now=clock.at)
        draft = from_document(ExperimentDraft, experiment_document(SUBJECT_LINE))
        register(db, project, draft, actor=actor, now=clock.at)
        move(db, project, "subject-line", "start", actor=actor, now=clock.at)
        key = keys.create_client_key(db, project, name="app", actor=actor, now=clock.at)
    keeper: SnapshotKeeper = app.extensions["truelift"].keeper
    keeper.refresh()
    return World(app, database, project, actor, clock, streaming(keeper, clock), key)


def streaming(keeper: SnapshotKeeper, clock: Clock, **others: Any) -> Streaming:
    room = others.pop("room", 100)
    return Streaming(Feed(keeper, clock, room), keeper, RateLimit(0), **others)


def open_ear(key: str, **others: Any) -> Ear:
    """A listener who takes what comes."""
    ear = Ear(key, **others)
    ear.taking.set()
    return ear


def test_a_listener_gets_the_features_as_apps_do(world: World) -> None:
    async def run() -> None:
        ear = open_ear(world.key)
        async with world.listening(ear):
            await ear.until(lambda ear: len(ear.events) == 1)
        assert ear.status == 200
        assert ear.answer_headers["content-type"] == "text/event-stream; charset=utf-8"
        assert ear.answer_headers["access-control-allow-origin"] == "*"
        assert ear.answer_headers["x-accel-buffering"] == "no"
        asked = world.app.test_client().get(f"/api/features/{world.key}")
        assert ear.events == [asked.data]
        assert set(json.loads(ear.events[0])["features"]) == {"subject-line"}

    asyncio.run(run())


def test_a_change_is_told_at_once_and_nothing_else_is(world: World) -> None:
    async def run() -> None:
        ear, other = open_ear(world.key), open_ear(elsewhere)
        async with world.listening(ear, other):
            await other.until(lambda ear: len(ear.events) == 1)
            world.take("pause")
            await ear.until(lambda ear: len(ear.events) == 2)
            # Something that concerns no app.
            world.key_of(world.project)
            await asyncio.sleep(0.3)
            world.take("resume")
            await ear.until(lambda ear: len(ear.events) == 3)
        told = [list(json.loads(each)["features"]) for each in ear.events]
        assert told == [["subject-line"], [], ["subject-line"]]
        assert len(other.events) == 1

    elsewhere = world.key_of(make_project(world.database, world.clock.at, "other"))
    asyncio.run(run())


def test_signs_of_life_come_while_nothing_changes(world: World) -> None:
    async def run() -> None:
        ear = open_ear(world.key)
        async with lively.listening(ear):
            await ear.until(lambda ear: ear.body.count(b":\n\n") >= 3)
        assert len(ear.events) == 1
        assert ear.body.startswith(b"retry: ")

    lively = replace(world, streaming=replace(world.streaming, heartbeat_seconds=0.05))
    asyncio.run(run())


def test_a_revoked_key_ends_its_streams_and_no_other(world: World) -> None:
    async def run() -> None:
        ear, other = open_ear(world.key), open_ear(another)
        async with world.listening(ear, other):
            await other.until(lambda ear: len(ear.events) == 1)
            with world.database.transaction() as db:
                keys.revoke_key(db, world.project, world.key, actor=world.actor, now=world.clock.at)
            world.streaming.keeper.refresh()
            await ear.until(lambda ear: ear.ended)
            assert not other.ended
            assert world.feed.listeners == 1
            late = open_ear(world.key)
            await world.streaming(late.scope, late.receive, late.send)
            assert late.status == 400

    another = world.key_of(world.project)
    asyncio.run(run())


def test_a_key_that_expires_ends_its_streams(world: World) -> None:
    async def run() -> None:
        ear = open_ear(world.key)
        async with lively.listening(ear):
            await ear.until(lambda ear: len(ear.events) == 1)
            world.clock.at += timedelta(days=2)
            await ear.until(lambda ear: ear.ended)

    from sqlalchemy import update  # noqa: PLC0415 - no way of the product leads there

    from experiments.storage.tables import api_keys  # noqa: PLC0415 - of this test alone

    expires_at = world.clock.at + timedelta(days=1)
    with world.database.transaction() as db:
        db.execute(update(api_keys).values(expires_at=expires_at))
    world.key_of(world.project)
    lively = replace(world, streaming=replace(world.streaming, heartbeat_seconds=0.05))
    asyncio.run(run())


def test_who_leaves_is_let_go(world: World) -> None:
    async def run() -> None:
        ear = open_ear(world.key)
        async with world.listening(ear) as (task,):
            await ear.until(lambda ear: len(ear.events) == 1)
            assert world.feed.listeners == 1
            ear.leaving.set()
            async with asyncio.timeout(SOON):
                await task
            assert world.feed.listeners == 0

    asyncio.run(run())


def test_a_slow_listener_holds_up_nobody_and_gets_the_newest(world: World) -> None:
    async def run() -> None:
        slow, ear = Ear(world.key), open_ear(world.key)
        async with world.listening(slow, ear):
            for index, action in enumerate(["pause", "resume", "pause", "resume", "pause"]):
                await ear.until(lambda ear, index=index: len(ear.events) == index + 1)  # type: ignore[misc] # mypy and defaults
                world.take(action)
            await ear.until(lambda ear: len(ear.events) == 6)
            assert slow.events == []
            slow.taking.set()
            await slow.until(lambda ear: ear.events[-1:] == [ear_newest()])
            assert len(slow.events) <= 2

        assert json.loads(slow.events[-1])["features"] == {}

    def ear_newest() -> bytes:
        told = world.feed.told(world.project.id).event
        return told.removeprefix(b"event: features\ndata: ").removesuffix(b"\n\n")

    asyncio.run(run())


def test_an_event_is_made_once_for_all_listeners(world: World) -> None:
    told = world.feed.told(world.project.id)
    assert world.feed.told(world.project.id) is told
    world.key_of(world.project)
    assert world.feed.told(world.project.id) is told
    world.take("pause")
    assert world.feed.told(world.project.id) is not told


def test_a_large_event_goes_out_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        ear = open_ear(world.key)
        async with world.listening(ear):
            await ear.until(lambda ear: len(ear.events) == 1)
        assert max(ear.pieces) == 100
        assert PIECE_BYTES <= 64 * 1024
        assert json.loads(ear.events[0])["features"]

    monkeypatch.setattr("api.streaming.application.PIECE_BYTES", 100)
    asyncio.run(run())


async def answered(application: Streaming, ear: Ear) -> tuple[int, dict[str, Any]]:
    await application(ear.scope, ear.receive, ear.send)
    assert ear.ended
    assert ear.answer_headers["access-control-allow-origin"] == "*"
    assert ear.answer_headers["cache-control"] == "no-store"
    return ear.status, json.loads(ear.body) if ear.body else {}


def test_a_key_that_opens_nothing_is_refused_for_good(world: World) -> None:
    async def run() -> None:
        with world.database.transaction() as db:
            secret = keys.create_secret_key(
                db, world.project, name="x", scopes=["admin"], actor=world.actor, now=world.clock.at
            )
        world.streaming.keeper.refresh()
        for key in ("", "tlc_nobody", secret, secret.split("_")[1], f"{world.key}/"):
            ear = open_ear(key, headers=[(b"accept-language", b"ko-KR,ko;q=0.9")])
            status, body = await answered(world.streaming, ear)
            assert (status, body["status"]) == (400, 400)
            assert "공개 키" in body["error"]
            assert ear.answer_headers["x-unrecoverable"] == "1"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("POST", ""), ("GET", "/api/features/")]
)
def test_nothing_else_is_answered(world: World, method: str, path: str) -> None:
    ear = open_ear(world.key, method=method, path=path)
    status, body = asyncio.run(answered(world.streaming, ear))
    assert (status, set(body)) == (404, {"status", "error"})


def test_a_page_of_any_address_may_listen(world: World) -> None:
    ear = open_ear(world.key, method="OPTIONS")
    assert asyncio.run(answered(world.streaming, ear)) == (200, {})
    assert "GET" in ear.answer_headers["access-control-allow-methods"]


def test_the_process_tells_its_state(world: World) -> None:
    for path in ("/healthz", "/readyz"):
        status, body = asyncio.run(answered(world.streaming, open_ear("", path=path)))
        assert (status, body["status"], body["listeners"]) == (200, "ok", 0)


def test_an_address_that_comes_too_often_is_asked_to_wait(world: World) -> None:
    async def run() -> None:
        strict = replace(world.streaming, limit=RateLimit(0.1), proxies=1)
        for address, expected in ((b"203.0.113.7", 200), (b"203.0.113.7", 429), (b"1.1.1.1", 200)):
            ear = open_ear(world.key, headers=[(b"x-forwarded-for", address)])
            ear.leaving.set()
            await strict(ear.scope, ear.receive, ear.send)
            assert ear.status == expected
            if expected == 429:
                assert 0 < int(ear.answer_headers["retry-after"]) <= 10

    asyncio.run(run())


def test_whoever_finds_no_room_is_told(world: World) -> None:
    async def run() -> None:
        narrow = replace(world, streaming=streaming(world.streaming.keeper, world.clock, room=1))
        first, second = open_ear(world.key), open_ear(world.key)
        async with narrow.listening(first):
            await first.until(lambda ear: len(ear.events) == 1)
            status, _ = await answered(narrow.streaming, second)
            assert status == 503
            assert int(second.answer_headers["retry-after"]) > 0

    asyncio.run(run())


def test_without_a_configuration_nothing_is_told(tmp_path: Path, clock: Clock) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'absent.db'}")
    application = streaming(SnapshotKeeper(database, clock), clock)
    ear = open_ear("tlc_somebody")
    assert asyncio.run(answered(application, ear))[0] == 503
    assert int(ear.answer_headers["retry-after"]) > 0
    assert asyncio.run(answered(application, open_ear("", path="/readyz")))[0] == 503
    assert asyncio.run(answered(application, open_ear("", path="/healthz")))[0] == 200


def test_the_configuration_is_refreshed_while_the_application_lives(
    database: Database, clock: Clock
) -> None:
    async def run() -> None:
        heard: asyncio.Queue[Message] = asyncio.Queue()
        for event in ("startup", "shutdown"):
            await heard.put({"type": f"lifespan.{event}"})

        async def send(message: Message) -> None:
            said.append(message["type"])
            refreshed.append(keeper._thread is not None)

        await streaming(keeper, clock)({"type": "lifespan"}, heard.get, send)

    said: list[str] = []
    refreshed: list[bool] = []
    keeper = SnapshotKeeper(database, clock)
    asyncio.run(run())
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert refreshed == [True, False]


def test_the_file_of_the_serving_process_is_read_and_never_written(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    database, clock = world.database, world.clock
    theirs = SnapshotFile(folder, database.address)
    SnapshotKeeper(database, clock, file=theirs)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    world.take("pause")
    mine = SnapshotKeeper(database, clock, file=SnapshotFileOfAnother(folder, database.address))
    assert mine.source == "database"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "truelift.db").rename(tmp_path / "away.db")
    cold = SnapshotKeeper(database, clock, file=SnapshotFileOfAnother(folder, database.address))
    assert cold.source == "file"


STREAM_URL = "http://stream.example.com:8001"


@pytest.fixture
def client_for(world: World) -> Callable[..., Any]:
    """Makes a client of the web process with other settings."""

    def make(**changed: Any) -> Any:
        settings: Settings = world.app.extensions["truelift"].settings
        return create_app(replace(settings, **changed), world.clock).test_client()

    return make


def test_apps_learn_of_streams_only_where_there_are_some(
    world: World, client_for: Callable[..., Any]
) -> None:
    path = f"/api/features/{world.key}"
    assert "x-sse-support" not in client_for().get(path).headers
    client = client_for(stream_url=STREAM_URL)
    answer = client.get(path)
    assert answer.headers["x-sse-support"] == "enabled"
    assert "x-sse-support" in answer.headers["Access-Control-Expose-Headers"]
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["x-sse-support"]) == (304, "enabled")
    # A client that is evaluated here must not be sent what it should not learn.
    asked = client.post(f"/api/eval/{world.key}", json={"attributes": {"id": "u1"}})
    assert "x-sse-support" not in asked.headers


def test_a_listener_is_sent_on_to_the_streams(world: World, client_for: Callable[..., Any]) -> None:
    answer = client_for(stream_url=STREAM_URL).get(f"/sub/{world.key}")
    assert (answer.status_code, answer.data) == (307, b"")
    assert answer.headers["Location"] == f"{STREAM_URL}/sub/{world.key}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"stream_url": "https://ab.example.com", "public_url": "https://ab.example.com"},
        {"stream_url": "http://localhost"},
    ],
)
def test_nobody_is_sent_in_a_circle(
    world: World, client_for: Callable[..., Any], changed: dict[str, str]
) -> None:
    answer = client_for(**changed).get(f"/sub/{world.key}")
    assert answer.status_code == 404
    assert set(answer.json) == {"status", "error"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_listener_is_sent_nowhere(client_for: Callable[..., Any]) -> None:
    answer = client_for(stream_url=STREAM_URL).get("/sub/tlc_nobody")
    assert (answer.status_code, answer.headers["x-unrecoverable"]) == (400, "1")

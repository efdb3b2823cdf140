"""Assignment while the database is killed, hung, cut off, gone or full: it never depends on it.

Everything else says within three seconds that it has to wait, and works again within five
seconds of the database's return, alone.
"""

import json
import os
import shutil
import sqlite3
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.mark import ParameterSet

from experiments.assignment.snapshot_file import FILE_NAME, PREVIOUS_NAME
from tests.acceptance.server import Client, create_key, sign_in
from tests.acceptance.study import kpi
from tests.journeys.outages import (
    Answer,
    Line,
    OwnPostgres,
    ask,
    fill,
    line_to,
    own_postgres,
    server,
    small_disk,
    wait_for,
)
from tests.journeys.steady_load import Tally, asking

ANSWERED_WITHIN_SECONDS = 3.0
RECOVERED_WITHIN_SECONDS = 5.0
SHORT_SECONDS, LONG_SECONDS = 4.0, 600.0
# Below this, a longer wait is the machine's noise and not the fault's.
NOISE_SECONDS = 0.03


def runs(quick: Sequence[str], slow: Sequence[str]) -> list[ParameterSet]:
    """Each fault for some seconds, the less common ones among the slow tests, and for long."""
    return [
        *(pytest.param(name, SHORT_SECONDS, id=name) for name in quick),
        *(pytest.param(name, SHORT_SECONDS, id=name, marks=pytest.mark.slow) for name in slow),
        *(
            pytest.param(name, LONG_SECONDS, id=f"{name}, long", marks=pytest.mark.release)
            for name in (*quick, *slow)
        ),
    ]


DRAFT = {
    "key": "steady",
    "name": "Steady",
    "anchor": "sent",
    "shape": "one_blast",
    "channels": ["email"],
    "variants": [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5},
    ],
    "goals": [{"kpi": "click", "role": "primary"}],
}


@dataclass(frozen=True)
class Service:
    """A server with a running test, and what its callers hold."""

    home: Path
    port: int
    key: str
    cookie: str
    database_url: str | None = None

    @property
    def shown(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def assign(self, unit: str = "u1") -> Answer:
        question = {"experiment": "steady", "unit_id": unit}
        return ask(self.port, "POST", "/api/v1/assign", self.shown, question)

    def ready(self) -> dict[str, Any]:
        answer = ask(self.port, "GET", "/readyz")
        body: dict[str, Any] = answer.body
        return body | {"code": answer.status}

    def send(self, name: str, count: int = 1) -> Answer:
        facts = [
            {
                "source_id": f"{name}-{number}", "unit_id": f"u{number}", "type": "click",
                "occurred_at": "2025-03-10T10:00:00+09:00",
            }
            for number in range(count)
        ]  # fmt: skip
        return ask(self.port, "POST", "/api/v1/events", self.shown, facts)

    def works(self) -> bool:
        """Whether what needs the database is answered."""
        reads = ask(self.port, "GET", "/api/v1/experiments", self.shown)
        return reads.status == 200 and self.send("works").status == 200

    def everything_else(self) -> list[Callable[[], Answer]]:
        """Requests that need the database, each by another route."""
        page = {"Cookie": self.cookie, "Accept": "text/html"}
        draft = DRAFT | {"key": "late"}
        return [
            lambda: ask(self.port, "GET", "/api/v1/experiments", self.shown),
            lambda: ask(self.port, "GET", "/api/v1/kpis/click", self.shown),
            lambda: ask(self.port, "GET", "/api/v1/imports", self.shown),
            lambda: ask(self.port, "GET", "/api/v1/keys", self.shown),
            lambda: ask(self.port, "POST", "/api/v1/experiments", self.shown, draft),
            lambda: ask(self.port, "POST", "/api/v1/experiments/steady/pause", self.shown),
            lambda: self.send("lost"),
            lambda: ask(self.port, "GET", "/", page),
            lambda: ask(self.port, "GET", "/experiments", page | {"Accept-Language": "ko"}),
        ]


def set_up(home: Path, port: int, printed: str, database_url: str | None = None) -> Service:
    """A running test, a key that may do everything, and a signed-in browser."""
    jar = CookieJar()
    plain = urllib.request.ProxyHandler({})
    opener = urllib.request.build_opener(plain, urllib.request.HTTPCookieProcessor(jar))
    client = Client(f"http://127.0.0.1:{port}", opener=opener)
    sign_in(client, printed)
    key = create_key(client)
    client.key = key
    client.post("/api/v1/kpis", kpi("click", "Clickers per sent", "click"))
    client.post("/api/v1/experiments", DRAFT)
    client.post("/api/v1/experiments/steady/start")
    request = urllib.request.Request(client.url + "/")
    jar.add_cookie_header(request)
    return Service(home, port, key, str(request.get_header("Cookie")), database_url)


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as found:
        yield found


@pytest.fixture(scope="module")
def line(postgres: OwnPostgres) -> Iterator[Line]:
    with line_to(postgres.socket) as found:
        yield found


def url_of(line: Line) -> str:
    return f"postgresql://postgres@127.0.0.1:{line.port}/postgres"


@pytest.fixture(scope="module")
def on_postgres(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("postgres") / "home"
    with server(home, url_of(line)) as (port, log):
        yield set_up(home, port, log.read_text(), url_of(line))


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Service]:
    home = tmp_path / "home"
    with server(home) as (port, log):
        yield set_up(home, port, log.read_text())


@dataclass(frozen=True)
class Fault:
    """What is done to the database, and undone."""

    do: Callable[[], object]
    undo: Callable[[], object]


@pytest.fixture
def fault(request: pytest.FixtureRequest, postgres: OwnPostgres, line: Line) -> Fault:
    faults = {
        "killed": Fault(postgres.kill, postgres.start),
        "hung": Fault(postgres.hang, postgres.wake),
        "silent": Fault(lambda: line.become("silent"), lambda: line.become("whole")),
        "torn": Fault(lambda: line.become("torn"), lambda: line.become("whole")),
    }
    return faults[request.param]


def watch_through(service: Service, fault: Fault, seconds: float) -> None:
    """The database goes and comes back, while customers keep asking."""
    with asking(service.port, service.key, "steady") as load:
        healthy = load.during(max(seconds / 2, 3))
        assert set(healthy.statuses) == {"200"}, healthy
        fault.do()
        try:
            others = all_at_once(service.everything_else())
            during = load.during(seconds)
            state = service.ready()
            age = float(service.assign().headers["x-config-age"])
        finally:
            fault.undo()
        back = wait_for(service.works, RECOVERED_WITHIN_SECONDS)
        after = load.during(1)
    print(f"after {after}; back in {back:.1f} s")
    check_steady(healthy, during)
    assert set(after.statuses) == {"200"}, after
    for answer in others:
        check_refusal(answer)
    assert (state["code"], state["status"], state["database"]) == (200, "ready", "down")
    assert state["stale"] is True
    assert seconds - 1 < age < seconds + 8
    ready = service.ready()
    assert (ready["database"], ready["stale"]) == ("up", False)


def check_steady(healthy: Tally, during: Tally) -> None:
    """Every assignment answered, nearly as fast as before."""
    print(f"healthy {healthy}; during {during}")
    assert set(during.statuses) == {"200"}, during
    assert during.p99 <= max(2 * healthy.p99, NOISE_SECONDS)


def all_at_once(requests: Sequence[Callable[[], Answer]]) -> list[Answer]:
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda each=each: answers.append(each())) for each in requests
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(requests)
    return answers


def check_refusal(answer: Answer) -> None:
    """503, when to come again, within three seconds; a page where a person looks."""
    assert answer.status == 503, answer
    assert int(answer.headers["retry-after"]) > 0
    assert answer.seconds < ANSWERED_WITHIN_SECONDS, answer
    if answer.headers["content-type"].startswith("text/html"):
        said = ("the database does not answer right now", "데이터베이스가")
        assert any(sentence in answer.text for sentence in said), answer
    else:
        assert answer.body["status"] == 503


@pytest.mark.parametrize(
    ("fault", "seconds"),
    runs(["killed"], ["hung", "silent", "torn"]),
    indirect=["fault"],
)
def test_assignment_goes_on_while_the_database_is(
    on_postgres: Service, fault: Fault, seconds: float
) -> None:
    watch_through(on_postgres, fault, seconds)


def test_a_crowd_that_waits_for_a_hung_database_holds_up_no_assignment(
    on_postgres: Service, postgres: OwnPostgres
) -> None:
    crowd = [partial(on_postgres.send, f"crowd-{number}", 50) for number in range(60)]
    with asking(on_postgres.port, on_postgres.key, "steady") as load:
        load.during(1)
        postgres.hang()
        try:
            answers = all_at_once(crowd)
            during = load.during(1)
            again = all_at_once(crowd)
        finally:
            postgres.wake()
        wait_for(on_postgres.works, RECOVERED_WITHIN_SECONDS)
    assert set(load.everything.statuses) == {"200"}, load.everything
    assert max(load.everything.seconds) < 1, during
    for answer in (*answers, *again):
        check_refusal(answer)


@pytest.mark.slow
def test_a_slow_line_makes_nothing_fail(on_postgres: Service, line: Line) -> None:
    with asking(on_postgres.port, on_postgres.key, "steady") as load:
        healthy = load.during(2)
        line.become("slow")
        try:
            assert on_postgres.works()
            during = load.during(3)
            assert on_postgres.ready()["database"] == "up"
        finally:
            line.become("whole")
    assert set(during.statuses) == {"200"}
    assert during.p99 <= max(2 * healthy.p99, NOISE_SECONDS)


def moved(path: Path, put: Callable[[Path], object] | None = None) -> Fault:
    """The database's files are moved away, and something else may be put in their place."""
    aside = path.parent / "aside"

    def files(folder: Path) -> list[Path]:
        return [each for each in folder.glob(f"{path.name}*") if each != aside]

    def do() -> None:
        aside.mkdir()
        for each in files(path.parent):
            each.rename(aside / each.name)
        if put is not None:
            put(path)

    def undo() -> None:
        for each in files(path.parent):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        for each in files(aside):
            each.rename(path.parent / each.name)
        aside.rmdir()

    return Fault(do, undo)


# What is put in the file's place.
SQLITE_FAULTS: dict[str, Callable[[Path], object] | None] = {
    "removed": None,
    "replaced": lambda path: path.write_bytes(b"no database at all" * 1000),
    "emptied": lambda path: path.touch(),
    "not to be opened": lambda path: path.mkdir(),
}


@pytest.mark.parametrize(
    ("name", "seconds"), runs(["removed"], ["replaced", "emptied", "not to be opened"])
)
def test_assignment_goes_on_while_the_file_is(
    on_sqlite: Service, name: str, seconds: float
) -> None:
    fault = moved(on_sqlite.home / "truelift.db", SQLITE_FAULTS[name])
    watch_through(on_sqlite, fault, seconds)


def test_assignment_goes_on_while_the_file_may_not_be_read(on_sqlite: Service) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is closed to the administrator, whom the tests run as")
    path = on_sqlite.home / "truelift.db"
    watch_through(on_sqlite, Fault(lambda: path.chmod(0), lambda: path.chmod(0o600)), 4)


@pytest.mark.parametrize(
    ("cycles", "seconds"),
    [
        (1, 3),
        pytest.param(10, 3, id="ten times", marks=pytest.mark.release),
        pytest.param(1, LONG_SECONDS, id="long", marks=pytest.mark.release),
    ],
)
def test_a_full_disk_loses_nothing_and_stops_no_assignment(
    tmp_path: Path, cycles: int, seconds: float
) -> None:
    home = tmp_path / "home"
    with small_disk(home, 24), server(home) as (port, log):
        service = set_up(home, port, log.read_text())
        for cycle in range(cycles):
            assert service.send(f"before-{cycle}", 500).status == 200
            with asking(port, service.key, "steady") as load:
                healthy = load.during(seconds)
                filler = fill(home)
                refused = [service.send(f"full-{cycle}-{n}", 2000) for n in range(5)]
                upload = send_file(service)
                during = load.during(seconds)
            filler.unlink()
            wait_for(service.works, 10)
            check_steady(healthy, during)
            assert refused[-1].status in {503, 507}, refused[-1]
            assert upload.status in {503, 507}, upload
            for answer in [*refused, upload]:
                assert answer.status in {200, 503, 507}, answer
                assert answer.seconds < ANSWERED_WITHIN_SECONDS
            for number, answer in enumerate(refused):
                again = service.send(f"full-{cycle}-{number}", 2000)
                assert again.body["duplicates"] == (2000 if answer.status == 200 else 0)


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(4, marks=pytest.mark.slow),
        pytest.param(LONG_SECONDS, id="long", marks=pytest.mark.release),
    ],
)
def test_a_full_disk_of_postgresql_loses_nothing_and_stops_no_assignment(
    tmp_path: Path, seconds: float
) -> None:
    """A full disk ends PostgreSQL itself; it comes back once there is room and it is started."""
    with tempfile.TemporaryDirectory(prefix="truelift-disk-") as folder:
        Path(folder).chmod(0o755)
        disk, home = Path(folder) / "disk", tmp_path / "home"
        with (
            small_disk(disk, 160),
            own_postgres(disk) as postgres,
            line_to(postgres.socket) as line,
            server(home, url_of(line)) as (port, log),
        ):
            service = set_up(home, port, log.read_text())
            assert service.send("before", 500).status == 200
            sent: list[Answer] = []
            with asking(port, service.key, "steady") as load:
                healthy = load.during(seconds)
                filler = fill(disk)
                while not sent or (sent[-1].status == 200 and len(sent) < 100):
                    sent.append(service.send(f"full-{len(sent)}", 2000))
                during = load.during(seconds)
            check_steady(healthy, during)
            assert sent[-1].status == 503, sent[-1]
            assert sent[-1].seconds < ANSWERED_WITHIN_SECONDS
            filler.unlink()
            postgres.start()
            wait_for(service.works, 10)
            for number, answer in enumerate(sent):
                again = service.send(f"full-{number}", 2000)
                assert again.body["duplicates"] == (2000 if answer.status == 200 else 0)
            assert service.send("before", 500).body["duplicates"] == 500


def seconds_to_ready(home: Path, database_url: str | None) -> float:
    """How long a start takes, up to the first word that it is ready."""
    began = time.monotonic()
    with server(home, database_url) as (port, _):
        wait_for(lambda: ask(port, "GET", "/readyz").status == 200, 30)
        return time.monotonic() - began


@pytest.mark.parametrize(
    "fault",
    [
        "killed",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("hung", "silent", "torn")),
    ],
    indirect=True,
)
def test_a_start_without_the_database_answers_from_the_disk(
    on_postgres: Service, fault: Fault, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    healthy = seconds_to_ready(home, on_postgres.database_url)
    fault.do()
    try:
        began = time.monotonic()
        with server(home, on_postgres.database_url) as (port, log):
            service = replace(on_postgres, home=home, port=port)
            wait_for(lambda: service.ready()["code"] == 200, 10)
            took = time.monotonic() - began
            answer, state = service.assign(), service.ready()
            others = all_at_once(service.everything_else())
            fault.undo()
            wait_for(service.works, RECOVERED_WITHIN_SECONDS)
            wait_for(lambda: "The database answers." in log.read_text(), 5)
            after = service.ready()
    finally:
        fault.undo()
    # Three seconds for the database; the rest is what the machine is busy with otherwise, which
    # changes from start to start.
    healthy = max(healthy, seconds_to_ready(home, on_postgres.database_url))
    assert took < 1.5 * healthy + 3
    assert answer.status == 200
    assert answer.body["variant"] in {"a", "b"}
    assert float(answer.headers["x-config-age"]) > 0
    assert (state["configuration_source"], state["stale"]) == ("file", True)
    for other in others:
        check_refusal(other)
    assert (after["configuration_source"], after["stale"]) == ("database", False)
    assert "assignment is answered from the configuration of 20" in log.read_text()


def test_a_start_with_neither_database_nor_file_says_so_and_never_answers_empty(
    on_postgres: Service, line: Line, tmp_path: Path
) -> None:
    line.become("torn")
    try:
        with server(tmp_path / "home", on_postgres.database_url) as (port, log):
            service = replace(on_postgres, port=port)
            assert service.ready()["code"] == 503
            check_refusal(service.assign())
            assert "Nothing can be answered" in log.read_text()
            line.become("whole")
            wait_for(lambda: service.assign().status == 200, RECOVERED_WITHIN_SECONDS)
            wait_for(service.works, RECOVERED_WITHIN_SECONDS)
    finally:
        line.become("whole")


def test_a_server_may_be_started_before_its_database(
    on_postgres: Service, line: Line, tmp_path: Path
) -> None:
    late = url_of(line).removesuffix("postgres") + "late"
    with server(tmp_path / "home", late) as (port, log):
        assert ask(port, "GET", "/readyz").status == 503
        with psycopg.connect(url_of(line), autocommit=True) as admin:
            admin.execute("CREATE DATABASE late")
        wait_for(lambda: "The database answers." in log.read_text(), 10)
        wait_for(lambda: ask(port, "GET", "/readyz").status == 200, RECOVERED_WITHIN_SECONDS)
        service = set_up(tmp_path / "home", port, log.read_text())
        assert service.assign().status == 200


def test_a_start_without_the_file_makes_no_other_and_uses_the_configuration_before(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    with server(home) as (port, log):
        service = set_up(home, port, log.read_text())
        before = service.assign("홍길동").body
        ask(port, "POST", "/api/v1/experiments", service.shown, DRAFT | {"key": "another"})
    gone = moved(home / "truelift.db")
    gone.do()
    newest = home / FILE_NAME
    newest.write_bytes(newest.read_bytes()[:1024])
    assert (home / PREVIOUS_NAME).exists()
    with server(home) as (port, log):
        service = replace(service, port=port)
        assert service.assign("홍길동").body == before
        assert service.ready()["configuration_source"] == "file"
        assert not (home / "truelift.db").exists()
        gone.undo()
        wait_for(service.works, RECOVERED_WITHIN_SECONDS)
        assert ask(port, "GET", "/api/v1/experiments/another", service.shown).status == 200


@pytest.mark.slow
def test_an_emptied_file_is_not_taken_for_a_new_ledger(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with server(home) as (port, log):
        service = set_up(home, port, log.read_text())
    emptied = moved(home / "truelift.db", SQLITE_FAULTS["emptied"])
    emptied.do()
    with server(home) as (port, log):
        service = replace(service, port=port)
        assert service.assign().status == 200
        assert "restore a back-up, or remove" in log.read_text()
        with closing(sqlite3.connect(home / "truelift.db")) as db:
            assert db.execute("SELECT * FROM sqlite_master").fetchall() == []
        emptied.undo()
        wait_for(service.works, RECOVERED_WITHIN_SECONDS)


def send_file(service: Service) -> Answer:
    """A file of two megabytes, as a form."""
    mapping = {
        "form": "long",
        "fact": "event",
        "columns": {"source_id": "id", "unit_id": "user", "type": "type", "occurred_at": "time"},
    }
    part = "--x\r\nContent-Disposition: form-data; name="
    head = f'{part}"mapping"\r\n\r\n{json.dumps(mapping)}\r\n{part}"file"; filename="f.csv"\r\n\r\n'
    rows = "id,user,type,time\n" + "e-1,u1,open,2025-03-10T01:00:00Z\n" * 60_000
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    body = f"{head}{rows}\r\n--x--\r\n".encode()
    return ask(service.port, "POST", "/api/v1/imports", service.shown | kind, body)

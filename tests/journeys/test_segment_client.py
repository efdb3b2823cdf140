"""Segment's Python library, as it is, against a server that is killed while it sends."""

import os
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.acceptance.server import ROOT, Client, create_key, free_port, sign_in, started

PYTHON = ROOT / ".venv" / ".clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("segment_client.py")
COUNT = 200

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: make setup"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@contextmanager
def sending(url: str, key: str, form: str) -> Iterator["subprocess.Popen[str]"]:
    environ = {**os.environ, "no_proxy": "127.0.0.1"}
    command = [str(PYTHON), str(SCRIPT), url, key, str(COUNT), form]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as client:
        yield client
        client.kill()


def kept(home: Path) -> Counter[tuple[str, str, int, str]]:
    query = "SELECT source_id, type, value, currency FROM ledger WHERE fact = 'event'"
    with closing(sqlite3.connect(home / "truelift.db")) as database:
        return Counter(database.execute(query).fetchall())


def told(home: Path) -> Counter[tuple[str, str, str]]:
    query = "SELECT source_id, type, unit_id FROM ledger WHERE fact = 'alias'"
    with closing(sqlite3.connect(home / "truelift.db")) as database:
        return Counter(database.execute(query).fetchall())


def every_order_once() -> Counter[tuple[str, str, int, str]]:
    return Counter((f"order-{number}", "purchase", 1000, "KRW") for number in range(COUNT))


def every_alias_once() -> Counter[tuple[str, str, str]]:
    kinds = {"identify": ("anonymous", "email"), "alias": ("unit", "anonymous")}
    return Counter(
        (f"{call}-{number}:{kind}", kind, f"customer-{number}")
        for number in range(7)
        for call, each in kinds.items()
        for kind in each
    )


def said_by(client: "subprocess.Popen[str]") -> Iterator[str]:
    assert client.stdout is not None
    for line in client.stdout:
        yield line.strip()


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_each_event_arrives_once_though_the_server_was_killed(home: Path, form: str) -> None:
    port = free_port()
    with ExitStack() as until_the_end:
        with started(home, port) as (process, url, printed):
            caller = Client(url)
            sign_in(caller, printed)
            key = create_key(caller)
            client = until_the_end.enter_context(sending(url, key, form))
            said = said_by(client)
            assert next(said) == "halfway"
            os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
            process.wait(15)
            before = kept(home)
        assert 0 < sum(before.values()) < COUNT, "the server was killed among the events"
        with started(home, port):
            assert list(said) == ["done []"]
            assert client.wait(60) == 0
    assert kept(home) == every_order_once()
    assert told(home) == every_alias_once()

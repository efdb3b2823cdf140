"""What Segment's and RudderStack's libraries are made to tell, and what has to be kept of it."""

import os
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import psutil

from tests.acceptance.server import Client, create_key, free_port, sign_in, started

COUNT = 200
Sending = Callable[[str, str], AbstractContextManager["subprocess.Popen[str]"]]


@contextmanager
def sending(*command: str) -> Iterator["subprocess.Popen[str]"]:
    """A program that uses a library."""
    environ = {**os.environ, "no_proxy": "127.0.0.1"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as client:
        yield client
        client.kill()


def deliver_through_a_kill(home: Path, send: Sending) -> None:
    """Have a library deliver to a server that is killed half-way, and started again.

    Args:
        home: Folder of the service.
        send: Starts the program for an address and a key.
    """
    port = free_port()
    with ExitStack() as until_the_end:
        with started(home, port) as (process, url, printed):
            caller = Client(url)
            sign_in(caller, printed)
            client = until_the_end.enter_context(send(url, create_key(caller)))
            said = said_by(client)
            assert next(said) == "halfway"
            os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
            process.wait(15)
            before = kept(home)
        assert 0 < sum(before.values()) < COUNT, "the server was killed among the events"
        with started(home, port):
            assert list(said) == ["done []"]
            assert client.wait(60) == 0


def kept(home: Path) -> Counter[tuple[str, str, int, str]]:
    """The events of the ledger: id, type, value, currency."""
    query = "SELECT source_id, type, value, currency FROM ledger WHERE fact = 'event'"
    with closing(sqlite3.connect(home / "truelift.db")) as database:
        return Counter(database.execute(query).fetchall())


def told(home: Path) -> Counter[tuple[str, str, str]]:
    """The aliases of the ledger: id, kind, unit."""
    query = "SELECT source_id, type, unit_id FROM ledger WHERE fact = 'alias'"
    with closing(sqlite3.connect(home / "truelift.db")) as database:
        return Counter(database.execute(query).fetchall())


def every_order_once() -> Counter[tuple[str, str, int, str]]:
    """What :func:`kept` should give."""
    return Counter((f"order-{number}", "purchase", 1000, "KRW") for number in range(COUNT))


def every_alias_once() -> Counter[tuple[str, str, str]]:
    """What :func:`told` should give."""
    kinds = {"identify": ("anonymous", "email"), "alias": ("unit", "anonymous")}
    return Counter(
        (f"{call}-{number}:{kind}", kind, f"customer-{number}")
        for number in range(7)
        for call, each in kinds.items()
        for kind in each
    )


def said_by(client: "subprocess.Popen[str]") -> Iterator[str]:
    """The lines that a program prints."""
    assert client.stdout is not None
    for line in client.stdout:
        yield line.strip()

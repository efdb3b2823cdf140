"""The streaming process, and those who listen to it over connections of their own."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.acceptance.server import ROOT
from tests.journeys.outages import alive, ask, wait_for

Result = TypeVar("Result")


@dataclass(frozen=True)
class Streams:
    """A streaming process."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def listeners(self) -> int:
        return int(ask(self.port, "GET", "/readyz").body["listeners"])

    @property
    def memory_bytes(self) -> int:
        """What its processes hold of the machine's memory, pages that they share once."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        return sum(each.memory_full_info().pss for each in family)


@contextmanager
def streaming(home: Path, port: int) -> Iterator[Streams]:
    """``truelift stream`` on the folder."""
    log = home.parent / f"stream-{time.monotonic_ns()}.log"
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"TRUELIFT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "api.cli", "stream", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: alive(process, port, log), 60)
        yield Streams(process, port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@dataclass
class Listener:
    """A connection on which the stream is read as it comes, or not at all."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int = 0
    events: int = 0
    beats: int = 0
    taken: int = 0
    newest: bytes = b""
    ended: bool = False
    _rest: bytes = b""

    async def listen(self) -> None:
        """Read to the end, and count."""
        # A size that is not there: the connection was cut.
        with suppress(OSError, EOFError, ValueError):
            self.status = int((await self.reader.readuntil(b"\r\n\r\n")).split()[1])
            while size := int(await self.reader.readline(), 16):
                self._count((await self.reader.readexactly(size + 2))[:-2])
        self.ended = True

    def _count(self, piece: bytes) -> None:
        self.taken += len(piece)
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        for each in whole:
            if b"event: features" in each:
                self.events += 1
                self.newest = each
            elif each == b":":
                self.beats += 1


@dataclass
class Crowd:
    """Listeners that are served by a thread of their own."""

    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    listeners: list[Listener] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def join(self, port: int, path: str, count: int) -> list[Listener]:
        """So many more listen."""
        joined = self.run(_open(port, path, count))
        self.listeners += joined
        self.hear(joined)
        return joined

    def idle(self, port: int, path: str, count: int) -> list[Listener]:
        """So many more ask, and take nothing of what they get."""
        joined = self.run(_open(port, path, count))
        self.listeners += joined
        return joined

    def hear(self, listeners: list[Listener]) -> None:
        """From now on they read."""
        for each in listeners:
            asyncio.run_coroutine_threadsafe(each.listen(), self._loop)

    def wait(self, true: Callable[[Listener], bool], seconds: float) -> None:
        """Wait until it is so for everybody."""
        wait_for(lambda: all(map(true, self.listeners)), seconds)

    async def close(self) -> None:
        for each in self.listeners:
            each.writer.transport.abort()
        await asyncio.sleep(0.1)


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Listeners, none at first."""
    made = Crowd()
    thread = threading.Thread(target=made._loop.run_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.run(made.close())
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(10)
        made._loop.close()


async def _open(port: int, path: str, count: int) -> list[Listener]:
    headers = "Host: 127.0.0.1\r\nAccept: text/event-stream\r\nConnection: close"
    request = f"GET {path} HTTP/1.1\r\n{headers}\r\n\r\n"
    opened = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        writer.write(request.encode())
        opened.append(Listener(reader, writer))
    return opened

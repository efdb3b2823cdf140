"""What can happen to a database: a server to kill and to hang, a line to cut, a disk to fill."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.acceptance.server import ROOT, free_port
from tests.conftest import _start_postgresql

DELAY_SECONDS = 0.2


class OwnPostgres:
    """A PostgreSQL server of one test module, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = _start_postgresql(folder)
        self._data = Path(self._server.pgdata)
        self.socket = next(self._data.glob(".s.PGSQL.*[0-9]"), None) or next(
            folder.rglob(".s.PGSQL.*[0-9]")
        )

    @property
    def url(self) -> str:
        """Of its first database, by its socket."""
        return str(self._server.get_uri())

    def kill(self) -> None:
        """Stop it as a power cut does."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it, unless it runs."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._control("status")
            return
        self._control(
            "start", "-o", f'-h "" -k {self.socket.parent}', "-l", str(self._data / "log")
        )

    def hang(self) -> None:
        """Stop every process of it in its tracks; the kernel goes on taking connections."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.wake()
        self._server.cleanup()

    def _processes(self) -> list[psutil.Process]:
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def _control(self, *arguments: str) -> None:
        program = str(self._server.bin_path / "pg_ctl")
        subprocess.run(
            [program, "-w", "-D", str(self._data), *arguments],
            user=self._server.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )


@contextmanager
def own_postgres(on: Path | None = None) -> Iterator[OwnPostgres]:
    """A PostgreSQL server; on a folder given, or on one of its own."""
    with tempfile.TemporaryDirectory(prefix="truelift-pg-", ignore_cleanup_errors=True) as folder:
        server = OwnPostgres(on or Path(folder))
        try:
            yield server
        finally:
            server.close()


@dataclass
class Line:
    """A TCP line to a server's socket, which can be cut in several ways.

    ``state`` is ``whole``, ``silent`` (nothing comes through, nothing is refused), ``torn``
    (every connection is reset) or ``slow`` (every answer takes a fifth of a second longer).
    """

    to: Path
    port: int = 0
    state: str = "whole"
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def become(self, state: str) -> None:
        self.state = state
        if state == "torn":
            self._loop.call_soon_threadsafe(self._tear)

    def _tear(self) -> None:
        for each in list(self._open):
            _reset(each)

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        self._open.add(writer)
        try:
            if self.state == "torn":
                return
            await self._passable()
            back, forth = await asyncio.open_unix_connection(self.to)
            ends.append(forth)
            self._open.add(forth)
            await asyncio.gather(
                self._pump(reader, forth, 0), self._pump(back, writer, DELAY_SECONDS)
            )
        except OSError:
            pass
        finally:
            for end in ends:
                self._open.discard(end)
                _reset(end)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
    ) -> None:
        async for chunk in _chunks(reader):
            await self._passable()
            if self.state == "slow":
                await asyncio.sleep(delay)
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _passable(self) -> None:
        while self.state == "silent":
            await asyncio.sleep(0.02)


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await reader.read(65536):
        yield chunk


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST in place of FIN."""
    plain: socket.socket | None = writer.get_extra_info("socket")
    if plain is not None and plain.family == socket.AF_INET:
        with contextlib.suppress(OSError):
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def line_to(to: Path) -> Iterator[Line]:
    """A line to the socket, served by a thread."""
    line, ready = Line(to), threading.Event()
    serving = line._loop.create_task(line.serve(ready))
    thread = threading.Thread(target=_run, args=(line._loop, serving), daemon=True)
    thread.start()
    ready.wait(10)
    yield line
    line._loop.call_soon_threadsafe(serving.cancel)
    thread.join(10)


def _run(loop: asyncio.AbstractEventLoop, serving: "asyncio.Task[None]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(serving)
    for left in asyncio.all_tasks(loop):
        left.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk in memory, mounted on the folder; the test is skipped where nobody may mount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        refusal = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        refusal = str(error)
    if refusal:
        pytest.skip(f"no disk in memory can be mounted here: {refusal}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until nothing more fits; removed, it gives the room back."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return filler


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def ask(
    port: int,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: Any = None,
    timeout: float = 20,
) -> Answer:
    """One request over a connection of its own."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        sent = body if isinstance(body, bytes) else body and json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if sent else {}
        connection.request(method, path, sent, given | (headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        took = time.monotonic() - began
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, text, took)


@contextmanager
def server(
    home: Path, database_url: str | None = None, port: int | None = None
) -> Iterator[tuple[int, Path]]:
    """A server process that answers; it need not be ready. Its port, and what it prints."""
    port = port or free_port()
    log = home.parent / f"{home.name}-{time.monotonic_ns()}.log"
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"TRUELIFT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if database_url is not None:
        environ |= {"DATABASE_URL": database_url, "TRUELIFT_SECRET_KEY": "k" * 32}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: alive(process, port, log), 60)
        yield port, log
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def alive(process: "subprocess.Popen[bytes]", port: int, log: Path) -> bool:
    """Whether the server answers at all; a server that stopped fails the test."""
    assert process.poll() is None, log.read_text()
    try:
        return ask(port, "GET", "/healthz", timeout=2).status == 200
    except OSError:
        return False


def wait_for(true: Any, seconds: float) -> float:
    """Wait until the function says so; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} seconds"
        time.sleep(0.02)
    return time.monotonic() - began

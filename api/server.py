"""The server: one folder, one lock, one serving process that dies with its parent."""

import ctypes
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from api.settings import Settings
from experiments.ledger.collecting import collect_rarely

PARENT_CHECK_SECONDS = 0.25
# Most of them wait for the database while many facts arrive; the others answer meanwhile.
BLOCKING_THREADS = 32
PARENT = "TRUELIFT_PARENT_PID"
PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class FolderInUse(Exception):
    """Another server holds the folder."""


@contextmanager
def folder_lock(home: Path) -> Iterator[None]:
    """Hold the folder for this process and its children.

    Raises:
        FolderInUse: If another process holds it, naming that process.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+") as file:
        _lock(file, home)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock(file: IO[str], home: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        message = (
            f"another Truelift server (process {holder}) is using the folder {home}; "
            "stop it first, or set TRUELIFT_HOME to another folder"
        )
        raise FolderInUse(message) from error


def running_server(home: Path) -> tuple[str, str] | None:
    """Address and operator token of the server that holds the folder; None if none does."""
    try:
        with folder_lock(home):
            return None
    except FolderInUse:
        path = home / "server.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text())
        return found["url"], found["token"]


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; the folder must be locked by the caller.

    Raises:
        OSError: If the port cannot be had.
    """
    check_port(host, port)
    token = f"operator_{secrets.token_urlsafe(32)}"
    os.environ.update({PARENT: str(os.getpid()), "TRUELIFT_OPERATOR_TOKEN": token})
    announced = _announce(settings.home, host, port, token)
    server = granian("api.server:application", host, port)
    try:
        server.serve()
    finally:
        announced.unlink(missing_ok=True)


def granian(factory: str, host: str, port: int) -> Any:
    """The WSGI server for the application that ``factory`` (``module:function``) makes."""
    from granian.constants import Interfaces, Loops  # noqa: PLC0415 - only the server needs it
    from granian.server import Server  # noqa: PLC0415 - slow to import

    return Server(
        factory,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        loop=Loops.asyncio,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        factory=True,
        log_enabled=False,
        workers_kill_timeout=5,
        websockets=False,
    )


def application() -> object:
    """The serving process's application, tied to the process that started it."""
    die_with_parent()
    import wsgi  # noqa: PLC0415 - it reads the environment when it is imported
    from api.start import do_what_was_left  # noqa: PLC0415 - only the server needs it

    do_what_was_left(say=click.echo)
    collect_rarely()
    return wsgi.app


def _announce(home: Path, host: str, port: int, token: str) -> Path:
    """Leave address and token for the command line of this machine's owner."""
    path = home / "server.json"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": f"http://{host}:{port}", "token": token}, file)
    return path


def check_port(host: str, port: int) -> None:
    """Fail at once, and clearly, where the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def die_with_parent() -> None:
    """Granian's worker outlives a killed main process; this one does not.

    On Linux the kernel sees to it; elsewhere a thread looks, and a busy process may be late.
    """
    parent = int(os.environ[PARENT])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()

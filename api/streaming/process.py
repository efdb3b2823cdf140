"""The process of ``truelift stream``: it reads what the serving process keeps, and writes nothing.

It may run beside that process on one folder: it takes no lock, and of the configuration's file
it only reads.
"""

import gc
import os
import resource
from datetime import UTC, datetime
from typing import Any

from api.client_keys import RateLimit
from api.server import PARENT, check_port, die_with_parent
from api.settings import Settings
from api.streaming.application import Streaming
from api.streaming.feed import Feed
from experiments.assignment.snapshot import SnapshotKeeper
from experiments.assignment.snapshot_codec import Kept
from experiments.assignment.snapshot_file import SnapshotFile
from experiments.storage.database import Database

MOST_LISTENERS = 10_000
# Files that are open besides the listeners' connections.
OTHER_FILES = 256
# Of what a slow listener has not taken yet, the server itself holds this much at most.
HELD_BYTES = 32 * 1024


class SnapshotFileOfAnother(SnapshotFile):
    """The configuration's file, which another process keeps."""

    def write(self, kept: Kept) -> None:
        """Leave it to that process."""


def stream(host: str, port: int) -> None:
    """Stream until stopped.

    Raises:
        OSError: If the port cannot be had.
    """
    check_port(host, port)
    os.environ[PARENT] = str(os.getpid())
    _server(host, port, room=_make_room()).serve()


def application() -> Streaming:
    """The streaming process's application, tied to the process that started it."""
    die_with_parent()
    # What was made before the fork stays shared: a full collection would write into all of it.
    gc.freeze()
    settings = Settings.from_environment(os.environ)
    database = Database.open(settings.database_url)
    file = SnapshotFileOfAnother(settings.home, database.address)
    keeper = SnapshotKeeper(database, _now, file=file)
    return Streaming(
        feed=Feed(keeper, _now, room=_make_room()),
        keeper=keeper,
        limit=RateLimit(settings.client_rate),
        proxies=settings.proxies,
    )


def _server(host: str, port: int, room: int) -> Any:
    from granian.constants import Interfaces, Loops  # noqa: PLC0415 - only the server needs it
    from granian.http import HTTP1Settings  # noqa: PLC0415 - slow to import
    from granian.server import Server  # noqa: PLC0415 - slow to import

    return Server(
        "api.streaming.process:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=1,
        factory=True,
        log_enabled=False,
        # Streams do not end by themselves; a listener who is cut off comes back after a pause.
        workers_kill_timeout=1,
        websockets=False,
        # Whoever finds no room is told so.
        backpressure=room + OTHER_FILES // 2,
        http1_settings=HTTP1Settings(max_buffer_size=HELD_BYTES),
    )


def _make_room() -> int:
    """Let this process open as many files as it may; for how many listeners that is enough."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_LISTENERS + OTHER_FILES
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(allowed - OTHER_FILES, 1)


def _now() -> datetime:
    return datetime.now(UTC)

"""What listeners are told, and when: the features of their project, at every change of them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from api.client_keys import ClientKeyRefused, opened_by
from api.payloads import PayloadShelf
from experiments.assignment.snapshot import Snapshot, SnapshotKeeper
from experiments.errors import Unavailable

LOOK_SECONDS = 0.1

log = structlog.get_logger()


class TooManyListeners(Unavailable):
    """As many listen as this process has room for."""

    template = "too many apps listen here already"


@dataclass(frozen=True)
class Told:
    """Features as an event.

    Attributes:
        etag: Of the features, as ``/api/features`` gives it.
        event: As it is sent; every listener of the project gets the same bytes.
    """

    etag: str
    event: bytes


@dataclass(eq=False)
class Listener:
    """Somebody who listens.

    Attributes:
        key: The client key that was shown.
        etag: Of what was sent last.
        news: Set when there is something to look at: other features, a key without worth, or
            that nobody is there any more.
        gone: Whether nobody is.
    """

    key: str
    project_id: int
    etag: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    def leave(self) -> None:
        """Nobody is there any more."""
        self.gone = True
        self.news.set()


class Feed:
    """The listeners of this process, and the present event of each of their projects.

    A listener holds no queue: whoever is slow gets the newest features once what was sent
    before is through, and misses those in between.

    Args:
        keeper: Holds the configuration.
        clock: The time, by which keys expire.
        room: How many may listen.
    """

    def __init__(self, keeper: SnapshotKeeper, clock: Callable[[], datetime], room: int) -> None:
        self._keeper = keeper
        self._clock = clock
        self._room = room
        self._listeners: set[Listener] = set()
        self._shelf = PayloadShelf()
        self._told: dict[int, Told] = {}

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @contextmanager
    def listening(self, key: str) -> Iterator[Listener]:
        """Count somebody in, until they leave.

        Raises:
            ClientKeyRefused: If the key is no client key, or does not hold any more.
            ConfigurationUnknown: If there is nothing to tell from.
            TooManyListeners: If there is no room.
        """
        stored = opened_by(key, self._keeper.current, self._clock())
        if len(self._listeners) >= self._room:
            raise TooManyListeners
        listener = Listener(key, stored.project_id)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def welcome(self, listener: Listener) -> bool:
        """Whether there is somebody to tell, and the key still holds."""
        try:
            opened_by(listener.key, self._keeper.current, self._clock())
        except ClientKeyRefused:
            return False
        return not listener.gone

    def told(self, project_id: int) -> Told:
        """What the project's listeners are told now; made once for all of them."""
        served = self._shelf.of(self._keeper.current, project_id)
        told = self._told.get(project_id)
        if told is None or told.etag != served.etag:
            told = self._told[project_id] = Told(served.etag, _event(served.body))
        return told

    async def watch(self) -> None:
        """Wake whom a change concerns, for ever."""
        known: Snapshot | None = None
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self._keeper.loaded and self._keeper.current is not known:
                    known = self._keeper.current
                    self._wake()
            except Exception:
                # Whatever it is, the next change is told all the same.
                log.exception("a change could not be told")

    def _wake(self) -> None:
        for each in self._listeners:
            if not self.welcome(each) or self.told(each.project_id).etag != each.etag:
                each.news.set()


def _event(body: bytes) -> bytes:
    """The event; clients put its lines together again."""
    lines = b"".join(b"data: " + line + b"\n" for line in body.split(b"\n"))
    return b"event: features\n" + lines + b"\n"

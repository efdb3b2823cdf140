"""What a page waits for only so long: made in the background, and shown once it is there.

Whoever opens a page is told within about two seconds what is known. What takes longer goes on
being made; the next look at the page finds it.
"""

import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from experiments.errors import Unavailable

T = TypeVar("T")

WORKERS = 3
# What nobody has come for after so long is made afresh.
KEPT_SECONDS = 20.0


class StillComputing(Unavailable):
    """It is being made, and takes longer than a page waits."""

    template = "the figures are being computed, and will be there in a moment"


@dataclass
class _Making:
    """One thing underway, or made and not yet fetched."""

    make: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    made: Any = None
    refusal: Exception | None = None
    ended: float = 0.0

    def run(self) -> None:
        """Make it, here and now."""
        try:
            self.made = self.make()
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
            self.refusal = error
        self.ended = time.monotonic()
        self.done.set()

    @property
    def is_old(self) -> bool:
        return self.done.is_set() and time.monotonic() - self.ended > KEPT_SECONDS

    def outcome(self) -> Any:
        """What was made.

        Raises:
            Exception: What kept it from being made.
        """
        if self.refusal is not None:
            raise self.refusal
        return self.made


class Soon:
    """Makes what pages ask for, each thing once however many wait for it.

    Args:
        patience_seconds: How long a page waits in all; None: it makes everything itself.
    """

    def __init__(self, patience_seconds: float | None) -> None:
        self._patience = patience_seconds
        self._underway: dict[Hashable, _Making] = {}
        self._fetched: dict[Hashable, _Making] = {}
        self._waiting: queue.SimpleQueue[_Making | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: list[threading.Thread] = []

    def until(self) -> float:
        """The moment, of the monotonic clock, that a page which begins now waits for."""
        return time.monotonic() + (self._patience or 0.0)

    def get(self, name: Hashable, make: Callable[[], T], until: float) -> T:
        """What ``make`` gives, if it is there in time.

        Args:
            name: Of the thing; while it is made, whoever asks for that name waits for the same.
            make: Makes it; needs nothing of the request.
            until: As :meth:`until` says.

        Raises:
            StillComputing: If it is not there in time.
            Exception: What ``make`` raises.
        """
        if self._patience is None:
            return make()
        making = self._begun(name, make)
        if not making.done.wait(max(0.0, until - time.monotonic())):
            raise StillComputing
        with self._lock:
            if self._underway.get(name) is making:
                del self._underway[name]
        found: T = making.outcome()
        with self._lock:
            self._fetched[name] = making
        return found

    def lately(self, name: Hashable) -> Any:
        """What somebody has just fetched under that name; None if nobody did.

        For what is as good as new for some seconds: a fresh one waits behind all that others
        ask for, and what a page has shown should not be gone from it meanwhile.
        """
        with self._lock:
            found = self._fetched.get(name)
            return None if found is None or found.is_old else found.made

    def _begun(self, name: Hashable, make: Callable[[], Any]) -> _Making:
        with self._lock:
            for held in (self._underway, self._fetched):
                for each in [each for each, making in held.items() if making.is_old]:
                    del held[each]
            making = self._underway.get(name)
            if making is None:
                making = self._underway[name] = _Making(make)
                self._waiting.put(making)
                if len(self._workers) < WORKERS:
                    self._hire()
            return making

    def _hire(self) -> None:
        worker = threading.Thread(target=self._work, name="soon", daemon=True)
        self._workers.append(worker)
        worker.start()

    def stop(self) -> None:
        """End after what is at hand; nothing can be asked for any more."""
        for _ in self._workers:
            self._waiting.put(None)
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        while (making := self._waiting.get()) is not None:
            making.run()
            del making

"""A shop whose customers buy a hundred times a second, and what is seen of it while they do.

Ordinary purchases are of one won and marked ones of a million, so that a total tells how many
marked ones are in it. Every other marked purchase lies within the window of a running test.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SENDERS, EVENTS_A_SECOND = 4, 100
UNITS = 200
MARKED, ORDINARY = 1_000_000, 1
# One marked purchase of each sender's so many.
EVERY = 25
MET_AGO, BOUGHT_AGO = timedelta(days=4), timedelta(days=3)
WINDOW_HOURS = 48
PLANNED_PAUSE = SENDERS / EVENTS_A_SECOND
_ASK_EVERY_SECONDS = 0.5


def purchase(source_id: str, number: int, *, marked: bool, within: bool) -> dict[str, Any]:
    """A purchase of now, or of within the test's window."""
    at = datetime.now(UTC) - (BOUGHT_AGO if within else timedelta())
    return {
        "source_id": source_id, "unit_id": f"u{number % UNITS}", "type": "purchase",
        "occurred_at": at.isoformat(), "value": MARKED if marked else ORDINARY, "currency": "KRW",
    }  # fmt: skip


@dataclass
class Accepted:
    """When purchases were answered to be accepted, and what they come to.

    Attributes:
        marked: Moments of the marked ones, in order: of all, and of those within the window.
        total, within: Won, likewise.
        refused: What was answered otherwise.
    """

    marked: list[float] = field(default_factory=list)
    marked_within: list[float] = field(default_factory=list)
    events: int = 0
    total: int = 0
    within: int = 0
    refused: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, amount: int, *, within: bool) -> None:
        with self._lock:
            self.events += 1
            self.total += amount
            self.within += amount if within else 0
            if amount == MARKED:
                self.marked.append(time.monotonic())
                if within:
                    self.marked_within.append(time.monotonic())


@dataclass
class Load:
    """Senders at work, each over one kept-open connection, one event a request."""

    port: int
    key: str
    seconds: float
    accepted: Accepted = field(default_factory=Accepted)

    def send(self, sender: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        began, count = time.monotonic(), round(self.seconds / PLANNED_PAUSE)
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            for number in range(count):
                time.sleep(max(0.0, began + number * PLANNED_PAUSE - time.monotonic()))
                marked, within = number % EVERY == 0, number // EVERY % 2 == 1
                item = purchase(f"{sender}-{number}", number, marked=marked, within=within)
                line.request("POST", "/api/v1/events", json.dumps(item), headers)
                answer = line.getresponse()
                told = json.load(answer)
                if answer.status == 200 and told["accepted"] == 1:
                    self.accepted.note(item["value"], within=within)
                else:
                    self.accepted.refused.append(f"{answer.status} {told}")


@contextmanager
def sending(port: int, key: str, seconds: float) -> Iterator[Load]:
    """A load that goes on for so long; afterwards all of it was sent."""
    load = Load(port, key, seconds)
    senders = [threading.Thread(target=load.send, args=(number,)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        yield load
    finally:
        for sender in senders:
            sender.join()


@dataclass
class Seen:
    """How long after their acceptance marked purchases were first in an answer, in seconds."""

    delays: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    @property
    def longest(self) -> float:
        return max(self.delays)

    def look(self, total: Callable[[], int], accepted: list[float]) -> int:
        """Ask once; the total that was answered."""
        asked = time.monotonic()
        found = total()
        now = time.monotonic()
        self.answers.append(now - asked)
        known = accepted[len(self.delays) : found // MARKED]
        self.delays += [max(0.0, now - at) for at in known]
        return found


def watch(asked: dict[str, Callable[[], int]], load: Load, patience: float) -> dict[str, Seen]:
    """Ask both again and again, until everything accepted is in both, or patience ends.

    Args:
        asked: ``tracking`` and ``report``, each answering the total it has.
        load: Under way.
        patience: Seconds to go on after the last event.
    """
    seen = {name: Seen() for name in asked}
    until = time.monotonic() + load.seconds + patience
    ends = time.monotonic() + load.seconds
    while time.monotonic() < until:
        totals = {
            "tracking": seen["tracking"].look(asked["tracking"], load.accepted.marked),
            "report": seen["report"].look(asked["report"], load.accepted.marked_within),
        }
        whole = {"tracking": load.accepted.total, "report": load.accepted.within}
        if time.monotonic() > ends and totals == whole:
            break
        time.sleep(_ASK_EVERY_SECONDS)
    return seen

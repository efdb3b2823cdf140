"""Customers who keep asking: what they were answered, and how long they waited."""

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CLIENTS = 4
PAUSE_SECONDS = 0.004


@dataclass
class Tally:
    """Answers by status (or by the error in place of one), and seconds of each."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.99)]

    def __str__(self) -> str:
        return f"{dict(self.statuses)}, p99 {self.p99 * 1000:.1f} ms"


@dataclass
class Asking:
    """Clients that ask for assignments, each over one kept-open connection."""

    port: int
    key: str
    experiment: str
    _stopping: threading.Event = field(default_factory=threading.Event)
    _tally: Tally = field(default_factory=Tally)
    everything: Tally = field(default_factory=Tally)

    def during(self, seconds: float) -> Tally:
        """What happened in the seconds to come."""
        self._tally = tally = Tally()
        time.sleep(seconds)
        return tally

    def client(self, name: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            number = 0
            while not self._stopping.wait(PAUSE_SECONDS):
                number += 1
                question = {"experiment": self.experiment, "unit_id": f"고객-{name}-{number}"}
                self._ask(connection, headers, json.dumps(question))

    def _ask(
        self, connection: http.client.HTTPConnection, headers: dict[str, str], question: str
    ) -> None:
        tally, began = self._tally, time.perf_counter()
        try:
            connection.request("POST", "/api/v1/assign", question, headers)
            answer = connection.getresponse()
            told = json.load(answer)
            status = str(answer.status) if told.get("variant") in {"a", "b"} else f"not {told}"
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            status = type(error).__name__
        for each in (tally, self.everything):
            each.seconds.append(time.perf_counter() - began)
            each.statuses[status] += 1


@contextmanager
def asking(port: int, key: str, experiment: str) -> Iterator[Asking]:
    """Clients at work."""
    load = Asking(port, key, experiment)
    clients = [threading.Thread(target=load.client, args=(name,)) for name in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield load
    finally:
        load._stopping.set()
        for client in clients:
            client.join()

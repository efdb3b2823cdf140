"""What GrowthBook's tracking plugins report arrives, and counts once however often it comes."""

import http.client
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from growthbook import GrowthBook
from growthbook.plugins import growthbook_tracking_plugin

from tests.journeys.npm_clients import ask, require_npm_clients
from tests.journeys.ways_to_ask import Service

SENT_WITHIN_SECONDS = 20


def from_pypi(service: Service, ingestor: str, key: str, customer: str) -> str:
    """An app that meets a test twice and sends an event of its own; the variant it met."""
    plugin = growthbook_tracking_plugin(ingestor_host=ingestor, batch_size=1000)
    client = GrowthBook(
        api_host=service.client.url,
        client_key=service.app_key,
        attributes={"id": customer},
        plugins=[plugin],
    )
    client.load_features()
    found = client.eval_feature(key)
    client.eval_feature(key)
    client.log_event("click", {"where": "banner"})
    client.destroy()
    assert found.experimentResult is not None
    return str(found.experimentResult.key)


def from_npm(service: Service, ingestor: str, key: str, customer: str) -> str:
    """The same app in JavaScript."""
    require_npm_clients()
    question = {
        "url": service.client.url,
        "ingestor_host": ingestor,
        "client_key": service.app_key,
        "key": key,
        "customer": customer,
    }
    return str(ask("tracking.mjs", question)["variant"])


APPS = pytest.mark.parametrize("app", [from_pypi, from_npm])


@APPS
def test_an_exposure_counts_once_though_the_app_starts_again(service: Service, app: Any) -> None:
    customer = f"홍길동 {app.__name__}"
    variants = [app(service, service.client.url, "halves", customer) for _ in range(2)]
    assert kept(service.home, customer, events=2) == {
        ("exposure", "viewed", "halves", variants[0]): 1,
        ("event", "click", None, None): 2,
    }


@APPS
def test_an_exposure_counts_once_though_its_answer_was_lost(service: Service, app: Any) -> None:
    customer = f"😀 {app.__name__}"
    with answers_lost(service.client.url) as (ingestor, lost):
        app(service, ingestor, "unequal", customer)
        kept(service.home, customer, events=1)
    assert lost == [200]
    variant = app(service, service.client.url, "unequal", customer)
    assert kept(service.home, customer, events=2) == {
        ("exposure", "viewed", "unequal", variant): 1,
        ("event", "click", None, None): 2,
    }


@APPS
def test_an_app_that_meets_several_tests_reports_each_once(service: Service, app: Any) -> None:
    customer = f"customer {app.__name__}"
    met = {key: app(service, service.client.url, key, customer) for key in ("halves", "ten-arms")}
    expected: dict[tuple[Any, ...], int] = {
        ("exposure", "viewed", key, variant): 1 for key, variant in met.items()
    }
    expected["event", "click", None, None] = 2
    assert kept(service.home, customer, events=2) == expected


def kept(home: Path, customer: str, events: int) -> Counter[tuple[Any, ...]]:
    """What the ledger has of a customer, once it has so many events of the app's own.

    They are sent after the exposures, in the same request.
    """
    until = time.monotonic() + SENT_WITHIN_SECONDS
    query = (
        "SELECT fact, type, experiments.key, variant FROM ledger"
        " LEFT JOIN experiments ON experiments.id = experiment_id WHERE unit_id = ?"
    )
    while True:
        database = sqlite3.connect(home / "truelift.db")
        rows = database.execute(query, (customer,)).fetchall()
        database.close()
        if sum(row[0] == "event" for row in rows) >= events or time.monotonic() > until:
            return Counter(rows)
        time.sleep(0.1)


@contextmanager
def answers_lost(url: str) -> Iterator[tuple[str, list[int]]]:
    """An address that passes requests on and hangs up instead of answering; statuses lost."""
    lost: list[int] = []

    class HangsUp(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=30)
            there.request("POST", self.path, body, {"Content-Type": "text/plain"})
            lost.append(there.getresponse().status)
            there.close()
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), HangsUp)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", lost
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

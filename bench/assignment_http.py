"""POST /assign against a bare Flask "hello" on the same server settings; and batches.

python -m bench.assignment_http [--rounds 5] [--seconds 3]

The two servers take turns, so that what else the machine does hits both alike; medians of the
rounds are told. The question is a whole one: a key is checked, a strict body is read, and the
answer carries the headers of every answer.
"""

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, jsonify

from api.server import granian
from bench.load import Request, Speed, client_name, measure
from tests.acceptance.server import Client, free_port, own_server
from tests.acceptance.study import kpi

CONNECTIONS = 32
BATCH = 1000
BATCH_CONNECTIONS = 2
LEAST_SHARE, MOST_WAIT, LEAST_BATCH = 0.6, 2.0, 200_000
DRAFT = {
    "key": "speed",
    "name": "Speed",
    "anchor": "sent",
    "shape": "one_blast",
    "channels": ["email"],
    "variants": [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5, "payload": {"subject": "Minji, it is spring"}},
    ],
    "goals": [{"kpi": "click", "role": "primary"}],
}


def hello() -> Flask:
    """The application to compare with."""
    app = Flask("hello")

    @app.get("/hello")
    def say() -> object:
        return jsonify({"hello": "world"})

    return app


def _serve_hello(port: int) -> None:
    granian("bench.assignment_http:hello", "127.0.0.1", port).serve()


@contextmanager
def hello_server() -> Iterator[int]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve_hello, args=(port,))
    process.start()
    try:
        _wait(f"http://127.0.0.1:{port}/hello")
        yield port
    finally:
        process.terminate()
        process.join()


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def questions(client: Client) -> dict[str, Request]:
    """One unit with attributes, and a batch as plain ids and as objects."""
    headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
    port = int(client.url.rpartition(":")[2])
    one = {"experiment": "speed", "unit_id": "customer-1", "attributes": {"grade": "vip"}}
    ids = [f"customer-{number:06}" for number in range(BATCH)]
    bodies = {
        "assign": ("/api/v1/assign", one),
        "batch of ids": ("/api/v1/assign/batch", {"experiment": "speed", "units": ids}),
        "batch of objects": (
            "/api/v1/assign/batch",
            {"experiment": "speed", "units": [{"unit_id": unit} for unit in ids]},
        ),
    }
    return {
        name: Request(port, path, headers, json.dumps(body))
        for name, (path, body) in bodies.items()
    }


def prepare(client: Client) -> None:
    client.post("/api/v1/kpis", kpi("click", "Clickers per sent", "click"))
    client.post("/api/v1/experiments", DRAFT)
    client.post("/api/v1/experiments/speed/start")


def median(speeds: list[Speed]) -> Speed:
    return Speed(
        statistics.median(each.per_second for each in speeds),
        statistics.median(each.p99 for each in speeds),
    )


def compare(rounds: int, seconds: float) -> dict[str, Speed]:
    """Both servers in turns; medians by what was asked."""
    with (
        tempfile.TemporaryDirectory() as folder,
        own_server(Path(folder) / "home") as client,
        hello_server() as hello_port,
    ):
        prepare(client)
        asked = {"hello": Request(hello_port, "/hello"), **questions(client)}
        found: dict[str, list[Speed]] = {name: [] for name in asked}
        for _ in range(rounds):
            for name, request in asked.items():
                many = BATCH_CONNECTIONS if name.startswith("batch") else CONNECTIONS
                found[name].append(measure(request, many, seconds))
    return {name: median(speeds) for name, speeds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    tell(compare(given.rounds, given.seconds))


def tell(found: dict[str, Speed]) -> None:
    print(f"asked by {client_name()}; {CONNECTIONS} connections, {BATCH_CONNECTIONS} for batches")
    for name, speed in found.items():
        many = speed.per_second * (BATCH if name.startswith("batch") else 1)
        print(f"{name:<18} {many:>10,.0f} a second   p99 {speed.p99 * 1000:6.1f} ms")
    bare, ours = found["hello"], found["assign"]
    print(
        f"assign / hello     {ours.per_second / bare.per_second:>10.2f} (>= {LEAST_SHARE} wanted)"
    )
    print(f"its p99 / hello's  {ours.p99 / bare.p99:>10.2f} (<= {MOST_WAIT} wanted)")
    print(f"batches: {LEAST_BATCH:,} assignments a second wanted")


if __name__ == "__main__":
    main()

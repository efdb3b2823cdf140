"""Load over HTTP: requests a second and waiting times, by wrk where it is installed.

Without wrk, a client of our own in asyncio asks; it is slower, so that both servers measure
slower than they are. Both clients keep a number of connections open and busy.
"""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Request:
    """What is asked, again and again."""

    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True)
class Speed:
    """What came of it: answers a second, 99th percentile of the waiting time in seconds."""

    per_second: float
    p99: float


def measure(request: Request, connections: int, seconds: float) -> Speed:
    """Ask for that long; an answer other than 200 ends the measurement."""
    if shutil.which("wrk"):
        return _by_wrk(request, connections, seconds)
    return asyncio.run(_by_asyncio(request, connections, seconds))


def client_name() -> str:
    return "wrk" if shutil.which("wrk") else "a client in asyncio (wrk is not installed)"


def _by_wrk(request: Request, connections: int, seconds: float) -> Speed:
    lines = [f"wrk.method = {json.dumps(request.method)}"]
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items()]
    if request.body is not None:
        lines.append(f"wrk.body = [==[{request.body}]==]")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text("\n".join(lines))
        command = [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", "-s", str(script),
            f"http://127.0.0.1:{request.port}{request.path}",
        ]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or slowest is None:
        raise RuntimeError(said)
    return Speed(float(rate[1]), float(slowest[1]) * _UNITS[slowest[2]])


async def _by_asyncio(request: Request, connections: int, seconds: float) -> Speed:
    body = (request.body or "").encode()
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **request.headers}
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sent = "\r\n".join([*lines, "", ""]).encode() + body
    waits: list[float] = []
    until = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", request.port)
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert head.startswith(b"HTTP/1.1 200"), head
            assert length, head
            await reader.readexactly(int(length[1]))
            waits.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return Speed(len(waits) / seconds, sorted(waits)[int(len(waits) * 0.99)])

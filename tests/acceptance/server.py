"""A server of one's own: an empty folder, a free port, the printed sign-in."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_SECONDS = 180


class Refused(Exception):
    """The server answered with a problem."""


@dataclass
class Client:
    """A caller over HTTP; shows a key once it has one."""

    url: str
    key: str | None = None
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
    )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        return self.send("POST", path, json.dumps(body or {}).encode(), "application/json")

    def upload(self, path: str, file: Path, fields: dict[str, str]) -> Any:
        """Send a file with form fields, as a browser does."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        )
        parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n"]
        parts += [file.read_bytes(), f"\r\n--{mark}--\r\n".encode()]
        return self.send("POST", path, b"".join(parts), f"multipart/form-data; boundary={mark}")

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> Any:
        """Send a request; the answer's JSON, or its text."""
        request = urllib.request.Request(self.url + path, body, method=method)
        if kind:
            request.add_header("Content-Type", kind)
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        try:
            with self.opener.open(request, timeout=120) as answer:
                text = answer.read().decode()
                return json.loads(text) if "json" in answer.headers["Content-Type"] else text
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from error


@contextmanager
def own_server(home: Path) -> Iterator[Client]:
    """A running server on an empty folder, and a client whose key may do everything."""
    with started(home) as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        client.key = create_key(client)
        yield client


@contextmanager
def started(
    home: Path, port: int | None = None, *options: str, database_url: str | None = None
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A server process, its address and what it printed before it served."""
    port = port or free_port()
    log = home.parent / f"{home.name}.log"
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"TRUELIFT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    # Pages wait for what they show, however busy the machine is.
    environ.setdefault("TRUELIFT_PAGE_SECONDS", "0")
    if database_url is not None:
        environ |= {"DATABASE_URL": database_url, "TRUELIFT_SECRET_KEY": "k" * 32}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT, text=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(process, url, log)
        yield process, url, log.read_text()
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_ready(process: subprocess.Popen[str], url: str, log: Path) -> None:
    """Wait for the server's own word that it is ready."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped: {log.read_text()}")
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{url}/readyz", timeout=2
            )
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server was not ready in time: {log.read_text()}")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sign_in(client: Client, printed: str) -> None:
    """Use the sign-in that the server printed."""
    email, password = (
        re.search(rf"{word}\s+(\S+)", printed)[1]  # type: ignore[index] # it is printed
        for word in ("e-mail", "password")
    )
    form = {"email": email, "password": password, "csrf_token": csrf_token(client, "/sign-in")}
    body = urllib.parse.urlencode(form).encode()
    client.send("POST", "/sign-in", body, "application/x-www-form-urlencoded")


def create_key(client: Client) -> str:
    """Create a key as the signed-in administrator."""
    request = urllib.request.Request(
        client.url + "/api/v1/keys",
        json.dumps({"name": "acceptance", "scopes": ["admin"]}).encode(),
        {"Content-Type": "application/json", "X-CSRFToken": csrf_token(client, "/")},
    )
    with client.opener.open(request, timeout=30) as answer:
        return str(json.load(answer)["key"])


def csrf_token(client: Client, path: str) -> str:
    """The token of the forms on that page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path))
    assert found, f"no form on {path}"
    return found[1]

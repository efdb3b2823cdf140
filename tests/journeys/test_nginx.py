"""The example of nginx in front of both processes, run by nginx itself."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from growthbook import GrowthBook, feature_repo

from tests.acceptance.server import ROOT, Client, create_key, free_port, sign_in, started
from tests.journeys.outages import ask, wait_for
from tests.journeys.streams import Crowd, crowd, streaming
from tests.journeys.twenty_tests import KPI

EXAMPLE = ROOT / "docs" / "nginx.conf"
PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
DRAFT = {
    "key": "spring", "name": "Spring", "anchor": "sent", "shape": "one_blast",
    "channels": ["email"], "goals": [{"kpi": KPI["key"], "role": "primary"}],
    "variants": [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5},
    ],
}  # fmt: skip


class Site(NamedTuple):
    """Both processes behind nginx."""

    client: Client
    home: Path
    port: int
    stream_port: int
    key: str


@contextmanager
def nginx(folder: Path, ports: dict[str, int]) -> Iterator[None]:
    """nginx with the example, which listens and leads to other ports."""
    if PROGRAM is None:
        pytest.skip("no nginx found: apt-get install nginx")
    site = EXAMPLE.read_text(encoding="utf-8")
    for told, port in ports.items():
        site, found = re.subn(rf"\b{re.escape(told)};", f"127.0.0.1:{port};", site)
        assert found == 1, told
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; include {folder}/site.conf;\n"
        + "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + "}\n"
    )
    command = [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        yield
    finally:
        process.terminate()
        _, said = process.communicate(timeout=15)
        assert process.returncode == 0, said.decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    # Its workers are another user's processes, where root started it.
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    home, port, web_port, stream_port = folder / "home", free_port(), free_port(), free_port()
    ports = {"80": port, "127.0.0.1:8000": web_port, "127.0.0.1:8001": stream_port}
    with nginx(folder, ports), pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        for name in ("TRUELIFT_PUBLIC_URL", "TRUELIFT_STREAM_URL"):
            patch.setenv(name, f"http://127.0.0.1:{port}")
        patch.setenv("TRUELIFT_PROXIES", "1")
        with started(home, web_port) as (_, _, printed):
            client = Client(f"http://127.0.0.1:{port}")
            sign_in(client, printed)
            client.key = create_key(client)
            client.post("/api/v1/kpis", KPI)
            client.post("/api/v1/experiments", DRAFT)
            client.post("/api/v1/experiments/spring/start")
            key = client.post("/api/v1/keys", {"name": "app", "kind": "client"})["key"]
            yield Site(client, home, port, stream_port, str(key))


@pytest.fixture
def listeners() -> Iterator[Crowd]:
    with crowd() as made:
        yield made


def test_events_pass_at_once(site: Site, listeners: Crowd) -> None:
    with streaming(site.home, site.stream_port):
        [listener] = listeners.join(site.port, f"/sub/{site.key}", 1)
        wait_for(lambda: listener.events == 1, 5)
        for number, action in enumerate(("pause", "resume"), 2):
            site.client.post(f"/api/v1/experiments/spring/{action}")
            wait_for(lambda number=number: listener.events == number, 2)
        refused = ask(site.port, "GET", "/sub/tlc_nobody")
        assert (refused.status, refused.headers["x-unrecoverable"]) == (400, "1")
    wait_for(lambda: listener.ended, 5)


@pytest.mark.slow
def test_the_python_client_waits_for_a_stream_that_is_away(
    site: Site, listeners: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature_repo.clear_cache()
    app = GrowthBook(api_host=site.client.url, client_key=site.key, streaming=True)
    try:
        began = time.monotonic()
        held = ask(site.port, "GET", f"/sub/{site.key}", timeout=60)
        assert held.status == 200
        assert held.headers["content-type"] == "text/event-stream"
        assert held.headers["access-control-allow-origin"] == "*"
        assert held.text.startswith(":")
        assert time.monotonic() - began > 8
        site.client.post("/api/v1/experiments/spring/pause")
        with streaming(site.home, site.stream_port):
            wait_for(lambda: "spring" not in app.get_features(), 30)
        site.client.post("/api/v1/experiments/spring/resume")
    finally:
        app.destroy()
        feature_repo.stopAutoRefresh()
        feature_repo.clear_cache()


def test_nothing_goes_in_a_circle_past_the_proxy(site: Site) -> None:
    features = ask(site.port, "GET", f"/api/features/{site.key}")
    assert features.headers["x-sse-support"] == "enabled"
    web_port = re.search(
        r"server 127\.0\.0\.1:(\d+);", (site.home.parent / "site.conf").read_text()
    )
    assert web_port is not None
    assert ask(int(web_port[1]), "GET", f"/sub/{site.key}").status == 404

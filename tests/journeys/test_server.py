"""The server as a process: one per folder, and nothing left when a part of it dies."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.acceptance.server import ROOT, started

GONE_WITHIN_SECONDS = 2.0


def serves(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/healthz", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main_process(pid: int) -> int:
    return pid


def worker(pid: int) -> int:
    (child,) = psutil.Process(pid).children()
    return child.pid


def alive(pid: int) -> bool:
    """Whether it runs; one that ended and was not yet collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("which", [main_process, worker])
def test_killing_one_process_leaves_nothing_serving(
    tmp_path: Path, which: Callable[[int], int]
) -> None:
    with started(tmp_path / "home") as (process, url, _):
        family = [process.pid, worker(process.pid)]
        os.kill(which(process.pid), signal.SIGKILL)
        until = time.monotonic() + GONE_WITHIN_SECONDS
        while time.monotonic() < until and serves(url):
            time.sleep(0.05)
        assert not serves(url)
        process.wait(5)
        time.sleep(0.5)
        assert [pid for pid in family if alive(pid)] == []
    with started(tmp_path / "home") as (_, url, printed):
        assert serves(url)
        assert "password" not in printed


@pytest.mark.quick
def test_a_second_server_on_the_folder_stops_and_says_why(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with started(home) as (process, url, _):
        second = subprocess.run(
            [sys.executable, "-m", "api.cli", "serve", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, "TRUELIFT_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode != 0
        assert f"process {process.pid}" in second.stderr
        assert str(home) in second.stderr
        assert serves(url)


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with started(tmp_path / "home") as (_, url, _):
        second = subprocess.run(
            [sys.executable, "-m", "api.cli", "serve", "--port", url.rpartition(":")[2]],
            cwd=ROOT,
            env={**os.environ, "TRUELIFT_HOME": str(tmp_path / "other")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode != 0
        assert "in use" in second.stderr


def test_a_stopped_server_ends_cleanly(tmp_path: Path) -> None:
    with started(tmp_path / "home") as (process, url, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not serves(url)
    assert not (tmp_path / "home" / "server.json").exists()

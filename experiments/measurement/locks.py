"""Locks on the replica's folder: one writer at a time, and no file deleted under a reader.

Both are advisory locks of the operating system, so a killed process holds none.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITER_LOCK = "writer.lock"
READERS_LOCK = "readers.lock"
_ASK_AGAIN_SECONDS = 0.05


@contextmanager
def only_writer(folder: Path, patience_seconds: float | None = None) -> Iterator[None]:
    """Wait to be the only one, of all processes, who changes the folder.

    Args:
        folder: Whose files are changed.
        patience_seconds: How long to wait; None: as long as it takes.

    Raises:
        TimeoutError: If it took longer.
    """
    handle = _open(folder / WRITER_LOCK)
    try:
        _wait_for(handle, patience_seconds)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, patience_seconds: float | None) -> None:
    if patience_seconds is None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return
    until = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            if time.monotonic() >= until:
                raise TimeoutError from taken
            time.sleep(_ASK_AGAIN_SECONDS)
        else:
            return


@contextmanager
def no_readers(folder: Path) -> Iterator[bool]:
    """Say whether nobody holds a :class:`Pin`; if so, nobody gets one meanwhile."""
    handle = _open(folder / READERS_LOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield False
        return
    try:
        yield True
    finally:
        os.close(handle)


class Pin:
    """Keeps every file of the folder from being deleted, as long as it is referred to."""

    def __init__(self, folder: Path) -> None:
        self._handle: int | None = _open(folder / READERS_LOCK)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let files be deleted before the last reference goes."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.release()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

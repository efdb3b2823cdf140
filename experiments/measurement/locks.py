"""Locks on the replica's folder: one writer at a time, and no file deleted under a reader.

Both are advisory locks of the operating system, so a killed process holds none.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITER_LOCK = "writer.lock"
READERS_LOCK = "readers.lock"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait to be the only one, of all processes, who changes the folder."""
    handle = _open(folder / WRITER_LOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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

"""A lock whose waiters come in the order in which they asked."""

from collections import deque
from threading import Lock


class Turns:
    """One at a time, first come first served; who has it may not ask again.

    With a plain lock, a thread that gives it back and asks anew gets it before the others
    have woken up: a busy writer would keep everybody else out.

    Examples:
        >>> turns = Turns()
        >>> turns.acquire(timeout=1), turns.acquire(timeout=0.01)
        (True, False)
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for one's turn; False if it did not come within ``timeout`` seconds."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        # It came just when waiting was given up.
        return True

    def release(self) -> None:
        """Give it to whoever waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

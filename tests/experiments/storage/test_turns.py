"""Turns: first come, first served."""

import threading
import time
from collections.abc import Callable
from functools import partial

from experiments.storage.turns import Turns


def test_who_asked_first_is_served_first() -> None:
    turns, served = Turns(), list[int]()
    assert turns.acquire(timeout=1)

    def ask(number: int) -> None:
        assert turns.acquire(timeout=10)
        served.append(number)
        turns.release()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
    for waiting, thread in enumerate(threads, start=1):
        thread.start()
        _until(partial(_so_many_wait, turns, waiting))
    turns.release()
    for thread in threads:
        thread.join(10)
    assert served == [0, 1, 2, 3, 4]


def test_who_gives_it_back_and_asks_anew_comes_last() -> None:
    turns, others = Turns(), threading.Event()
    assert turns.acquire(timeout=1)

    def ask() -> None:
        assert turns.acquire(timeout=10)
        others.set()

    other = threading.Thread(target=ask)
    other.start()
    _until(lambda: bool(turns._waiting))
    turns.release()
    assert not turns.acquire(timeout=0.05)
    other.join(10)
    assert others.is_set()


def test_who_gave_up_is_passed_over() -> None:
    turns = Turns()
    assert turns.acquire(timeout=1)
    assert not turns.acquire(timeout=0.01)
    turns.release()
    assert turns.acquire(timeout=0)


def _so_many_wait(turns: Turns, count: int) -> bool:
    return len(turns._waiting) == count


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.001)

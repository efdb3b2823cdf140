"""What a page waits for only so long."""

import threading
import time
from collections.abc import Iterator

import pytest

from api import soon
from api.soon import Soon, StillComputing
from experiments.errors import NotFound


@pytest.fixture
def gate() -> threading.Event:
    """Opened by the test: until then nothing is made."""
    return threading.Event()


@pytest.fixture
def kept() -> Iterator[Soon]:
    """Of patience."""
    made = Soon(60)
    yield made
    made.stop()


def made_behind(gate: threading.Event, value: object) -> object:
    assert gate.wait(60)
    return value


def test_what_is_there_in_time_is_given(kept: Soon) -> None:
    assert kept.get("a", lambda: 7, time.monotonic() + 60) == 7


def test_what_takes_longer_is_found_by_the_next_look(gate: threading.Event, kept: Soon) -> None:
    calls = []

    def make() -> object:
        calls.append(1)
        return made_behind(gate, "made")

    with pytest.raises(StillComputing):
        kept.get("a", make, time.monotonic())
    with pytest.raises(StillComputing):
        kept.get("a", make, time.monotonic() + 0.01)
    gate.set()
    assert kept.get("a", make, time.monotonic() + 60) == "made"
    assert calls == [1]


def test_what_was_fetched_is_made_afresh_for_the_next_reader(kept: Soon) -> None:
    numbers = iter(range(9))
    assert kept.get("a", lambda: next(numbers), kept.until()) == 0
    assert kept.get("a", lambda: next(numbers), kept.until()) == 1


def test_what_nobody_came_for_is_made_afresh(
    gate: threading.Event, kept: Soon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soon, "KEPT_SECONDS", -1.0)
    with pytest.raises(StillComputing):
        kept.get("a", lambda: made_behind(gate, "old"), time.monotonic())
    making = kept._underway["a"]
    gate.set()
    assert making.done.wait(60)
    assert kept.get("a", lambda: "fresh", kept.until()) == "fresh"


def test_what_was_just_fetched_is_known_while_others_are_made(
    gate: threading.Event, kept: Soon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.lately("a") is None
    assert kept.get("a", lambda: "made", kept.until()) == "made"
    for name in ("b", "c", "d"):
        with pytest.raises(StillComputing):
            kept.get(name, lambda: made_behind(gate, "slow"), time.monotonic())
    with pytest.raises(StillComputing):
        kept.get("a", lambda: "again", time.monotonic())
    assert (kept.lately("a"), kept.lately("b")) == ("made", None)
    monkeypatch.setattr(soon, "KEPT_SECONDS", -1.0)
    assert kept.lately("a") is None
    gate.set()


def test_a_refusal_is_told_to_whoever_asked(kept: Soon) -> None:
    def refuse() -> None:
        raise NotFound(what="test", key="a")

    with pytest.raises(NotFound):
        kept.get("a", refuse, time.monotonic() + 60)


def test_without_patience_everything_is_made_at_once() -> None:
    kept = Soon(None)
    here = kept.get("a", threading.get_ident, kept.until())
    assert here == threading.get_ident()

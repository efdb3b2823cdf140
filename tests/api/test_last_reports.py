"""While nothing can be measured: the last kept report, with its age and the reason."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from experiments.measurement.errors import ReplicaUnreadable
from experiments.measurement.locks import only_writer
from experiments.measurement.replica import Replica
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project
from tests.api.markup import look_over

__all__ = ["database", "loaded_file", "project"]
TEST = "/api/v1/experiments/subject-line"
FORMATS = ("csv", "xlsx", "html", "pdf", "text")


@pytest.fixture
def reader(api: Api, clock: Clock) -> Api:
    """A caller who may do everything, an hour after the mails went out."""
    clock.at += timedelta(hours=1)
    return api


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Breaks the copy of the ledger."""

    def refuse(_: Replica) -> None:
        raise ReplicaUnreadable

    return lambda: monkeypatch.setattr(Replica, "refresh", refuse)


def test_json_of_the_last_report_says_how_old_it_is_and_why(
    reader: Api, clock: Clock, broken: Callable[[], None]
) -> None:
    kept = reader.post(f"{TEST}/reports", json={}).json
    assert kept is not None
    clock.at += timedelta(hours=3)
    broken()
    answer = reader.get(f"{TEST}/report")
    assert answer.status_code == 200
    assert "Retry-After" in answer.headers
    found = answer.json
    assert found is not None
    assert found["verdict"]["state"] == kept["state"]
    earlier = found["earlier"]
    assert (earlier["id"], earlier["age_seconds"]) == (kept["id"], 3 * 3600)
    assert earlier["because"]["code"] == "replica_unreadable"
    assert "읽을 수 없습니다" in earlier["because"]["said"]["ko"]
    assert "cannot be read" in earlier["because"]["said"]["en"]
    assert reader.get(earlier["address"]).status_code == 200


@pytest.mark.parametrize(("language", "words"), [("ko", "3시간 전"), ("en", "is 3 hours old")])
def test_a_file_is_refused_with_the_address_of_the_last_report(
    reader: Api, clock: Clock, broken: Callable[[], None], language: str, words: str
) -> None:
    kept = reader.post(f"{TEST}/reports", json={}).json
    assert kept is not None
    clock.at += timedelta(hours=3)
    broken()
    for form in FORMATS:
        answer = reader.get(f"{TEST}/report?format={form}&lang={language}")
        assert answer.status_code == 503, form
        assert answer.json is not None
        assert answer.json["type"] == "/problems/only_the_last_report"
        assert words in answer.json["detail"]
        assert f"/api/v1/reports/{kept['id']}" in answer.json["detail"]


@pytest.mark.parametrize("query", ["", "?as_of=2025-03-10T01:30:00Z"])
@pytest.mark.parametrize(
    ("language", "words"), [("ko", "읽을 수 없습니다"), ("en", "cannot be read")]
)
def test_without_a_kept_report_it_is_refused_with_the_reason(
    reader: Api, broken: Callable[[], None], query: str, language: str, words: str
) -> None:
    if query:
        reader.post(f"{TEST}/reports", json={})
    broken()
    answer = reader.get(f"{TEST}/report{query}", headers={"Accept-Language": language})
    assert answer.status_code == 503
    assert words in answer.text
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "3시간 전의 보고서입니다."), ("en", "This report is 3 hours old")],
)
def test_the_page_shows_the_last_report_and_says_so(
    reader: Api, clock: Clock, broken: Callable[[], None],
    browser_for: Callable[[str], FlaskClient], language: str, words: str,
) -> None:  # fmt: skip
    browser = browser_for("viewer")
    reader.post(f"{TEST}/reports", json={})
    clock.at += timedelta(hours=3)
    broken()
    page = browser.get(f"/experiments/subject-line?lang={language}")
    assert page.status_code == 200
    seen = look_over(page.text)
    assert seen.faults == []
    assert any(words in text for text in seen.text)


@contextmanager
def copying(replica: Replica) -> Iterator[None]:
    """Somebody else copies the ledger meanwhile."""
    replica.folder.mkdir(parents=True, exist_ok=True)
    begun, done = threading.Event(), threading.Event()

    def copy() -> None:
        with only_writer(replica.folder):
            begun.set()
            done.wait()

    other = threading.Thread(target=copy)
    other.start()
    begun.wait()
    yield
    done.set()
    other.join()


def test_a_report_asked_for_while_the_copy_is_made_does_not_wait_for_ever(reader: Api) -> None:
    replica = reader.client.application.extensions["truelift"].replica
    assert replica.patience_seconds == 10
    replica.patience_seconds = 0.1
    with copying(replica):
        answer = reader.get(f"{TEST}/report", headers={"Accept-Language": "ko"})
        assert answer.status_code == 503
        assert "만드는 중입니다" in answer.text
    assert reader.get(f"{TEST}/report").status_code == 200

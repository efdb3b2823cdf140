"""What the forms of mapping make of rows: recipients, messages, aliases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import BEGINNING, AliasFact
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.resolve import Resolved

MARK = "0123456789abcdef"
AT = datetime(2025, 3, 10, 1, tzinfo=UTC)


def read(document: dict[str, Any], row: dict[str, Any], line: int = 2) -> list[Fact]:
    reader = reader_for(read_mapping(document), list(row), MARK, AT)
    found = reader(line, line - 1, list(row.values()))
    return [fact for fact in found if not isinstance(fact, Resolved)]


def recipients(**changes: Any) -> dict[str, Any]:
    return {
        "form": "wide", "unit_id": {"column": "mail", "alias": "email"}, "exposure": "sent",
        "at": {"column": "sent"}, "zone": "Asia/Seoul", "channel": "email",
        "events": [
            {"column": "opens", "type": "open", "reads": "count", "at": {"column": "opened"}},
            {"column": "clicked", "type": "click", "reads": "time"},
            {"column": "result", "reads": "word",
             "words": {"성공": "delivered", "실패": "bounced", "대기": None}},
        ],
    } | changes  # fmt: skip


def recipient(**changes: str) -> dict[str, str]:
    return {
        "mail": "Kim@example.com", "sent": "2025-03-10 10:00", "opens": "2",
        "opened": "2025-03-10 11:00", "clicked": "", "result": "성공",
    } | changes  # fmt: skip


def told(facts: list[Fact]) -> list[tuple[str, int]]:
    return [(fact.type, fact.occurred_at.hour) for fact in facts if isinstance(fact, Event)]


def test_a_recipient_is_known_by_an_alias_and_of_no_test() -> None:
    facts = read(recipients(), recipient())
    assert told(facts) == [("sent", 1), ("open", 2), ("delivered", 1)]
    assert all(isinstance(fact, Event) and fact.unit_id is None for fact in facts)
    assert {fact.alias for fact in facts} == {Alias("email", "Kim@example.com")}
    assert len({fact.source_id for fact in facts}) == 3


def test_with_a_test_the_send_is_an_exposure() -> None:
    document = recipients(experiment="spring", variant={"constant": "b"})
    [exposure, *events] = read(document, recipient())
    assert isinstance(exposure, Exposure)
    assert (exposure.variant, exposure.unit_id, exposure.type) == ("b", None, "sent")
    assert [fact.type for fact in events if isinstance(fact, Event)] == ["open", "delivered"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"opens": "0"}, [("sent", 1), ("delivered", 1)]),
        ({"opens": "no", "clicked": "2025-03-10 12:00"},
         [("sent", 1), ("click", 3), ("delivered", 1)]),
        ({"opens": "1", "opened": "-", "result": "대기"}, [("sent", 1), ("open", 1)]),
        ({"opens": "", "result": ""}, [("sent", 1)]),
    ],
)  # fmt: skip
def test_columns_say_whether_how_often_when_and_what(
    cells: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    assert told(read(recipients(), recipient(**cells))) == expected


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"opens": "many"}, "opens"), ({"opened": "soon"}, "opened"), ({"result": "?"}, "result"),
        ({"sent": ""}, "sent"), ({"mail": ""}, "mail"), ({"opens": "-1"}, "opens"),
        ({"opens": "1.5"}, "opens"),
    ],
)  # fmt: skip
def test_one_cell_that_does_not_fit_refuses_the_row(cells: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(recipients(), recipient(**cells))
    assert refusal.value.field == field


def messages(**changes: Any) -> dict[str, Any]:
    return {
        "form": "long", "fact": "message", "zone": "Etc/GMT+6", "date_order": "mdy",
        "columns": {"unit_id": "key", "type": "what", "occurred_at": "when", "campaign": "send",
                    "bounce": "category", "url": "link"},
        "values": {"type": {"Sent": "sent", "Open": "open", "Bounce": "bounced", "Other": None},
                   "bounce": {"Hard bounce": "hard", "*": None}},
        "tags": {"77": {"experiment": "spring", "variant": "b"}},
    } | changes  # fmt: skip


def message(**changes: str) -> dict[str, str]:
    return {
        "key": "7", "what": "Sent", "when": "3/9/2025 7:00:00 PM", "send": "77", "category": "",
        "link": "",
    } | changes  # fmt: skip


def test_a_sent_message_of_a_known_campaign_is_an_exposure() -> None:
    [exposure] = read(messages(), message())
    assert isinstance(exposure, Exposure)
    assert (exposure.experiment, exposure.variant, exposure.occurred_at) == ("spring", "b", AT)
    [event] = read(messages(), message(send="78"))
    assert isinstance(event, Event)
    assert (event.type, event.experiment) == ("sent", None)


def test_words_of_a_message_become_ours_and_others_leave_it_out() -> None:
    [event] = read(messages(), message(what="bounce", category="HARD BOUNCE"))
    assert isinstance(event, Event)
    assert (event.type, event.properties["bounce"]) == ("bounced", "hard")
    [event] = read(messages(), message(what="Bounce", category="Something new"))
    assert isinstance(event, Event)
    assert "bounce" not in event.properties
    assert read(messages(), message(what="Other")) == []
    with pytest.raises(Invalid) as refusal:
        read(messages(), message(what="Survey"))
    assert refusal.value.field == "type"


def test_a_clicked_link_names_the_test() -> None:
    document = messages(tags=None)
    link = "https://x.example/?utm_campaign=spring&utm_content=a&m=a%40b.kr"
    [event] = read(document, message(what="Open", link=link))
    assert isinstance(event, Event)
    assert (event.experiment, event.variant) == ("spring", "a")
    assert "b.kr" not in event.properties["url"]


def aliases(**changes: Any) -> dict[str, Any]:
    return {
        "form": "aliases", "kind": "email", "value": {"column": "mail"},
        "unit_id": {"column": "member"}, "valid_from": {"column": "since"}, "zone": "Asia/Seoul",
    } | changes  # fmt: skip


def test_an_alias_is_told_with_its_time_or_from_the_beginning() -> None:
    row = {"mail": "a@b.kr", "member": "7", "since": "2025-03-10 10:00", "kind": "Phone"}
    [fact] = read(aliases(), row)
    assert fact == AliasFact(Alias("email", "a@b.kr"), "7", AT)
    [fact] = read(aliases(), row | {"since": ""})
    assert isinstance(fact, AliasFact)
    assert fact.valid_from == BEGINNING
    [fact] = read(aliases(kind={"column": "kind"}), row | {"mail": "010-1234-5678"})
    assert isinstance(fact, AliasFact)
    assert fact.alias.kind == "phone"


@pytest.mark.parametrize(
    ("row", "field"),
    [({"member": ""}, "unit_id"), ({"mail": ""}, "value"), ({"since": "once"}, "valid_from")],
)
def test_an_alias_that_lacks_something_is_refused(row: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(aliases(), {"mail": "a@b.kr", "member": "7", "since": ""} | row)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (recipients(zone="Asia/Busan"), "zone"),
        (recipients(date_order="ydm"), "date_order"),
        (recipients(at=None), "at"),
        (recipients(exposure="viewed"), "exposure"),
        (recipients(exposure=None, events=[]), "events"),
        (recipients(variant={"constant": "b"}), "experiment"),
        (recipients(experiment="s", variant={"constant": "b", "column": "c"}), "variant"),
        (recipients(unit_id={"column": "mail", "alias": "unit"}), "unit_id.alias"),
        (recipients(events=[{"column": "a", "reads": "word"}]), "events.0.words"),
        (recipients(events=[{"column": "a", "type": "open", "reads": "never"}]), "events.0.reads"),
        (recipients(events=[{"column": "a", "type": "open", "bounce": "both"}]), "events.0.bounce"),
        (messages(values={"type": {"a": "opened"}}), "values.type.a"),
        (messages(values={"value": {}}), "values"),
        (messages(tags={"1": {"experiment": 3}}), "tags.1.experiment"),
        (messages(columns={"unit_id": "a", "type": "b", "occurred_at": "c"}), "columns.bounce"),
        (aliases(kind=None), "kind"),
        (aliases(kind="E-Mail"), "kind"),
        (aliases(value={"colum": "a"}), "value.colum"),
        ({"form": "source", "source": "nobody"}, "source"),
        ({"form": "source", "source": "braze", "settings": {"unitt": 1}}, "settings.unitt"),
    ],
)  # fmt: skip
def test_every_mistake_in_a_mapping_is_refused_by_its_path(
    document: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mapping(document)
    assert refusal.value.field == path

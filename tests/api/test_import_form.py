"""The form of an upload and the mapping it stands for say the same."""

from dataclasses import replace
from typing import Any

import pytest

from api.import_form import Choices, choices_of, likely_arms, mapping_of
from experiments.ledger.imports.document import read_mapping
from tests.experiments.ledger.imports.factories import exposure_mapping, long_mapping, wide_mapping

RECIPIENTS = {
    "form": "wide", "preset": "mail_tool", "delimiter": ",", "zone": "Asia/Seoul",
    "unit_id": {"column": "mail", "alias": "email"}, "exposure": "sent",
    "experiment": "spring", "variant": {"column": "arm", "values": {"A": "a"}},
    "at": {"column": "sent"}, "channel": "email",
    "events": [
        {"type": "open", "column": "opens", "reads": "count", "at": {"column": "opened"}},
        {"type": "click", "column": "clicked", "reads": "time"},
        {"column": "result", "reads": "word", "words": {"성공": "delivered"}},
    ],
}  # fmt: skip
MESSAGES = {
    "form": "long", "fact": "message", "alias": "email", "zone": "Etc/GMT+6", "date_order": "mdy",
    "columns": {"type": "what", "occurred_at": "when", "unit_id": "mail", "campaign": "send"},
    "values": {"type": {"Sent": "sent"}}, "constants": {"channel": "email"},
    "tags": {"7": {"experiment": "spring"}},
}  # fmt: skip
ALIASES = {
    "form": "aliases", "kind": "email", "value": {"column": "mail"},
    "unit_id": {"column": "member"}, "valid_from": {"column": "since"}, "zone": "Asia/Seoul",
}  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [RECIPIENTS, MESSAGES, ALIASES, long_mapping(), exposure_mapping(),
     wide_mapping(exposure="assigned", channel="email")],
)  # fmt: skip
def test_what_the_form_shows_of_a_mapping_gives_it_back(document: dict[str, Any]) -> None:
    choices = choices_of(document)
    assert choices is not None
    assert read_mapping(mapping_of(choices, document)) == read_mapping(document)


def test_a_mapping_that_no_form_can_show_has_no_choices() -> None:
    assert choices_of({"form": "source", "source": "braze"}) is None
    assert choices_of([]) is None


def test_a_column_with_the_time_of_another_goes_with_it() -> None:
    roles = {"id": "unit_id", "opens": "open", "opened": "open@", "clicked": "click@"}
    found = mapping_of(Choices("recipients", roles, {"at": "2025-03-10T10:00:00Z"}), None)
    assert found["events"] == [
        {"column": "opens", "type": "open", "reads": "count", "at": {"column": "opened"}},
        {"column": "clicked", "type": "click", "reads": "time"},
    ]


def test_another_kind_of_file_forgets_what_was_said_of_the_first() -> None:
    found = mapping_of(Choices("aliases", {"mail": "email", "member": "unit_id"}, {}), RECIPIENTS)
    assert found == {
        "form": "aliases", "kind": "email", "value": {"column": "mail"},
        "unit_id": {"column": "member"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [{"form": "wide", "events": "x", "unit_id": []}, {"form": "long", "fact": "event",
     "columns": 3}, {"form": "aliases", "kind": 1}, {"form": "wide", "events": [3, {"at": 1}]}],
)  # fmt: skip
def test_a_mapping_of_nonsense_breaks_no_form(document: dict[str, Any]) -> None:
    choices = choices_of(document)
    assert choices is None or mapping_of(choices, document)["form"] == document["form"]


def test_words_are_matched_with_keys_and_names() -> None:
    names = {"a": "A안", "new-subject": "새 제목"}
    words = ["a", "A안", "새 제목", "NEW-SUBJECT", "?"]
    assert likely_arms(words, names) == {
        "a": "a", "A안": "a", "새 제목": "new-subject", "NEW-SUBJECT": "new-subject",
    }  # fmt: skip


WITH_PROPERTIES = {
    "form": "long", "fact": "event",
    "columns": {"unit_id": "user", "type": "what", "occurred_at": "when", "channel": "by"},
    "properties": {"grade": "등급", "items": {"column": "qty", "reads": "number"}, "way": "by"},
}  # fmt: skip


def test_properties_stay_as_they_were_until_their_column_is_something_else() -> None:
    choices = choices_of(WITH_PROPERTIES)
    assert choices is not None
    assert [column for column, role in choices.roles.items() if role == "property"] == [
        "등급", "qty",
    ]  # fmt: skip
    assert mapping_of(choices, WITH_PROPERTIES) == WITH_PROPERTIES
    roles = dict(choices.roles) | {"qty": "value", "place": "property"}
    changed = mapping_of(replace(choices, roles=roles), WITH_PROPERTIES)
    assert changed["properties"] == {"grade": "등급", "way": "by", "place": "place"}
    assert changed["columns"]["value"] == "qty"


def test_properties_of_recipients_are_chosen_too() -> None:
    wide = {"form": "wide", "unit_id": {"column": "id"}, "exposure": "sent", "events": []}
    choices = choices_of(wide | {"properties": {"grade": "등급"}})
    assert choices is not None
    assert dict(choices.roles)["등급"] == "property"
    found = mapping_of(replace(choices, roles={"id": "unit_id", "등급": "property"}), wide)
    assert found["properties"] == {"등급": "등급"}

"""Segment's calls that say who somebody is, as alias facts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.resolve import Context, resolve
from tests.experiments.ledger.sources.test_customers import read


def call(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "messageId": "m-1", "timestamp": "2025-03-10T00:59:58Z", **fields}


def told(*calls: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    facts = read("segment", {"batch": list(calls)})
    assert all(isinstance(fact, AliasFact) for fact in facts)
    return [(f.alias.kind, f.alias.value, f.unit_id, f.source_id) for f in facts if f.alias]


def test_identify_says_whose_an_anonymous_id_an_address_and_a_number_are() -> None:
    traits = {"email": "a@b.kr", "phone": "010-1", "name": "Kim"}
    assert told(call("identify", userId=7, anonymousId="a-1", traits=traits)) == [
        ("anonymous", "a-1", "7", "m-1:anonymous"),
        ("email", "a@b.kr", "7", "m-1:email"),
        ("phone", "010-1", "7", "m-1:phone"),
    ]
    (fact,) = read("segment", {"batch": [call("identify", userId="7", anonymousId="a-1")]})
    assert isinstance(fact, AliasFact)
    assert fact.valid_from == datetime(2025, 3, 10, 0, 59, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"anonymousId": "a-1", "traits": {"email": "a@b.kr"}}, {"userId": "7"},
        {"userId": "7", "traits": {"phone": "-", "email": " "}}, {"userId": "7", "traits": []},
    ],
)  # fmt: skip
def test_identify_without_a_customer_or_an_alias_says_nothing(fields: dict[str, Any]) -> None:
    assert told(call("identify", **fields)) == []


def test_alias_merges_and_names_the_anonymous_customer() -> None:
    assert told(call("alias", userId="7", previousId="guest")) == [
        ("unit", "guest", "7", "m-1:unit"),
        ("anonymous", "guest", "7", "m-1:anonymous"),
    ]
    assert told(call("alias", userId="7", previousId="7")) == []
    for fields, field in (({"userId": "7"}, "previousId"), ({"previousId": "7"}, "userId")):
        with pytest.raises(Invalid) as refusal:
            told(call("alias", **fields))
        assert refusal.value.field == field


def test_alias_of_an_address_keeps_it_as_a_hash_only() -> None:
    assert told(call("alias", userId="7", previousId=" Kim@Example.com")) == [
        ("email", " Kim@Example.com", "7", "m-1:email"),
        ("anonymous", " Kim@Example.com", "7", "m-1:anonymous"),
    ]
    hasher = AliasHasher(bytes(32))
    facts = read("segment", {"batch": [call("alias", userId="7", previousId="Kim@Example.com")]})
    rows = [resolve(fact, Context({}, "KRW", hasher)) for fact in facts]
    assert "example.com" not in repr(rows).lower()
    assert rows[0].alias == hasher.hashed(Alias("email", "kim@example.com"))


def test_a_long_message_id_still_tells_the_facts_of_a_call_apart() -> None:
    fields = {"userId": "7", "anonymousId": "a", "traits": {"email": "a@b"}, "messageId": "m" * 256}
    ids = {each[-1] for each in told({**call("identify"), **fields})}
    assert len(ids) == 2
    assert all(id_ is not None and len(id_) <= 256 for id_ in ids)


def test_group_says_nothing() -> None:
    assert told(call("group", userId="7", groupId="g")) == []

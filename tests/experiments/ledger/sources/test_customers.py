"""Whom an item is about: a unit, or the alias by which the source knows them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import Event, Fact
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.resolve import Context, Resolved
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import received
from experiments.ledger.sources.messages import place
from experiments.ledger.sources.settings import read_settings
from experiments.ledger.sources.values import without_addresses

NOW = datetime(2025, 3, 10, 1, tzinfo=UTC)
CONTEXT = Context({}, "KRW", IdentityKey(b"k" * 32).hasher("shop"))
SENDGRID = {
    "email": "Minji@Example.com", "timestamp": 1741568400, "event": "open", "sg_event_id": "e-1",
}  # fmt: skip
HUBSPOT = {
    "id": "h-1", "created": 1741568400000, "type": "OPEN", "recipient": "Minji@Example.com",
}  # fmt: skip
BREVO = {
    "event": "opened", "message-id": "<m>", "ts_event": 1741568400, "email": "Minji@Example.com",
}  # fmt: skip
CUSTOMERIO = {"event_id": "c-1", "metric": "sent", "timestamp": 1741568400}
MIXPANEL = {"event": "Cart Viewed"}
IN_MIXPANEL = {"time": 1741568400, "$insert_id": "x"}
AMPLITUDE = {"event_type": "Cart Viewed", "insert_id": "a", "time": 1741568400000}
GA4 = {"events": [{"name": "cart", "params": {"x": 1}}]}
MAPPED = {"mapping": {"id": "id", "unit": "who", "time": "at", "type": "kind"}}
ITEM = {"id": "1", "at": "2025-03-10T10:00:00+09:00", "kind": "open"}


def read(source: str, body: Any, settings: dict[str, Any] | None = None) -> list[Fact]:
    found = received(SOURCES[source], body, read_settings(settings or {}), NOW)
    for refused in found.batch.rejected:
        raise refused.error
    return list(found.batch.open_facts)


def named(source: str, body: Any, settings: dict[str, Any] | None = None) -> str | Alias | None:
    """The unit or the alias of the one fact."""
    (fact,) = read(source, body, settings)
    return fact.alias or fact.unit_id


def ses(tags: dict[str, list[str]]) -> dict[str, Any]:
    event = {
        "eventType": "Send",
        "mail": {
            "timestamp": "2025-03-10T01:00:00Z", "destination": ["Minji@Example.com"], "tags": tags,
        },
    }  # fmt: skip
    return {"Type": "Notification", "MessageId": "n", "Message": json.dumps(event)}


def mixpanel(**properties: Any) -> dict[str, Any]:
    return {**MIXPANEL, "properties": {**IN_MIXPANEL, **properties}}


def customerio(kind: str, **data: Any) -> dict[str, Any]:
    return {**CUSTOMERIO, "object_type": kind, "data": data}


@pytest.mark.parametrize(
    ("source", "body", "customer"),
    [
        ("sendgrid", [SENDGRID], Alias("email", "Minji@Example.com")),
        ("sendgrid", [{**SENDGRID, "unit_id": "7"}], "7"),
        ("sendgrid", [{**SENDGRID, "custom_args": {"unit_id": 7}}], "7"),
        ("ses", ses({}), Alias("email", "minji@example.com")),
        ("ses", ses({"unit_id": ["7"]}), "7"),
        ("ses", ses({"email": ["x"]}), Alias("email", "minji@example.com")),
        ("hubspot", [HUBSPOT], Alias("email", "Minji@Example.com")),
        ("brevo", BREVO, Alias("email", "Minji@Example.com")),
        ("brevo", {**BREVO, "X-Mailin-custom": "unit_id:7|experiment:x"}, "7"),
        ("customerio", customerio("email", recipient="m@x"), Alias("email", "m@x")),
        ("customerio", customerio("sms", recipient="+8210"), Alias("phone", "+8210")),
        ("customerio", customerio("push", recipient="t"), Alias("customerio_recipient", "t")),
        ("customerio", customerio("email", recipient="m@x", identifiers={"id": "7"}), "7"),
        ("amplitude", {"events": [{**AMPLITUDE, "user_id": "7", "device_id": "d"}]}, "7"),
        ("amplitude", {"events": [{**AMPLITUDE, "device_id": "d"}]},
         Alias("amplitude_device", "d")),
        ("ga4", {**GA4, "user_id": "7", "client_id": "1.2"}, "7"),
        ("ga4", {**GA4, "client_id": "1.2"}, Alias("ga4_client", "1.2", tells_facts=True)),
        ("ga4", {**GA4, "app_instance_id": "a"}, Alias("ga4_client", "a", tells_facts=True)),
        ("mixpanel", [mixpanel(distinct_id="7")], "7"),
        ("mixpanel", [mixpanel(distinct_id="x", **{"$user_id": "7"})], "7"),
        ("mixpanel", [mixpanel(distinct_id="7", **{"$device_id": "d"})], "7"),
        ("mixpanel", [mixpanel(distinct_id="d", **{"$device_id": "d"})],
         Alias("mixpanel_device", "d", tells_facts=True)),
        ("mixpanel", [mixpanel(distinct_id="$device:d")],
         Alias("mixpanel_device", "d", tells_facts=True)),
    ],
)  # fmt: skip
def test_a_unit_where_the_source_says_it_and_else_an_alias(
    source: str, body: Any, customer: str | Alias
) -> None:
    assert named(source, body) == customer


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("sendgrid", [SENDGRID]), ("ses", ses({})), ("hubspot", [HUBSPOT]), ("brevo", BREVO),
        ("customerio", customerio("email", recipient="Minji@Example.com")),
    ],
)  # fmt: skip
def test_the_address_may_stay_the_unit(source: str, body: Any) -> None:
    assert named(source, body, {"unit": "email"}) == "minji@example.com"


def test_a_chosen_unit_is_needed_and_taken_as_it_stands() -> None:
    settings = {"unit": "member"}
    assert named("sendgrid", [{**SENDGRID, "member": "A-7"}], settings) == "A-7"
    with pytest.raises(Invalid) as refusal:
        named("sendgrid", [SENDGRID], settings)
    assert refusal.value.field == "member"


def test_settings_name_kind_and_path_of_an_alias() -> None:
    settings = {**MAPPED, "alias": {"kind": "member_card", "path": "card.no"}}
    assert named("mapped", [{**ITEM, "card": {"no": 12}}], settings) == Alias("member_card", "12")
    assert named("mapped", [{**ITEM, "card": {"no": 12}, "who": "7"}], settings) == "7"
    without_unit = {"mapping": {k: v for k, v in MAPPED["mapping"].items() if k != "unit"}}
    found = named(
        "mapped", [{**ITEM, "card": {"no": 12}}], {**without_unit, "alias": settings["alias"]}
    )
    assert found == Alias("member_card", "12")
    with pytest.raises(Invalid) as refusal:
        named("mapped", [ITEM], settings)
    assert refusal.value.field == "who"
    chosen = {"alias": {"kind": "ip", "path": "ip"}}
    assert named("sendgrid", [{**SENDGRID, "ip": "192.0.2.1"}], chosen) == Alias("ip", "192.0.2.1")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"alias": "email"}, "alias"), ({"alias": {"kind": "email"}}, "alias.path"),
        ({"alias": {"kind": "unit", "path": "x"}}, "alias.kind"),
        ({"alias": {"kind": "E", "path": "x"}}, "alias.kind"),
        ({"alias": {"kind": "email", "path": "x", "y": 1}}, "alias.y"),
        ({"mapping": {"id": "a", "time": "b", "type": "c"}}, "mapping.unit"),
    ],
)  # fmt: skip
def test_an_unfit_alias_setting_is_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_settings(settings)
    assert refusal.value.field == field


def rows(source: str, body: Any) -> list[Resolved]:
    return [place(fact, CONTEXT) for fact in read(source, body)]


def test_no_row_holds_the_address() -> None:
    bounce = {
        **SENDGRID, "event": "bounce", "type": "bounce",
        "reason": "550 <minji@example.com> unknown",
    }  # fmt: skip
    click = {**SENDGRID, "event": "click", "url": "https://x.example/?to=minji%40example.com&a=1"}
    amplitude = {
        **AMPLITUDE, "device_id": "device-77",
        "event_properties": {"a": "of DEVICE-77", "b": ["device-77"], "c": {"d": "device-7"}},
    }  # fmt: skip
    kept = [
        *rows("sendgrid", [bounce, click]), *rows("ses", ses({})),
        *rows("amplitude", {"events": [amplitude]}),
    ]  # fmt: skip
    assert [row.properties for row in kept] == [
        '{"bounce":"hard","reason":"550 <…> unknown"}',
        '{"url":"https://x.example/?to=…&a=1"}',
        None,
        '{"a":"…","b":["…"],"c":{"d":"device-7"}}',
    ]
    assert "minji" not in str(kept).lower()


def test_digests_hold_the_keyed_hash_only() -> None:
    other = Context({}, "KRW", IdentityKey(b"o" * 32).hasher("shop"))
    (fact,) = read("sendgrid", [SENDGRID])
    assert place(fact, CONTEXT).digest != place(fact, other).digest
    (again,) = read("sendgrid", [{**SENDGRID, "email": "minji@example.com "}])
    assert place(again, CONTEXT).digest == place(fact, CONTEXT).digest


def test_two_devices_do_not_share_an_event() -> None:
    ids = {rows("ga4", {**GA4, "client_id": id_})[0].source_id for id_ in ("1.2", "1.2", "3.4")}
    assert len(ids) == 2
    told = [mixpanel(distinct_id=f"$device:{id_}") for id_ in "ab"]
    assert len({row.source_id for row in rows("mixpanel", told)}) == 2
    purchase = {"events": [{"name": "purchase", "params": {"transaction_id": "o-1", "value": 1}}]}
    (row,) = rows("ga4", {**purchase, "client_id": "1.2"})
    assert row.source_id == "ga4:purchase:o-1"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no address", "no address"), ("a@b", "…"), ("x%40y.kr", "…"), ("@", "@"),
        ("to a.b+c@x.example, or d@e", "to …, or …"), ("mailto:a%2Bb%40x.kr", "mailto:…"),
        ("me@" + "x" * 300, "…" + "x" * 45), ("a" * 2000 + "@", "a" * 2000 + "@"),
    ],
)  # fmt: skip
def test_addresses_are_left_out_of_texts(said: str, kept: str) -> None:
    assert without_addresses(said) == kept


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("brevo", {**BREVO, "event": "click", "link": "https://x.example/?e=Minji%40Example.com"}),
        (
            "mandrill",
            [{
                "event": "click", "ts": 1741568400, "_id": "m", "msg": {"email": "minji@b.example"},
                "url": "https://x.example/?e=minji@example.com",
            }],
        ),
    ],
)  # fmt: skip
def test_an_id_made_of_a_link_holds_nobodys_address(source: str, body: Any) -> None:
    (fact,) = read(source, body)
    assert fact.source_id is not None
    assert "https://x.example/?e=…" in fact.source_id
    assert "example.com" not in fact.source_id.lower()


def test_a_message_names_nobody_however_deep_its_properties_are() -> None:
    call = {
        "type": "track", "event": "Email Opened", "messageId": "m", "userId": "7",
        "timestamp": "2025-03-10T01:00:00Z",
        "properties": {"to": [{"email": "minji@b.example", "name": "M"}], "size": 1},
    }  # fmt: skip
    (fact,) = read("segment", {"batch": [call]})
    assert isinstance(fact, Event)
    assert fact.properties == {"to": [{"email": "…", "name": "M"}], "size": 1}

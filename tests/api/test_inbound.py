"""Addresses for webhooks: made and closed by an admin, open to whoever has the token."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from experiments.ledger.inbound.sns import Certificates, CertificateUnavailable, signed_text
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, inbound_webhooks, ledger
from tests.api.conftest import Api, Clock
from tests.conftest import make_project
from tests.experiments.ledger.sources.test_recorded import recorded

PATH = "/api/v1/inbound-webhooks"
OPEN = {"email": "a@example.com", "timestamp": 1741568400, "event": "open", "sg_event_id": "e-1"}
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:mail"
CERTIFICATE = "https://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-0123abcd.pem"
PATHS = {"id": "a", "unit": "b", "time": "c", "type": "d"}
HMAC = {"secret": "s", "header": "X"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def made(api: Api, source: str, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = api.post(PATH, json={"source": source, "name": source, "settings": settings or {}})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json or {}
    return {**found, "path": urlsplit(found["address"]).path}


def deliver(api: Api, webhook: dict[str, Any], body: Any, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.post(webhook["path"], data=data, headers=named)


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json or {}


def kept(database: Database) -> int:
    with database.reading() as db:
        return int(db.execute(select(func.count()).select_from(ledger)).scalar_one())


def test_what_arrives_counts_once_and_one_bad_item_refuses_no_other(
    api: Api, database: Database
) -> None:
    webhook = made(api, "sendgrid")
    body = [OPEN, {**OPEN, "sg_event_id": "e-2", "event": "levitated"}, 5, OPEN]
    answer = told(deliver(api, webhook, body))
    assert (answer["accepted"], answer["duplicates"], answer["ignored"]) == (1, 1, 0)
    assert [(each["index"], each["code"]) for each in answer["rejected"]] == [
        (1, "unknown_event"), (2, "invalid"),
    ]  # fmt: skip
    again = told(deliver(api, webhook, [OPEN]))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    other = told(deliver(api, webhook, [{**OPEN, "email": "b@example.com"}]))
    assert [each["id"] for each in other["conflicts"]] == ["sendgrid:e-1"]
    assert kept(database) == 1


def test_an_address_says_that_it_is_one(api: Api) -> None:
    webhook = made(api, "sendgrid")
    assert api.client.get(webhook["path"]).json == {"source": "sendgrid"}
    assert api.client.head(webhook["path"]).status_code == 200


def test_only_the_token_and_its_source_open_an_address(api: Api) -> None:
    webhook = made(api, "sendgrid")
    token = webhook["path"].rpartition("/")[2]
    for path in (
        "/in/sendgrid/x",
        f"/in/ses/{token}",
        f"/in/nothing/{token}",
        "/in/sendgrid/\u20ac",
    ):
        answer = api.client.post(path, data=b"[]")
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["type"] == "/problems/no_such_address"


def test_a_revoked_address_is_closed_at_once_and_stays_listed(api: Api) -> None:
    webhook = made(api, "sendgrid")
    assert api.delete(f"{PATH}/{webhook['id']}").status_code == 204
    assert deliver(api, webhook, [OPEN]).status_code == 404
    items = api.get(PATH).json["items"]  # type: ignore[index] # there is a body
    assert [(each["id"], each["revoked_at"] is None) for each in items] == [(webhook["id"], False)]


def test_another_projects_address_is_not_there(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    webhook = made(api, "sendgrid")
    other: Project = make_project(database, now, "other")
    stranger = key_for(["admin"], other)
    assert stranger.get(PATH).json == {"items": []}
    assert stranger.delete(f"{PATH}/{webhook['id']}").status_code == 404
    assert stranger.put(f"{PATH}/{webhook['id']}", json={"settings": {}}).status_code == 404
    assert told(deliver(api, webhook, [OPEN]))["accepted"] == 1


def test_making_needs_an_admin(key_for: Callable[..., Api]) -> None:
    body = {"source": "sendgrid", "name": "x"}
    assert key_for(["ingest"]).post(PATH, json=body).status_code == 403


def test_token_and_secrets_are_kept_out_of_lists_and_of_the_trail(
    api: Api, database: Database
) -> None:
    secret = "a-very-secret-text"
    webhook = made(api, "customerio", {"signature": {"secret": secret}})
    token = webhook["path"].rpartition("/")[2]
    changed = api.put(
        f"{PATH}/{webhook['id']}", json={"settings": {"signature": {"secret": secret + "2"}}}
    )
    shown = changed.text + api.get(PATH).text + json.dumps(webhook["settings"])
    with database.reading() as db:
        trail = db.execute(
            select(audit).where(audit.c.object_type == "webhook").order_by(audit.c.id)
        ).all()
        stored = db.execute(select(inbound_webhooks.c.token_hash)).scalar_one()
    assert [row.action for row in trail] == ["create", "change"]
    assert stored == hashlib.sha256(token.encode()).hexdigest()
    assert secret not in shown + str(trail)
    assert token not in shown + str(trail)
    assert "sha256:" in shown


@pytest.mark.parametrize(
    ("source", "settings", "field"),
    [
        ("nothing", {}, "source"),
        ("sendgrid", {"units": "x"}, "units"),
        ("sendgrid", {"unit": ""}, "unit"),
        ("sendgrid", {"events": {"open": "opened"}}, "events.open"),
        ("sendgrid", {"tags": {"c": {"experiment": "Not A Key"}}}, "tags.c.experiment"),
        ("sendgrid", {"signature": {"public_key": "x"}}, "signature.public_key"),
        ("sendgrid", {"signature": {"secret": "x"}}, "signature.secret"),
        ("sendgrid", {"machine": {"links": "three"}}, "machine.links"),
        ("ses", {}, "signature.topic"),
        ("ses", {"signature": {"topic": "mail"}}, "signature.topic"),
        ("mapped", {}, "mapping"),
        ("mapped", {"mapping": {"id": "a"}}, "mapping.unit"),
        ("mapped", {"mapping": {**PATHS, "x": "y"}}, "mapping.x"),
        ("mapped", {"mapping": {**PATHS, "time_form": "x"}}, "mapping.time_form"),
        ("brevo", {"signature": {**HMAC, "signed": "{timestamp}"}}, "signature.signed"),
        ("brevo", {"signature": {**HMAC, "signed": "{timestamp}{body}"}},
         "signature.timestamp_header"),
        ("brevo", {"signature": {**HMAC, "encoding": "rot13"}}, "signature.encoding"),
        ("mandrill", {"signature": {"secret": "s"}}, "signature.address"),
        ("customerio", {"signature": {"secret": "s", "tolerance_seconds": 0}},
         "signature.tolerance_seconds"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused_with_their_field(
    api: Api, source: str, settings: dict[str, Any], field: str
) -> None:
    answer = api.post(PATH, json={"source": source, "name": "x", "settings": settings})
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_a_payload_can_be_tried_and_nothing_is_kept(api: Api, database: Database) -> None:
    example = recorded("mapped")
    body = {"source": "mapped", "settings": example["settings"], "body": example["body"]}
    answer = told(api.post(f"{PATH}/try", json=json.loads(json.dumps(body, default=float))))
    assert [each["type"] for each in answer["facts"]] == ["open", "purchase", "click"]
    assert (answer["ignored"], answer["rejected"]) == (1, [])
    assert kept(database) == 0


def test_a_body_that_cannot_be_read_is_refused(api: Api) -> None:
    webhook = made(api, "sendgrid")
    for body, headers, status in (
        (b"{", {}, 400),
        (b"[" * 50_000, {}, 400),
        (gzip.compress(b" " * 20_000_000, mtime=0), {"Content_Encoding": "gzip"}, 413),
        (b"\x1f\x8b", {"Content_Encoding": "gzip"}, 400),
    ):
        assert deliver(api, webhook, body, **headers).status_code == status, body[:9]
    assert deliver(api, made(api, "mandrill"), b"[]").status_code == 422


def test_lines_of_json_are_read_one_by_one(api: Api) -> None:
    one, *_ = recorded("mixpanel")["body"]
    lines = json.dumps(one).encode() + b'\n{"event": broken}\n' + json.dumps(one).encode()
    answer = told(deliver(api, made(api, "mixpanel"), lines))
    assert (answer["accepted"], answer["duplicates"], len(answer["rejected"])) == (1, 1, 1)


class SendGrid:
    """Signs as SendGrid does."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        der = self.private.public_key().public_bytes(serialization.Encoding.DER, form)
        return base64.b64encode(der).decode()

    def headers(self, body: bytes, at: datetime) -> dict[str, str]:
        stamp = str(int(at.timestamp()))
        signature = self.private.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X_Twilio_Email_Event_Webhook_Signature": base64.b64encode(signature).decode(),
            "X_Twilio_Email_Event_Webhook_Timestamp": stamp,
        }


def test_a_signed_delivery_is_told_from_a_forged_a_stale_and_an_unsigned_one(
    api: Api, clock: Clock, database: Database
) -> None:
    sender, body = SendGrid(), json.dumps([OPEN]).encode() + b"\r\n"
    webhook = made(api, "sendgrid", {"signature": {"public_key": sender.public_key}})
    true = sender.headers(body, clock.at)
    for headers in (
        {},
        {**true, "X_Twilio_Email_Event_Webhook_Signature": "!"},
        SendGrid().headers(body, clock.at),
        sender.headers(body + b" ", clock.at),
        {**true, "X_Twilio_Email_Event_Webhook_Timestamp": "1741568401"},
        sender.headers(body, clock.at - timedelta(hours=26)),
        sender.headers(body, clock.at + timedelta(minutes=6)),
    ):
        assert deliver(api, webhook, body, **headers).status_code == 401
    assert kept(database) == 0
    assert told(deliver(api, webhook, body, **true))["accepted"] == 1
    # Sent again, as after an outage of a day, or by somebody who listened: it counts once.
    clock.at += timedelta(hours=24)
    assert told(deliver(api, webhook, body, **true))["duplicates"] == 1


def test_how_old_a_delivery_may_be_can_be_set(api: Api, clock: Clock) -> None:
    sender, body = SendGrid(), json.dumps([OPEN]).encode()
    signature = {"public_key": sender.public_key, "tolerance_seconds": 300}
    webhook = made(api, "sendgrid", {"signature": signature})
    old = sender.headers(body, clock.at - timedelta(seconds=301))
    assert deliver(api, webhook, body, **old).status_code == 401
    young = sender.headers(body, clock.at - timedelta(seconds=299))
    assert deliver(api, webhook, body, **young).status_code == 200


@pytest.fixture(scope="module")
def amazon() -> "Amazon":
    return Amazon()


class Amazon:
    """Signs as Amazon's notification service does."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(self.private.public_key()).serial_number(1)
            .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC)).sign(self.private, hashes.SHA256())
        )  # fmt: skip
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.asked: list[str] = []

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        return self.pem

    def signed(self, message: dict[str, Any], version: str = "2") -> dict[str, Any]:
        message = {"SigningCertURL": CERTIFICATE, **message, "SignatureVersion": version}
        kind = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self.private.sign(signed_text(message), padding.PKCS1v15(), kind)
        return {**message, "Signature": base64.b64encode(signature).decode()}


def notification(**changed: Any) -> dict[str, Any]:
    example = recorded("ses")["body"][2]
    return {**example, "TopicArn": TOPIC, "SigningCertURL": CERTIFICATE, **changed}


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_amazon_signed_is_taken_and_its_certificate_is_fetched_once(
    api: Api, app: Flask, amazon: Amazon, version: str
) -> None:
    amazon.asked.clear()
    app.extensions["truelift.certificates"] = Certificates(amazon.fetch)
    webhook = made(api, "ses", {"signature": {"topic": TOPIC}})
    for id_ in ("n-1", "n-2"):
        answer = deliver(api, webhook, amazon.signed(notification(MessageId=id_), version))
        assert told(answer)["accepted"] == 1
    assert amazon.asked == [CERTIFICATE]
    subject = amazon.signed(notification(MessageId="n-3", Subject="Amazon SES"))
    assert told(deliver(api, webhook, subject))["accepted"] == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/../x.pem",
        "https://bucket.s3.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem\n",
        "file:///etc/passwd",
        "https://169.254.169.254/SimpleNotificationService-1.pem",
        "", None, 5, ["x"],
    ],
)  # fmt: skip
def test_no_other_address_is_ever_asked_for_a_certificate(
    api: Api, app: Flask, amazon: Amazon, address: Any
) -> None:
    amazon.asked.clear()
    app.extensions["truelift.certificates"] = Certificates(amazon.fetch)
    webhook = made(api, "ses", {"signature": {"topic": TOPIC}})
    forged = {**amazon.signed(notification()), "SigningCertURL": address}
    assert deliver(api, webhook, forged).status_code == 401
    assert amazon.asked == []


def test_what_amazon_did_not_sign_for_us_is_refused(
    api: Api, app: Flask, amazon: Amazon, clock: Clock, database: Database
) -> None:
    app.extensions["truelift.certificates"] = Certificates(amazon.fetch)
    webhook = made(api, "ses", {"signature": {"topic": TOPIC}})
    for forged in (
        {**amazon.signed(notification()), "Message": "{}"},
        {**amazon.signed(notification()), "Signature": "x"},
        {**amazon.signed(notification()), "SignatureVersion": ["2"]},
        amazon.signed(notification(TopicArn=TOPIC + "2")),
        amazon.signed(notification(Timestamp="2025-03-08T00:00:00.000Z")),
        {**amazon.signed(notification()), "Type": "Other"},
        notification(), [amazon.signed(notification())], {}, "x",
    ):  # fmt: skip
        assert deliver(api, webhook, forged).status_code == 401
    assert kept(database) == 0


def test_without_the_certificate_the_sender_is_asked_to_come_again(api: Api, app: Flask) -> None:
    def fetch(_: str) -> bytes:
        raise CertificateUnavailable

    app.extensions["truelift.certificates"] = Certificates(fetch)
    webhook = made(api, "ses", {"signature": {"topic": TOPIC}})
    answer = deliver(api, webhook, Amazon().signed(notification()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_subscription_waits_for_a_person_until_messages_come(
    api: Api, app: Flask, amazon: Amazon
) -> None:
    amazon.asked.clear()
    app.extensions["truelift.certificates"] = Certificates(amazon.fetch)
    webhook = made(api, "ses", {"signature": {"topic": TOPIC}})
    address = "https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    asked = notification(Type="SubscriptionConfirmation", Token="t", SubscribeURL=address)
    assert told(deliver(api, webhook, amazon.signed(asked)))["accepted"] == 0
    pending = api.get(PATH).json["items"][0]["pending"]  # type: ignore[index] # there is a body
    assert (pending["kind"], pending["topic"], pending["address"]) == (
        "subscription",
        TOPIC,
        address,
    )
    assert amazon.asked == [CERTIFICATE]
    elsewhere = {**asked, "SubscribeURL": "https://evil.example/?x"}
    assert deliver(api, webhook, amazon.signed(elsewhere)).status_code == 200
    assert api.get(PATH).json["items"][0]["pending"]["address"] is None  # type: ignore[index] # there is a body
    assert told(deliver(api, webhook, amazon.signed(notification())))["accepted"] == 1
    assert api.get(PATH).json["items"][0]["pending"] is None  # type: ignore[index] # there is a body


def test_mandrill_signs_its_address_and_its_form(api: Api) -> None:
    address = "https://truelift.example/in/mandrill/x"
    webhook = made(api, "mandrill", {"signature": {"secret": "key", "address": address}})
    events = json.dumps(recorded("mandrill")["body"])
    digest = hmac.new(b"key", f"{address}mandrill_events{events}".encode(), "sha1").digest()
    body = urlencode({"mandrill_events": events}).encode()
    true = {"X_Mandrill_Signature": base64.b64encode(digest).decode()}
    assert deliver(api, webhook, body).status_code == 401
    assert deliver(api, webhook, body.replace(b"abc123", b"abc999"), **true).status_code == 401
    answer = told(deliver(api, webhook, body, **true))
    assert (answer["accepted"], answer["rejected"], answer["ignored"]) == (7, [], 1)


@pytest.mark.parametrize(
    ("source", "settings", "signed", "header", "stamp_header"),
    [
        ("klaviyo", {}, "{body}{timestamp}", "Klaviyo_Signature", "Klaviyo_Timestamp"),
        ("customerio", {}, "v0:{timestamp}:{body}", "X_CIO_Signature", "X_CIO_Timestamp"),
        ("cloudevents", {"header": "X-Sig", "prefix": "sha256="}, "{body}", "X_Sig", None),
        ("cloudevents", {"header": "X-Sig", "signed": "{timestamp}.{body}",
                         "timestamp_header": "X-At"}, "{timestamp}.{body}", "X_Sig", "X_At"),
    ],
)  # fmt: skip
def test_signatures_with_a_shared_secret(
    api: Api,
    clock: Clock,
    source: str,
    settings: dict[str, str],
    signed: str,
    header: str,
    stamp_header: str | None,
) -> None:
    webhook = made(api, source, {"signature": {"secret": "s3", **settings}})
    body = json.dumps(recorded(source)["body"], default=float)
    stamp = str(int(clock.at.timestamp()))
    text = signed.replace("{timestamp}", stamp).replace("{body}", body)
    digest = hmac.new(b"s3", text.encode(), "sha256").hexdigest()
    headers = {header: settings.get("prefix", "") + digest}
    headers |= {stamp_header: stamp} if stamp_header else {}
    assert deliver(api, webhook, body.encode(), **headers).status_code == 200
    assert deliver(api, webhook, body.encode() + b" ", **headers).status_code == 401
    assert deliver(api, webhook, body.encode()).status_code == 401
    if source == "customerio" or stamp_header == "X_At":
        clock.at += timedelta(hours=26)
        assert deliver(api, webhook, body.encode(), **headers).status_code == 401


def test_a_token_is_not_logged_with_a_fault(
    api: Api, app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    webhook = made(api, "sendgrid")
    app.testing = False
    monkeypatch.setattr("api.routes.inbound.received", lambda *_, **__: 1 / 0)
    assert deliver(api, webhook, [OPEN]).status_code == 500
    said = capsys.readouterr()
    assert "unexpected error" in said.out + said.err
    assert webhook["path"].rpartition("/")[2] not in said.out + said.err


def test_actors_are_named(api: Api, database: Database, actor: Actor) -> None:
    made(api, "sendgrid")
    with database.reading() as db:
        row = db.execute(select(audit).where(audit.c.object_type == "webhook")).one()
    assert row.actor.startswith("key:")

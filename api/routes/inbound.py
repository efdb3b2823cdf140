"""What other people's tools post: addresses with a token, and what arrives there."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, jsonify, request
from sqlalchemy import Connection

from api.auth import allow, allow_token, caller
from api.bodies import any_json, form_of, plain_body
from api.contract import Blueprint
from api.db import reading, transaction
from api.inbound_limits import looking
from api.routes.ingest import LARGEST_BODY_BYTES
from api.runtime import runtime
from api.schemas.inbound import (
    DeliveryResultSchema,
    NewWebhookSchema,
    TrialResultSchema,
    TrialSchema,
    WebhookListSchema,
    WebhookRequestSchema,
    WebhookSchema,
    WebhookSettingsSchema,
    told_facts,
)
from api.schemas.ingest import told
from experiments.errors import Invalid
from experiments.ledger.batch import BatchResult
from experiments.ledger.inbound import webhooks
from experiments.ledger.inbound.signing import Delivery
from experiments.ledger.inbound.sns import CONFIRMATION_ADDRESS, Certificates
from experiments.ledger.inbound.webhooks import Webhook
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.contract import received
from experiments.ledger.sources.messages import place
from experiments.ledger.sources.values import text_at

blueprint = Blueprint("inbound", __name__)

_CONFIRMATION = "SubscriptionConfirmation"


@blueprint.post("/api/v1/inbound-webhooks")
@allow(scope="admin", role="admin")
@blueprint.arguments(WebhookRequestSchema)
@blueprint.response(201, NewWebhookSchema)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """Create an address for a tool's webhook and show it, this once.

    422 if the source is unknown or its settings do not fit, naming the field.
    """
    me, now = caller(), runtime().clock()
    with transaction() as db:
        made, token = webhooks.create(db, me.project, **body, actor=me.actor, now=now)
    settings = runtime().settings
    base = (settings.public_url or request.host_url).rstrip("/")
    return {**_told(made), "address": f"{base}/in/{made.source}/{token}"}


@blueprint.get("/api/v1/inbound-webhooks")
@allow(scope="admin", role="admin")
@blueprint.response(200, WebhookListSchema)
def index() -> dict[str, Any]:
    """The addresses of the project, without tokens and secrets, and what waits for a person."""
    with reading() as db:
        return {"items": [_told(each) for each in webhooks.listed(db, caller().project)]}


@blueprint.put("/api/v1/inbound-webhooks/<public_id>")
@allow(scope="admin", role="admin")
@blueprint.arguments(WebhookSettingsSchema)
@blueprint.response(200, WebhookSchema)
def change(body: dict[str, Any], public_id: str) -> dict[str, Any]:
    """Replace the settings of an address; 404 if there is none such, 422 if they do not fit."""
    me, now = caller(), runtime().clock()
    with transaction() as db:
        return _told(
            webhooks.change(db, me.project, public_id, body["settings"], actor=me.actor, now=now)
        )


@blueprint.delete("/api/v1/inbound-webhooks/<public_id>")
@allow(scope="admin", role="admin")
@blueprint.response(204)
def revoke(public_id: str) -> None:
    """Close an address at once; 404 if the project has none such."""
    me = caller()
    with transaction() as db:
        webhooks.revoke(db, me.project, public_id, actor=me.actor, now=runtime().clock())


@blueprint.post("/api/v1/inbound-webhooks/try")
@allow(scope="admin", role="admin")
@blueprint.arguments(TrialSchema)
@blueprint.response(200, TrialResultSchema)
def try_out(body: dict[str, Any]) -> Response:
    """Tell how a payload would be read, and keep nothing; 422 as for an address."""
    read = webhooks.read_document(body["source"], body["settings"])
    found = received(SOURCES[body["source"]], body["body"], read.settings, runtime().clock())
    rejected = BatchResult(rejected=list(found.batch.rejected))
    return jsonify(
        {
            "facts": told_facts(found),
            "ignored": found.ignored,
            "rejected": told(rejected)["rejected"],
        }
    )


@blueprint.get("/in/<source>/<token>")
@allow_token
@blueprint.doc(security=[])
@blueprint.response(200)
def look(source: str, token: str) -> dict[str, str]:
    """Say that the address is one, for tools that ask before they send; 404 if not."""
    with looking(source, token), reading() as db:
        webhook, _ = webhooks.opened_by(db, source, token)
    return {"source": webhook.source}


@blueprint.post("/in/<source>/<token>")
@allow_token
@blueprint.doc(security=[])
@blueprint.response(200, DeliveryResultSchema)
def receive(source: str, token: str) -> Response:
    """Take in what a tool reports.

    One bad item never refuses the others. 404 if there is no such address, 401 if the
    signature is missing, wrong or stale, 400 if the body cannot be read at all, 413 beyond
    16 MB, also once inflated, 429 if it posts too often, 503 if too much waits to be written.
    """
    recorder = runtime().recorder
    recorder.writer.check_room()
    with looking(source, token), reading() as db:
        webhook, project = webhooks.opened_by(db, source, token)
    read = webhooks.read_document(webhook.source, webhook.settings)
    delivery = _delivery(webhook)
    if read.signature:
        read.signature.check(delivery)
    now = delivery.now
    found = received(SOURCES[webhook.source], delivery.json, read.settings, now)
    result = recorder.record(
        project, found.batch, now=now, place=place, also=_confirmation(webhook, delivery)
    )
    return jsonify({"ignored": found.ignored, **told(result)})


def _told(webhook: Webhook) -> dict[str, Any]:
    names = ("public_id", "source", "name", "shown_settings", "pending", "created_at", "revoked_at")
    return {name: getattr(webhook, name) for name in names}


def _delivery(webhook: Webhook) -> Delivery:
    body, field = plain_body(LARGEST_BODY_BYTES), SOURCES[webhook.source].form_field
    form = form_of(body) if field else {}
    if field and field not in form:
        raise Invalid(field=field, expected="a list of events as JSON", got=None)
    certificates: Certificates = current_app.extensions.setdefault(
        "truelift.certificates", Certificates()
    )
    return Delivery(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        form=form,
        json=any_json(form[field].encode() if field else body),
        now=runtime().clock(),
        certificates=certificates,
    )


def _confirmation(webhook: Webhook, delivery: Delivery) -> Callable[[Connection], None] | None:
    """Keeps a subscription that waits to be confirmed, until its first message arrives.

    Nothing is fetched: a person opens the address, or confirms in Amazon's own console.
    """
    kind = text_at(delivery.json, "Type") if webhook.source == "ses" else None
    if kind == _CONFIRMATION:
        address = text_at(delivery.json, "SubscribeURL") or ""
        waiting = {
            "kind": "subscription",
            "topic": text_at(delivery.json, "TopicArn"),
            "address": address if CONFIRMATION_ADDRESS.fullmatch(address) else None,
            "at": delivery.now.isoformat(),
        }
        return lambda db: webhooks.note_pending(db, webhook, waiting)
    if webhook.pending and kind == "Notification":
        return lambda db: webhooks.note_pending(db, webhook, None)
    return None

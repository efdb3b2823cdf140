"""Answers kept under an Idempotency-Key, until they are too old.

Of key, address and answer the database holds hashes and cipher text, which nobody reads who
does not know the key: an answer that shows a secret once, or names a customer, is no plain
text on the disk.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from api.auth import caller
from api.db import reading
from api.runtime import runtime
from experiments.errors import Conflict, Invalid
from experiments.storage.tables import idempotency_keys as table

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
LONGEST_KEY = 255
KEPT_FOR = timedelta(days=7)
PRUNED_AT_ONCE = 100
LARGEST_BODY_BYTES = 16 * 1024 * 1024
_CHUNK = 1 << 20
_NONCE_BYTES = 12
_LOCK_NOT_AVAILABLE = "55P03"
_OF_EVERY_ANSWER = {"content-length", "date", "set-cookie"}


class IdempotencyKeyInUse(Conflict):
    """The first request under the key is still worked on."""

    template = "a request with this Idempotency-Key is still being worked on; send it again later"


class IdempotencyKeyReused(Invalid):
    """The key belongs to another request."""

    template = "this Idempotency-Key was used for another request"


class AnsweredMeanwhile(Exception):
    """Another process was first; its answer is there now."""


@dataclass(frozen=True)
class KeyedRequest:
    """A request and its key, as the database knows them.

    Attributes:
        project_id: Of the caller's project.
        caller: A key or a person.
        method: Of the request.
        rule: The route.
        name: Hash of the address and the key.
        asked: Hash of the query and the body.
        cipher_key: What the answer is kept under, 32 bytes.
    """

    project_id: int
    caller: str
    method: str
    rule: str
    name: str
    asked: str
    cipher_key: bytes = field(repr=False)

    @classmethod
    def of_this(cls, key: str) -> "KeyedRequest":
        """This request under that key.

        Raises:
            Invalid: If it is no key.
        """
        if not 0 < len(key) <= LONGEST_KEY:
            expected = f"1 to {LONGEST_KEY} characters"
            raise Invalid(field=HEADER, expected=expected, got=key[:60])
        me = caller()
        scope = [me.project.key, me.actor.name, request.method, request.path, key]
        secret = _keyed(runtime().settings.secret_key.encode(), json.dumps(scope).encode())
        return cls(
            project_id=me.project.id,
            caller=me.actor.name,
            method=request.method,
            rule=str(request.url_rule),
            name=_keyed(secret, b"name").hex(),
            asked=_keyed(secret, _asked()).hex(),
            cipher_key=_keyed(secret, b"answer"),
        )

    @property
    def _place(self) -> dict[str, Any]:
        return {
            "project_id": self.project_id,
            "caller": self.caller,
            "method": self.method,
            "path": self.rule,
            "key": self.name,
        }

    def answered(self) -> Response | None:
        """The answer that was given under the key; None if there was none yet.

        Raises:
            IdempotencyKeyReused: If it was given to another request.
        """
        mine = [table.c[name] == value for name, value in self._place.items()]
        fresh = table.c.created_at > runtime().clock() - KEPT_FOR
        with reading() as db:
            row = db.execute(select(table).where(*mine, fresh)).first()
        if row is None:
            return None
        if row.request_hash != self.asked:
            raise IdempotencyKeyReused(field=HEADER)
        answer = Response(self._opened(row.body), row.status)
        # Werkzeug's own type of content would stand beside the kept one.
        answer.headers.clear()
        answer.headers.extend(row.headers)
        answer.headers[REPLAYED] = "true"
        return answer

    def claim(self, db: Connection) -> None:
        """Claim the key, first thing in the transaction of the effect; forget old ones.

        Raises:
            IdempotencyKeyInUse: If another process works on a request with it.
        """
        now = runtime().clock()
        _prune(db, now - KEPT_FOR)
        mine = [table.c[name] == value for name, value in self._place.items()]
        db.execute(delete(table).where(*mine, table.c.created_at <= now - KEPT_FOR))
        claimed = {"request_hash": self.asked, "status": 0, "headers": [], "body": b""}
        try:
            with db.begin_nested():
                db.execute(insert(table).values(**self._place, **claimed, created_at=now))
        except IntegrityError as error:
            raise AnsweredMeanwhile from error
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise IdempotencyKeyInUse from error
            raise

    def keep(self, db: Connection, answer: Response) -> None:
        """Keep the answer, in the transaction of the effect."""
        mine = [table.c[name] == value for name, value in self._place.items()]
        kept = {
            "status": answer.status_code,
            "headers": [
                [name, value]
                for name, value in answer.headers
                if name.lower() not in _OF_EVERY_ANSWER
            ],
            "body": self._closed(answer.get_data()),
        }
        db.execute(update(table).where(*mine).values(kept))

    def _closed(self, body: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        sealed: bytes = _cipher(self.cipher_key).encrypt(nonce, body, None)
        return nonce + sealed

    def _opened(self, body: bytes) -> bytes:
        nonce, text = bytes(body[:_NONCE_BYTES]), bytes(body[_NONCE_BYTES:])
        found: bytes = _cipher(self.cipher_key).decrypt(nonce, text, None)
        return found


def _prune(db: Connection, before: datetime) -> None:
    """Forget some answers that are too old; as many as come, go."""
    oldest = (
        select(table.c.id)
        .where(table.c.created_at <= before)
        .order_by(table.c.created_at)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.execute(oldest).scalars().all()
    if found:
        db.execute(delete(table).where(table.c.id.in_(found)))


def _asked() -> bytes:
    """A digest of what the request asks: query and body, of a form its fields and files."""
    digest = hashlib.sha256(json.dumps(request.query_string.decode("latin-1")).encode())
    if request.mimetype == "multipart/form-data":
        for part in _form():
            digest.update(part)
    else:
        request.max_content_length = LARGEST_BODY_BYTES
        digest.update(request.get_data(cache=True))
    return digest.digest()


def _form() -> Iterator[bytes]:
    for name, values in sorted(request.form.lists()):
        if name != "csrf_token":
            yield json.dumps([name, values]).encode()
    for name, files in sorted(request.files.lists()):
        for file in files:
            content = hashlib.sha256()
            while chunk := file.stream.read(_CHUNK):
                content.update(chunk)
            file.stream.seek(0)
            yield json.dumps([name, file.filename, content.hexdigest()]).encode()


def _keyed(secret: bytes, text: bytes) -> bytes:
    return hmac.digest(secret, text, "sha256")


def _cipher(key: bytes) -> Any:
    # Slow to import, and needed by few requests.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - slow, and needed with a key only

    return AESGCM(key)

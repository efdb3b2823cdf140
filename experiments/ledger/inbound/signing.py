"""Signatures of deliveries: that they come from whom they claim, and when.

The token in an address is a secret already; a signature keeps out whoever has seen it. How
old one may be is long by default: a service that was away for a day must still take what is
sent again, and a delivery sent twice counts once in any case.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from experiments.errors import Invalid, TrueliftError
from experiments.ledger.fields import Missing, brief
from experiments.ledger.sources.values import instant_at

# A day, as SendGrid sends again for 24 hours, and an hour for clocks and queues.
TOLERANCE_SECONDS = 25 * 3600
# A signature from the future is a wrong clock, or somebody's.
EARLY = timedelta(minutes=5)
_LONGEST = 4000


class DeliveryRefused(TrueliftError):
    """A delivery that did not come from whom it claims."""

    template = "the signature is missing or does not fit"


class DeliveryStale(DeliveryRefused):
    """A delivery that was signed too long ago, or in the future."""

    template = "the delivery was signed too long ago, or in the future"


@dataclass(frozen=True)
class Delivery:
    """A request as it arrived.

    Attributes:
        headers: By name in small letters.
        body: Its bytes, inflated.
        form: The fields of a form, if it is one.
        json: The body as JSON, if it is that.
        now: When it arrived.
        certificates: Gives the certificate (PEM) at an address of Amazon's.
    """

    headers: Mapping[str, str]
    body: bytes
    form: Mapping[str, str]
    json: object
    now: datetime
    certificates: Callable[[str], bytes]


class Signature(Protocol):
    """Whatever can tell a true delivery."""

    def check(self, delivery: Delivery) -> None:
        """Refuse what is not true.

        Raises:
            DeliveryRefused: If the signature is missing, wrong or stale.
        """


@dataclass(frozen=True)
class SendGridSignature:
    """ECDSA with SHA-256 over the time and the body.

    https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    """

    public_key: ec.EllipticCurvePublicKey
    tolerance: timedelta

    def check(self, delivery: Delivery) -> None:
        """Refuse what is not true; see :class:`Signature`."""
        said = delivery.headers.get("x-twilio-email-event-webhook-signature", "")
        stamp = delivery.headers.get("x-twilio-email-event-webhook-timestamp", "")
        try:
            signature = base64.b64decode(said, validate=True)
            signed = stamp.encode() + delivery.body
            self.public_key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError) as error:
            raise DeliveryRefused from error
        check_age(stamp, delivery.now, self.tolerance)


@dataclass(frozen=True)
class HmacSignature:
    """An HMAC in a header, over the body and perhaps a time.

    Attributes:
        header: In small letters, like ``timestamp_header``.
        encoding: ``hex`` or ``base64``.
        prefix: Before the signature in its header.
        signed: What is signed, with ``{body}`` and ``{timestamp}``.
        tolerance: None: the time is not looked at.
    """

    secret: bytes
    header: str
    encoding: str = "hex"
    prefix: str = ""
    timestamp_header: str | None = None
    signed: str = "{body}"
    tolerance: timedelta | None = None
    algorithm: str = "sha256"

    def check(self, delivery: Delivery) -> None:
        """Refuse what is not true; see :class:`Signature`."""
        said = delivery.headers.get(self.header, "")
        stamp = delivery.headers.get(self.timestamp_header or "", "")
        before, _, after = self.signed.partition("{body}")
        text = (
            before.replace("{timestamp}", stamp).encode()
            + delivery.body
            + after.replace("{timestamp}", stamp).encode()
        )
        wanted = self.prefix + encoded(self.secret, text, self.algorithm, self.encoding)
        if not said or not hmac.compare_digest(wanted.encode(), said.strip().encode()):
            raise DeliveryRefused
        if self.tolerance is not None:
            check_age(stamp, delivery.now, self.tolerance)


@dataclass(frozen=True)
class MandrillSignature:
    """HMAC with SHA-1 over the address and the form's fields in order, as base64.

    https://mandrill.zendesk.com/hc/en-us/articles/205583257-How-to-Authenticate-Webhook-Requests

    Attributes:
        address: The whole address as it was entered there.
    """

    secret: bytes
    address: str

    def check(self, delivery: Delivery) -> None:
        """Refuse what is not true; see :class:`Signature`."""
        said = delivery.headers.get("x-mandrill-signature", "")
        fields = "".join(f"{name}{value}" for name, value in sorted(delivery.form.items()))
        wanted = encoded(self.secret, (self.address + fields).encode(), "sha1", "base64")
        if not hmac.compare_digest(wanted.encode(), said.encode()):
            raise DeliveryRefused


def encoded(secret: bytes, text: bytes, algorithm: str, encoding: str) -> str:
    """An HMAC as text."""
    digest = hmac.new(secret, text, algorithm).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def check_age(stamp: str, now: datetime, tolerance: timedelta) -> None:
    """Refuse what was signed too long ago.

    Args:
        stamp: Seconds since 1970, or ISO 8601.
        now: When it arrived.
        tolerance: How old it may be.

    Raises:
        DeliveryStale: If it is too old, from the future, or no time.
    """
    form = "seconds" if stamp.strip().isdecimal() else "iso"
    try:
        age = now - instant_at({"timestamp": stamp.strip()}, "timestamp", form)
    except Invalid as error:
        raise DeliveryStale from error
    if not -EARLY <= age <= tolerance:
        raise DeliveryStale


def read_public_key(text: str) -> ec.EllipticCurvePublicKey:
    """Read a public key as SendGrid shows it: base64, with or without the lines of PEM.

    Raises:
        Invalid: If it is none of an elliptic curve.
    """
    kept = "".join(line for line in text.split("\n") if not line.startswith("-----"))
    try:
        key = serialization.load_der_public_key(
            base64.b64decode("".join(kept.split()), validate=True)
        )
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Invalid(
            field="signature.public_key", expected="an ECDSA public key in base64", got=brief(text)
        )
    return key


def needed(given: Mapping[str, Any], name: str) -> str:
    """A text of the settings of a signature.

    Raises:
        Invalid: If it is not there, or no text.
    """
    value = given.get(name)
    if value is None:
        raise Missing(field=f"signature.{name}")
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isascii():
        raise Invalid(field=f"signature.{name}", expected="a text", got=type(value).__name__)
    return value


def fingerprint(text: str) -> str:
    """What is shown of a secret: enough to tell two apart, and no more."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:8]

"""Signatures of Amazon's notification service (SNS), which delivers what SES reports.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

Anybody with an account of Amazon's can have a message signed: it is the topic that tells
whose it is. A certificate is fetched only from Amazon's own hosts, over HTTPS, without
following a redirect, and kept.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, build_opener

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from experiments.errors import Unavailable
from experiments.ledger.inbound.signing import Delivery, DeliveryRefused, check_age

_HOST = r"https://sns\.[a-z]{2}(?:-[a-z]+){1,3}-\d\.amazonaws\.com(?:\.cn)?"
CERTIFICATE_ADDRESS = re.compile(rf"{_HOST}/SimpleNotificationService-[A-Za-z0-9]{{1,80}}\.pem")
CONFIRMATION_ADDRESS = re.compile(rf"{_HOST}/\?[\x21-\x7e]{{1,2000}}")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
# Topics sign with version 1 unless they were told otherwise.
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "1": hashes.SHA1,
    "2": hashes.SHA256,
}
_FETCHED_WITHIN_SECONDS = 5
_LARGEST_CERTIFICATE = 64 * 1024
_MOST_CERTIFICATES = 20


class CertificateUnavailable(Unavailable):
    """Amazon's certificate could not be fetched: the delivery may come again."""

    template = "the certificate of the sender could not be fetched"


@dataclass(frozen=True)
class SnsSignature:
    """A signature of SNS on a message of one topic."""

    topic: str
    tolerance: timedelta

    def check(self, delivery: Delivery) -> None:
        """Refuse what is not true, or of another topic.

        Raises:
            DeliveryRefused: If the signature is missing, wrong or stale, or the topic another.
            CertificateUnavailable: If it cannot be told right now.
        """
        message = delivery.json
        if not isinstance(message, Mapping) or message.get("TopicArn") != self.topic:
            raise DeliveryRefused
        text, version = signed_text(message), message.get("SignatureVersion")
        address, said = message.get("SigningCertURL"), message.get("Signature")
        if (
            not isinstance(version, str)
            or version not in _HASHES
            or not isinstance(said, str)
            or not isinstance(address, str)
            or not CERTIFICATE_ADDRESS.fullmatch(address)
        ):
            raise DeliveryRefused
        try:
            key = x509.load_pem_x509_certificate(delivery.certificates(address)).public_key()
            assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101 - else refused, below
            key.verify(
                base64.b64decode(said, validate=True), text, padding.PKCS1v15(), _HASHES[version]()
            )
        except (InvalidSignature, ValueError, AssertionError) as error:
            raise DeliveryRefused from error
        check_age(str(message.get("Timestamp")), delivery.now, self.tolerance)


def signed_text(message: Mapping[str, Any]) -> bytes:
    """What of a message is signed: names and values of some fields, each on its line.

    Raises:
        DeliveryRefused: If it is no message of SNS.
    """
    kind = message.get("Type")
    names = _SIGNED.get(kind) if isinstance(kind, str) else None
    if names is None:
        raise DeliveryRefused
    lines = []
    for name in names:
        value = message.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise DeliveryRefused
        lines.append(f"{name}\n{value}\n")
    return "".join(lines).encode(errors="surrogatepass")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: an address that was looked at must be the one that is fetched."""


def fetch(address: str) -> bytes:
    """Fetch a certificate.

    Args:
        address: That fits ``CERTIFICATE_ADDRESS``.

    Raises:
        CertificateUnavailable: If it cannot be had, or is no certificate by its size.
    """
    if not CERTIFICATE_ADDRESS.fullmatch(address):
        raise CertificateUnavailable
    try:
        with build_opener(_NoRedirect).open(address, timeout=_FETCHED_WITHIN_SECONDS) as answer:
            found: bytes = answer.read(_LARGEST_CERTIFICATE + 1)
    except (URLError, OSError, ValueError) as error:
        raise CertificateUnavailable from error
    if len(found) > _LARGEST_CERTIFICATE:
        raise CertificateUnavailable
    return found


@dataclass
class Certificates:
    """Certificates by address, each fetched once."""

    fetch: Callable[[str], bytes] = fetch
    _known: dict[str, bytes] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, address: str) -> bytes:
        """The certificate at an address."""
        with self._lock:
            if address in self._known:
                return self._known[address]
        found = self.fetch(address)
        with self._lock:
            if len(self._known) >= _MOST_CERTIFICATES:
                self._known.clear()
            self._known[address] = found
        return found

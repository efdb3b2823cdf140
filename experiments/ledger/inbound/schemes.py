"""Which source signs how, and what has to be known for it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import Missing, UnknownField, brief
from experiments.ledger.inbound.signing import (
    TOLERANCE_SECONDS,
    HmacSignature,
    MandrillSignature,
    SendGridSignature,
    Signature,
    fingerprint,
    needed,
    read_public_key,
)
from experiments.ledger.inbound.sns import SnsSignature

SECRETS = ("secret",)
_LONGEST_TOLERANCE = 30 * 24 * 3600


def read_signature(source: str, document: object) -> Signature | None:
    """How deliveries of a source are checked, by the settings of its address.

    Args:
        source: Its name.
        document: ``signature`` of the settings; None where nothing is signed.

    Raises:
        Invalid: Naming the field, if something is missing or not as it should be.
    """
    if document is None:
        if source == "ses":
            raise Missing(field="signature.topic")
        return None
    if not isinstance(document, Mapping):
        raise Invalid(field="signature", expected="an object", got=brief(document))
    read, names = _SCHEMES.get(source, (_hmac, _HMAC_NAMES))
    for name in document:
        if name not in (*names, "tolerance_seconds"):
            known = ", ".join((*names, "tolerance_seconds"))
            raise UnknownField(field=f"signature.{str(name)[:60]}", known=known)
    return read(document)


def shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they may be shown: of a secret only its fingerprint."""
    signature = settings.get("signature")
    if not isinstance(signature, Mapping):
        return dict(settings)
    masked = {
        name: fingerprint(value) if name in SECRETS and isinstance(value, str) else value
        for name, value in signature.items()
    }
    return {**settings, "signature": masked}


def _tolerance(given: Mapping[str, Any]) -> timedelta:
    seconds = given.get("tolerance_seconds", TOLERANCE_SECONDS)
    is_whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not is_whole or not 1 <= seconds <= _LONGEST_TOLERANCE:
        raise Invalid(
            field="signature.tolerance_seconds",
            expected=f"1 to {_LONGEST_TOLERANCE}",
            got=brief(seconds),
        )
    return timedelta(seconds=seconds)


def _sendgrid(given: Mapping[str, Any]) -> Signature:
    return SendGridSignature(read_public_key(needed(given, "public_key")), _tolerance(given))


def _sns(given: Mapping[str, Any]) -> Signature:
    topic = needed(given, "topic")
    if not topic.startswith("arn:aws"):
        raise Invalid(field="signature.topic", expected="the ARN of a topic", got=brief(topic))
    return SnsSignature(topic, _tolerance(given))


def _mandrill(given: Mapping[str, Any]) -> Signature:
    return MandrillSignature(needed(given, "secret").encode(), needed(given, "address"))


def _klaviyo(given: Mapping[str, Any]) -> Signature:
    # The form of its time is not documented, so its age is not looked at.
    return HmacSignature(
        needed(given, "secret").encode(), "klaviyo-signature",
        timestamp_header="klaviyo-timestamp", signed="{body}{timestamp}",
    )  # fmt: skip


def _customerio(given: Mapping[str, Any]) -> Signature:
    return HmacSignature(
        needed(given, "secret").encode(), "x-cio-signature",
        timestamp_header="x-cio-timestamp", signed="v0:{timestamp}:{body}",
        tolerance=_tolerance(given),
    )  # fmt: skip


def _hmac(given: Mapping[str, Any]) -> Signature:
    encoding, algorithm = given.get("encoding", "hex"), given.get("algorithm", "sha256")
    signed, stamp = given.get("signed", "{body}"), given.get("timestamp_header")
    if encoding not in {"hex", "base64"}:
        raise Invalid(
            field="signature.encoding", expected="one of hex, base64", got=brief(encoding)
        )
    if algorithm not in {"sha256", "sha512", "sha1"}:
        raise Invalid(
            field="signature.algorithm",
            expected="one of sha256, sha512, sha1",
            got=brief(algorithm),
        )
    if not isinstance(signed, str) or signed.count("{body}") != 1 or len(signed) > 200:
        raise Invalid(
            field="signature.signed", expected="a text with {body} once", got=brief(signed)
        )
    if ("{timestamp}" in signed) != (stamp is not None):
        raise Invalid(
            field="signature.timestamp_header",
            expected="a header, just where {timestamp} is signed",
            got=brief(stamp),
        )
    return HmacSignature(
        secret=needed(given, "secret").encode(),
        header=needed(given, "header").lower(),
        encoding=encoding,
        prefix=needed(given, "prefix") if given.get("prefix") else "",
        timestamp_header=needed(given, "timestamp_header").lower() if stamp is not None else None,
        signed=signed,
        tolerance=_tolerance(given) if stamp is not None else None,
        algorithm=algorithm,
    )


_HMAC_NAMES = (
    "secret", "header", "encoding", "prefix", "timestamp_header", "signed", "algorithm",
)  # fmt: skip
_SCHEMES: dict[str, tuple[Callable[[Mapping[str, Any]], Signature], tuple[str, ...]]] = {
    "sendgrid": (_sendgrid, ("public_key",)),
    "ses": (_sns, ("topic",)),
    "mandrill": (_mandrill, ("secret", "address")),
    "klaviyo": (_klaviyo, ("secret",)),
    "customerio": (_customerio, ("secret",)),
}

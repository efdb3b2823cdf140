"""Hashes of aliases: known answers, that another program can be held against."""

import hashlib
import hmac

import pytest

from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.key import AliasHasher, IdentityKey

SECRET = "k" * 32


def hmac_sha256(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def test_the_hash_is_the_one_that_is_described() -> None:
    identity = hmac_sha256(SECRET.encode(), "truelift identity key")
    project = hmac_sha256(identity, "project\0shop")
    expected = hmac_sha256(project, "email\0minji@example.com").hex()[:32]
    hasher = IdentityKey.derived(SECRET).hasher("shop")
    assert hasher.hashed(Alias("email", "Minji@Example.com ")) == f"email:{expected}"


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("email", "minji@example.com", "email:737cb5c3625a88e6c0b36c235432ed99"),
        ("phone", "+82 10-1234-5678", "phone:db6a5504d74d985c758aa10f707cc4e1"),
        ("anonymous", "홍길동", "anonymous:726e13fb0afdec0eb78e1e707c97d9bb"),
        ("unit", "customer-1", "unit:customer-1"),
    ],
)
def test_known_answers(kind: str, value: str, kept: str) -> None:
    hasher = IdentityKey(b"identity-key-of-the-known-answers").hasher("shop")
    assert hasher.hashed(Alias(kind, value)) == kept


def test_another_project_key_or_kind_gives_another_hash() -> None:
    key, alias = IdentityKey.derived(SECRET), Alias("email", "0101234")
    hashes = {
        key.hasher("shop").hashed(alias),
        key.hasher("other").hashed(alias),
        key.hasher("shop").hashed(Alias("phone", "0101234")),
        IdentityKey.derived("o" * 32).hasher("shop").hashed(alias),
        IdentityKey(SECRET.encode()).hasher("shop").hashed(alias),
    }
    assert len({each.partition(":")[2] for each in hashes}) == 5


def test_a_fingerprint_tells_keys_apart_and_no_key_is_shown() -> None:
    one, other = IdentityKey(b"a" * 32), IdentityKey(b"b" * 32)
    assert one.fingerprint == IdentityKey(b"a" * 32).fingerprint != other.fingerprint
    assert "aaaa" not in repr(one)
    assert repr(AliasHasher(b"a" * 32)) == "AliasHasher()"

"""The identity key: what the values of aliases are hashed with.

A hash without a key could be tried out: there are few telephone numbers. With another key
every alias would be another one, so the database keeps the key's fingerprint.
"""

import hmac
from dataclasses import dataclass, field

from experiments.ledger.identity.alias import MERGED, Alias, normalised

_FROM_SECRET = b"truelift identity key"
_FINGERPRINT = b"truelift identity fingerprint"
HASH_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class AliasHasher:
    """Hashes the aliases of one project.

    Attributes:
        key: The project's own, 32 bytes.
    """

    key: bytes = field(repr=False)

    def hashed(self, alias: Alias) -> str:
        """The alias as the ledger keeps it: its kind and 128 bits of HMAC-SHA256 in hex.

        What is hashed is the kind, NUL and the normalised value. The id of a merged unit is
        no secret and stays as it is.

        Examples:
            >>> AliasHasher(bytes(32)).hashed(Alias("email", "Minji@example.com"))
            'email:2fe917ba9afc91bab1653bc8a71eaf7d'
        """
        kind, value = alias.kind, normalised(alias.kind, alias.value)
        if kind == MERGED:
            return f"{kind}:{value}"
        text = f"{kind}\0{value}".encode()
        return f"{kind}:{hmac.digest(self.key, text, 'sha256').hex()[:HASH_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """The key of an installation.

    Attributes:
        secret: Its bytes.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def derived(cls, secret: str) -> "IdentityKey":
        """The key made of a setting: its own, or the secret key, which is used for more."""
        return cls(hmac.digest(secret.encode(), _FROM_SECRET, "sha256"))

    @property
    def fingerprint(self) -> str:
        """What tells this key from another without giving it away, 32 hex digits."""
        return hmac.digest(self.secret, _FINGERPRINT, "sha256").hex()[:HASH_CHARACTERS]

    def hasher(self, project_key: str) -> AliasHasher:
        """Hashes for one project: one address is another alias in another project."""
        return AliasHasher(hmac.digest(self.secret, f"project\0{project_key}".encode(), "sha256"))

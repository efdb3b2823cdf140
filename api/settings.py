"""Every setting of the service, read from the environment once."""

import math
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from experiments.errors import Invalid
from experiments.ledger.identity.key import IdentityKey
from experiments.measurement.engine_settings import is_size
from experiments.measurement.engines.warehouse import Warehouse, read_warehouse

SHORTEST_SECRET = 32


class SettingsRefused(Exception):
    """The environment does not describe a service that may start."""


@dataclass(frozen=True)
class Settings:
    """How this process runs.

    Attributes:
        home: Folder of the database, the replica, imported files and the lock.
        database_url: SQLAlchemy URL; SQLite in ``home`` unless ``DATABASE_URL`` is set.
        secret_key: Signs browser sessions and CSRF tokens.
        public_url: Address under which browsers reach the service; decides secure cookies.
        background: Whether the process refreshes its configuration and runs imports.
        operator_token: What the command line on this machine shows to the running server.
        stream_url: Address under which apps reach ``truelift stream``; None where none runs.
        client_rate: Requests a second that one address may go on sending with a client key;
            0 for any number.
        inbound_rate: The same of deliveries of other tools, for each of their tokens.
        proxies: How many proxies of our own stand in front, each naming whom it saw.
        identity_key: What the key that aliases are hashed with is made of; None: ``secret_key``.
        warehouse: An engine of the user's own that measures one project; None: none does.
        memory_limit: What one measurement may use before it goes through the disk.
        page_seconds: How long a page waits for its figures before it says that they are being
            computed; 0: until they are there, and none are computed ahead.
    """

    home: Path
    database_url: str
    secret_key: str
    public_url: str = "http://127.0.0.1:8000"
    background: bool = True
    operator_token: str | None = None
    stream_url: str | None = None
    client_rate: float = 100.0
    inbound_rate: float = 200.0
    proxies: int = 0
    identity_key: str | None = None
    warehouse: Warehouse | None = None
    memory_limit: str = "2GiB"
    page_seconds: float = 1.2

    @property
    def identity(self) -> IdentityKey:
        """The key that aliases are hashed with."""
        return IdentityKey.derived(self.identity_key or self.secret_key)

    @property
    def ahead(self) -> bool:
        """Whether figures are computed in the background, before and while pages ask for them."""
        return self.background and self.page_seconds > 0

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read ``TRUELIFT_HOME``, ``DATABASE_URL``, ``TRUELIFT_SECRET_KEY`` and the rest.

        Without ``DATABASE_URL`` the service is *embedded*: it makes its own secret the first
        time and keeps it in its folder.

        Raises:
            SettingsRefused: If a server on its own database has no secret, or a short one, or
                another setting is not what it should be.
        """
        home = Path(environ.get("TRUELIFT_HOME", "var")).resolve()
        home.mkdir(parents=True, exist_ok=True)
        database_url = environ.get("DATABASE_URL", "")
        secret = environ.get("TRUELIFT_SECRET_KEY", "")
        if not secret and not database_url:
            secret = _own_secret(home / "secret")
        identity = environ.get("TRUELIFT_IDENTITY_KEY") or None
        _check_length(secret, "TRUELIFT_SECRET_KEY")
        if identity is not None:
            _check_length(identity, "TRUELIFT_IDENTITY_KEY")
        return cls(
            home=home,
            database_url=database_url or f"sqlite:///{home / 'truelift.db'}",
            secret_key=secret,
            public_url=environ.get("TRUELIFT_PUBLIC_URL", cls.public_url),
            background=environ.get("TRUELIFT_BACKGROUND", "1") == "1",
            operator_token=environ.get("TRUELIFT_OPERATOR_TOKEN") or None,
            stream_url=_address(environ, "TRUELIFT_STREAM_URL"),
            client_rate=_number(environ, "TRUELIFT_CLIENT_RATE", cls.client_rate),
            inbound_rate=_number(environ, "TRUELIFT_INBOUND_RATE", cls.inbound_rate),
            proxies=int(_number(environ, "TRUELIFT_PROXIES", cls.proxies)),
            identity_key=identity,
            warehouse=_warehouse(environ),
            memory_limit=_size(environ, "TRUELIFT_MEMORY_LIMIT", cls.memory_limit),
            page_seconds=_number(environ, "TRUELIFT_PAGE_SECONDS", cls.page_seconds),
        )


def _check_length(secret: str, name: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        message = f"{name}: expected at least {SHORTEST_SECRET} characters"
        raise SettingsRefused(message)


def _address(environ: Mapping[str, str], name: str) -> str | None:
    """An address of a server, without the slash at its end."""
    text = environ.get(name, "").rstrip("/")
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        message = f"{name}: expected an address such as https://ab.example.com, got {text!r}"
        raise SettingsRefused(message)
    return text


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    try:
        number = float(text or default)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        message = f"{name}: expected a number from 0 on, got {text!r}"
        raise SettingsRefused(message)
    return number


def _size(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name) or default
    if not is_size(text):
        message = f"{name}: expected a size such as 2GiB or 512MB, got {text!r}"
        raise SettingsRefused(message)
    return text


def _warehouse(environ: Mapping[str, str]) -> Warehouse | None:
    path = environ.get("TRUELIFT_WAREHOUSE", "")
    try:
        return read_warehouse(Path(path)) if path else None
    except Invalid as error:
        message = f"TRUELIFT_WAREHOUSE: {error.field}: {error}"
        raise SettingsRefused(message) from error


def _own_secret(path: Path) -> str:
    """The folder's secret, made the first time; only its owner may read it."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

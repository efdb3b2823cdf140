"""People: their password, their role in a project, their signed-in browsers."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, delete, insert, select

from experiments.access.roles import ROLES
from experiments.errors import Invalid, KeyTaken, TrueliftError
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage.projects import Project
from experiments.storage.tables import memberships, projects, sign_ins, users

SHORTEST_PASSWORD = 10
SIGN_IN_LASTS = timedelta(days=14)
_hasher = PasswordHasher()


class SignInRefused(TrueliftError):
    """Unknown address or wrong password: which of them is not told."""

    template = "this e-mail address and password do not fit together"


@dataclass(frozen=True)
class User:
    """A person who can sign in.

    Attributes:
        id: Number in the database.
        email: Address they sign in with, lower case.
        name: Name on screen.
        language: ``ko``, ``en``, or None for the browser's.
        roles: Their role per project key.
    """

    id: int
    email: str
    name: str
    language: str | None
    roles: dict[str, str]


def create_user(
    db: Connection, *, email: str, name: str, password: str, actor: Actor, now: datetime
) -> User:
    """Create a person without any role yet.

    Raises:
        Invalid: If the address has no @, or the password is too short.
        KeyTaken: If the address is in use.
    """
    email = email.strip().lower()
    if "@" not in email or len(email) > 320:
        raise Invalid(field="email", expected="an e-mail address", got=email)
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            field="password", expected=f"at least {SHORTEST_PASSWORD} characters", got="fewer"
        )
    if db.execute(select(users.c.id).where(users.c.email == email)).first():
        raise KeyTaken(field="email", what="user", key=email)
    statement = insert(users).values(
        email=email, name=name, password_hash=_hasher.hash(password), created_at=now
    )
    row = db.execute(statement.returning(users)).one()
    audit.record(
        db,
        actor=actor,
        project=None,
        action="create",
        object_type="user",
        object_key=email,
        now=now,
    )
    return _user(db, row)


def grant(
    db: Connection, project: Project, user: User, role: str, *, actor: Actor, now: datetime
) -> None:
    """Give a user a role in a project, in place of the one they had.

    Raises:
        Invalid: If there is no such role.
    """
    if role not in ROLES:
        raise Invalid(field="role", expected="one of " + ", ".join(ROLES), got=role)
    mine = (memberships.c.user_id == user.id) & (memberships.c.project_id == project.id)
    db.execute(delete(memberships).where(mine))
    db.execute(insert(memberships).values(user_id=user.id, project_id=project.id, role=role))
    audit.record(
        db, actor=actor, project=project, action="grant", object_type="user",
        object_key=user.email, after={"role": role}, now=now,
    )  # fmt: skip


def any_user(db: Connection) -> bool:
    """Whether anybody can sign in yet."""
    return db.execute(select(users.c.id).limit(1)).first() is not None


def sign_in(db: Connection, email: str, password: str, *, now: datetime) -> str:
    """Check the password and open a sign-in.

    Returns:
        The token the browser keeps; only its hash is stored.

    Raises:
        SignInRefused: Whatever was wrong, after the same work.
    """
    row = db.execute(select(users).where(users.c.email == email.strip().lower())).first()
    known = row is not None and row.disabled_at is None
    if not _password_fits(row.password_hash if row and known else _decoy(), password) or not known:
        raise SignInRefused
    assert row is not None  # noqa: S101 - narrows a type
    token = secrets.token_urlsafe(32)
    db.execute(delete(sign_ins).where(sign_ins.c.expires_at < now))
    db.execute(
        insert(sign_ins).values(
            user_id=row.id, token_hash=_hash(token), created_at=now, expires_at=now + SIGN_IN_LASTS
        )
    )
    return token


def signed_in(db: Connection, token: str, *, now: datetime) -> User | None:
    """Whose sign-in this token is, if it still holds."""
    statement = (
        select(users)
        .join(sign_ins, sign_ins.c.user_id == users.c.id)
        .where(sign_ins.c.token_hash == _hash(token), sign_ins.c.expires_at > now)
        .where(users.c.disabled_at.is_(None))
    )
    row = db.execute(statement).first()
    return _user(db, row) if row else None


def sign_out(db: Connection, token: str) -> None:
    """End a sign-in; a token that is none is ignored."""
    db.execute(delete(sign_ins).where(sign_ins.c.token_hash == _hash(token)))


def _user(db: Connection, row: Row[tuple[object, ...]]) -> User:
    statement = (
        select(projects.c.key, memberships.c.role)
        .join(memberships, memberships.c.project_id == projects.c.id)
        .where(memberships.c.user_id == row.id)
        .order_by(projects.c.key)
    )
    roles = {key: role for key, role in db.execute(statement)}  # noqa: C416 - rows, not pairs
    return User(row.id, row.email, row.name, row.language, roles)


def _password_fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """A hash to check against where there is no user, so that both take the same time."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

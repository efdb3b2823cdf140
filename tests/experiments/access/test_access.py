"""Users and keys: what is stored, what opens, what is refused."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from experiments.access import keys, users
from experiments.errors import Invalid, KeyTaken, NotFound
from experiments.operations.audit import Actor
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import api_keys, audit, sign_ins
from experiments.storage.tables import users as user_rows

PASSWORD = "a long password"


@pytest.fixture
def user(database: Database, project: Project, actor: Actor, now: datetime) -> users.User:
    with database.transaction() as db:
        made = users.create_user(
            db, email="Minji@Example.com", name="민지", password=PASSWORD, actor=actor, now=now
        )
        users.grant(db, project, made, "marketer", actor=actor, now=now)
    return made


def test_a_user_signs_in_until_signed_out(
    database: Database, user: users.User, now: datetime
) -> None:
    with database.transaction() as db:
        token = users.sign_in(db, "minji@example.com", PASSWORD, now=now)
        found = users.signed_in(db, token, now=now)
        assert found is not None
        assert found.roles == {"shop": "marketer"}
        assert users.signed_in(db, token, now=now + users.SIGN_IN_LASTS) is None
        users.sign_out(db, token)
        assert users.signed_in(db, token, now=now) is None


@pytest.mark.parametrize(
    ("email", "password"), [("minji@example.com", "wrong"), ("other@example.com", PASSWORD)]
)
def test_wrong_credentials_are_refused_alike(
    database: Database, user: users.User, now: datetime, email: str, password: str
) -> None:
    with database.transaction() as db, pytest.raises(users.SignInRefused, match="do not fit"):
        users.sign_in(db, email, password, now=now)


def test_neither_password_nor_token_is_stored(
    database: Database, user: users.User, now: datetime
) -> None:
    with database.transaction() as db:
        token = users.sign_in(db, user.email, PASSWORD, now=now)
        stored = str([db.execute(select(table)).all() for table in (user_rows, sign_ins)])
    assert PASSWORD not in stored
    assert token not in stored


def test_an_address_is_taken_once(
    database: Database, user: users.User, actor: Actor, now: datetime
) -> None:
    with database.transaction() as db, pytest.raises(KeyTaken):
        users.create_user(
            db, email="minji@example.com", name="", password=PASSWORD, actor=actor, now=now
        )


@pytest.mark.parametrize(("field", "value"), [("email", "minji"), ("password", "short")])
def test_a_bad_user_names_the_field(
    sqlite_database: Database, actor: Actor, now: datetime, field: str, value: str
) -> None:
    good = {"email": "a@example.com", "name": "A", "password": PASSWORD}
    with sqlite_database.transaction() as db, pytest.raises(Invalid) as refusal:
        users.create_user(db, **{**good, field: value}, actor=actor, now=now)
    assert refusal.value.field == field


def test_an_unknown_role_is_refused(
    database: Database, project: Project, user: users.User, actor: Actor, now: datetime
) -> None:
    with database.transaction() as db, pytest.raises(Invalid):
        users.grant(db, project, user, "owner", actor=actor, now=now)


def test_a_secret_key_opens_and_is_stored_as_a_hash(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    with database.transaction() as db:
        text = keys.create_secret_key(
            db, project, name="app", scopes=["assign"], actor=actor, now=now
        )
        (stored,) = keys.list_keys(db, project)
        rows = str([db.execute(select(table)).all() for table in (api_keys, audit)])
        assert current_version(db) == 2
    presented = keys.PresentedKey.parse(text)
    assert presented is not None
    assert presented.opens(stored)
    assert not keys.PresentedKey(presented.public_id, "guess").opens(stored)
    assert presented.secret not in rows


def test_a_revoked_or_expired_key_holds_no_more(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    with database.transaction() as db:
        keys.create_secret_key(
            db, project, name="a", scopes=["read"], actor=actor, now=now, expires_at=later
        )
        (stored,) = keys.list_keys(db)
        assert stored.holds(now)
        assert not stored.holds(later)
        keys.revoke_key(db, project, stored.public_id, actor=actor, now=now)
        (revoked,) = keys.list_keys(db)
    assert not revoked.holds(now)


def test_a_client_key_has_no_secret(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    with database.transaction() as db:
        text = keys.create_client_key(db, project, name="app", actor=actor, now=now)
        (stored,) = keys.list_keys(db, project)
    assert (stored.public_id, stored.secret_hash, stored.scopes) == (text, None, frozenset())


def test_bad_keys_are_refused(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    assert keys.PresentedKey.parse("something else") is None
    with database.transaction() as db:
        with pytest.raises(Invalid):
            keys.create_secret_key(db, project, name="a", scopes=["write"], actor=actor, now=now)
        with pytest.raises(NotFound):
            keys.revoke_key(db, project, "nobody", actor=actor, now=now)

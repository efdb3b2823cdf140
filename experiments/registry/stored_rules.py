"""A project's rules about sending: every revision is kept, the last one holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from experiments.errors import StaleRevision
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.registry.sending_rules import (
    SendingRule,
    SendingTerms,
    check_rules,
    rule_of,
    shipped_rules,
    written,
)
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import sending_rules


@dataclass(frozen=True)
class StoredRules:
    """The rules of a project.

    Attributes:
        rules: All of them.
        revision: Grows with every change; 0 before the first.
        shipped: Whether they are those that come with the version that runs.
        changed_at: When they were last changed; None before the first change.
        changed_by: Name of the actor.
    """

    rules: tuple[SendingRule, ...]
    revision: int = 0
    shipped: bool = True
    changed_at: datetime | None = None
    changed_by: str | None = None


def rules_of(db: Connection, project: Project, at: datetime | None = None) -> StoredRules:
    """The project's rules, as they are or as they were at a moment."""
    mine = select(sending_rules).where(sending_rules.c.project_id == project.id)
    if at is not None:
        mine = mine.where(sending_rules.c.created_at <= at)
    row = db.execute(mine.order_by(sending_rules.c.revision.desc()).limit(1)).first()
    if row is None:
        return StoredRules(shipped_rules())
    own = shipped_rules() if row.rules is None else tuple(map(rule_of, row.rules))
    return StoredRules(own, row.revision, row.rules is None, row.created_at, row.created_by)


def terms_of(db: Connection, project: Project, at: datetime | None = None) -> SendingTerms:
    """What the project sends under, as it is or as it was at a moment."""
    return SendingTerms(rules_of(db, project, at).rules, project.time_zone)


def replace_rules(db: Connection, rules: Sequence[SendingRule] | None, edit: Edit) -> StoredRules:
    """Replace all rules of the project; None goes back to those that ship.

    Tests that have started are still told of by the rules that held when they did.

    Raises:
        Invalid: If two rules have one key, or there are too many.
        StaleRevision: If they are at another revision than the one seen.
    """
    if rules is not None:
        check_rules(rules)
    before = rules_of(db, edit.project)
    if edit.expected_revision not in {None, before.revision}:
        raise StaleRevision(expected=edit.expected_revision, revision=before.revision)
    row = {
        "project_id": edit.project.id,
        "revision": before.revision + 1,
        "rules": None if rules is None else [written(rule) for rule in rules],
        "created_at": edit.now,
        "created_by": edit.actor.name,
    }
    try:
        with db.begin_nested():
            db.execute(insert(sending_rules).values(row))
    except IntegrityError as error:
        # Somebody else wrote the same revision meanwhile.
        raise StaleRevision(expected=before.revision, revision=before.revision + 1) from error
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action="sending_rules.replace",
        object_type="sending_rules",
        object_key=edit.project.key,
        before=_told(before),
        after=_told(rules_of(db, edit.project)),
        now=edit.now,
    )
    configuration.bump(db)
    return rules_of(db, edit.project)


def _told(stored: StoredRules) -> object:
    return {"revision": stored.revision, "rules": [written(rule) for rule in stored.rules]}

"""The audit trail: who changed what, in the transaction of the change itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from experiments.storage.projects import Project
from experiments.storage.tables import audit


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        name: A user's e-mail address, ``key:<id>``, or ``system``.
        request_id: Of the HTTP request, if one.
    """

    name: str
    request_id: str | None = None


SYSTEM = Actor("system")


def record(
    db: Connection,
    *,
    actor: Actor,
    project: Project | None,
    action: str,
    object_type: str,
    object_key: str,
    now: datetime,
    before: Any = None,
    after: Any = None,
) -> None:
    """Write one row of the trail; ``before`` and ``after`` are JSON-able."""
    db.execute(
        insert(audit).values(
            project_id=project.id if project else None,
            at=now,
            actor=actor.name,
            action=action,
            object_type=object_type,
            object_key=object_key,
            before=before,
            after=after,
            request_id=actor.request_id,
        )
    )

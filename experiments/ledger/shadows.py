"""Shadows: facts from elsewhere that met, under their id, a fact that came with an import.

Should that import be withdrawn, they are what was said. Facts that meet one of the same
import, or one that came with none, leave no shadow: nothing ever takes that one away.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert

from experiments.ledger.resolve import Resolved
from experiments.storage.projects import Project
from experiments.storage.tables import shadows


def keep_shadows(
    db: Connection,
    project: Project,
    met: Iterable[tuple[Resolved, str, int]],
    *,
    received_at: int,
    import_id: int | None,
) -> None:
    """Keep facts whole, in their order.

    Args:
        db: In the transaction that found them to be known.
        project: Whose facts they are.
        met: Each fact, what became of it (duplicate or conflict), and the import whose fact
            stands.
        received_at: Microseconds since 1970.
        import_id: Of the import that they came with.
    """
    rows = [
        {
            "project_id": project.id,
            "source_id": fact.source_id,
            "standing_import_id": standing,
            "import_id": import_id,
            "received_at": received_at,
            "outcome": outcome,
            "unit_id": fact.unit_id,
            "alias": getattr(fact, "alias", None),
            "fact_row": fact_row(fact),
        }
        for fact, outcome, standing in met
    ]
    if rows:
        db.execute(insert(shadows), rows)


def fact_row(fact: Resolved) -> dict[str, Any]:
    """The fact as JSON: the columns of its row by name, the digest in hexadecimal."""
    return fact._asdict() | {"digest": fact.digest.hex()}


def fact_of(row: Mapping[str, Any]) -> Resolved:
    """The fact that :func:`fact_row` was given."""
    return Resolved(**{**row, "digest": bytes.fromhex(row["digest"])})

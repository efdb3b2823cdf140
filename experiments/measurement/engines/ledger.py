"""The ledger's own tables on PostgreSQL, read without a replica."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from experiments.measurement.engines.contract import TableFacts
from experiments.measurement.engines.postgresql import connected, quoted
from experiments.measurement.ledger_rows import read_head
from experiments.measurement.manifest import PLURALS
from experiments.measurement.segments import SCHEMAS
from experiments.measurement.session import Session, session_over
from experiments.storage.database import Database

_WIDER = {"import_id": "bigint", "experiment_id": "bigint", "properties": "text"}
_COUNTED = """
SELECT fact, COUNT(*), COUNT(alias) FROM ledger
WHERE project_id = {project_id} AND position <= {position}
  AND (alias IS NOT NULL OR fact = 'withdrawal')
GROUP BY fact"""


@contextmanager
def open_ledger(database: Database, project_id: int) -> Iterator[Session]:
    """A session on one project's facts, as the database has them now.

    Args:
        database: On PostgreSQL.
        project_id: Whose facts.

    Raises:
        EngineUnreachable: If the server does not answer.
        LedgerBusy: If a long write hides the ledger's end.
        DatabaseUnavailable: If the database does not answer.
    """
    head = read_head(database, 0)
    url = database.engine.url.set(drivername="postgresql")
    with connected(url.render_as_string(hide_password=False)) as engine:
        preamble = [engine.define(_view(fact, project_id, head.position)) for fact in PLURALS]
        counted = engine.execute(
            _COUNTED.format(project_id=project_id, position=head.position).strip()
        )
        facts = TableFacts(
            head.ledger_identity,
            head.position,
            {fact: rows for fact, rows, _ in counted},
            {fact: aliased for fact, _, aliased in counted},
        )
        yield session_over(Session(facts, project_id, engine, preamble=tuple(preamble)))


def _view(fact: str, project_id: int, position: int) -> str:
    columns = ",\n  ".join(_column(field) for field in SCHEMAS[fact])
    return f"""CREATE TEMPORARY VIEW {quoted(PLURALS[fact])} AS
SELECT
  {columns}
FROM ledger
WHERE project_id = {project_id} AND fact = '{fact}' AND position <= {position}"""  # noqa: S608 - our own names and numbers


def _column(field: Any) -> str:
    name = quoted(field.name)
    found = f"CAST({name} AS {_WIDER[field.name]})" if field.name in _WIDER else name
    if str(field.type) == "string":
        found = f'{found} COLLATE "C"'
    return f"{found} AS {name}"

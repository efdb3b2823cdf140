"""The replica's Parquet files, read by Spark: they have to lie where its workers can read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from experiments.measurement.engines.contract import TableFacts
from experiments.measurement.engines.spark import connected, show
from experiments.measurement.manifest import PLURALS
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import SCHEMAS
from experiments.measurement.session import Session, session_over


@contextmanager
def open_replica_on_spark(
    state: ReplicaState, project_id: int, address: str, settings: Mapping[str, str] | None = None
) -> Iterator[Session]:
    """A session on one project's facts at the replica's position.

    Args:
        state: Of the replica.
        project_id: Whose facts.
        address: As :func:`experiments.measurement.engines.spark.connected` takes it.
        settings: Of Spark.

    Raises:
        EngineUnreachable: If no Spark answers.
        EngineRefused: If it cannot read the files.
    """
    with connected(address, dict(settings or {})) as engine:
        for fact, schema in SCHEMAS.items():
            show(engine, PLURALS[fact], schema, state.files(project_id, fact))
        facts = TableFacts(
            state.ledger_identity,
            state.position,
            {fact: state.rows(project_id, fact) for fact in SCHEMAS},
            {fact: state.aliased(project_id, fact) for fact in SCHEMAS},
        )
        yield session_over(Session(facts, project_id, engine))

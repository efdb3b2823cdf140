"""A session on the user's own engine, for reports: one function opens it, whichever it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from experiments.errors import Invalid
from experiments.measurement.engines import postgresql, spark
from experiments.measurement.engines.contract import TableFacts
from experiments.measurement.engines.errors import EngineRefused, RowsIncomplete, TableMissing
from experiments.measurement.engines.ledger import open_ledger
from experiments.measurement.engines.mapping import TYPES, Spelling, mapped_select
from experiments.measurement.engines.postgresql import PostgresEngine
from experiments.measurement.engines.replica_on_spark import open_replica_on_spark
from experiments.measurement.engines.spark import SparkEngine
from experiments.measurement.engines.spellings import POSTGRESQL, SPARK
from experiments.measurement.engines.warehouse import MappedTable, Place
from experiments.measurement.manifest import PLURALS
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import SCHEMAS
from experiments.measurement.session import Session, session_over

Owned = PostgresEngine | SparkEngine
# What every row needs; of an exposure its variant too, and of either the time of arrival.
_NEEDED = ("source_id", "unit_id", "type", "occurred_at", "received_at")
_ONCE = ("received_at", "occurred_at", "unit_id", "type")


@contextmanager
def open_source(place: Place, state: ReplicaState, project_id: int) -> Iterator[Session]:
    """Open a session on the facts of one project, where its warehouse has them.

    Args:
        place: The warehouse.
        state: Of the replica, for a Spark that reads its files.
        project_id: The warehouse's project.

    Raises:
        EngineUnreachable: If the engine cannot be reached; nothing stands in its place.
        EngineRefused: If it does not run what it is asked.
        TableMissing, ColumnMissing, ColumnUnfit, RowsIncomplete: If the tables are not as
            they are mapped, with the field of the file.
        Invalid: If the ledger's own tables are meant, and are on another database.
    """
    warehouse = place.warehouse
    if state.earlier:
        cause = "its tables are not kept as they were at an earlier position"
        raise EngineRefused(engine=warehouse.engine, cause=cause)
    with ExitStack() as stack:
        if warehouse.tables:
            yield stack.enter_context(_mapped(place, project_id))
        elif warehouse.engine == "spark":
            yield stack.enter_context(
                open_replica_on_spark(state, project_id, warehouse.address, warehouse.settings)
            )
        else:
            if place.database.dialect != "postgresql":
                expected = "exposures and events, or a ledger on PostgreSQL"
                raise Invalid(field="exposures", expected=expected, got=place.database.dialect)
            yield stack.enter_context(open_ledger(place.database, project_id))


@contextmanager
def _mapped(place: Place, project_id: int) -> Iterator[Session]:
    warehouse = place.warehouse
    with ExitStack() as stack:
        engine: Owned
        if warehouse.engine == "spark":
            engine = stack.enter_context(
                spark.connected(warehouse.address, dict(warehouse.settings))
            )
            spelling = SPARK
        else:
            engine = stack.enter_context(postgresql.connected(warehouse.address))
            spelling = POSTGRESQL
        yield _session(engine, spelling, place, project_id)


def _session(engine: Owned, spelling: Spelling, place: Place, project_id: int) -> Session:
    position, preamble = 0, []
    repeats: dict[tuple[str, str, str], int] = {}
    selects: dict[str, list[str]] = {fact: [] for fact in PLURALS}
    tests = place.experiments(project_id)
    for mapped in place.warehouse.tables:
        select = mapped_select(mapped, _types(engine, spelling, mapped), spelling, tests)
        last, twice = _checked(engine, mapped, select)
        position, repeats = max(position, last), _added(repeats, twice)
        selects[mapped.fact].append(select)
    whole = all(each.unique for each in place.warehouse.tables)
    for fact, name in PLURALS.items():
        rows = _united(fact, selects[fact], spelling, unique=whole)
        preamble.append(
            engine.define(f"CREATE OR REPLACE TEMPORARY VIEW {spelling.quoted(name)} AS\n{rows}")
        )
    facts = TableFacts(place.warehouse.identity, position, repeats=repeats)
    return session_over(Session(facts, project_id, engine, preamble=tuple(preamble), types=TYPES))


def _types(engine: Owned, spelling: Spelling, mapped: MappedTable) -> dict[str, str]:
    table = ".".join(spelling.quoted(part) for part in mapped.table.split("."))
    try:
        return engine.columns(f"SELECT * FROM {table}")  # noqa: S608 - a quoted name
    except EngineRefused as error:
        raise TableMissing(
            field=f"{mapped.path}.table", engine=error.params["engine"], table=mapped.table,
            cause=error.params["cause"],
        ) from error  # fmt: skip


def _checked(
    engine: Owned, mapped: MappedTable, select: str
) -> tuple[int, dict[tuple[str, str, str], int]]:
    """When the last row arrived, and how many have another's id; refuses rows that lack a part."""
    needed = [*_NEEDED, *(["variant"] if mapped.fact == "exposure" else [])]
    lacks = " OR ".join(f"{name} IS NULL" for name in needed)
    found = engine.execute(
        f"""SELECT type, COUNT(*) AS many, COUNT(DISTINCT source_id) AS different,
  SUM(CASE WHEN {lacks} OR unit_id = '' THEN 1 ELSE 0 END) AS lacking, MAX(received_at) AS last
FROM (
{select}
) AS mapped GROUP BY type ORDER BY type"""  # noqa: S608 - names of ours, and the mapping
    )
    lacking = sum(row[3] for row in found)
    if lacking:
        raise RowsIncomplete(field=mapped.path, table=mapped.table, rows=lacking)
    twice = {
        (mapped.fact, type_, "duplicate"): many - different
        for type_, many, different, _, _ in found
        if many > different
    }
    return max((row[4] for row in found), default=0), twice


def _added(
    known: dict[tuple[str, str, str], int], more: Mapping[tuple[str, str, str], int]
) -> dict[tuple[str, str, str], int]:
    return known | {key: known.get(key, 0) + count for key, count in more.items()}


def _united(fact: str, selects: Sequence[str], spelling: Spelling, *, unique: bool) -> str:
    """The rows of all tables of a fact, each id once: the one that arrived first."""
    schema = SCHEMAS[fact]
    if not selects:
        nothing = {"string": spelling.text("NULL"), "int64": "CAST(NULL AS BIGINT)"}
        columns = ", ".join(
            f"{nothing.get(str(each.type), 'FALSE')} AS {spelling.quoted(each.name)}"
            for each in schema
        )
        return f"SELECT {columns} WHERE 1 = 0"
    together = "\nUNION ALL\n".join(selects)
    if unique:
        return together
    names = ", ".join(spelling.quoted(name) for name in schema.names)
    return f"""SELECT {names} FROM (
SELECT united.*, ROW_NUMBER() OVER (PARTITION BY source_id ORDER BY {", ".join(_ONCE)}) AS place
FROM (
{together}
) AS united
) AS numbered WHERE place = 1"""  # noqa: S608 - names of ours, and the mapping

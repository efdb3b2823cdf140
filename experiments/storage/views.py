"""Read-only views for Tableau, Metabase and the like; docs/sql-views.md promises their columns.

A view's name carries the version of the promise: columns are added to ``v1``, never changed
or taken away. A migration that changes a table below drops all views first and creates them
again: neither database alters a table that a view reads.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from experiments.ledger.money import MINOR_UNIT_DECIMALS, NUMBER_DECIMALS

PREFIX = "truelift_v1_"
_DECIMALS = sorted(set(MINOR_UNIT_DECIMALS.values()))


def create_views(db: Connection) -> None:
    """Create every view."""
    for name, query in queries(db.dialect.name):
        db.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop_views(db: Connection) -> None:
    """Drop every view that is there."""
    for name, _ in queries(db.dialect.name):
        db.execute(text(f"DROP VIEW IF EXISTS {name}"))


def queries(dialect: str) -> Iterator[tuple[str, str]]:
    """The views in the order they are created: name, and what it selects.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
    """
    sql = Sqlite() if dialect == "sqlite" else Postgresql()
    yield f"{PREFIX}experiments", _experiments(sql)
    yield f"{PREFIX}kpis", _kpis(sql)
    yield f"{PREFIX}exposures", _exposures(sql)
    yield f"{PREFIX}events", _events(sql)
    yield f"{PREFIX}reports", _reports(sql)


class Postgresql:
    """What PostgreSQL writes in its own way."""

    def member(self, column: str, *path: str) -> str:
        """A member of a JSON column as text."""
        *above, last = path
        way = "".join(f" -> '{name}'" for name in above)
        return f"({column}{way} ->> '{last}')"

    def first(self, column: str, items: str, member: str, where: tuple[str, str]) -> str:
        """A member of the first item of a list in a JSON column that has another one."""
        name, wanted = where
        return (
            f"(SELECT item ->> '{member}' FROM json_array_elements({column} -> '{items}') item"  # noqa: S608 - our own
            f" WHERE item ->> '{name}' = {wanted} LIMIT 1)"
        )

    def whole(self, column: str, member: str) -> str:
        """A member of a JSON column as a JSON text."""
        return f"({column} -> '{member}')::text"

    def number(self, written: str) -> str:
        """A text as a number."""
        return f"({written})::numeric"

    def instant(self, column: str) -> str:
        """Microseconds since 1970 as a moment."""
        rest = f"({column} % 1000000) * interval '1 microsecond'"
        return f"to_timestamp({column} / 1000000) + {rest}"

    def divided(self, column: str, divisor: int) -> str:
        """A whole number over another, exactly."""
        return f"({column}::numeric / {divisor})"

    true = "'true'"


class Sqlite:
    """What SQLite writes in its own way."""

    def member(self, column: str, *path: str) -> str:
        """A member of a JSON column as text."""
        return f"json_extract({column}, '$.{'.'.join(path)}')"

    def first(self, column: str, items: str, member: str, where: tuple[str, str]) -> str:
        """A member of the first item of a list in a JSON column that has another one."""
        name, wanted = where
        return (
            f"(SELECT json_extract(item.value, '$.{member}') FROM"  # noqa: S608 - our own words
            f" json_each({column}, '$.{items}') item WHERE"
            f" json_extract(item.value, '$.{name}') = {wanted} LIMIT 1)"
        )

    def whole(self, column: str, member: str) -> str:
        """A member of a JSON column as a JSON text."""
        return f"json_extract({column}, '$.{member}')"

    def number(self, written: str) -> str:
        """A text as a number."""
        return f"CAST({written} AS REAL)"

    def instant(self, column: str) -> str:
        """Microseconds since 1970 as SQLite keeps the moments of the registry: UTC."""
        seconds = f"strftime('%Y-%m-%d %H:%M:%S', {column} / 1000000, 'unixepoch')"
        return f"{seconds} || printf('.%06d', {column} % 1000000)"

    def divided(self, column: str, divisor: int) -> str:
        """A whole number over another, as a floating number."""
        return f"({column} / {divisor}.0)"

    true = "1"


Sql = Postgresql | Sqlite


def _experiments(sql: Sql) -> str:
    def draft(name: str) -> str:
        return sql.member("e.draft", name)

    return f"""
SELECT p.key AS project, e.key AS experiment, {draft("name")} AS name,
  {draft("hypothesis")} AS hypothesis, e.state AS state, {draft("shape")} AS shape,
  {draft("purpose")} AS purpose, {draft("anchor")} AS anchor, {draft("element")} AS element,
  {sql.whole("e.draft", "channels")} AS channels, {draft("allocation")} AS allocation,
  {sql.first("e.draft", "variants", "key", ("control", sql.true))} AS control,
  {sql.whole("e.draft", "variants")} AS variants,
  {sql.first("e.draft", "goals", "kpi", ("role", "'primary'"))} AS primary_kpi,
  {draft("owner")} AS owner, {sql.member("e.decision", "variant")} AS decided_variant,
  e.revision AS revision, e.created_at AS created_at, e.started_at AS started_at,
  e.stopped_at AS stopped_at, {sql.member("e.draft", "adaptive", "batch")} AS shares_follow
FROM experiments e JOIN projects p ON p.id = e.project_id"""  # noqa: S608 - only our own words


def _kpis(sql: Sql) -> str:
    def member(*path: str) -> str:
        return sql.member("v.document", *path)

    newest = "(SELECT max(n.version) FROM kpi_versions n WHERE n.kpi_id = k.id)"
    return f"""
SELECT p.key AS project, k.key AS kpi, v.version AS version,
  v.version = {newest} AS is_latest,
  {member("name", "ko")} AS name_ko, {member("name", "en")} AS name_en,
  {member("kind")} AS kind, {member("formula", "event")} AS event,
  {sql.number(member("formula", "window_hours"))} AS window_hours,
  {member("unit_of_measure")} AS unit_of_measure, {member("currency")} AS currency,
  {member("direction")} AS direction, {member("tier")} AS tier, {member("timing")} AS timing,
  {member("stage")} AS stage, {member("parent")} AS parent, {member("owner")} AS owner,
  {sql.number(member("baseline"))} AS baseline, {member("status")} AS status,
  v.created_at AS created_at
FROM kpi_versions v JOIN kpis k ON k.id = v.kpi_id
  JOIN projects p ON p.id = k.project_id"""  # noqa: S608 - only our own words


def _exposures(sql: Sql) -> str:
    return f"""
SELECT p.key AS project, e.key AS experiment, l.variant AS variant,
  l.expected_variant AS expected_variant, l.type AS type, l.channel AS channel,
  l.suppressed_reason AS suppressed_reason, l.unit_id AS unit_id, l.alias AS alias,
  {sql.instant("l.occurred_at")} AS occurred_at, {sql.instant("l.received_at")} AS received_at,
  {_value(sql)} AS cost, l.value AS cost_scaled, l.currency AS currency,
  l.source_id AS source_id, l.import_id AS import_id, l.position AS position
{_standing("exposure")}"""


def _events(sql: Sql) -> str:
    return f"""
SELECT p.key AS project, l.type AS event, l.unit_id AS unit_id, l.alias AS alias,
  e.key AS experiment, l.channel AS channel,
  {sql.instant("l.occurred_at")} AS occurred_at, {sql.instant("l.received_at")} AS received_at,
  {_value(sql)} AS value, l.value AS value_scaled, l.currency AS currency,
  l.machine AS machine, CAST(l.properties AS TEXT) AS properties,
  l.source_id AS source_id, l.import_id AS import_id, l.position AS position
{_standing("event")}"""


def _reports(sql: Sql) -> str:
    def member(*path: str) -> str:
        return sql.member("r.summary", *path)

    return f"""
SELECT p.key AS project, e.key AS experiment, r.public_id AS report, r.occasion AS occasion,
  {member("state")} AS verdict, {member("variant")} AS variant,
  {member("headline", "ko")} AS headline_ko, {member("headline", "en")} AS headline_en,
  r.as_of AS as_of, r.ledger_position AS ledger_position,
  r.experiment_revision AS experiment_revision, r.code_version AS code_version,
  r.digest AS digest, r.created_at AS created_at, r.created_by AS created_by
FROM reports r JOIN experiments e ON e.id = r.experiment_id
  JOIN projects p ON p.id = r.project_id"""  # noqa: S608 - only our own words


def _standing(fact: str) -> str:
    """Facts of one kind that count: those of withdrawn imports do not."""
    return f"""FROM ledger l JOIN projects p ON p.id = l.project_id
  LEFT JOIN experiments e ON e.id = l.experiment_id
  LEFT JOIN imports i ON i.id = l.import_id
WHERE l.fact = '{fact}' AND (i.id IS NULL OR i.state NOT IN ('withdrawing', 'withdrawn'))"""


def _value(sql: Sql) -> str:
    """The value in units of its currency; without one, the number itself."""
    cases = [f"WHEN l.currency IS NULL THEN {sql.divided('l.value', 10**NUMBER_DECIMALS)}"]
    for decimals in _DECIMALS:
        codes = [code for code, found in MINOR_UNIT_DECIMALS.items() if found == decimals]
        listed = ", ".join(f"'{code}'" for code in sorted(codes))
        if decimals != 2:
            divided = sql.divided("l.value", 10**decimals)
            cases.append(f"WHEN l.currency IN ({listed}) THEN {divided}")
    return f"CASE {' '.join(cases)} ELSE {sql.divided('l.value', 100)} END"

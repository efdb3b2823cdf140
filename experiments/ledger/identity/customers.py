"""Whose an exposure is, as an expression of the database: for caps and look-ups.

The rule is that of reports (:mod:`experiments.measurement.identity`); merges are followed by
:func:`merged`, and only where it is asked for.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
)

from experiments.ledger.identity.alias import MERGED
from experiments.ledger.identity.lookup import MERGES_FOLLOWED
from experiments.storage.projects import Project
from experiments.storage.tables import ledger


def names_aliases(db: Connection, project_id: int) -> bool:
    """Whether a project has facts with aliases at all; most have none."""
    query = select(ledger.c.position).where(
        ledger.c.project_id == project_id, ledger.c.alias.is_not(None)
    )
    return db.execute(query.limit(1)).first() is not None


def names_merges(db: Connection, project_id: int) -> bool:
    """Whether units of a project ever became others."""
    query = select(ledger.c.position).where(
        ledger.c.project_id == project_id,
        ledger.c.fact == literal_column("'alias'"),
        ledger.c.type == MERGED,
    )
    return db.execute(query.limit(1)).first() is not None


def merged(met: Subquery) -> Subquery:
    """The same rows, each of the unit that its unit had become by then; null where nobody can say.

    Args:
        met: With ``unit_id``, ``project_id`` and ``occurred_at`` among its columns.
    """
    for step in range(MERGES_FOLLOWED):
        others = [column for column in met.c if column.name != "unit_id"]
        met = select(_became(met).label("unit_id"), *others).subquery(f"merged_{step}")
    return met


def _became(row: Subquery) -> ColumnElement[str]:
    """The unit since the latest time, or else since the first of all; itself where none."""
    told, begun, first = ledger.alias(), ledger.alias(), ledger.alias()
    name = literal(f"{MERGED}:") + row.c.unit_id

    def of_unit(said: Any) -> ColumnElement[bool]:
        return and_(
            said.c.project_id == row.c.project_id,
            said.c.alias == name,
            said.c.fact == literal_column("'alias'"),
            stands(said),
        )

    since = func.coalesce(
        select(func.max(begun.c.occurred_at))
        .where(of_unit(begun), begun.c.occurred_at <= row.c.occurred_at)
        .correlate(row)
        .scalar_subquery(),
        select(func.min(first.c.occurred_at))
        .where(of_unit(first))
        .correlate(row)
        .scalar_subquery(),
    )
    least, most = func.min(told.c.unit_id), func.max(told.c.unit_id)
    found = select(case((func.count() == 0, row.c.unit_id), (least == most, least))).where(
        of_unit(told), told.c.occurred_at == since
    )
    return found.correlate(row).scalar_subquery()


def customer(row: Any) -> ColumnElement[str]:
    """The unit of a row of the ledger; null where nobody can say.

    Args:
        row: The ledger, or an alias of it.
    """
    return func.coalesce(row.c.unit_id, _named(row))


def stands(row: Any) -> ColumnElement[bool]:
    """Whether the import that a row came with, if any, was not withdrawn."""
    withdrawal = ledger.alias()
    found = exists().where(
        row.c.import_id.is_not(None),
        withdrawal.c.project_id == row.c.project_id,
        withdrawal.c.source_id == literal("withdrawal:") + cast(row.c.import_id, String),
    )
    return ~found.correlate(row)


def aliases_of(db: Connection, project: Project, unit_id: str) -> list[str]:
    """The aliases that were ever said to be a unit's."""
    query = select(ledger.c.alias).where(
        ledger.c.project_id == project.id,
        ledger.c.alias.is_not(None),
        ledger.c.fact == literal_column("'alias'"),
        ledger.c.unit_id == unit_id,
    )
    return list(db.execute(query.distinct()).scalars())


def _named(row: Any) -> ColumnElement[str]:
    """Of the row's alias: the unit since the latest time, or else since the first of all."""
    told, begun, first = ledger.alias(), ledger.alias(), ledger.alias()
    since = func.coalesce(
        select(func.max(begun.c.occurred_at))
        .where(_of_alias(begun, row), begun.c.occurred_at <= row.c.occurred_at)
        .correlate(row)
        .scalar_subquery(),
        select(func.min(first.c.occurred_at))
        .where(_of_alias(first, row))
        .correlate(row)
        .scalar_subquery(),
    )
    least, most = func.min(told.c.unit_id), func.max(told.c.unit_id)
    named = select(case((least == most, least))).where(
        _of_alias(told, row), told.c.occurred_at == since
    )
    return named.correlate(row).scalar_subquery()


def _of_alias(told: Any, row: Any) -> ColumnElement[bool]:
    return and_(
        told.c.project_id == row.c.project_id,
        told.c.alias == row.c.alias,
        told.c.fact == literal_column("'alias'"),
        stands(told),
    )

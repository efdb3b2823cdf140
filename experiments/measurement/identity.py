"""Whose a fact is: found when reading, as a pure function of the ledger.

A fact names its customer as a unit or by an alias. Which unit an alias is, the ledger says
in facts of its own, each from a time on: the latest that was in force when the fact happened
counts, or else the first of all, since what happened before an alias was known belongs to
the same customer. Two units from the same instant on: nobody can say, until a later one.
Then merges, aliases of the kind ``unit``, are followed the same way, at most twice. What an
import brought that was withdrawn counts for nothing, aliases included.

So a fact that came before its alias is released when the alias arrives, and any order of
arrival gives the same. A fact that cannot be placed keeps its row, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanColumn, BooleanValue, StringValue, Table

from experiments.ledger.allocated import OUTSIDE_DATES, TESTER
from experiments.measurement.unit_numbers import HALVES

UNKNOWN = "unknown_identity"
AMBIGUOUS = "ambiguous_identity"
WITHDRAWN = "withdrawn"
# In the order in which they are told.
DOUBTS = (WITHDRAWN, UNKNOWN, AMBIGUOUS)
# Why an exposure counts for nobody, by what stands in place of the variant given.
UNCOUNTED = {TESTER: "test_unit", OUTSIDE_DATES: "outside_dates"}

MERGE = "unit"
MERGES_FOLLOWED = 2
_BEGINNING, _END = -(2**63), 2**63 - 1
_NOBODY = ibis.null("string")


@dataclass(frozen=True)
class Uncertainty:
    """What in a project's facts has to be looked up; nothing in most.

    Attributes:
        aliased: Kinds of fact (``exposure``, ``event``) with customers named by an alias.
        merged: Whether units became others.
        withdrawn: Row ids of the imports that were withdrawn.
    """

    aliased: frozenset[str] = frozenset()
    merged: bool = False
    withdrawn: tuple[int, ...] = ()

    def touches(self, fact: str) -> bool:
        """Whether facts of this kind cannot be taken as they stand."""
        return fact in self.aliased or self.merged or bool(self.withdrawn)


CERTAIN = Uncertainty()


def spans(aliases: Table) -> Table:
    """Which unit each alias is, and when.

    Args:
        aliases: Facts ``alias``, none of them withdrawn.

    Returns:
        Rows of ``key`` (the alias), ``named`` (the unit; null where there are two), ``since``
        and ``until`` (from the one, before the other; microseconds). The first of an alias
        begins at the beginning of time.
    """
    said = aliases.group_by("alias", "occurred_at").aggregate(
        least=aliases.unit_id.min(), most=aliases.unit_id.max()
    )
    in_time = ibis.window(group_by="alias", order_by="occurred_at")
    is_first = ibis.row_number().over(in_time) == 0
    return said.select(
        key=said["alias"],
        named=(said.least == said.most).ifelse(said.least, _NOBODY),
        since=is_first.ifelse(_BEGINNING, said.occurred_at),
        until=said.occurred_at.lead().over(in_time).fill_null(_END),
    )


def units_named(aliases: Table) -> Table:
    """The :func:`spans` of the aliases that are no merges."""
    return spans(aliases.filter(aliases.type != MERGE))


def units_merged(aliases: Table) -> Table:
    """The :func:`spans` of the merges; ``key`` is the unit that was."""
    merged = spans(aliases.filter(aliases.type == MERGE))
    return merged.mutate(key=merged.key.substr(len(MERGE) + 1))


def is_withdrawn(facts: Table, withdrawn: Sequence[int]) -> BooleanValue:
    """Whether each fact came with an import that was withdrawn."""
    if not withdrawn:
        return ibis.literal(False)
    return facts.import_id.isin(tuple(withdrawn)).fill_null(False)


def standing(facts: Table, withdrawn: Sequence[int]) -> Table:
    """The facts without those of withdrawn imports."""
    return facts.filter(~is_withdrawn(facts, withdrawn)) if withdrawn else facts


def whose(
    facts: Table, names: Table | None, merges: Table | None, withdrawn: Sequence[int]
) -> Table:
    """Facts with the unit that each is of.

    Args:
        facts: Exposures or events.
        names: As :func:`units_named` gives; None if no fact names an alias.
        merges: As :func:`units_merged` gives; None if there are none.
        withdrawn: Row ids of imports.

    Returns:
        The columns of the facts, with ``unit_id`` null where nobody can say; ``doubt``: why
        the fact counts for nobody, one of ``DOUBTS``, null where it counts; and where there
        are merges, ``known_as``: the unit before them.
    """
    found = facts.mutate(doubt=_NOBODY)
    if names is not None:
        found = _named(found, names)
    if merges is not None:
        found = found.mutate(known_as=found.unit_id)
        for _ in range(MERGES_FOLLOWED):
            found = _merged(found, merges.view())
    if withdrawn:
        found = found.mutate(doubt=is_withdrawn(found, withdrawn).ifelse(WITHDRAWN, found.doubt))
    return found


def keys_of(rows: Table) -> tuple[str, ...]:
    """The columns that say of which unit each row is: its id, or if there is none, its number."""
    return ("unit_id",) if "unit_id" in rows.columns else HALVES


def certain(facts: Table) -> Table:
    """The facts that count for somebody."""
    if "expected_variant" in facts.columns:
        facts = facts.filter(~uncounted(facts))
    return facts.filter(facts.doubt.isnull()) if "doubt" in facts.columns else facts


def uncounted(exposures: Table) -> BooleanColumn:
    """Whether an exposure counts for nobody.

    That is so of whoever has a variant by hand, to try the test out, and of what happened
    while a test of ours was not running.
    """
    found: BooleanColumn = exposures.expected_variant.isin(UNCOUNTED).fill_null(False)
    return found


def _named(facts: Table, names: Table) -> Table:
    met = facts.left_join(
        names,
        [
            facts["alias"] == names.key,
            facts.occurred_at >= names.since,
            facts.occurred_at < names.until,
        ],
    )
    doubt = ibis.cases(
        (met.unit_id.notnull(), _NOBODY),
        (met.key.isnull(), UNKNOWN),
        (met.named.isnull(), AMBIGUOUS),
        else_=_NOBODY,
    )
    return _placed(met, facts, met.unit_id.coalesce(met.named), doubt)


def _merged(facts: Table, merges: Table) -> Table:
    facts = facts.view()
    met = facts.left_join(
        merges,
        [
            facts.unit_id == merges.key,
            facts.occurred_at >= merges.since,
            facts.occurred_at < merges.until,
        ],
    )
    is_other = met.key.notnull()
    doubt = (is_other & met.named.isnull()).ifelse(AMBIGUOUS, met.doubt)
    return _placed(met, facts, is_other.ifelse(met.named, met.unit_id), doubt)


def _placed(met: Table, facts: Table, unit_id: StringValue, doubt: StringValue) -> Table:
    kept = [name for name in facts.columns if name not in {"unit_id", "doubt"}]
    return met.select(*kept, unit_id=unit_id, doubt=doubt)

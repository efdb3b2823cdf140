"""Whose values new facts may change: those whom the facts are of.

New facts are those above the position that is kept, and those that had not happened at the
moment that is kept. Facts that say who somebody is change whose other facts are: after those,
everything is made anew.
"""

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.measurement.anchors import ANCHOR_TYPES
from experiments.measurement.formula.plan import SENT
from experiments.measurement.session import Session
from experiments.measurement.stored.part import by_number, goes_by_number, of_somebody, short
from experiments.measurement.stored.scripts import Since
from experiments.measurement.stored.sheet import Sheet


def tells_who(session: Session, position: int) -> bool:
    """Whether facts above a position say who somebody is, or take back what was said."""
    state, project_id = session.state, session.project_id
    for fact in ("alias", "withdrawal"):
        if state.rows(project_id, fact):
            facts = session.arrived(fact)
            if session.rows(facts.filter(facts.position > position).limit(1).select("position")):
                return True
    return False


def touched_by(session: Session, sheet: Sheet, since: Since, *, later: bool) -> Table:
    """Rows of ``unit``, the numbers of units that new facts are of, and ``met``.

    Not all of them are in the test, and some have several rows. Of some facts, ``met`` says
    that they are of the test and of its anchor.

    Args:
        session: On the facts.
        sheet: Whose KPIs may change.
        since: What is kept of it.
        later: Whether facts that are known had not happened then, and have now.
    """
    exposures, events = session.exposures, session.events
    if goes_by_number(session, sheet):
        exposures, events = by_number(exposures, "exposure"), by_number(events, "event")
    mine = exposures.experiment_id == sheet.first.experiment_id
    if sheet.counts_messages:
        mine |= exposures.type == SENT
    met = exposures.filter(mine, is_new(exposures, sheet, since, later=later))
    done = events.filter(is_new(events, sheet, since, later=later))
    if sheet.event_types is not None:
        done = done.filter(done.type.isin(tuple(sorted(sheet.event_types))))
    at_anchor = met.type.isin(ANCHOR_TYPES[sheet.first.anchor])
    of_this_test = met.experiment_id == sheet.first.experiment_id
    is_met = (at_anchor & of_this_test).fill_null(False)
    return _units(met, is_met).union(_units(done, ibis.literal(False)))


def is_new(facts: Table, sheet: Sheet, since: Since, *, later: bool) -> BooleanValue:
    """Whether facts are new, and happened up to the sheet's moment."""
    new: BooleanValue = facts.position > since.position
    if later:
        new |= facts.occurred_at > since.as_of
    return new & (facts.occurred_at <= sheet.as_of)


def _units(facts: Table, is_met: BooleanValue) -> Table:
    return facts.filter(of_somebody(facts)).select(unit=short(facts), met=is_met)

"""Which channels a KPI's events and figures came by."""

from sqlalchemy import Connection, select

from experiments.kpis.document import KpiDocument
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from experiments.storage.projects import Project
from experiments.storage.tables import reported_values
from experiments.tracking.narrowed import tracking_of


def channels_of_events(state: ReplicaState, project: Project, document: KpiDocument) -> set[str]:
    """Channels of the events that start a customer's window, or else that are counted.

    Raises:
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    base = tracking_of(document).base
    types = {base.event} if base is not None else set(document.formula.event_types)
    if not types:
        return set()
    with open_session(state, project.id) as session:
        events, exposures = session.arrived("event"), session.arrived("exposure")
        both = events.select("type", "channel").union(exposures.select("type", "channel"))
        named = both.filter(both.type.isin(tuple(sorted(types))), both.channel.notnull())
        return {row["channel"] for row in session.rows(named.select("channel").distinct())}


def channels_of_figures(db: Connection, project: Project, document: KpiDocument) -> set[str]:
    """Channels of the figures that arrive added up."""
    table = reported_values.c
    mine = (table.project_id == project.id) & table.series.in_(document.formula.series)
    query = select(table.channel).where(mine, table.replaced_at.is_(None)).distinct()
    return set(db.execute(query).scalars()) - {""}

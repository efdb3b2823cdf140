"""A report made in order to be kept: with all that it takes to make it again."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from experiments.kpis.catalog import documents_at
from experiments.measurement.replica import Replica
from experiments.reporting.analysis import report_on
from experiments.reporting.asked import check_moment
from experiments.reporting.basis import Basis, basis_of
from experiments.reporting.report import Report
from experiments.reporting.sources import plans_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import ledger, retained_totals


@dataclass(frozen=True)
class Made:
    """A report beside what it was made of.

    Attributes:
        position_digest: Of the ledger's row at the report's position, in hexadecimal digits;
            None where there is no row.
        dropped: Facts that the project had dropped as too old.
    """

    report: Report
    basis: Basis
    position_digest: str | None
    dropped: int


def make_report(
    database: Database,
    replica: Replica,
    project: Project,
    key: str,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> Made:
    """Analyse a test as of now or an earlier moment, and note what the report rests on.

    Raises:
        NotFound: If the project has no such test.
        StillToCome: If ``as_of`` is.
        Unavailable: If the database or the replica does not answer.
    """
    check_moment(as_of, now)
    basis = basis_of(database, project, key, as_of or now)
    state = replica.refresh()
    report = report_on(database, state, basis)
    with database.reading() as db:
        digest, dropped = digest_at(db, state.position), dropped_facts(db, project)
    return Made(report, basis, digest, dropped)


def made_again(database: Database, replica: Replica, basis: Basis, position: int) -> Report:
    """The report on the same basis at the same position, by what is kept now.

    The KPI documents are read by their versions, as they stand in the registry.

    Raises:
        Unavailable: If the database or the replica does not answer.
    """
    registered = basis.registered
    versions = registered.experiment.kpi_versions
    if versions is not None:
        with database.reading() as db:
            documents = documents_at(db, basis.project, versions)
        plans = plans_of(registered.experiment, documents)
        basis = replace(basis, registered=replace(registered, plans=plans))
    return report_on(database, replica.refresh().as_of_position(position), basis)


def digest_at(db: Connection, position: int) -> str | None:
    """The digest of the ledger's row at a position; None where there is none."""
    found = db.execute(select(ledger.c.digest).where(ledger.c.position == position)).scalar()
    return None if found is None else bytes(found).hex()


def dropped_facts(db: Connection, project: Project) -> int:
    """Facts that the project has dropped so far, since they were too old."""
    total = select(func.coalesce(func.sum(retained_totals.c.count), 0))
    return int(db.execute(total.where(retained_totals.c.project_id == project.id)).scalar_one())

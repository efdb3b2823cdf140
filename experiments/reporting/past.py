"""What the project's ended tests found: on that rests what to expect of the next winner.

A test counts with the newest of its kept reports that was made at its planned end, withheld
ones with nothing; won, lost and undecided tests alike, since winners alone would mislead.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from experiments.reporting.prior import PastLift, Prior, prior_of
from experiments.storage.projects import Project
from experiments.storage.tables import reports

# Of the newest reports kept at the end of a test, so many are looked through.
MOST_REPORTS = 1_000


def priors_for(
    db: Connection,
    project: Project,
    experiment_id: int,
    kinds: Iterable[tuple[str, str]],
    as_of: datetime,
) -> tuple[Prior, ...]:
    """The priors of a test's KPIs, from the other tests that had ended by then.

    Args:
        db: For reading.
        project: Whose tests.
        experiment_id: The test that they are for; its own reports do not count.
        kinds: Kind and unit of measure of its KPIs.
        as_of: Reports that look from a later moment do not count.
    """
    past = list(_past(db, project, experiment_id, as_of))
    return tuple(prior_of(kind, unit, past) for kind, unit in sorted(set(kinds)))


def _past(
    db: Connection, project: Project, experiment_id: int, as_of: datetime
) -> Iterator[PastLift]:
    """Of every other test the lifts of its newest report at the end; the newest test first."""
    query = (
        select(reports.c.experiment_id, reports.c.summary)
        .where(
            reports.c.project_id == project.id,
            reports.c.experiment_id != experiment_id,
            reports.c.as_of <= as_of,
            # Tests that run may be kept every hour, and would leave no room for the others.
            reports.c.summary["lifts"].as_string().is_not(None),
        )
        .order_by(reports.c.as_of.desc(), reports.c.id.desc())
        .limit(MOST_REPORTS)
    )
    seen = set()
    for row in db.execute(query):
        if row.experiment_id not in seen:
            seen.add(row.experiment_id)
            yield from (PastLift(**each) for each in row.summary["lifts"])

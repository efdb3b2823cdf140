"""Everything but the facts that a report rests on, as it stood when the report was made.

The same basis at the same ledger position gives the same report. Whatever else an analysis
comes to read of the database belongs here, so that a stored report can be made again.
"""

from dataclasses import dataclass
from datetime import datetime

from experiments.ledger.inbound.pace import pace_rules
from experiments.ledger.repeats import refused_since_erased
from experiments.measurement.scanners import Pace
from experiments.registry import keyed
from experiments.registry.batches import Batch, batches_of
from experiments.registry.catalog import documents_of, get_experiment, warnings_of
from experiments.registry.message_costs import MessageCost, message_costs_of
from experiments.registry.saved_segments import SEGMENT, SavedSegment
from experiments.reporting.asked import EVERYTHING, Asked
from experiments.reporting.past import priors_for
from experiments.reporting.prior import Prior
from experiments.reporting.sources import Registered, plans_of
from experiments.storage.database import Database
from experiments.storage.projects import Project

MOST_SEGMENTS = 50


@dataclass(frozen=True)
class Basis:
    """What the registry and the settings of a project say.

    Attributes:
        registered: The test, its KPI documents, and what was amber at its start.
        as_of: The moment; facts that happened later are not looked at.
        pace: What is taken for a scanner.
        erased: Facts of erased customers that were not taken in.
        costs: Of the project's messages.
        saved: The project's saved segments, the first by key.
        asked: What is wanted besides.
        priors: What lifts of its kinds of KPI usually are, from the project's ended tests.
        batches: Of a test whose shares follow its results.
    """

    project: Project
    registered: Registered
    as_of: datetime
    pace: Pace
    erased: int
    costs: tuple[MessageCost, ...]
    saved: tuple[SavedSegment, ...] = ()
    asked: Asked = EVERYTHING
    priors: tuple[Prior, ...] = ()
    batches: tuple[Batch, ...] = ()


def basis_of(
    database: Database, project: Project, key: str, as_of: datetime, asked: Asked = EVERYTHING
) -> Basis:
    """The basis of a report as of now.

    Raises:
        NotFound: If the project has no such test.
        DatabaseUnavailable: If the database does not answer.
    """
    with database.reading() as db:
        experiment = get_experiment(db, project, key)
        documents = documents_of(db, project, experiment)
        warnings = tuple(warnings_of(db, project, experiment))
        pace, erased = pace_rules(db, project), refused_since_erased(db, project)
        costs = message_costs_of(db, project).costs
        saved = keyed.page(db, SEGMENT, project, None, MOST_SEGMENTS)
        kinds = {(each.kind, each.unit_of_measure) for each in documents.values()}
        priors = priors_for(db, project, experiment.id, kinds, as_of)
        batches = batches_of(db, experiment)
    return Basis(
        project=project,
        registered=Registered(experiment, plans_of(experiment, documents), warnings),
        as_of=as_of,
        pace=Pace(pace.links, pace.seconds),
        erased=erased,
        costs=tuple(costs),
        saved=tuple(saved),
        asked=asked,
        priors=priors,
        batches=batches,
    )

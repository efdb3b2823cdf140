"""The check of a test's tracking: what arrives, and what came back of its test units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from experiments.kpis.document import KpiDocument
from experiments.measurement.replica import Replica
from experiments.measurement.session import open_session
from experiments.measurement.tracking_check import LatelySeen, lately_seen, test_units_seen
from experiments.registry.catalog import documents_of, get_experiment
from experiments.registry.goals import KpiGoal
from experiments.registry.overrides import overrides_of
from experiments.reporting.preflight.lights import (
    LIGHTS,
    KpiLight,
    VariantLight,
    all_green,
    kpi_light,
    variant_light,
)
from experiments.storage.database import Database
from experiments.storage.projects import Project


@dataclass(frozen=True)
class TrackingCheck:
    """Every light, as of a moment."""

    as_of: datetime
    kpis: tuple[KpiLight, ...]
    variants: tuple[VariantLight, ...]

    @property
    def all_green(self) -> bool:
        """Whether every KPI and every variant is green."""
        return all_green(self.kpis, self.variants)


def check_tracking(
    database: Database, replica: Replica, project: Project, key: str, *, now: datetime
) -> TrackingCheck:
    """Check the tracking of a test, at any time of its life.

    Raises:
        NotFound: If the project has no such test.
        Unavailable: If the database or the replica does not answer.
    """
    with database.reading() as db:
        experiment = get_experiment(db, project, key)
        documents = documents_of(db, project, experiment)
        testers = overrides_of(db, experiment)
    draft = experiment.draft
    goals = [goal for goal in draft.goals if goal.kpi in documents]
    types = {each for goal in goals for each in documents[goal.kpi].formula.types_to_report}
    with open_session(replica.refresh(), project.id) as session:
        seen = lately_seen(session, experiment.id, types, now)
        units = list(test_units_seen(session, experiment.id, testers, types).values())
    return TrackingCheck(
        as_of=now,
        kpis=tuple(
            light
            for goal in goals
            if (light := _light_of(goal, documents[goal.kpi], seen, draft.plan.window_hours))
        ),
        variants=tuple(
            variant_light(each.key, each.name, units)
            for each in draft.variants
            if not each.no_message
        ),
    )


def _light_of(
    goal: KpiGoal, kpi: KpiDocument, seen: Mapping[str, LatelySeen], window_hours: int | None
) -> KpiLight | None:
    """The light of the event that stands worst; None of a KPI that counts sends only."""
    hours = window_hours or kpi.formula.longest_hours
    lights = [kpi_light(kpi, goal.role, seen[each], hours) for each in kpi.formula.types_to_report]
    return max(lights, key=lambda light: LIGHTS.index(light.light), default=None)

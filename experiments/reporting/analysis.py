"""From a test's key to its report: measure, compare, check, judge.

The same ledger position, configuration and moment give the same report.
"""

from collections.abc import Iterable
from datetime import datetime

from experiments.errors import Invalid
from experiments.ledger.inbound.pace import pace_rules
from experiments.ledger.repeats import refused_since_erased, repeats_up_to
from experiments.measurement.arrivals import withdrawn_rows
from experiments.measurement.exposures import exposure_counts
from experiments.measurement.measure import Measurement, measure
from experiments.measurement.replica import Replica
from experiments.measurement.scanners import Pace
from experiments.measurement.session import open_session
from experiments.registry.catalog import documents_of, get_experiment, warnings_of
from experiments.registry.experiment import Experiment
from experiments.registry.message_costs import message_costs_of
from experiments.reporting.goals import analyse_goal
from experiments.reporting.quality_facts import KeptOut
from experiments.reporting.report import Report, Timeline
from experiments.reporting.sources import (
    GoalPlan,
    Registered,
    Source,
    identity_of,
    measured_of,
    plans_of,
    provenance_of,
)
from experiments.reporting.timeline import timeline_of
from experiments.reporting.trust import health_of
from experiments.reporting.verdict import Evidence, judge
from experiments.storage.database import Database
from experiments.storage.projects import Project

# In these shapes everybody enters at once: the planned end is when all windows have closed.
AT_ONCE = frozenset({"one_blast", "test_then_rest"})
# Share of the planned customers that must have been met before a blast counts as sent.
WHOLE_LIST = 0.95


def build_report(
    database: Database,
    replica: Replica,
    project: Project,
    key: str,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> Report:
    """Analyse a test as of now, or of an earlier moment.

    Raises:
        NotFound: If the project has no such test.
        Invalid: If ``as_of`` is still to come.
        DatabaseUnavailable: If the ledger does not answer.
    """
    if as_of is not None and as_of > now:
        raise Invalid(field="as_of", expected="a moment that has come", got=as_of.isoformat())
    with database.reading() as db:
        experiment = get_experiment(db, project, key)
        documents = documents_of(db, project, experiment)
        warnings = tuple(warnings_of(db, project, experiment))
    registered = Registered(experiment, plans_of(experiment, documents), warnings)
    state = replica.refresh()
    with database.reading() as db:
        repeats = repeats_up_to(db, project, state.position)
        pace, erased = pace_rules(db, project), refused_since_erased(db, project)
        costs = message_costs_of(db, project).costs
    with open_session(state, project.id) as session:
        kept_out = KeptOut(Pace(pace.links, pace.seconds), withdrawn_rows(session), erased)
        source = Source(session, project, experiment, as_of or now, repeats, kept_out, costs)
        return _analysed(source, registered)


def _analysed(source: Source, registered: Registered) -> Report:
    experiment, plans = registered.experiment, registered.plans
    measurements = [measure(source.session, source.request(plan)) for plan in plans]
    opened = [phase.started_at for phase in experiment.phases]
    met = exposure_counts(source.session, source.population(), opened)
    final = _is_final(experiment, measurements, source.as_of)
    goals = tuple(
        analyse_goal(experiment.draft, plan.reading, measured_of(found, plan, source), final=final)
        for plan, found in zip(plans, measurements, strict=True)
    )
    health = health_of(source, plans, met, measurements, goals)
    evidence = Evidence(
        goals=goals,
        splits=health.splits,
        opens=health.opens or (),
        purpose=experiment.draft.purpose,
        met=sum(met.units.values()),
        final=final,
    )
    return Report(
        **identity_of(experiment),
        as_of=source.as_of,
        final=final,
        verdict=judge(evidence),
        goals=goals,
        health=health,
        warnings=registered.warnings,
        provenance=provenance_of(source, experiment),
        timeline=_timeline(source, plans),
    )


def _timeline(source: Source, plans: tuple[GoalPlan, ...]) -> Timeline | None:
    """The primary KPI by day, where customers enter over days."""
    primary = next((plan for plan in plans if plan.goal.role == "primary"), None)
    draft, zone = source.experiment.draft, source.project.time_zone
    if primary is None or draft.shape in AT_ONCE:
        return None
    return timeline_of(source.session, source.request(primary), draft, zone)


def _is_final(experiment: Experiment, measurements: Iterable[Measurement], as_of: datetime) -> bool:
    """Whether the planned end is reached: nobody is added, and every window has closed.

    A moment before the stop was no end then, whatever came later.
    """
    draft, found = experiment.draft, list(measurements)
    if any(sum(each.immature.values()) for each in found):
        return False
    if experiment.stopped_at is not None and experiment.stopped_at <= as_of:
        return True
    analysed = max((sum(each.analysed.values()) for each in found), default=0)
    wanted = WHOLE_LIST * (draft.plan.units_planned or 0)
    return draft.shape in AT_ONCE and analysed > 0 and analysed >= wanted

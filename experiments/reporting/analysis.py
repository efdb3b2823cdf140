"""From a test's key to its report: measure, compare, check, judge.

The same ledger position, configuration and moment give the same report.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from experiments.ledger.repeats import repeats_up_to
from experiments.measurement.arrivals import withdrawn_rows
from experiments.measurement.exposures import exposure_counts
from experiments.measurement.groups import Cut, measure_cells, properties_met
from experiments.measurement.measure import Measurement
from experiments.measurement.ready_segments import READY
from experiments.measurement.replica import Replica, ReplicaState
from experiments.measurement.session import open_session
from experiments.measurement.stored.measured import measure_stored
from experiments.registry.experiment import Experiment
from experiments.reporting.adaptive.building import adaptive_fact
from experiments.reporting.asked import EVERYTHING, Asked, check_moment
from experiments.reporting.basis import Basis, basis_of
from experiments.reporting.dimensions import segment_asked
from experiments.reporting.goal_building import Course, goals_of
from experiments.reporting.goal_facts import Goal
from experiments.reporting.group_facts import DimensionFact, SegmentRead
from experiments.reporting.looks import first_shown
from experiments.reporting.quality_facts import KeptOut
from experiments.reporting.report import Report, Timeline
from experiments.reporting.rest import AT_ONCE, WHOLE_LIST, with_rest
from experiments.reporting.segmented import segmented
from experiments.reporting.sources import (
    GoalPlan,
    Registered,
    Source,
    identity_of,
    plan_asked,
    provenance_of,
)
from experiments.reporting.timeline import timeline_of
from experiments.reporting.trust import health_of
from experiments.reporting.verdict import Evidence, judge
from experiments.storage.database import Database
from experiments.storage.projects import Project


def build_report(
    database: Database,
    replica: Replica,
    project: Project,
    key: str,
    *,
    now: datetime,
    as_of: datetime | None = None,
    asked: Asked = EVERYTHING,
) -> Report:
    """Analyse a test as of now, or of an earlier moment.

    Raises:
        NotFound: If the project has no such test.
        StillToCome: If ``as_of`` is.
        Invalid: If nothing defines what is asked for.
        DatabaseUnavailable: If the ledger does not answer.
    """
    check_moment(as_of, now)
    basis = basis_of(database, project, key, as_of or now, asked)
    return report_on(database, replica.refresh(), basis)


def report_on(database: Database, state: ReplicaState, basis: Basis) -> Report:
    """Analyse a test at one ledger position, on a given basis.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        DatabaseUnavailable: If the ledger does not answer.
    """
    project, registered = basis.project, basis.registered
    with database.reading() as db:
        repeats = repeats_up_to(db, project, state.position)
    with open_session(state, project.id) as session:
        kept_out = KeptOut(basis.pace, withdrawn_rows(session), basis.erased)
        repeats = {**repeats, **session.repeats}
        source = Source(
            session, project, registered.experiment, basis.as_of, repeats, kept_out, basis.costs
        )
        return _analysed(_narrowed(source, basis), registered, basis)


def _narrowed(source: Source, basis: Basis) -> Source:
    """The facts of the segment that is asked for.

    Raises:
        SegmentUnknown: If nothing defines it.
    """
    key, plans = basis.asked.segment, basis.registered.plans
    if key is None or not plans:
        return source
    saved = {segment.key: segment for segment in basis.saved}
    everybody = source.request(plans[0])
    found = segment_asked(key, saved, lambda: properties_met(source.session, everybody))
    return source.within(found)


def _analysed(source: Source, registered: Registered, basis: Basis) -> Report:
    experiment, plans = registered.experiment, registered.plans
    about = plan_asked(plans, basis.asked.kpi)
    measurements = measure_stored(source.session, [source.request(plan) for plan in plans])
    opened = [phase.started_at for phase in experiment.phases]
    met = exposure_counts(source.session, source.population(), opened)
    final = _is_final(experiment, measurements, source.as_of)
    timeline = _timeline(source, plans)
    looks = () if timeline is None else timeline.looks
    priors = {(each.kind, each.unit): each for each in basis.priors}
    course = Course(final, looks, about, asked=basis.asked.kpi is not None, priors=priors)
    goals = goals_of(source, plans, measurements, course)
    health = health_of(source, plans, met, measurements, goals)
    units = sum(met.units.values())
    evidence = Evidence(
        goals=goals,
        splits=health.splits,
        opens=health.opens or (),
        purpose=experiment.draft.purpose,
        met=units,
        final=final,
        one_segment=source.segment is not None,
        look=first_shown(looks),
    )
    report = Report(
        **identity_of(experiment),
        as_of=source.as_of,
        final=final,
        verdict=judge(evidence),
        goals=goals,
        health=health,
        warnings=registered.warnings,
        provenance=provenance_of(source, plans),
        timeline=timeline,
        segment=_segment(source, goals),
        segments=() if about is None else _segments(source, about, basis, final=final),
        adaptive=adaptive_fact(source, basis.batches, met, plans),
    )
    draft = experiment.draft
    return with_rest(report, draft.plan.units_planned, draft.coverage, units)


def _segment(source: Source, goals: Sequence[Goal]) -> SegmentRead | None:
    if source.segment is None:
        return None
    units = sum(arm.units for goal in goals[:1] for arm in goal.arms)
    return SegmentRead(source.segment.key, source.segment.name, units)


def _segments(
    source: Source, about: GoalPlan, basis: Basis, *, final: bool
) -> tuple[DimensionFact, ...]:
    """Everybody by what was known of them; of one segment there is nothing to tell apart.

    Nothing where shares follow results: groups are compared by samples of all batches.
    """
    if source.segment is not None or source.experiment.draft.adaptive is not None:
        return ()
    cells = measure_cells(source.session, source.request(about), Cut(tuple(READY.values())))
    return segmented(source.experiment.draft, cells, basis.saved, final=final)


def _timeline(source: Source, plans: tuple[GoalPlan, ...]) -> Timeline | None:
    """The primary KPI by day, where customers enter over days."""
    primary = next((plan for plan in plans if plan.goal.role == "primary"), None)
    draft, zone = source.experiment.draft, source.project.time_zone
    if primary is None or draft.shape in AT_ONCE or draft.adaptive is not None:
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
    wanted = WHOLE_LIST * float((draft.plan.units_planned or 0) * draft.coverage)
    return draft.shape in AT_ONCE and analysed > 0 and analysed >= wanted

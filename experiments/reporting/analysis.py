"""From a test's key to its report: measure, compare, check, judge.

The same ledger position, configuration and moment give the same report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import tzdata

from experiments import __version__
from experiments.errors import Invalid
from experiments.kpis.document import Formula, KpiDocument
from experiments.kpis.reading import KpiReading
from experiments.ledger.inbound.pace import pace_rules
from experiments.ledger.repeats import refused_since_erased, repeats_up_to
from experiments.measurement.anchors import Population
from experiments.measurement.arrivals import withdrawn_rows
from experiments.measurement.contacts import contact_counts
from experiments.measurement.exposures import ExposureCounts, StageCount, exposure_counts
from experiments.measurement.formula.plan import SENT
from experiments.measurement.measure import Measurement, MeasureRequest, measure
from experiments.measurement.openers import open_counts
from experiments.measurement.replica import Replica
from experiments.measurement.scanners import Pace
from experiments.measurement.session import Session, open_session
from experiments.registry.catalog import documents_of, get_experiment, warnings_of
from experiments.registry.experiment import Experiment, Phase
from experiments.registry.goals import KpiGoal
from experiments.registry.message_costs import MessageCost, message_costs_of
from experiments.registry.preflight import StartWarning
from experiments.reporting.goal_facts import Accounting, Goal
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.health import PhaseCounts, check_splits_by_phase, compare_all_opens
from experiments.reporting.health_facts import Health, OpensFact, Split
from experiments.reporting.quality import Quality
from experiments.reporting.quality_facts import KeptOut, quality_of
from experiments.reporting.report import ROLES, Provenance, Report, Timeline
from experiments.reporting.timeline import timeline_of
from experiments.reporting.verdict import Evidence, judge
from experiments.storage.database import Database
from experiments.storage.projects import Project

# In these shapes everybody enters at once: the planned end is when all windows have closed.
AT_ONCE = frozenset({"one_blast", "test_then_rest"})
# Share of the planned customers that must have been met before a blast counts as sent.
WHOLE_LIST = 0.95


@dataclass(frozen=True)
class GoalPlan:
    """A goal beside the document version it was fixed to."""

    goal: KpiGoal
    document: KpiDocument
    version: int
    window_hours: int

    @property
    def reading(self) -> GoalReading:
        """What the analysis needs of it."""
        kpi = KpiReading.of(self.document)
        return GoalReading(self.goal, kpi, self.version, self.window_hours)


@dataclass(frozen=True)
class Registered:
    """What the registry knows of the test."""

    experiment: Experiment
    plans: tuple[GoalPlan, ...]
    warnings: tuple[StartWarning, ...]


@dataclass(frozen=True)
class Source:
    """Where the facts come from, at one position and one moment.

    Attributes:
        session: On the replica, for all measurements of the report.
        repeats: Facts that no row is kept of, by (fact, type, what became of them).
        kept_out: What the project leaves out, whatever the test.
        costs: Of the project's messages.
    """

    session: Session
    project: Project
    experiment: Experiment
    as_of: datetime
    repeats: Mapping[tuple[str, str, str], int]
    kept_out: KeptOut
    costs: tuple[MessageCost, ...]

    def population(self) -> Population:
        """Everybody whom the test may have met."""
        draft = self.experiment.draft
        return Population(
            project_id=self.project.id,
            experiment_id=self.experiment.id,
            anchor=draft.anchor,
            variants=tuple(variant.key for variant in draft.variants),
            as_of=self.as_of,
            allocation=draft.allocation,
        )

    def request(self, plan: GoalPlan) -> MeasureRequest:
        """What to measure for one goal."""
        whom = vars(self.population())
        return MeasureRequest(
            **whom,
            kpi=plan.document,
            window_hours=plan.window_hours,
            pace=self.kept_out.pace,
            zone=self.project.time_zone,
            costs=self.costs,
        )


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
    registered = Registered(experiment, _plans(experiment, documents), warnings)
    state = replica.refresh()
    with database.reading() as db:
        repeats = repeats_up_to(db, project, state.position)
        pace, erased = pace_rules(db, project), refused_since_erased(db, project)
        costs = message_costs_of(db, project).costs
    with open_session(state, project.id) as session:
        kept_out = KeptOut(Pace(pace.links, pace.seconds), withdrawn_rows(session), erased)
        source = Source(session, project, experiment, as_of or now, repeats, kept_out, costs)
        return _analysed(source, registered)


def _plans(experiment: Experiment, documents: dict[str, KpiDocument]) -> tuple[GoalPlan, ...]:
    draft, versions = experiment.draft, experiment.kpi_versions or {}
    return tuple(
        GoalPlan(
            goal=goal,
            document=documents[goal.kpi],
            version=versions.get(goal.kpi, 0),
            window_hours=draft.plan.window_hours or documents[goal.kpi].formula.longest_hours,
        )
        for goal in sorted(draft.goals, key=lambda goal: ROLES.index(goal.role))
    )


def _analysed(source: Source, registered: Registered) -> Report:
    experiment, plans = registered.experiment, registered.plans
    measurements = [measure(source.session, source.request(plan)) for plan in plans]
    opened = [phase.started_at for phase in experiment.phases]
    met = exposure_counts(source.session, source.population(), opened)
    final = _is_final(experiment, measurements, source.as_of)
    goals = tuple(
        analyse_goal(experiment.draft, plan.reading, _measured(found, plan, source), final=final)
        for plan, found in zip(plans, measurements, strict=True)
    )
    splits = _splits(experiment, met, goals)
    opens = _opens(source, plans)
    evidence = Evidence(
        goals=goals,
        splits=splits,
        opens=opens or (),
        purpose=experiment.draft.purpose,
        met=sum(met.units.values()),
        final=final,
    )
    return Report(
        **_identity(experiment),
        as_of=source.as_of,
        final=final,
        verdict=judge(evidence),
        goals=goals,
        health=replace(
            _health(source, met, measurements, splits, opens),
            quality=_quality(source, plans, met, measurements),
        ),
        warnings=registered.warnings,
        provenance=_provenance(source, experiment),
        timeline=_timeline(source, plans),
    )


def _timeline(source: Source, plans: tuple[GoalPlan, ...]) -> Timeline | None:
    """The primary KPI by day, where customers enter over days."""
    primary = next((plan for plan in plans if plan.goal.role == "primary"), None)
    draft, zone = source.experiment.draft, source.project.time_zone
    if primary is None or draft.shape in AT_ONCE:
        return None
    return timeline_of(source.session, source.request(primary), draft, zone)


def _identity(experiment: Experiment) -> dict[str, Any]:
    draft = experiment.draft
    return {
        "experiment": draft.key,
        "name": draft.name,
        "hypothesis": draft.hypothesis,
        "state": experiment.state,
        "shape": draft.shape,
        "purpose": draft.purpose,
        "anchor": draft.anchor,
        "channels": draft.channels,
        "control": draft.control.key,
        "variants": {variant.key: variant.name for variant in draft.variants},
        "started_at": experiment.started_at,
        "stopped_at": experiment.stopped_at,
    }


def _measured(found: Measurement, plan: GoalPlan, source: Source) -> Measured:
    """The measurement, with the events that no row is kept of among those received."""
    used, again = found.accounting, _not_kept(source, plan.document.formula)
    received = used.received + sum(again.values())
    return Measured(
        samples=found.samples,
        accounting=Accounting(received, used.used, {**used.excluded, **again}, used.late),
        immature=found.immature,
        sql=found.sql,
    )


def _not_kept(source: Source, formula: Formula) -> dict[str, int]:
    """Facts of the formula's types that no row is kept of, by the reason."""
    types = [("event", each) for each in formula.event_types]
    types += [("exposure", SENT)] if SENT in formula.event_types else []
    found = {
        outcome: [
            source.repeats[fact, type_, outcome]
            for fact, type_ in types
            if (fact, type_, outcome) in source.repeats
        ]
        for outcome in ("duplicate", "conflict", "erased")
    }
    return {outcome: sum(counts) for outcome, counts in found.items() if counts}


def _is_final(experiment: Experiment, measurements: Iterable[Measurement], as_of: datetime) -> bool:
    """Whether the planned end is reached: nobody is added, and every window has closed.

    A moment before the stop was no end then, whatever came later.
    """
    draft, found = experiment.draft, list(measurements)
    if any(sum(each.immature.values()) for each in found):
        return False
    if experiment.stopped_at is not None and experiment.stopped_at <= as_of:
        return True
    analysed = max((_units(each) for each in found), default=0)
    wanted = WHOLE_LIST * (draft.plan.units_planned or 0)
    return draft.shape in AT_ONCE and analysed > 0 and analysed >= wanted


def _units(found: Measurement) -> int:
    return sum(found.analysed.values())


def _splits(
    experiment: Experiment, met: ExposureCounts, goals: tuple[Goal, ...]
) -> tuple[Split, ...]:
    weights = [_weights(experiment, phase) for phase in experiment.phases or (None,)]
    counts: list[dict[str, dict[str, int]]] = [{} for _ in weights]
    for count in met.stages:
        at_stage = counts[count.phase - 1].setdefault(count.stage, {})
        at_stage[count.variant] = at_stage.get(count.variant, 0) + _counted(experiment, count)
    phases = [PhaseCounts(each, met_in) for each, met_in in zip(weights, counts, strict=True)]
    return check_splits_by_phase(experiment.draft.anchor, phases, _pooled_rate(goals))


def _counted(experiment: Experiment, count: StageCount) -> int:
    """Customers that the analysis counts too: where Truelift assigns, only as it assigned."""
    if experiment.draft.allocation == "external":
        return count.units
    return count.units - count.mismatched - count.unverified


def _weights(experiment: Experiment, phase: Phase | None) -> dict[str, float]:
    """Planned weights: buckets held where Truelift assigns, else as registered."""
    weights = {variant.key: float(variant.weight) for variant in experiment.draft.variants}
    ranges = phase.ranges if phase else ()
    if not ranges:
        return weights
    return {
        key: float(sum(found.end - found.start for found in ranges if found.variant == key))
        for key in weights
    }


def _pooled_rate(goals: tuple[Goal, ...]) -> float | None:
    rates = [goal for goal in goals if goal.role == "primary" and goal.kind == "proportion"]
    units = sum(arm.units for goal in rates for arm in goal.arms)
    return sum(arm.total for goal in rates for arm in goal.arms) / units if units else None


def _opens(source: Source, plans: tuple[GoalPlan, ...]) -> tuple[OpensFact, ...] | None:
    """Opens three ways, where the primary KPI counts opens."""
    primary = next((plan for plan in plans if plan.goal.role == "primary"), None)
    if primary is None or primary.document.formula.event != "open":
        return None
    draft = source.experiment.draft
    counts = open_counts(source.session, source.request(primary))
    return compare_all_opens(draft.control.key, counts, 1 - float(draft.plan.alpha))


def _health(
    source: Source,
    met: ExposureCounts,
    measurements: list[Measurement],
    splits: tuple[Split, ...],
    opens: tuple[OpensFact, ...] | None,
) -> Health:
    shares = (_mature_share(found) for found in measurements)
    closings = [found.matures_at for found in measurements if found.matures_at is not None]
    return Health(
        splits=splits,
        opens=opens,
        two_variants=met.two_variants,
        other_variant=max((sum(found.mismatched.values()) for found in measurements), default=0),
        duplicates=sum(
            count for (*_, outcome), count in source.repeats.items() if outcome == "duplicate"
        ),
        suppressed={reason: sum(by.values()) for reason, by in met.suppressed.items()},
        last_received_at=met.last_received_at,
        mature_share=min((share for share in shares if share is not None), default=None),
        matures_at=max(closings, default=None),
    )


def _mature_share(found: Measurement) -> float | None:
    analysed, immature = _units(found), sum(found.immature.values())
    return analysed / (analysed + immature) if analysed + immature else None


def _quality(
    source: Source,
    plans: tuple[GoalPlan, ...],
    met: ExposureCounts,
    measurements: list[Measurement],
) -> Quality:
    contacts = contact_counts(source.session, source.request(plans[0])) if plans else {}
    events = [plan.document.formula.event for plan in plans]
    return quality_of(
        control=source.experiment.draft.control.key,
        met=met,
        found=list(zip(events, measurements, strict=True)),
        contacts=contacts,
        kept_out=source.kept_out,
    )


def _provenance(source: Source, experiment: Experiment) -> Provenance:
    return Provenance(
        ledger_identity=source.session.state.ledger_identity,
        ledger_position=source.session.state.position,
        experiment_revision=experiment.revision,
        kpi_versions=experiment.kpi_versions or {},
        code_version=__version__,
        time_zone=source.project.time_zone,
        time_zone_data=tzdata.IANA_VERSION,
        alpha=float(experiment.draft.plan.alpha),
        correction=experiment.draft.plan.correction,
    )

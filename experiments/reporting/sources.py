"""What a report is made from: the test as registered, and the facts at one position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import tzdata

from experiments import __version__
from experiments.errors import Invalid
from experiments.kpis.document import Formula, KpiDocument
from experiments.kpis.reading import KpiReading
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.anchors import Population
from experiments.measurement.formula.plan import SENT
from experiments.measurement.history import HistorySegment
from experiments.measurement.measure import Measurement, MeasureRequest
from experiments.measurement.session import Session
from experiments.registry.experiment import Experiment
from experiments.registry.goals import KpiGoal
from experiments.registry.message_costs import MessageCost
from experiments.registry.preflight import StartWarning
from experiments.reporting.corrections import method_among_variants
from experiments.reporting.goal_facts import Accounting
from experiments.reporting.goal_reading import ALONE, Beside, GoalReading, Measured
from experiments.reporting.quality_facts import KeptOut
from experiments.reporting.report import ROLES, Provenance
from experiments.storage.projects import Project
from stats.segments import LEAST_UNITS


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
        segment: The only customers that are counted; None: everybody.
    """

    session: Session
    project: Project
    experiment: Experiment
    as_of: datetime
    repeats: Mapping[tuple[str, str, str], int]
    kept_out: KeptOut
    costs: tuple[MessageCost, ...]
    segment: HistorySegment | AnchorSegment | None = None

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
        whom = vars(self.population()) | {"segment": self.segment}
        return MeasureRequest(
            **whom,
            kpi=plan.document,
            window_hours=plan.window_hours,
            pace=self.kept_out.pace,
            zone=self.project.time_zone,
            costs=self.costs,
        )

    def within(self, segment: HistorySegment | AnchorSegment | None) -> "Source":
        """The same facts, of these customers only."""
        return replace(self, segment=segment)


def plans_of(experiment: Experiment, documents: dict[str, KpiDocument]) -> tuple[GoalPlan, ...]:
    """The goals beside their documents, in the order of a report."""
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


class KpiNotInTest(Invalid):
    """A report is asked to tell more of a KPI that the test does not have."""

    template = "the test has no KPI {key!r}: it has {known}"


def plan_asked(plans: Sequence[GoalPlan], key: str | None) -> GoalPlan | None:
    """The goal that is told of in depth: the one asked for, else the primary.

    Raises:
        KpiNotInTest: If the test has none of that key.
    """
    if key is None:
        return next((plan for plan in plans if plan.goal.role == "primary"), None)
    for plan in plans:
        if plan.goal.kpi == key:
            return plan
    known = ", ".join(plan.goal.kpi for plan in plans)
    raise KpiNotInTest(field="kpi", key=key, known=known)


def identity_of(experiment: Experiment) -> dict[str, Any]:
    """What the report says of the test itself, by field."""
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


def measured_of(
    found: Measurement, plan: GoalPlan, source: Source, beside: Beside = ALONE
) -> Measured:
    """The measurement, with the events that no row is kept of among those received."""
    used, again = found.accounting, _not_kept(source, plan.document.formula)
    received = used.received + sum(again.values())
    return Measured(
        samples=found.samples,
        accounting=Accounting(received, used.used, {**used.excluded, **again}, used.late),
        immature=found.immature,
        sql=found.sql,
        beside=beside,
        least_units=0 if source.segment is None else LEAST_UNITS,
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


def provenance_of(source: Source, plans: Sequence[GoalPlan]) -> Provenance:
    """What the numbers rest on; the correction is that of the primary KPI."""
    experiment = source.experiment
    kind = next((plan.document.kind for plan in plans if plan.goal.role == "primary"), None)
    return Provenance(
        ledger_identity=source.session.state.ledger_identity,
        ledger_position=source.session.state.position,
        experiment_revision=experiment.revision,
        kpi_versions=experiment.kpi_versions or {},
        code_version=__version__,
        time_zone=source.project.time_zone,
        time_zone_data=tzdata.IANA_VERSION,
        alpha=float(experiment.draft.plan.alpha),
        correction=method_among_variants(experiment.draft, kind),
    )

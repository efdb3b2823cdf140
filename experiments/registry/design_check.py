"""A draft checked as its start would check it, without starting it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from experiments.errors import TrueliftError
from experiments.kpis.document import KpiDocument
from experiments.registry.adaptive import check_adaptive_goals
from experiments.registry.catalog import documents_of, get_experiment
from experiments.registry.experiment import Experiment
from experiments.registry.goals import check_goals
from experiments.registry.preflight import StartWarning, start_refusals, warnings
from experiments.registry.sending_rules import SendingTerms
from experiments.registry.stored_rules import StoredRules, rules_of
from experiments.registry.targeting import check_references, check_slots
from experiments.storage.projects import Project


@dataclass(frozen=True)
class DesignCheck:
    """What a start would meet.

    Attributes:
        experiment: As it stands.
        refusals: Everything that would refuse a start.
        warnings: Everything amber.
        rules: The rules about sending that it was held against.
        zone: Name of the project's time zone, in which local times were read.
    """

    experiment: Experiment
    refusals: tuple[TrueliftError, ...]
    warnings: tuple[StartWarning, ...]
    rules: StoredRules
    zone: str

    @property
    def ready(self) -> bool:
        """Whether nothing would refuse a start."""
        return not self.refusals


def check_design(db: Connection, project: Project, key: str) -> DesignCheck:
    """Check an experiment by the present KPI documents and rules; nothing is changed.

    Raises:
        NotFound: If the project has no such experiment.
    """
    experiment = get_experiment(db, project, key)
    kpis = documents_of(db, project, experiment)
    rules = rules_of(db, project)
    terms = SendingTerms(rules.rules, project.time_zone)
    return DesignCheck(
        experiment,
        tuple(_refusals(db, project, experiment, kpis, terms)),
        tuple(warnings(experiment.draft, kpis, terms)),
        rules,
        project.time_zone,
    )


def _refusals(
    db: Connection,
    project: Project,
    experiment: Experiment,
    kpis: dict[str, KpiDocument],
    terms: SendingTerms,
) -> Iterator[TrueliftError]:
    draft = experiment.draft
    yield from _refusal(lambda: check_goals(draft.goals, draft.channels, kpis))
    yield from _refusal(lambda: check_adaptive_goals(draft.adaptive, draft.goals, kpis))
    yield from start_refusals(draft, kpis, terms)
    yield from _refusal(lambda: check_references(db, project, draft))
    yield from _refusal(lambda: check_slots(db, project, draft))


def _refusal(check: Callable[[], None]) -> Iterator[TrueliftError]:
    try:
        check()
    except TrueliftError as refusal:
        yield refusal

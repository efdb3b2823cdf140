"""The shares of the next batch: Thompson's rule, by the samples of all batches before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from experiments.measurement.exposures import exposure_counts
from experiments.measurement.replica import Replica, ReplicaState
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.measured import measure_stored
from experiments.registry.batches import (
    NO_WINDOW,
    SPLIT_BROKEN,
    TOO_LITTLE,
    Shares,
    check_due,
)
from experiments.registry.catalog import get_experiment
from experiments.registry.experiment import Adaptive, Experiment
from experiments.registry.keyed import Edit
from experiments.registry.registration import check_revision
from experiments.reporting.basis import Basis, basis_of
from experiments.reporting.families import wanted
from experiments.reporting.quality_facts import KeptOut
from experiments.reporting.sources import GoalPlan, Source
from experiments.reporting.trust import splits_of
from experiments.storage.database import Database
from stats.errors import NotEnoughData
from stats.thompson import plan_batch


def shares_due(
    database: Database, replica: Replica, key: str, edit: Edit
) -> tuple[Experiment, Shares]:
    """What the next batch of a test is to be, and the test as it was when that was read.

    Only customers whose window has closed are looked at; with a window longer than a batch the
    shares lag behind by as much. Nothing is written: whoever opens the batch does that in a
    transaction of its own, for the revision that was read here.

    Raises:
        NotFound: If the project has no such test.
        StaleRevision: If it is at another revision than the one seen.
        Conflict: If it has no batches, does not run, or its present batch lasts on.
        Unavailable: If the database or the replica does not answer.
    """
    with database.reading() as db:
        before = get_experiment(db, edit.project, key)
    check_revision(before, edit.expected_revision)
    check_due(before, edit)
    return _measured(replica, basis_of(database, edit.project, key, edit.now))


def _measured(replica: Replica, basis: Basis) -> tuple[Experiment, Shares]:
    now, project = basis.as_of, basis.project
    experiment = basis.registered.experiment
    primary = next((p for p in basis.registered.plans if p.goal.role == "primary"), None)
    state = replica.refresh()
    if primary is None or experiment.draft.adaptive is None:
        return experiment, _staying(experiment, state, now, TOO_LITTLE)
    with open_session(state, project.id) as session:
        source = _source(session, basis)
        samples = measure_stored(session, [source.request(primary)])[0].samples
        if _is_broken(source):
            return experiment, _staying(experiment, state, now, SPLIT_BROKEN)
    return experiment, _following(experiment, primary, samples, state, now)


def _source(session: Session, basis: Basis) -> Source:
    return Source(
        session=session,
        project=basis.project,
        experiment=basis.registered.experiment,
        as_of=basis.as_of,
        repeats={},
        kept_out=KeptOut(basis.pace, 0, basis.erased),
        costs=basis.costs,
    )


def _is_broken(source: Source) -> bool:
    """Whether customers are missing: what is left must not move the shares."""
    starts = [phase.started_at for phase in source.experiment.phases]
    met = exposure_counts(source.session, source.population(), starts)
    return any(split.broken for split in splits_of(source.experiment, met, ()))


def _following(
    experiment: Experiment,
    primary: GoalPlan,
    samples: Mapping[str, Any],
    state: ReplicaState,
    now: datetime,
) -> Shares:
    """By the results, or as they are where these do not say enough."""
    adaptive = experiment.draft.adaptive or Adaptive()
    units = {key: sample.units for key, sample in samples.items()}
    if not any(units.values()):
        return _staying(experiment, state, now, NO_WINDOW)
    try:
        planned = plan_batch(
            len(experiment.phases) + 1,
            samples,
            floor=adaptive.floor,
            direction=wanted(primary.document.direction),
        )
    except NotEnoughData:
        return _staying(experiment, state, now, TOO_LITTLE, units)
    return Shares(planned.propensities, planned.best, units, None, now, state.position)


def _staying(
    experiment: Experiment,
    state: ReplicaState,
    now: datetime,
    why: str,
    units: Mapping[str, int] | None = None,
) -> Shares:
    nobody = {variant.key: 0 for variant in experiment.draft.variants}
    return Shares(None, None, units or nobody, why, now, state.position)

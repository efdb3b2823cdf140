"""Variants given by hand, so that testers see what they are to test."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from experiments.errors import Invalid
from experiments.registry.catalog import lock_experiment
from experiments.registry.experiment import Experiment
from experiments.registry.keyed import Edit
from experiments.registry.registration import check_revision, save
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, overrides
from experiments.units import check_unit_id

MOST_OVERRIDES = 1_000


def overrides_of(db: Connection, experiment: Experiment) -> dict[str, str]:
    """The variant of each tester, by unit id, in the order of the ids."""
    mine = select(overrides).where(overrides.c.experiment_id == experiment.id)
    return {row.unit_id: row.variant for row in db.execute(mine.order_by(overrides.c.unit_id))}


def set_overrides(db: Connection, key: str, given: Mapping[str, str], edit: Edit) -> Experiment:
    """Give these units these variants, and no others; what testers do is never counted.

    Raises:
        NotFound: If the project has no such experiment.
        StaleRevision: If it is at another revision than the one seen.
        Invalid: Naming the unit whose variant the test does not have, or that is no unit id.
    """
    before = lock_experiment(db, edit.project, key)
    check_revision(before, edit.expected_revision)
    _check(given, [variant.key for variant in before.draft.variants])
    db.execute(delete(overrides).where(overrides.c.experiment_id == before.id))
    common = {"experiment_id": before.id, "created_at": edit.now, "created_by": edit.actor.name}
    rows = [{**common, "unit_id": unit, "variant": variant} for unit, variant in given.items()]
    if rows:
        db.execute(insert(overrides), rows)
    # Testers' ids stay out of the audit trail: it cannot be erased from.
    action = "experiment.set_overrides"
    return save(db, edit.project, action, before, {}, actor=edit.actor, now=edit.now)


def forget_override(db: Connection, project: Project, unit_id: str) -> int:
    """Take a unit's variants away in every test of the project; in how many it had one."""
    mine = select(experiments.c.id).where(experiments.c.project_id == project.id)
    its = (overrides.c.unit_id == unit_id) & overrides.c.experiment_id.in_(mine)
    found = db.execute(delete(overrides).where(its)).rowcount
    if found:
        configuration.bump(db)
    return found


def _check(given: Mapping[str, str], variants: list[str]) -> None:
    if len(given) > MOST_OVERRIDES:
        raise Invalid(field="overrides", expected=f"at most {MOST_OVERRIDES}", got=len(given))
    for unit_id, variant in given.items():
        check_unit_id(unit_id, "overrides")
        if variant not in variants:
            field, expected = f"overrides.{unit_id[:60]}", "one of " + ", ".join(variants)
            raise Invalid(field=field, expected=expected, got=variant)

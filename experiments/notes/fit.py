"""Notes held against their project: tests, variants and KPIs that it has, customers it erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from experiments.errors import Invalid
from experiments.kpis.catalog import documents
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import UnknownExperiment
from experiments.ledger.tombstones import CustomerErased, among, name_of_unit, tombstone
from experiments.notes.note import Note
from experiments.storage.projects import Project


class UnknownKpi(Invalid):
    """A note names a KPI that the project does not have."""

    template = "no KPI {key!r} in this project"


class VariantNotInTest(Invalid):
    """A note names a variant that its test does not have."""

    template = "the test {experiment!r} has no variant {variant!r}; it has {known}"


@dataclass(frozen=True)
class Checks:
    """What a batch of notes is held against."""

    tests: Mapping[str, Any]
    kpis: frozenset[str]
    gone: frozenset[str]

    @classmethod
    def of(
        cls, db: Connection, project: Project, given: Sequence[Note], hasher: AliasHasher
    ) -> "Checks":
        """What these notes name, as far as the project has it."""
        tests = {each.experiment for each in given if each.experiment is not None}
        kpis = {each.kpi for each in given if each.kpi is not None}
        units = {each.unit_id for each in given if each.unit_id is not None}
        stones = {tombstone(hasher, name_of_unit(unit)): unit for unit in units}
        return cls(
            known_experiments(db, project, tests),
            frozenset(documents(db, project, kpis)),
            frozenset(stones[each] for each in among(db, project, stones)),
        )

    def experiment_id(self, note: Note) -> int | None:
        """The row id of the note's test; None of none.

        Raises:
            Invalid: Naming what the project does not have.
        """
        if note.unit_id in self.gone:
            raise CustomerErased(field="unit_id")
        if note.kpi is not None and note.kpi not in self.kpis:
            raise UnknownKpi(field="kpi", key=note.kpi)
        if note.experiment is None:
            return None
        test = self.tests.get(note.experiment)
        if test is None:
            raise UnknownExperiment(field="experiment", key=note.experiment)
        if note.variant is not None and note.variant not in test.variants:
            known = ", ".join(test.variants)
            raise VariantNotInTest(
                field="variant", experiment=note.experiment, variant=note.variant, known=known
            )
        found: int = test.id
        return found

"""A small shop with a test whose facts are made one by one, for reports to be kept of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.store import create_kpi
from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.append import append
from experiments.ledger.facts import read_event, read_exposure
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.measurement.replica import Replica
from experiments.operations.audit import Actor
from experiments.registry.catalog import get_experiment
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.reporting.stored.kept import StoredReport
from experiments.reporting.stored.making import make_report
from experiments.reporting.stored.store import keep
from experiments.reporting.stored.verify import Verification, verify
from experiments.storage.database import Database
from experiments.storage.projects import Project

ACTOR = Actor("minji@example.com")
STARTED = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
KEY = "spring-mail"
HASHER = IdentityKey.derived("k" * 32).hasher("shop")
CLICKS = KpiDocument(
    key="click-rate",
    name=Text("클릭률", "Click rate"),
    kind="proportion",
    formula=Formula("click", "occurrence", 72),
    unit_of_measure="rate",
    source="mail tool",
)
DRAFT = ExperimentDraft(
    key=KEY,
    name="봄 메일",
    hypothesis="질문이 더 눌린다.",
    anchor="sent",
    shape="one_blast",
    channels=("email",),
    allocation="external",
    variants=(
        Variant("a", "A안", Decimal("0.5"), control=True),
        Variant("b", "B안", Decimal("0.5"), control=False),
    ),
    goals=(KpiGoal("click-rate", "primary", minimum_effect=Decimal("0.02")),),
    owner="CRM",
)


@dataclass
class Shop:
    """A project with one running test, its ledger and its replica."""

    database: Database
    project: Project
    folder: Path
    now: datetime = STARTED + timedelta(days=5)

    @property
    def replica(self) -> Replica:
        return Replica(self.folder / "replica", self.database)

    def begin(self) -> None:
        """Register the test and start it."""
        with self.database.transaction() as db:
            create_kpi(db, self.project, CLICKS, actor=ACTOR, now=STARTED)
            register(db, self.project, DRAFT, actor=ACTOR, now=STARTED)
            move(db, self.project, KEY, "start", actor=ACTOR, now=STARTED)

    def send(self, units: Iterable[int]) -> None:
        """Send to customers of these numbers, of whom every third clicks."""
        facts: list[Resolved] = []
        for number in units:
            facts.append(self._sent(f"u{number}", "ab"[number % 2]))
            if number % 3 == 0:
                facts.append(self._clicked(f"u{number}"))
        with self.database.transaction() as db:
            append(db, self.project, facts, received_at=self.now, hasher=HASHER)

    def _sent(self, unit: str, variant: str) -> Resolved:
        item = {
            "source_id": f"x-{unit}", "unit_id": unit, "experiment": KEY, "variant": variant,
            "type": "sent", "channel": "email", "occurred_at": STARTED.isoformat(),
        }  # fmt: skip
        return resolve(read_exposure(item), self._context)

    def _clicked(self, unit: str) -> Resolved:
        at = (STARTED + timedelta(hours=1)).isoformat()
        item = {"source_id": f"c-{unit}", "unit_id": unit, "type": "click", "occurred_at": at}
        return resolve(read_event(item), self._context)

    @property
    def _context(self) -> Context:
        with self.database.reading() as db:
            number = get_experiment(db, self.project, KEY).id
        known = KnownExperiment(number, allocates=False, variants={"a": False, "b": False})
        return Context({KEY: known}, "KRW", HASHER)

    def keep(self, occasion: str = "asked") -> StoredReport:
        """Keep the report as of now."""
        made = make_report(self.database, self.replica, self.project, KEY, now=self.now)
        with self.database.transaction() as db:
            return keep(db, self.project, made, occasion=occasion, actor=ACTOR, now=self.now)

    def verify(self, stored: StoredReport) -> Verification:
        return verify(self.database, self.replica, self.project, stored.public_id)

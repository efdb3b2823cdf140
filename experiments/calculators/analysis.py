"""From figures to a report: compared, checked and judged as a test of the service would be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import tzdata

from experiments import __version__
from experiments.calculators.question import AnalysisQuestion
from experiments.reporting.goal_facts import Accounting, Goal
from experiments.reporting.goals import GoalReading, Measured, analyse_goal
from experiments.reporting.health import check_splits
from experiments.reporting.health_facts import Health, Split
from experiments.reporting.report import Provenance, Report, State, Verdict
from experiments.reporting.verdict import Evidence, judge
from experiments.reporting.wording import Said, say, say_guardrail
from experiments.reporting.wording.names import spoken
from experiments.reporting.wording.phrases import phrase
from experiments.storage.codec import to_document

LANGUAGES = ("ko", "en")
_STAGE = "assigned"
# What to do about a guardrail, by outcome; the gravest first.
_NEXT = {"harmful": "harm.next", "not_shown_safe": "unsafe.next", "safe": "safe.next"}
_NOTHING = Accounting(received=0, used=0, excluded={})


@dataclass(frozen=True)
class Analysis:
    """What the figures say.

    Attributes:
        report: As of a test of the service, with the one KPI.
        question: What was asked.
    """

    report: Report
    question: AnalysisQuestion

    @property
    def goal(self) -> Goal:
        """The KPI, analysed."""
        return self.report.goals[0]

    def said(self, language: str) -> Said:
        """The verdict in ``ko``, or anything else for English."""
        state = self.report.verdict.state
        if self.goal.guardrails and state is not State.SPLIT_BROKEN:
            return _say_guardrails(self.goal, language)
        return say(self.report, language)


def analyse(question: AnalysisQuestion, *, now: datetime) -> Analysis:
    """Analyse a test of which only the figures are known.

    Raises:
        Invalid: Naming the figure that is missing or impossible.
    """
    samples, draft = question.samples(), question.draft()
    reading = GoalReading(question.goal(), question.reading(), version=1, window_hours=0)
    measured = Measured(samples, _NOTHING, immature={}, sql="")
    goal = analyse_goal(draft, reading, measured, final=question.finished)
    units = {variant.key: samples[variant.key].units for variant in question.variants}
    splits = _splits(question, units, goal)
    evidence = Evidence(
        goals=(goal,),
        splits=splits,
        opens=(),
        purpose=question.purpose,
        # Nobody in any variant is a gap to be named, not a test that waits for its records.
        met=max(sum(units.values()), 1),
        final=question.finished,
    )
    report = Report(
        **_identity(question, now),
        final=question.finished,
        verdict=_judge(evidence, goal),
        goals=(goal,),
        health=_health(splits),
        warnings=(),
        provenance=_provenance(question),
    )
    return Analysis(report, question)


def analysis_document(found: Analysis) -> dict[str, Any]:
    """The analysis as a JSON document: values, and the verdict's sentences in both languages."""
    goal = to_document(found.goal)
    for of_the_service in ("kpi", "version", "window_hours", "accounting", "immature", "sql"):
        del goal[of_the_service]
    return {
        "verdict": to_document(found.report.verdict),
        "said": {language: to_document(found.said(language)) for language in LANGUAGES},
        "final": found.report.final,
        "goal": goal,
        "splits": to_document(found.report.health.splits),
        "alpha": found.report.provenance.alpha,
        "correction": found.report.provenance.correction,
        "code_version": found.report.provenance.code_version,
    }


def _splits(question: AnalysisQuestion, units: dict[str, int], goal: Goal) -> tuple[Split, ...]:
    if not question.check_split:
        return ()
    weights = {variant.key: float(variant.weight) for variant in question.variants}
    total = sum(arm.units for arm in goal.arms)
    rate = (
        sum(arm.total for arm in goal.arms) / total if question.unit == "rate" and total else None
    )
    return check_splits("assignment", {_STAGE: units}, weights, rate)


def _judge(evidence: Evidence, goal: Goal) -> Verdict:
    """The verdict; of a guardrail alone, whether it does harm."""
    verdict = judge(evidence)
    if goal.role == "primary" or verdict.state in {State.SPLIT_BROKEN, State.NO_DATA}:
        return verdict
    harmed = tuple(
        (goal.kpi, fact.variant) for fact in goal.guardrails if fact.outcome == "harmful"
    )
    if harmed:
        return Verdict(State.HARMFUL, harmed[0][1], guardrails=harmed)
    return Verdict(State.NO_ANSWER if evidence.final else State.TOO_EARLY)


def _say_guardrails(goal: Goal, language: str) -> Said:
    """Each variant's harm, the worst first, and what to do about that one."""
    worst, *others = sorted(goal.guardrails, key=lambda fact: list(_NEXT).index(fact.outcome))
    headline, *facts = say_guardrail(goal, worst, language)
    rest = [" ".join(say_guardrail(goal, fact, language)) for fact in others]
    next_step = phrase(language, _NEXT[worst.outcome], variant=spoken(worst.name, language))
    return Said(headline, (*facts, *rest), next_step)


def _identity(question: AnalysisQuestion, now: datetime) -> dict[str, Any]:
    draft = question.draft()
    return {
        "experiment": draft.key,
        "name": question.name.en,
        "hypothesis": "",
        "state": "stopped" if question.finished else "running",
        "shape": draft.shape,
        "purpose": draft.purpose,
        "anchor": draft.anchor,
        "channels": draft.channels,
        "control": draft.control.key,
        "variants": {variant.key: variant.name for variant in draft.variants},
        "as_of": now,
        "started_at": now,
        "stopped_at": now if question.finished else None,
    }


def _health(splits: tuple[Split, ...]) -> Health:
    return Health(
        splits=splits,
        opens=None,
        two_variants={},
        other_variant=0,
        suppressed={},
        duplicates=0,
        last_received_at=None,
        mature_share=None,
        matures_at=None,
    )


def _provenance(question: AnalysisQuestion) -> Provenance:
    return Provenance(
        ledger_identity="",
        ledger_position=0,
        experiment_revision=0,
        kpi_versions={},
        code_version=__version__,
        time_zone="UTC",
        time_zone_data=tzdata.IANA_VERSION,
        alpha=float(question.plan.alpha),
        correction=question.plan.correction,
    )

"""Experiment drafts to vary one thing of."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from experiments.registry.experiment import ExperimentDraft, GoalTarget, KpiGoal, Variant

TWO_ARMS = (
    Variant("a", "A안", Decimal("0.5"), control=True),
    Variant("b", "B안", Decimal("0.5"), payload={"subject": "내일 끝나요"}),
)
OPENS = KpiGoal("open", "primary", Decimal("0.01"), GoalTarget(Decimal("0.197")))
UNSUBSCRIBES = KpiGoal("unsubscribe", "guardrail", margin=Decimal("0.001"))


def subject_line(**changes: Any) -> ExperimentDraft:
    """A subject-line test by e-mail, ready to start once its KPIs are there."""
    draft = ExperimentDraft(
        key="subject-line",
        name="3월 제목 테스트",
        hypothesis="a name and a deadline bring more opens",
        anchor="sent",
        shape="one_blast",
        channels=("email",),
        element="subject_line",
        variants=TWO_ARMS,
        goals=(OPENS, UNSUBSCRIBES),
        owner="minji",
    )
    return replace(draft, **changes)

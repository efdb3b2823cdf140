"""What a move requires, checked or refused."""

from collections.abc import Mapping
from datetime import datetime

from experiments.decisions.decision import Reason
from experiments.errors import Conflict, Invalid
from experiments.kpis.document import KpiDocument
from experiments.registry.adaptive import check_adaptive_goals
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.goals import check_goals
from experiments.registry.preflight import start_refusals
from experiments.registry.sending_rules import SendingTerms


class NoStartingTime(Conflict):
    """A scheduled test needs a time to start that is still to come."""

    template = "the schedule needs a starts_at that is still to come"


def check_ready(
    draft: ExperimentDraft,
    kpis: Mapping[str, KpiDocument],
    terms: SendingTerms | None = None,
) -> None:
    """Refuse a start whose result would mean nothing.

    KPI documents may have changed since the registration: the goals are held against
    them once more.

    Args:
        draft: The experiment.
        kpis: The documents that its goals name, by key.
        terms: What its project sends under; the rules that ship where absent.

    Raises:
        StartRefused: The first of the reasons.
        Invalid: If a goal no longer fits its KPI.
    """
    check_goals(draft.goals, draft.channels, kpis)
    check_adaptive_goals(draft.adaptive, draft.goals, kpis)
    for refusal in start_refusals(draft, kpis, terms):
        raise refusal


def check_starting_time(draft: ExperimentDraft, now: datetime) -> None:
    """Refuse a schedule without a time to start, or with one that has gone by.

    Raises:
        NoStartingTime: Naming ``schedule.starts_at``.
    """
    starts_at = draft.schedule.starts_at
    if starts_at is None or starts_at <= now:
        raise NoStartingTime(field="schedule.starts_at")


def check_decided(draft: ExperimentDraft, variant: str | None, reason: object) -> Reason:
    """The reason, if the decision is complete.

    Raises:
        Invalid: If the three lines are missing, or the variant is not one of the test's.
    """
    if not isinstance(reason, Reason):
        raise Invalid(field="reason", expected="three lines: saw, why, next", got=reason)
    keys = [each.key for each in draft.variants]
    if variant is not None and variant not in keys:
        raise Invalid(field="variant", expected="null or one of " + ", ".join(keys), got=variant)
    return reason

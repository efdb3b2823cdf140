"""Tests in a list, each with what its report says in one sentence."""

from dataclasses import dataclass, replace
from datetime import timedelta

from api.auth import caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language, gettext
from api.last_reports import age_said
from api.pages.figures import Figures
from api.pages.verdicts import TONES, tone_of
from api.report_soon import report_soon
from api.runtime import runtime
from api.soon import StillComputing
from experiments.errors import TrueliftError
from experiments.registry.experiment import Experiment
from experiments.reporting.report import Report, State
from experiments.reporting.stored.kept import last_stored
from experiments.reporting.wording import say

REPORTED = ("running", "paused", "stopped", "decided")


@dataclass(frozen=True)
class Summary:
    """A test on one line.

    Attributes:
        title: What the line is known by: the test's name, or its key where the name is said.
        tone: Colour: good, bad, caution, live or quiet.
        fact: The first sentence behind the headline; empty where there is none.
        when: Since when, or until when, in words.
        report: None before the start, and where none can be made now.
        computing: Whether a newer one is on its way.
    """

    experiment: Experiment
    title: str
    tone: str
    headline: str
    fact: str
    next_step: str | None
    when: str
    report: Report | None
    computing: bool = False

    @property
    def waits(self) -> bool:
        """Whether somebody must decide, or look into it."""
        return self.experiment.state == "stopped" or (
            self.report is not None and (self.report.final or self.report.withheld)
        )


def summary(experiment: Experiment, figures: Figures, until: float) -> Summary:
    """What can be said of a test in one sentence; before the start, what comes next.

    Args:
        experiment: As just read.
        figures: Of whoever reads.
        until: How long its report is waited for, as :meth:`api.soon.Soon.until` says.
    """
    if experiment.state not in REPORTED:
        return _without_report(experiment, figures, "quiet", _before(experiment, figures))
    try:
        report = report_soon(experiment, until)
    except StillComputing:
        return _meanwhile(experiment, figures)
    except TrueliftError as refusal:
        return _without_report(experiment, figures, "caution", localised(refusal))
    said = say(report, current_language())
    decision = experiment.decision
    return Summary(
        experiment=experiment,
        title=experiment.draft.name,
        tone=tone_of(report),
        headline=said.headline,
        fact=said.sentences[0] if said.sentences else "",
        next_step=said.next_step if decision is None else decision.reason.next,
        when=_when(experiment, figures),
        report=report,
    )


def plain(experiment: Experiment, figures: Figures) -> Summary:
    """A test without its report, for long lists."""
    draft, tone = experiment.draft, "live" if experiment.state == "running" else "quiet"
    found = _without_report(experiment, figures, tone, draft.name)
    return replace(found, title=draft.key, fact=draft.hypothesis)


def _meanwhile(experiment: Experiment, figures: Figures) -> Summary:
    """What was last kept of it, with its age, while the report is being made."""
    with reading() as db:
        kept = last_stored(db, caller().project, experiment.key)
    if kept is None:
        said = gettext("The figures are being computed.")
        return replace(_without_report(experiment, figures, "quiet", said), computing=True)
    age = max(runtime().clock() - kept.as_of, timedelta(0))
    found = _without_report(
        experiment, figures, TONES[State(kept.state)], kept.headline[current_language()]
    )
    fact = gettext("This verdict is %(age)s old: a new one is being computed.")
    return replace(found, fact=fact % {"age": age_said(age)}, computing=True)


def _without_report(experiment: Experiment, figures: Figures, tone: str, said: str) -> Summary:
    return Summary(
        experiment=experiment,
        title=experiment.draft.name,
        tone=tone,
        headline=said,
        fact="",
        next_step=None,
        when=_when(experiment, figures),
        report=None,
    )


def _before(experiment: Experiment, figures: Figures) -> str:
    starts_at = experiment.draft.schedule.starts_at
    if experiment.state == "scheduled" and starts_at:
        at = figures.short_moment(starts_at)
        return gettext("Starts on {moment}.").format(moment=at)
    return gettext("Not started yet.")


def _when(experiment: Experiment, figures: Figures) -> str:
    if experiment.stopped_at:
        return gettext("ended {day}").format(day=figures.day_of(experiment.stopped_at))
    if experiment.started_at:
        return gettext("since {day}").format(day=figures.day_of(experiment.started_at))
    return gettext("registered {day}").format(day=figures.day_of(experiment.created_at))

"""Tests in a list, each with what its report says in one sentence."""

from dataclasses import dataclass

from api.errors import localised
from api.i18n import current_language, gettext
from api.pages.figures import Figures
from api.pages.verdicts import tone_of
from api.routes.reports import build
from experiments.errors import TrueliftError
from experiments.registry.experiment import Experiment
from experiments.reporting.report import Report
from experiments.reporting.wording import say

REPORTED = ("running", "paused", "stopped", "decided")


@dataclass(frozen=True)
class Summary:
    """A test on one line.

    Attributes:
        tone: Colour: good, bad, caution, live or quiet.
        when: Since when, or until when, in words.
        report: None before the start, and where none can be made now.
    """

    experiment: Experiment
    tone: str
    headline: str
    next_step: str | None
    when: str
    report: Report | None

    @property
    def waits(self) -> bool:
        """Whether somebody must decide, or look into it."""
        return self.experiment.state == "stopped" or (
            self.report is not None and (self.report.final or self.report.withheld)
        )


def summary(experiment: Experiment, figures: Figures) -> Summary:
    """What can be said of a test in one sentence; before the start, what comes next."""
    when = _when(experiment, figures)
    if experiment.state not in REPORTED:
        return Summary(experiment, "quiet", _before(experiment, figures), None, when, None)
    try:
        report = build(experiment.key)
    except TrueliftError as refusal:
        return Summary(experiment, "caution", localised(refusal), None, when, None)
    said = say(report, current_language())
    step = said.next_step if experiment.decision is None else experiment.decision.reason.next
    return Summary(experiment, tone_of(report), said.headline, step, when, report)


def plain(experiment: Experiment, figures: Figures) -> Summary:
    """A test without its report, for long lists."""
    tone = "live" if experiment.state == "running" else "quiet"
    return Summary(experiment, tone, experiment.draft.name, None, _when(experiment, figures), None)


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

"""Home: what needs a decision today, what runs, what ended."""

from flask import Blueprint, render_template

from api.auth import allow, caller
from api.db import reading
from api.i18n import gettext, ngettext
from api.pages.figures import reader_figures
from api.pages.summaries import Summary, summary
from api.runtime import runtime
from experiments.registry.catalog import list_experiments
from experiments.registry.experiment import Experiment

home_page = Blueprint("home_page", __name__)
MOST_READ = 1000
MOST_SHOWN = 12
MOST_ENDED = 5
SHOWN = ("draft", "scheduled", "running", "paused", "stopped", "decided")


@home_page.get("/")
@allow(role="viewer")
def home() -> str:
    """The first page."""
    with reading() as db:
        found = list_experiments(db, caller().project, limit=MOST_READ, states=SHOWN)
    until = runtime().soon.until()
    active = _summaries(found, ("running", "paused", "stopped"), until)
    ended = _summaries(found, ("decided",), until)[:MOST_ENDED]
    waiting = [each for each in active if each.waits]
    return render_template(
        "home.html",
        greeting=_greeting(len(waiting)),
        now=runtime().clock(),
        deciding=waiting,
        running=[each for each in active if not each.waits],
        planned=_summaries(found, ("draft", "scheduled"), until),
        ended=ended,
        computing=any(each.computing for each in (*active, *ended)),
    )


def _summaries(found: list[Experiment], states: tuple[str, ...], until: float) -> list[Summary]:
    """Those in one of the states, the last changed first."""
    chosen = [experiment for experiment in found if experiment.state in states]
    chosen.sort(key=lambda experiment: experiment.updated_at, reverse=True)
    figures = reader_figures()
    return [summary(experiment, figures, until) for experiment in chosen[:MOST_SHOWN]]


def _greeting(waiting: int) -> str:
    if not waiting:
        return gettext("Nothing to decide today")
    sentence = ngettext("{n} test waits for a decision", "{n} tests wait for a decision", waiting)
    return sentence.format(n=waiting)

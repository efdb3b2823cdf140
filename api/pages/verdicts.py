"""How a verdict looks: its colour, and the word above it."""

from api.i18n import gettext
from experiments.reporting.report import Report, State
from experiments.reporting.wording import shown_state

TONES = {
    State.WIN: "good",
    State.LOSS: "bad",
    State.NO_DIFFERENCE: "quiet",
    State.TOO_SMALL: "quiet",
    State.TOO_EARLY: "live",
    State.SPLIT_BROKEN: "caution",
    State.OPENS_UNRELIABLE: "caution",
    State.HARMFUL: "bad",
    State.TRADE_OFF: "caution",
    State.CHOICE: "live",
    State.NO_DATA: "quiet",
    State.NO_ANSWER: "quiet",
    State.ONE_SEGMENT: "quiet",
}


def tone_of(report: Report) -> str:
    """The colour of a verdict: good, bad, caution, live or quiet."""
    return TONES[shown_state(report)]


def standing(report: Report) -> str:
    """The word above the verdict."""
    if report.withheld:
        return gettext("Verdict withheld")
    if shown_state(report) is State.NO_DATA:
        return gettext("No records yet")
    return gettext("Verdict") if report.ended else gettext("So far")

"""The verdict as sentences: one set for every state of the evidence."""

from collections.abc import Callable

from experiments.reporting.report import Report, State
from experiments.reporting.wording.harm import tell_harmful, tell_trade_off
from experiments.reporting.wording.looks import tell_loss_at_look, tell_win_at_look
from experiments.reporting.wording.outcomes import (
    tell_choice,
    tell_loss,
    tell_no_difference,
    tell_too_small,
    tell_win,
)
from experiments.reporting.wording.said import Said
from experiments.reporting.wording.segments import tell_one_segment
from experiments.reporting.wording.telling import Telling
from experiments.reporting.wording.trust import tell_opens_unreliable, tell_split_broken
from experiments.reporting.wording.waiting import tell_no_answer, tell_no_data, tell_too_early

# Said at the planned end only, whatever the numbers look like before.
NEED_THE_END = frozenset(
    {
        State.WIN, State.LOSS, State.NO_DIFFERENCE, State.TOO_SMALL, State.TRADE_OFF, State.CHOICE,
    }
)  # fmt: skip

_TELL: dict[State, Callable[[Telling], Said]] = {
    State.WIN: tell_win,
    State.LOSS: tell_loss,
    State.NO_DIFFERENCE: tell_no_difference,
    State.TOO_SMALL: tell_too_small,
    State.TOO_EARLY: tell_too_early,
    State.SPLIT_BROKEN: tell_split_broken,
    State.OPENS_UNRELIABLE: tell_opens_unreliable,
    State.HARMFUL: tell_harmful,
    State.TRADE_OFF: tell_trade_off,
    State.CHOICE: tell_choice,
    State.NO_DATA: tell_no_data,
    State.NO_ANSWER: tell_no_answer,
    State.ONE_SEGMENT: tell_one_segment,
}

_AT_LOOK: dict[State, Callable[[Telling], Said]] = {
    State.WIN: tell_win_at_look,
    State.LOSS: tell_loss_at_look,
}


def say(report: Report, language: str) -> Said:
    """What the report says first.

    Args:
        report: As analysed.
        language: ``ko``, or anything else for English.
    """
    telling, state = Telling(report, language), shown_state(report)
    if state in _AT_LOOK and not report.final:
        return _AT_LOOK[state](telling)
    return _TELL[state](telling)


def shown_state(report: Report) -> State:
    """The state that may be spoken of: before the planned end nobody has won or lost."""
    state = report.verdict.state
    return State.TOO_EARLY if state in NEED_THE_END and not report.ended else state

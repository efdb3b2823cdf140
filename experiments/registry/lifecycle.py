"""The life of an experiment: one table of legal moves, each with what it requires."""

from dataclasses import dataclass

from experiments.errors import Conflict
from experiments.registry.preflight import StartWarning, start_refusals, warnings

__all__ = [
    "ACTIONS", "MOVES", "IllegalMove", "Move", "NotEditable", "StartWarning", "check_editable",
    "legal_actions", "move_from", "start_refusals", "warnings",
]  # fmt: skip

READY = "ready to start"
STARTING_TIME = "a time to start, still to come"
DECISION = "a decision with its three lines"


@dataclass(frozen=True)
class Move:
    """A step from one state to another.

    Attributes:
        to: State it leads to.
        requires: What must be there: ``READY``, ``STARTING_TIME``, ``DECISION``.
    """

    to: str
    requires: tuple[str, ...] = ()


MOVES: dict[tuple[str, str], Move] = {
    ("draft", "schedule"): Move("scheduled", (READY, STARTING_TIME)),
    ("draft", "start"): Move("running", (READY,)),
    ("draft", "archive"): Move("archived"),
    ("scheduled", "unschedule"): Move("draft"),
    ("scheduled", "start"): Move("running", (READY,)),
    ("running", "pause"): Move("paused"),
    ("running", "stop"): Move("stopped"),
    ("paused", "resume"): Move("running"),
    ("paused", "stop"): Move("stopped"),
    ("stopped", "decide"): Move("decided", (DECISION,)),
    ("decided", "archive"): Move("archived"),
}
"""Every legal move, by the state it starts from and the action."""

ACTIONS = tuple(dict.fromkeys(action for _, action in MOVES))
EDITABLE = ("draft", "scheduled")


class IllegalMove(Conflict):
    """The experiment's state does not allow the action."""

    template = "an experiment that is {state} cannot take the action {action!r}, only: {legal}"


class NotEditable(Conflict):
    """A started experiment never changes silently."""

    template = (
        "an experiment that is {state} cannot be changed: its variants, weights and KPIs "
        "were fixed at the start"
    )


def legal_actions(state: str) -> tuple[str, ...]:
    """What can be done with an experiment in that state.

    Examples:
        >>> legal_actions("running"), legal_actions("archived")
        (('pause', 'stop'), ())
    """
    return tuple(action for start, action in MOVES if start == state)


def move_from(state: str, action: str) -> Move:
    """The move that the action makes from that state.

    Raises:
        IllegalMove: If there is none.

    Examples:
        >>> move_from("draft", "start").to
        'running'
    """
    move = MOVES.get((state, action))
    if move is None:
        legal = ", ".join(legal_actions(state)) or "none"
        raise IllegalMove(field="state", state=state, action=action, legal=legal)
    return move


def check_editable(state: str) -> None:
    """Refuse to change what has started.

    Raises:
        NotEditable: If the experiment is past its start.
    """
    if state not in EDITABLE:
        raise NotEditable(field="state", state=state)

import pytest

from experiments.registry.experiment import STATES
from experiments.registry.lifecycle import (
    ACTIONS,
    MOVES,
    IllegalMove,
    NotEditable,
    check_editable,
    legal_actions,
    move_from,
)


def test_the_table_knows_every_state_and_no_other() -> None:
    met = {start for start, _ in MOVES} | {move.to for move in MOVES.values()}
    assert met == set(STATES)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_move_is_in_the_table_or_refused(state: str, action: str) -> None:
    if action in legal_actions(state):
        assert move_from(state, action) is MOVES[state, action]
    else:
        with pytest.raises(IllegalMove) as refusal:
            move_from(state, action)
        assert refusal.value.params["state"] == state


def test_a_refused_move_says_what_could_be_done() -> None:
    with pytest.raises(IllegalMove, match="'start', only: resume, stop"):
        move_from("paused", "start")
    with pytest.raises(IllegalMove, match="only: none"):
        move_from("archived", "start")


def test_nothing_leads_back_before_the_start() -> None:
    after = {"running", "paused", "stopped", "decided", "archived"}
    assert {move.to for (start, _), move in MOVES.items() if start in after} <= after


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(IllegalMove):
        move_from("draft", "explode")


@pytest.mark.parametrize("state", STATES)
def test_only_what_has_not_started_can_be_changed(state: str) -> None:
    if state in {"draft", "scheduled"}:
        check_editable(state)
    else:
        with pytest.raises(NotEditable):
            check_editable(state)

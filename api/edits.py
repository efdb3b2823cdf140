"""The edit that a request makes: who, when, and what they had seen."""

from api.auth import caller
from api.runtime import runtime
from experiments.registry.keyed import Edit


def edit(expected_revision: int | None = None) -> Edit:
    """By the caller of this request, now; ``expected_revision`` from If-Match, if any."""
    me = caller()
    return Edit(me.project, me.actor, runtime().clock(), expected_revision)

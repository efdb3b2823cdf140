"""The SQL that an answer rests on: what measuring anew would run, without running it.

Stored values are made in parts, so that no one script gives them. This one gives the same
numbers, from the same facts, and is the same whatever was kept.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.measurement.engines.contract import Rows
from experiments.measurement.engines.duckdb import DuckDbEngine
from experiments.measurement.identity import Uncertainty
from experiments.measurement.measure import measure
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.measurement.stored.definition import definition_of

# A moment that nothing else names.
_SOME_MOMENT = datetime(2199, 11, 29, 21, 47, 33, 608_173, tzinfo=UTC)


@dataclass
class Described(Session):
    """A session that only tells what it would run.

    Attributes:
        met_since: The one answer that later statements rest on.
    """

    met_since: int = 0

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """A row that says nothing of anybody."""
        super().rows(expression)
        return [dict.fromkeys(expression.columns, 0) | {"at": self.met_since}]


class _Silent(DuckDbEngine):
    """Runs nothing."""

    def execute(self, statement: str) -> Rows:  # noqa: ARG002 - that is the point
        """No rows."""
        return []


class Describer:
    """Tells of one session what measuring would run."""

    def __init__(self, session: Session) -> None:
        self._session = Described(
            session.state, session.project_id, _Silent(session.connection), session.uncertainty
        )

    def sql_of(self, request: MeasureRequest) -> str:
        """The script of a request, settled."""
        if request.plan.has_local_days:
            self._session.met_since = request.met_since or 0
            return measure(self._session, replace(request, met_since=None)).sql
        key = (definition_of(request), self._session.uncertainty)
        if key not in _TOLD:
            if len(_TOLD) >= MOST_TOLD:
                _TOLD.clear()
            _TOLD[key] = measure(self._session, replace(request, as_of=_SOME_MOMENT)).sql
        at_some_moment, at = (microseconds(each) for each in (_SOME_MOMENT, request.as_of))
        return _TOLD[key].replace(str(at_some_moment), str(at))


# Building and compiling expressions takes longer than reading sums.
_TOLD: dict[tuple[str, Uncertainty], str] = {}
MOST_TOLD = 500

"""Funnels, cohort tables, changes and correlation as answered."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from experiments.tracking.changes import Change, GroupChange
from experiments.tracking.cohorts import CohortTable, Row
from experiments.tracking.correlations import Correlation, Foretelling, LagCorrelation
from experiments.tracking.funnels import Funnel, FunnelGroup

if TYPE_CHECKING:
    from experiments.tracking.compared import Comparison

Values = dict[str, Any]


def told_funnel(found: Funnel) -> Values:
    """A funnel, as :class:`FunnelSchema` describes it."""
    asked = found.question
    return {
        "steps": asked.steps,
        "window_hours": asked.window_hours,
        "from_": asked.since,
        "to": asked.until,
        "by": asked.by,
        "segment": asked.segment,
        "whole": _group(found.whole),
        "groups": [_group(each) for each in found.groups],
        "as_of": asked.as_of,
        "position": found.position,
        "sql": found.sql,
    }


def _group(group: FunnelGroup) -> Values:
    return vars(group) | {
        "shares": [_float(each) for each in group.shares],
        "passed": [_float(each) for each in group.passed],
        "weakest": group.weakest,
        "gap": group.gap,
    }


def told_cohorts(found: CohortTable) -> Values:
    """A table, as :class:`CohortTableSchema` describes it."""
    asked = found.question
    return {
        "base": asked.base.event,
        "back": asked.back.event,
        "cohort": asked.cohort,
        "unit": asked.unit,
        "rows": [_row(each) for each in found.rows],
        "whole": _row(found.whole),
        "as_of": asked.as_of,
        "position": found.position,
        "sql": found.sql,
    }


def _row(row: Row) -> Values:
    cells = [vars(each) | {"rate": _float(each.rate), "gap": each.gap} for each in row.cells]
    return vars(row) | {"cells": cells}


def told_change(key: str, found: "Comparison", says: str) -> Values:
    """A change, as :class:`ChangeSchema` describes it."""
    change = found.change
    names = ("volume", "rate", "mix", "rest")
    parts = {name: getattr(change, name) for name in names}
    whole = {"before": change.before, "after": change.after, "difference": change.difference}
    return {
        "kpi": key,
        "period": found.period,
        "before": found.before,
        "after": found.after,
        "by": found.by,
        "total": found.total,
        "value_before": float(change.before),
        "value_after": float(change.after),
        "difference": float(change.difference),
        "parts": {name: float(part) for name, part in parts.items()},
        "exact": {name: str(part) for name, part in (whole | parts).items()},
        "groups": [_group_change(each) for each in _by_size(change)],
        "complete": found.complete,
        "says": says,
        "position": found.position,
    }


def _by_size(change: Change) -> list[GroupChange]:
    return sorted(change.groups, key=lambda each: (-abs(each.whole), each.name))


def _group_change(group: GroupChange) -> Values:
    numbers = {name: value for name, value in vars(group).items() if name != "name"}
    told = {name: _float(value) for name, value in numbers.items()}
    return told | {"name": group.name, "whole": float(group.whole)}


def told_correlation(key: str, other: str, found: Correlation, says: str) -> Values:
    """A correlation, as :class:`CorrelationSchema` describes it."""
    strongest = found.strongest
    return vars(found) | {
        "kpi": key,
        "with_": other,
        "lags": [_lag(each) for each in found.lags],
        "strongest": None if strongest is None else _lag(strongest),
        "says": says,
    }


def _lag(found: LagCorrelation) -> Values:
    lower, upper = found.interval or (None, None)
    return vars(found) | {"lower": lower, "upper": upper, "shown": found.shown}


def told_foretelling(leading: str, lagging: str, found: Foretelling, says: str) -> Values:
    """Past tests, as :class:`ForetellingSchema` describes them."""
    lower, upper = found.interval or (None, None)
    ends = {"lower": lower, "upper": upper}
    return vars(found) | ends | {"leading": leading, "lagging": lagging, "says": says}


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)

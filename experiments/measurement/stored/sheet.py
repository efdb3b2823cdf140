"""Sheets: KPIs whose values are kept together, since they look at the same units and windows."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from experiments.ledger.instants import microseconds
from experiments.measurement.accounting import (
    MACHINE,
    NOT_CREDITED,
    REASONS,
    USED,
)
from experiments.measurement.anchors import MERGED_APART, NOT_REQUIRED, OUTSIDE
from experiments.measurement.formula.plan import SENT, Plan
from experiments.measurement.formula.sends import SAME_MESSAGE, SUPPRESSED
from experiments.measurement.history import HistorySegment
from experiments.measurement.identity import DOUBTS
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import SCANNED
from experiments.measurement.stored.days import Days, MetSince
from experiments.measurement.stored.definition import definition_of, name_of
from experiments.measurement.telling import uncapped_plan

# Parts of formulas in one sheet; each asks up to four questions, of which 60 have room.
MOST_PARTS = 12
TIMES = "time_to_event"
# An event counts for nobody at all for one of these.
NOBODYS = (*DOUBTS, "after_as_of", "never_assigned")
# Beyond the longest window: clocks that are set, and a day to begin.
_MARGIN = timedelta(days=3)
_LAST = datetime(2199, 12, 31, tzinfo=UTC)
_PLAIN = frozenset({"occurrence", "absence", "count", "amount"})
_WITH_VALUES = frozenset({"amount", "number", "distinct", "message_cost"})


@dataclass(frozen=True)
class Sheet:
    """Some requests that differ by their KPI only, and have the same window.

    Attributes:
        requests: Settled, in the order of their definitions.
        days: On which customers were met.
    """

    requests: tuple[MeasureRequest, ...]
    days: Days

    def at(self, as_of: datetime) -> "Sheet":
        """The same at another moment, with the name and the days as they are."""
        requests = tuple(replace(each, as_of=as_of) for each in self.requests)
        found = replace(self, requests=requests)
        # The moment is no part of it, and finding it takes longer than copying.
        vars(found)["name"] = self.name
        return found

    @cached_property
    def name(self) -> str:
        """Of its folder."""
        return name_of([definition_of(each) for each in self.requests])

    @property
    def first(self) -> MeasureRequest:
        """Any of them, for what they share."""
        return self.requests[0]

    @property
    def as_of(self) -> int:
        """The moment looked at, microseconds."""
        return microseconds(self.first.as_of)

    @property
    def is_plain(self) -> bool:
        """Whether its KPIs look at each event by itself."""
        return is_plain(self.first)

    @property
    def reads_once(self) -> bool:
        """Whether each fact is looked at once: events for KPIs, exposures for who is meant."""
        past = self.first.kpi.formula.requires or isinstance(self.first.segment, HistorySegment)
        return self.is_plain and not past and not self.counts_clicks

    @property
    def by_moment(self) -> bool:
        """Whether values of open windows change with the moment alone."""
        return self.first.kpi.kind == TIMES

    @property
    def matured(self) -> tuple[MeasureRequest, ...]:
        """The requests, at a moment when every window that is open now has closed.

        Together with facts up to the moment that is meant, they give the value that each
        unit would have if its window closed now.
        """
        if self.by_moment:
            return self.requests
        return tuple(replace(each, as_of=self._matured_at) for each in self.requests)

    @property
    def matured_at(self) -> int:
        """That moment, microseconds."""
        return microseconds(self._matured_at)

    @property
    def has_local_days(self) -> bool:
        """Whether any of its KPIs goes by the project's days."""
        return any(each.plan.has_local_days for each in self.requests)

    @property
    def _matured_at(self) -> datetime:
        longest = max(each.kpi.formula.longest_hours for each in self.requests)
        hours = max(longest, self.first.window_hours)
        return self.first.as_of + timedelta(hours=hours) + _MARGIN

    @property
    def can_be_kept(self) -> bool:
        """Whether that moment is one that can be named."""
        return self._matured_at < _LAST

    @property
    def event_types(self) -> frozenset[str] | None:
        """Types of events by which anybody's values can change; None: any."""
        # Whoever did anything before the anchor has a past, be it nothing that the KPI counts.
        if self.first.segment is not None or any(each.kpi.covariate_days for each in self.requests):
            return None
        found: set[str] = set()
        for each in self.requests:
            found |= {*each.plan.types, *(past.event for past in each.kpi.formula.requires)}
            found |= {SENT} if each.kpi.credit != "any" else set()
        return frozenset(found)

    @property
    def counts_messages(self) -> bool:
        """Whether exposures ``sent`` of any test matter."""
        types = self.event_types
        return types is None or SENT in types

    @property
    def counts_clicks(self) -> bool:
        """Whether clicks do."""
        return any(SCANNED in each.plan.types for each in self.requests)


def sheets_of(requests: Iterable[MeasureRequest], met_since: MetSince) -> list[Sheet]:
    """The requests, each once, in as few sheets as can be.

    Args:
        requests: Settled.
        met_since: Of their test.
    """
    found: dict[Hashable, dict[str, MeasureRequest]] = {}
    for each in requests:
        found.setdefault(_shared(each), {})[definition_of(each)] = each
    return [
        Sheet(tuple(group[name] for name in names), Days(group[names[0]], met_since))
        for group in found.values()
        for names in _few(group)
    ]


def _few(group: Mapping[str, MeasureRequest]) -> Iterator[list[str]]:
    """Their names in order, so many at once that what they ask of an event has room."""
    held: list[str] = []
    parts = 0
    for name in sorted(group):
        own = len(group[name].plan.selections)
        if held and parts + own > MOST_PARTS:
            yield held
            held, parts = [], 0
        held.append(name)
        parts += own
    yield held


def _shared(request: MeasureRequest) -> Hashable:
    return (
        request.project_id, request.experiment_id, request.anchor, request.variants,
        request.as_of, request.allocation, repr(request.segment), repr(request.window),
        request.window_hours, request.zone, request.pace, request.costs, request.met_since,
        repr(request.kpi.formula.requires), request.kpi.kind == TIMES,
        is_plain(request),
    )  # fmt: skip


def is_plain(request: MeasureRequest) -> bool:
    """Whether a KPI counts events or adds up amounts, whatever else a customer did."""
    kpi, plan = request.kpi, request.plan
    return (
        kpi.kind in {"proportion", "mean", "ratio"}
        and kpi.credit == "any"
        and kpi.covariate_days is None
        and SENT not in plan.types
        and all(each.value in _PLAIN for each in plan.selections)
    )


def reasons_of(request: MeasureRequest) -> tuple[str, ...]:
    """Why an event of somebody in the test may be left out, or that it is used."""
    plan = request.plan
    found = {USED, MERGED_APART, "unit_excluded", "before_anchor", "after_window"}
    found |= _of_selections(plan)
    days = request.kpi.formula.days
    found |= {"before_window"} if days is not None and days.first > 0 else set()
    found |= {OUTSIDE} if request.segment is not None else set()
    found |= {NOT_REQUIRED} if request.kpi.formula.requires else set()
    found |= {NOT_CREDITED} if request.kpi.credit != "any" else set()
    return tuple(reason for reason in (*REASONS, USED) if reason in found)


def _of_selections(plan: Plan) -> set[str]:
    found = {SUPPRESSED, SAME_MESSAGE} if SENT in plan.types else set()
    for each in plan.selections:
        found |= {"other_experiment"} if each.of_this_test else set()
        found |= {"property_filter"} if each.events.conditions or each.events.channels else set()
        found |= {"without_value", "other_currency"} if each.value in _WITH_VALUES else set()
        found |= {MACHINE} if each.events.machine == "exclude" else set()
    return found


def value_columns(plan: Plan) -> tuple[str, ...]:
    """Names of a unit's values, by the KPI's kind."""
    if plan.kpi.kind == TIMES:
        return ("time", "happened")
    if plan.kpi.kind == "score":
        return ("promoter", "detractor", "answered")
    steps = tuple(f"step{number}" for number in range(len(plan.steps)))
    return ("value", *steps, *(("below",) if plan.below is not None else ()))


def free_columns(plan: Plan) -> Sequence[str]:
    """Names of those that a cap may have changed; none without one."""
    return () if uncapped_plan(plan) is None else value_columns(plan)

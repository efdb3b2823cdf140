"""What a measurement must answer, in plain Python over plain rows; shares no code with it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from experiments.measurement.measure import MeasureRequest
from tests.experiments.measurement.ledger import Row
from tests.experiments.measurement.oracle_identity import merged_apart, whose

ANCHORS = {
    "assignment": ["assigned", "viewed"],
    "trigger": ["trigger"],
    "planned_send": ["planned_send"],
    "sent": ["sent"],
}
OF_A_MESSAGE = {
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint",
}  # fmt: skip

LEFT_OUT = {"merged_apart": "merged_apart", "excluded": "unit_excluded"}


@dataclass
class Expected:
    """Per variant: the values of its units; and where everything else went."""

    values: dict[str, list[int]]
    openers: dict[str, list[tuple[bool, bool]]]
    immature: Counter[str] = field(default_factory=Counter)
    mismatched: Counter[str] = field(default_factory=Counter)
    two_variants: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0
    merged_apart: int = 0
    by_machines: Counter[str] = field(default_factory=Counter)
    received: int = 0
    used: int = 0
    late: int = 0
    excluded: Counter[str] = field(default_factory=Counter)


@dataclass
class Unit:
    variant: str
    anchor_at: datetime
    closes_at: datetime
    standing: str
    counted: list[Row] = field(default_factory=list)
    by_machine: bool = False


def at(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def expected(rows: list[Row], request: MeasureRequest) -> Expected:
    answer = Expected(
        {variant: [] for variant in request.variants}, {variant: [] for variant in request.variants}
    )
    rows = whose(rows)
    certain = [row for row in rows if row["doubt"] is None and counts(row)]
    units = anchored(certain, request, answer)
    for row in rows:
        if row["fact"] != "event" or row["project_id"] != request.project_id:
            continue
        if row["type"] == request.kpi.formula.event:
            answer.received += 1
            place(row, units.get(row["unit_id"]), request, answer)
    for unit in units.values():
        if unit.standing == "analysed":
            answer.values[unit.variant].append(value_of(unit, request))
            answer.by_machines[unit.variant] += unit.by_machine
            people = any(not row["machine"] for row in unit.counted)
            answer.openers[unit.variant].append(
                (people, any(row["machine"] for row in unit.counted))
            )
    return answer


def counts(row: Row) -> bool:
    """Whether it is no exposure of a tester, nor of a time when the test was not running."""
    return row.get("expected_variant") not in {"~tester", "~outside"}


def anchored(rows: list[Row], request: MeasureRequest, answer: Expected) -> dict[str, Unit]:
    met: dict[str, list[Row]] = defaultdict(list)
    everywhere = []
    for row in rows:
        if row["fact"] == "exposure" and row["project_id"] == request.project_id:
            mine = row["experiment_id"] == request.experiment_id
            if mine and at(row["occurred_at"]) <= request.as_of:
                everywhere.append(row)
            silent = request.anchor == "sent" and row["suppressed_reason"] is not None
            if mine and row["type"] in ANCHORS[request.anchor] and not silent:
                met[row["unit_id"]].append(row)
    units = {}
    apart = merged_apart(everywhere)
    for unit_id, exposures in met.items():
        past = [row for row in exposures if at(row["occurred_at"]) <= request.as_of]
        if past:
            units[unit_id] = first_of(past, request, answer, apart=unit_id in apart)
    return units


def first_of(
    exposures: list[Row], request: MeasureRequest, answer: Expected, *, apart: bool
) -> Unit:
    first = min(exposures, key=lambda row: (row["occurred_at"], row["source_id"]))
    variant = first["variant"]
    since = at(first["occurred_at"])
    until = since + timedelta(hours=request.window_hours)
    given = first["expected_variant"]
    if len({row["variant"] for row in exposures}) > 1 and variant in request.variants:
        answer.two_variants[variant] += 1
    if apart:
        answer.merged_apart += 1
        return Unit(variant, since, until, "merged_apart")
    if variant not in request.variants:
        answer.unlisted += 1
        return Unit(variant, since, until, "excluded")
    believed = given is None and first["alias"] is not None
    if request.allocation == "truelift" and given != variant and not believed:
        answer.mismatched[variant] += 1
        return Unit(variant, since, until, "excluded")
    if until > request.as_of:
        answer.immature[variant] += 1
        return Unit(variant, since, until, "immature")
    return Unit(variant, since, until, "analysed")


def place(row: Row, unit: Unit | None, request: MeasureRequest, answer: Expected) -> None:
    reason = why_not(row, unit, request)
    if unit is not None and (reason == "machine" or (reason is None and row["machine"])):
        unit.by_machine = True
    if reason is not None:
        answer.excluded[reason] += 1
        return
    assert unit is not None
    answer.used += 1
    answer.late += at(row["received_at"]) >= unit.closes_at
    unit.counted.append(row)


def why_not(row: Row, unit: Unit | None, request: MeasureRequest) -> str | None:
    if row["doubt"] == "withdrawn":
        return "withdrawn"
    if at(row["occurred_at"]) > request.as_of:
        return "after_as_of"
    if row["doubt"] is not None:
        return str(row["doubt"])
    if unit is None:
        return "never_assigned"
    if unit.standing in LEFT_OUT:
        return LEFT_OUT[unit.standing]
    return not_of_the_kpi(row, request) or not_in_time(row, unit) or by_a_program(row, request)


def not_of_the_kpi(row: Row, request: MeasureRequest) -> str | None:
    kpi, formula = request.kpi, request.kpi.formula
    sums, named = formula.value == "amount", row["experiment_id"]
    if formula.event in OF_A_MESSAGE and named not in {None, request.experiment_id}:
        return "other_experiment"
    said = row["properties"] or {}
    if any(text(said.get(name)) != wanted for name, wanted in formula.where.items()):
        return "property_filter"
    if sums and row["value"] is None:
        return "without_value"
    if sums and row["currency"] != kpi.currency:
        return "other_currency"
    return None


def by_a_program(row: Row, request: MeasureRequest) -> str | None:
    return "machine" if request.kpi.formula.machine == "exclude" and row["machine"] else None


def not_in_time(row: Row, unit: Unit) -> str | None:
    happened = at(row["occurred_at"])
    if happened < unit.anchor_at:
        return "before_anchor"
    if happened >= unit.closes_at:
        return "after_window"
    return "immature" if unit.standing == "immature" else None


def text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def value_of(unit: Unit, request: MeasureRequest) -> int:
    match request.kpi.formula.value:
        case "occurrence":
            return int(bool(unit.counted))
        case "count":
            return len(unit.counted)
        case _:
            return sum(row["value"] for row in unit.counted)

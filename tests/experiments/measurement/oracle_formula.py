"""What any formula must give, customer by customer in plain Python; shares no code with it.

For tests anchored at the send that believe what is reported, of customers without aliases.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from experiments.kpis.document import Bands, Events, Quantity, Requirement, Term
from experiments.measurement.measure import MeasureRequest
from stats.samples import (
    BinomialSample,
    CovariateSample,
    LifeTable,
    MeanSample,
    RatioSample,
    ScoreSample,
    ValueCounts,
)
from tests.experiments.measurement.ledger import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000
OF_A_MESSAGE = {
    "sent", "delivered", "bounced", "deferred", "dropped", "open", "click", "unsubscribe",
    "complaint",
}  # fmt: skip
MINOR = {"KRW": 0, "USD": 2, "KWD": 3}
ORDER = [
    "after_as_of", "never_assigned", "unit_excluded", "not_required", "suppressed",
    "same_message", "other_experiment", "property_filter", "without_value", "other_currency",
    "before_anchor", "before_window", "after_window", "immature", "not_credited", "machine", "used",
]  # fmt: skip


@dataclass
class Customer:
    variant: str
    anchor: int
    opens: int
    closes: int
    standing: str
    used: dict[int, list[Row]] = field(default_factory=dict)


@dataclass
class Answer:
    samples: dict[str, Any]
    uncapped: dict[str, Any]
    reasons: Counter[str]
    steps: dict[str, tuple[int, ...]]
    covariates: dict[str, CovariateSample] | None
    standings: Counter[tuple[str, str]]


def us(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def expected(rows: list[Row], request: MeasureRequest) -> Answer:
    return _Reading(rows, request).answer()


class _Reading:
    def __init__(self, rows: list[Row], request: MeasureRequest) -> None:
        self.request, self.kpi, self.formula = request, request.kpi, request.kpi.formula
        self.zone = ZoneInfo(request.zone)
        self.as_of = us(request.as_of)
        self.exposures = [row for row in rows if row["fact"] == "exposure"]
        self.events = [row for row in rows if row["fact"] == "event"]
        self.messages = self._messages()
        self.selections: list[Events] = [
            *(term for quantity in self._quantities() for _, term in quantity.terms),
            *([] if self.formula.since is None else [self.formula.since]),
            *self.formula.then,
        ]
        self.customers = self._anchored()

    def answer(self) -> Answer:
        reasons = Counter(self._place(row) for row in self._facts())
        analysed = {
            variant: [
                (unit, each)
                for unit, each in self.customers.items()
                if each.variant == variant and each.standing in self._counted()
            ]
            for variant in self.request.variants
        }
        plain = {variant: [each for _, each in found] for variant, found in analysed.items()}
        covariates = None
        if self.kpi.covariate_days is not None:
            covariates = {key: self._covariate(found) for key, found in analysed.items()}
        return Answer(
            samples={key: self._sample(found, capped=True) for key, found in plain.items()},
            uncapped={key: self._sample(found, capped=False) for key, found in plain.items()},
            reasons=reasons,
            steps={key: self._steps(found) for key, found in plain.items()},
            covariates=covariates,
            standings=Counter((each.variant, each.standing) for each in self.customers.values()),
        )

    def _counted(self) -> set[str]:
        return {"analysed", "immature"} if self.kpi.kind == "time_to_event" else {"analysed"}

    def _quantities(self) -> list[Quantity]:
        below = self.formula.denominator
        return [self.formula] if below is None else [self.formula, below]

    # Who, and from when until when.

    def _anchored(self) -> dict[str, Customer]:
        found: dict[str, Customer] = {}
        sends = [
            row for row in self.exposures
            if row["type"] == "sent" and row["experiment_id"] == 1
            and row["suppressed_reason"] is None and row["occurred_at"] <= self.as_of
        ]  # fmt: skip
        for row in sorted(sends, key=lambda row: (row["occurred_at"], row["source_id"])):
            if row["unit_id"] not in found:
                found[row["unit_id"]] = self._customer(row)
        return found

    def _customer(self, row: Row) -> Customer:
        at = row["occurred_at"]
        opens, closes = at, at + self.request.window_hours * HOUR
        days = self.formula.days
        if days is not None:
            opens = max(at, self._midnight(at, days.first))
            closes = self._midnight(at, days.last + 1)
        standing = "analysed" if closes <= self.as_of else "immature"
        if not all(self._fulfils(row["unit_id"], at, each) for each in self.formula.requires):
            standing = "not_required"
        if row["variant"] not in self.request.variants:
            standing = "unit_excluded"
        return Customer(row["variant"], at, opens, closes, standing)

    def _midnight(self, at: int, days: int) -> int:
        day = self._day(at) + timedelta(days=days)
        return us(datetime.combine(day, time(), self.zone).astimezone(UTC))

    def _day(self, at: int) -> Any:
        return (EPOCH + timedelta(microseconds=at)).astimezone(self.zone).date()

    def _fulfils(self, unit: str, at: int, wanted: Requirement) -> bool:
        often = 0
        for row in self._facts_of(wanted.event):
            since = row["occurred_at"] > at
            old = (
                wanted.within_days is not None
                and row["occurred_at"] < at - wanted.within_days * 24 * HOUR
            )
            if row["unit_id"] == unit and not since and not old:
                often += self._is(row, wanted) and not self._by_machine(row, wanted)
        return (often >= wanted.at_least) is not wanted.absent

    # Which facts.

    def _messages(self) -> list[tuple[Row, str | None]]:
        """Every `sent`, and why it is no message."""
        sent = [row for row in self.exposures if row["type"] == "sent"]
        found: list[tuple[Row, str | None]] = [
            (row, "suppressed" if row["suppressed_reason"] is not None else None) for row in sent
        ]
        numbers: Counter[Any] = Counter()
        told = [row for row in self.events if row["type"] == "sent"]
        for row in sorted(told, key=lambda row: (row["occurred_at"], row["source_id"])):
            about = (row["unit_id"], row["experiment_id"], row["channel"])
            shown = sum(
                (each["unit_id"], each["experiment_id"], each["channel"]) == about
                and each["suppressed_reason"] is None and each["occurred_at"] <= self.as_of
                for each in sent
            )  # fmt: skip
            same = row["experiment_id"] is not None and numbers[about] < shown
            found.append((row, "same_message" if same else None))
            numbers[about] += 1
        return found

    def _facts(self) -> list[Row]:
        types = list(dict.fromkeys(each.event for each in self.selections))
        return [row for type_ in types for row in self._facts_of(type_, every=True)]

    def _facts_of(self, type_: str, *, every: bool = False) -> Iterable[Row]:
        if type_ == "sent":
            return [row for row, why in self.messages if every or why is None]
        return [row for row in self.events if row["type"] == type_]

    def _place(self, row: Row) -> str:
        customer = self.customers.get(row["unit_id"])
        reasons = []
        for place, each in enumerate(self.selections):
            if each.event == row["type"]:
                reason = self._why_not(row, customer, each)
                if reason == "used" and customer is not None:
                    customer.used.setdefault(place, []).append(row)
                reasons.append(reason)
        return max(reasons, key=ORDER.index)

    def _why_not(self, row: Row, customer: Customer | None, wanted: Events) -> str:
        tests = [
            ("after_as_of", row["occurred_at"] > self.as_of),
            ("never_assigned", customer is None),
        ]
        if customer is not None and row["occurred_at"] <= self.as_of:
            tests += self._unit_tests(row, customer)
            tests += self._event_tests(row, wanted)
        return next((name for name in ORDER if (name, True) in tests), "used")

    def _unit_tests(self, row: Row, customer: Customer) -> list[tuple[str, bool]]:
        at = row["occurred_at"]
        waits = customer.standing == "immature" and self.kpi.kind != "time_to_event"
        return [
            ("unit_excluded", customer.standing == "unit_excluded"),
            ("not_required", customer.standing == "not_required"),
            ("before_anchor", at < customer.anchor),
            ("before_window", at < customer.opens),
            ("after_window", at >= customer.closes),
            ("immature", waits),
        ]

    def _event_tests(self, row: Row, wanted: Events) -> list[tuple[str, bool]]:
        own = wanted.event in OF_A_MESSAGE
        if wanted.event == "sent" and self.kpi.kind in {"mean", "quantile"}:
            own = False
        why = next((why for each, why in self.messages if each is row), None)
        tests = [
            ("other_experiment", own and row["experiment_id"] not in {None, 1}),
            ("property_filter", not self._is(row, wanted)),
            ("not_credited", not self._credited(row)),
            ("machine", self._by_machine(row, wanted)),
        ]
        if why is not None:
            tests.append((why, True))
        if isinstance(wanted, Term):
            value = self._taken(row, wanted)
            tests += [(value, True)] if isinstance(value, str) and value in ORDER else []
        return tests

    def _by_machine(self, row: Row, wanted: Events) -> bool:
        return wanted.machine == "exclude" and row["machine"]

    def _is(self, row: Row, wanted: Events) -> bool:
        if wanted.channels and row["channel"] not in wanted.channels:
            return False
        return all(self._meets(row, each) for each in wanted.conditions)

    def _meets(self, row: Row, wanted: Any) -> bool:
        text = said(row, wanted.property)
        if wanted.present is not None:
            return (text is not None) is wanted.present
        if wanted.one_of:
            return text in wanted.one_of
        number = number_in(text)
        return number is not None and not (
            (wanted.over is not None and not number > wanted.over)
            or (wanted.at_least is not None and not number >= wanted.at_least)
            or (wanted.below is not None and not number < wanted.below)
            or (wanted.at_most is not None and not number <= wanted.at_most)
        )

    def _credited(self, row: Row) -> bool:
        rule = self.kpi.credit
        if rule == "any" or row["type"] in OF_A_MESSAGE:
            return True
        if rule == "own_tag":
            return bool(row["experiment_id"] == 1)
        at = row["occurred_at"]
        before = [
            each for each, why in self.messages
            if why is None and each["unit_id"] == row["unit_id"]
            and at - self.request.window_hours * HOUR < each["occurred_at"] <= at
        ]  # fmt: skip
        before.sort(key=lambda each: (each["occurred_at"], each["source_id"]))
        if not before:
            return False
        goes_to = before[-1] if rule == "last_message" else before[0]
        return bool(goes_to["experiment_id"] == 1)

    # What is taken of them.

    def _taken(self, row: Row, term: Term) -> Decimal | str | None:  # noqa: PLR0911 - one for each case
        """A number or a text, or the reason why there is none; None where events are counted."""
        currency = self.kpi.currency
        if term.value == "amount":
            return self._amount(row)
        if term.value == "message_cost":
            return self._cost(row)
        if term.value in {"number", "distinct"}:
            text = said(row, term.of or "")
            number = number_in(text)
            if text is None or (term.value == "number" and number is None):
                return "without_value"
            if term.value == "distinct":
                return "=" + text
            if currency is not None and row["currency"] not in {None, currency}:
                return "other_currency"
            assert number is not None
            return number.quantize(Decimal("0.000001"), ROUND_HALF_UP)
        return None

    def _amount(self, row: Row) -> Decimal | str:
        if row["value"] is None:
            return "without_value"
        if row["currency"] != self.kpi.currency:
            return "other_currency"
        decimals = 6 if self.kpi.currency is None else MINOR[self.kpi.currency]
        return Decimal(row["value"]).scaleb(-decimals)

    def _cost(self, row: Row) -> Decimal | str:
        if row["value"] is not None:
            return self._amount(row)
        at = EPOCH + timedelta(microseconds=row["occurred_at"])
        for kind in (said(row, "kind"), None):
            held = [
                each for each in self.request.costs
                if each.channel == row["channel"] and each.kind == kind and each.valid_from <= at
            ]  # fmt: skip
            if held:
                cost = max(held, key=lambda each: each.valid_from)
                return cost.cost if cost.currency == self.kpi.currency else "other_currency"
        return "without_value"

    def _term(self, term: Term, used: list[Row]) -> Decimal:
        found: Any
        match term.value:
            case "occurrence":
                found = int(len(used) >= (term.at_least or 1))
            case "absence":
                found = int(not used)
            case "count":
                found = len(used)
            case "days":
                found = len({self._day(row["occurred_at"]) for row in used})
            case "distinct":
                found = len({self._taken(row, term) for row in used})
            case _:
                found = sum((self._number(row, term) for row in used), Decimal(0))
        return Decimal(found) * (term.times or 1)

    def _number(self, row: Row, term: Term) -> Decimal:
        number = self._taken(row, term)
        assert isinstance(number, Decimal)
        return number

    def _amounts(self, used: dict[int, list[Row]], *, capped: bool) -> list[Decimal]:
        place, found = 0, []
        for quantity in self._quantities():
            total = Decimal(0)
            for sign, term in quantity.terms:
                total += sign * self._term(term, used.get(place, []))
                place += 1
            if capped and quantity.cap is not None:
                total = min(total, quantity.cap.at)
            found.append(total)
        return found

    # What they add up to.

    def _sample(self, customers: list[Customer], *, capped: bool) -> Any:  # noqa: PLR0911 - one for each kind
        values = [self._amounts(each.used, capped=capped) for each in customers]
        firsts = [each[0] for each in values]
        match self.kpi.kind:
            case "proportion":
                return BinomialSample(len(firsts), sum(map(int, firsts)))
            case "mean":
                return MeanSample.of(*scaled(firsts))
            case "ratio":
                ups, scale_y = scaled(firsts)
                downs, scale_x = scaled([each[1] for each in values])
                return RatioSample.of(zip(ups, downs, strict=True), scale_y, scale_x)
            case "score":
                return self._score(customers)
            case "quantile":
                with_value = self.formula.over == "with_value"
                kept = [
                    value for value, each in zip(firsts, customers, strict=True)
                    if not with_value or any(each.used.values())
                ]  # fmt: skip
                return ValueCounts.of(*scaled(kept))
            case "funnel":
                steps = self._steps(customers)
                return BinomialSample(len(customers), steps[-1])
            case _:
                return LifeTable.of(
                    time for each in customers if (time := self._time(each)) is not None
                )

    def _score(self, customers: list[Customer]) -> ScoreSample:
        bands, counts = self.formula.bands or Bands(), Counter[str]()
        for each in customers:
            used = sorted(
                each.used.get(0, []), key=lambda row: (row["occurred_at"], row["source_id"])
            )
            if used:
                row = used[0] if bands.answer == "first" else used[-1]
                answer: Any = self._taken(row, self.formula)
                is_promoter = answer >= bands.promoters_from
                is_detractor = answer <= bands.detractors_to
                counts["up" if is_promoter else "down" if is_detractor else "even"] += 1
        return ScoreSample(counts["up"], counts["even"], counts["down"])

    def _time(self, customer: Customer) -> tuple[int, bool] | None:
        start, used = customer.anchor, customer.used.get(0, [])
        if self.formula.since is not None:
            starts = sorted(
                (row["occurred_at"], row["source_id"]) for row in customer.used.get(1, [])
            )
            if not starts:
                return None
            start = starts[0][0]
            used = [
                row for row in used
                if row["occurred_at"] >= start and row["source_id"] != starts[0][1]
            ]  # fmt: skip
        end = min(customer.closes, self.as_of)
        first = min((row["occurred_at"] for row in used), default=None)
        step = HOUR if self.formula.step == "hour" else 24 * HOUR
        return ((end if first is None else first) - start) // step, first is not None

    def _steps(self, customers: list[Customer]) -> tuple[int, ...]:
        taken = [0] * (1 + len(self.formula.then))
        for each in customers:
            at = each.anchor
            for step in range(len(taken)):
                later = [
                    row["occurred_at"]
                    for row in each.used.get(step, [])
                    if row["occurred_at"] >= at
                ]
                if not later:
                    break
                at = min(later)
                taken[step] += 1
        return tuple(taken)

    def _covariate(self, found: list[tuple[str, Customer]]) -> CovariateSample:
        past = [self._past(unit, each) for unit, each in found]
        values = [self._amounts(each.used, capped=True) for _, each in found]
        if self.kpi.kind == "proportion":
            whole = [None if each is None else int(each) for each in past]
            return CovariateSample.of_binary(
                [(bool(value[0]), x) for value, x in zip(values, whole, strict=True)]
            )
        xs, scale = scaled([each or Decimal(0) for each in past])
        covariates = [None if each is None else x for each, x in zip(past, xs, strict=True)]
        ups, scale_y = scaled([each[0] for each in values])
        if self.kpi.kind == "mean":
            return CovariateSample.of(zip(ups, covariates, strict=True), scale_y, scale)
        downs, scale_x = scaled([each[1] for each in values])
        return CovariateSample.of_ratio(
            zip(ups, downs, covariates, strict=True), scale_y, scale_x, scale
        )

    def _past(self, unit: str, customer: Customer) -> Decimal | None:
        types = {each.event for each in self.selections}
        known = [row for row, why in self.messages if "sent" in types] + self.events
        if not any(
            row["unit_id"] == unit and row["occurred_at"] < customer.anchor for row in known
        ):
            return None
        since = customer.anchor - (self.kpi.covariate_days or 0) * 24 * HOUR
        used: dict[int, list[Row]] = {}
        for place, (_, term) in enumerate(self.formula.terms):
            used[place] = [
                row for row in self._facts_of(term.event)
                if row["unit_id"] == unit and since <= row["occurred_at"] < customer.anchor
                and self._is(row, term) and not self._by_machine(row, term)
                and self._taken(row, term) not in {"without_value", "other_currency"}
            ]  # fmt: skip
        return self._amounts(used, capped=True)[0]


def said(row: Row, name: str) -> str | None:
    value = (row["properties"] or {}).get(name)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def number_in(text: str | None) -> Decimal | None:
    if text is None or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        return None
    return Decimal(text)


def scaled(values: list[Decimal]) -> tuple[list[int], int]:
    """Millionths of millionths: compared are fractions, whatever scale the engine keeps."""
    return [int(value.scaleb(12)) for value in values], 10**12

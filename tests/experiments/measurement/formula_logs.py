"""Logs that any formula finds something in, and samples without their scales, to compare."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from experiments.kpis.document import (
    Bands,
    Cap,
    DayWindow,
    Events,
    Filter,
    Formula,
    KpiDocument,
    Quantity,
    Requirement,
    Term,
    Text,
)
from experiments.measurement.formula.samples import QuantileSample, TimedSample
from experiments.measurement.measure import MeasureRequest
from experiments.registry.message_costs import MessageCost
from stats.samples import (
    BinomialSample,
    CovariateSample,
    LifeTable,
    MeanSample,
    RatioSample,
    ScoreSample,
    ValueCounts,
)
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, event, exposure

UNITS = [f"u-{number}" for number in range(9)]
NAME = Text("지표", "A KPI")
DAY = 24 * HOUR
LONG = SENT_AT + timedelta(days=400)
COSTS = (
    MessageCost("sms", Decimal("8.9"), "KRW", datetime(2025, 1, 1, tzinfo=UTC)),
    MessageCost("sms", Decimal("29.45"), "KRW", datetime(2025, 1, 1, tzinfo=UTC), "image"),
    MessageCost("sms", Decimal("9.4"), "KRW", SENT_AT + timedelta(hours=3)),
    MessageCost("email", Decimal("0.01"), "USD", datetime(2025, 1, 1, tzinfo=UTC)),
)


def document(kind: str, formula: Formula, unit: str, **other: Any) -> KpiDocument:
    return KpiDocument("kpi", NAME, kind, formula, unit, **other)


REFUND = Term("refund", "amount")
BOUGHT = Filter("category", one_of=("shoes", "7"))
FURTHER = {
    "numbers": document(
        "mean",
        Formula(
            "purchase",
            "count",
            72,
            filters=(Filter("items", over=Decimal("1.5"), at_most=Decimal(7)),),
        ),
        "count",
    ),
    "present": document(
        "mean",
        Formula(
            "purchase",
            "count",
            72,
            machine="include",
            filters=(Filter("category", present=True), Filter("items", present=False)),
        ),
        "count",
    ),
    "channels": document(
        "proportion",
        Formula("click", "occurrence", 72, channels=("sms",), filters=(BOUGHT,)),
        "rate",
    ),
    "terms": document(
        "mean",
        Formula(
            "purchase",
            "amount",
            72,
            plus=(REFUND, Term("visit", "days", times=Decimal("0.125"))),
            minus=(
                Term("coupon_used", "count", times=Decimal(5000)),
                Term("sent", "message_cost", machine="include"),
            ),
            cap=Cap(Decimal("120000.5"), "last year"),
        ),
        "money",
        currency="KRW",
        covariate_days=30,
    ),
    "numbers of a property": document(
        "mean",
        Formula("purchase", "number", 72, of="items", where={"category": "shoes"}),
        "count",
        covariate_days=10,
    ),
    "score of a number": document(
        "score",
        Formula("purchase", "number", 72, of="items", bands=Bands(7, 3, "first")),
        "score",
    ),
    "hours to a click": document(
        "time_to_event",
        Formula("click", "occurrence", 72, step="hour", where={"category": "shoes"}),
        "days",
    ),
    "since": document(
        "time_to_event",
        Formula("purchase", "occurrence", 72, since=Events("visit"), step="hour"),
        "days",
    ),
    "since itself": document(
        "time_to_event", Formula("visit", "occurrence", 96, since=Events("visit")), "days"
    ),
    "quantile": document(
        "quantile",
        Formula("purchase", "amount", 72, plus=(REFUND,), quantile=Decimal("0.9")),
        "money",
        currency="USD",
    ),
    "funnel": document(
        "funnel",
        Formula(
            "visit", "occurrence", 96, then=(Events("purchase"), Events("visit"), Events("refund"))
        ),
        "rate",
    ),
    "local days": document(
        "mean", Formula("visit", "days", days=DayWindow(0, 2)), "days", covariate_days=3
    ),
    "a later day": document(
        "ratio",
        Formula(
            "purchase", "amount", days=DayWindow(1, 1), denominator=Quantity("purchase", "count")
        ),
        "money",
        currency="KRW",
    ),
    "per sent": document(
        "ratio",
        Formula("click", "count", 72, denominator=Quantity("sent", "count", machine="include")),
        "rate",
        covariate_days=5,
    ),
    "required": document(
        "proportion",
        Formula(
            "purchase",
            "occurrence",
            72,
            at_least=2,
            requires=(
                Requirement("visit", within_days=2),
                Requirement("refund", absent=True),
                Requirement("sent", machine="include"),
            ),
        ),
        "rate",
        covariate_days=5,
    ),
    "none": document("proportion", Formula("purchase", "absence", 48), "rate"),
    **{
        f"credit {rule}": document(
            "mean",
            Formula("purchase", "amount", 72, plus=(Term("click", "count", times=Decimal(2)),)),
            "money",
            currency="KRW",
            credit=rule,
        )
        for rule in ("last_message", "first_message", "own_tag")
    },
}


@dataclass(frozen=True)
class Setting:
    """When a log is looked at, and from where."""

    as_of: datetime = LONG
    zone: str = "America/New_York"


def request_of(kpi: KpiDocument, setting: Setting = Setting()) -> MeasureRequest:
    return MeasureRequest(
        project_id=1,
        experiment_id=1,
        anchor="sent",
        variants=("a", "b"),
        as_of=setting.as_of,
        allocation="external",
        kpi=kpi,
        window_hours=kpi.formula.longest_hours,
        zone=setting.zone,
        costs=COSTS,
    )


def log_of(rng: random.Random, types: list[str], count: int, span: int = 5 * DAY) -> list[Row]:
    """Sends to most customers, and events around them."""
    rows = [
        _sent(rng, f"s-{number}", unit)
        for number, unit in enumerate([*UNITS[1:], *rng.choices(UNITS[1:], k=len(UNITS))])
    ]
    return rows + [_event(rng, f"e-{number}", rng.choice(types), span) for number in range(count)]


def _at(rng: random.Random, span: int) -> int:
    return SENT + rng.randrange(-span // HOUR, span // HOUR) * HOUR + rng.choice([0, 0, 0, -1, 1])


def _sent(rng: random.Random, source_id: str, unit: str) -> Row:
    return exposure(
        source_id, unit, rng.choice("aaabbc"), occurred_at=SENT + rng.randrange(-40, 40) * HOUR,
        type=rng.choice(["sent", "sent", "sent", "viewed"]), experiment_id=rng.choice([1, 1, 1, 2]),
        suppressed_reason=rng.choice([None, None, None, "capped"]),
        channel=rng.choice(["sms", "email"]), properties=_properties(rng),
        **rng.choice([{}, {"value": 12, "currency": "KRW"}, {"value": 3, "currency": "USD"}]),
    )  # fmt: skip


def _event(rng: random.Random, source_id: str, type_: str, span: int) -> Row:
    money = rng.choice(
        [{"value": rng.randrange(100_000), "currency": rng.choice(["KRW", "KRW", "USD", None])}] * 4
        + [{}]
    )
    return event(
        source_id, rng.choice(UNITS), type_, occurred_at=_at(rng, span),
        experiment_id=rng.choice([None, None, 1, 2]), channel=rng.choice([None, "sms", "email"]),
        machine=rng.random() < 0.15, properties=_properties(rng), **money,
    )  # fmt: skip


def _properties(rng: random.Random) -> dict[str, Any] | None:
    if rng.random() < 0.2:
        return None
    return {
        "category": rng.choice(["shoes", "shoes", "books", 7, None, True]),
        "items": rng.choice([0, 1, 2, 1.5, 9, "3", "-4.25", "1e1", "many", "", 2.0000005, None]),
        "session_id": rng.choice(["x", "y", "z", 1]),
        "score": rng.choice([0, 6, 7, 8, 9, 10, "10", None]),
        "kind": rng.choice(["image", "text"]),
        "cross_sell": rng.choice([True, "true", False]),
        "source": rng.choice(["referral", "search"]),
    }


def plainly(sample: Any) -> Any:  # noqa: PLR0911 - one for each kind of sample
    """A sample as plain numbers, whatever its scale."""
    match sample:
        case TimedSample():
            return plainly(sample.table)
        case QuantileSample():
            return plainly(sample.values)
        case BinomialSample() | ScoreSample() | LifeTable():
            return sample
        case ValueCounts():
            return [(Fraction(value, sample.scale), units) for value, units in sample.counts]
        case MeanSample():
            scale = sample.scale
            return sample.units, Fraction(sample.total, scale), Fraction(sample.squares, scale**2)
        case RatioSample():
            return _plain_ratio(sample)
        case CovariateSample():
            return _plain_covariate(sample)
    raise AssertionError(sample)


def _plain_ratio(sample: RatioSample) -> tuple[Any, ...]:
    up, down = sample.scale_y, sample.scale_x
    return (
        sample.units, Fraction(sample.sum_y, up), Fraction(sample.sum_x, down),
        Fraction(sample.sum_yy, up**2), Fraction(sample.sum_xx, down**2),
        Fraction(sample.sum_xy, up * down),
    )  # fmt: skip


def _plain_covariate(sample: CovariateSample) -> tuple[Any, ...]:
    outcome, scale = sample.outcome, sample.covariate.scale
    up = outcome.scale if isinstance(outcome, MeanSample) else 1
    found: list[Any] = [plainly(outcome), plainly(sample.covariate), sample.missing]
    if isinstance(outcome, RatioSample):
        up = outcome.scale_y
        assert sample.sum_xd is not None
        assert sample.missing_d is not None
        found += [
            Fraction(sample.sum_xd, scale * outcome.scale_x),
            Fraction(sample.missing_d, outcome.scale_x),
        ]
    return (*found, Fraction(sample.sum_xy, scale * up), Fraction(sample.missing_y, up))

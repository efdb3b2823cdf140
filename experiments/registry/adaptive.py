"""Shares that follow the results while a test runs: the option, and what it can be part of.

Shares change at the boundaries of batches only, known beforehand, so that whoever a batch meets
first had chances that were fixed and stored before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_number
from experiments.kpis.document import KpiDocument
from experiments.kpis.kinds import SUMMED
from experiments.registry.goals import KpiGoal
from experiments.registry.plan import Plan, Schedule
from experiments.registry.variants import Variant

METHODS = ("thompson",)
BATCHES = ("day", "week")
SHAPE = "triggered"
LEAST_FLOOR = Decimal("0.05")


class SharesNeedDays(Invalid):
    """Nobody enters later, or the same customers enter again and again."""

    template = (
        "shares can follow results only where customers enter day by day: expected the shape "
        "triggered, got {shape!r}"
    )


class SharesElsewhere(Invalid):
    """Another tool assigns."""

    template = "another tool assigns, and its shares cannot follow results: expected truelift"


class SharesAndLooks(Invalid):
    """The bounds of planned looks are those of shares that stay."""

    template = "planned looks need shares that stay: expected 1 look, got {looks}"


class SharesAndSilence(Invalid):
    """A silent arm would be starved of the customers that measure what messages bring."""

    template = (
        "the variant {variant!r} sends nothing: what messages bring is measured with shares that "
        "stay, expected variants that all send"
    )


class FloorTooHigh(Invalid):
    """The least shares of all variants use up everything."""

    template = (
        "{count} variants with at least {floor} each leave nothing that could follow results: "
        "expected a floor below {most}"
    )


class ShareBelowFloor(Invalid):
    """The first batch goes by the registered weights."""

    template = "the first share of variant {variant!r} is {weight}, expected at least {floor}"


class SharesOfKind(Invalid):
    """No method compares the KPI between batches whose shares differ."""

    template = (
        "the KPI {kpi!r} is of the kind {kind!r}: where shares follow results, {known} can be "
        "analysed"
    )


class SharesAndOpens(Invalid):
    """Opens are checked three ways, by rules that add everybody up."""

    template = (
        "the KPI {kpi!r} counts opens, which cannot be told from those of machines where shares "
        "follow results: expected a KPI of clicks or of what comes after them"
    )


class SharesWithoutEnd(Invalid):
    """A test that ends when its results please is no test."""

    template = (
        "where shares follow results the end is fixed beforehand: expected plan.units_planned or "
        "schedule.ends_at"
    )


@dataclass(frozen=True)
class Adaptive:
    """How shares follow the results.

    Attributes:
        method: ``thompson``: each variant's share is its chance to be the best.
        floor: Least share of a variant, a fraction in whole buckets of 10,000.
        batch: How long shares stay: a local ``day``, or a ``week`` from Monday.
    """

    method: str = "thompson"
    floor: Decimal = Decimal("0.1")
    batch: str = "day"

    def __post_init__(self) -> None:
        check_choice(self.method, METHODS, "adaptive.method")
        check_choice(self.batch, BATCHES, "adaptive.batch")
        check_number(self.floor, "adaptive.floor")
        whole = self.floor * 10_000
        if not LEAST_FLOOR <= self.floor < 1 or whole != whole.to_integral_value():
            expected = f"{LEAST_FLOOR} or more, below 1, with at most 4 decimals"
            raise Invalid(field="adaptive.floor", expected=expected, got=str(self.floor))

    def period_of(self, at: datetime, zone: ZoneInfo) -> date:
        """The first local day of the batch that a moment falls in.

        Examples:
            >>> from datetime import UTC
            >>> seoul = ZoneInfo("Asia/Seoul")
            >>> Adaptive(batch="week").period_of(datetime(2025, 3, 12, 20, tzinfo=UTC), seoul)
            datetime.date(2025, 3, 10)
        """
        day = at.astimezone(zone).date()
        return day if self.batch == "day" else day - timedelta(days=day.weekday())

    def opens_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When the batch after that of a moment may open: a local midnight, aware."""
        days = 1 if self.batch == "day" else 7
        opens = datetime.combine(self.period_of(at, zone) + timedelta(days=days), time(), zone)
        return opens.astimezone(at.tzinfo)


@dataclass(frozen=True)
class Around:
    """What a draft says besides, as far as it matters here."""

    shape: str
    allocation: str
    plan: Plan
    schedule: Schedule
    variants: Sequence[Variant]


def check_adaptive(adaptive: Adaptive | None, draft: Around) -> None:
    """Refuse shares that follow results where they cannot be analysed.

    Raises:
        Invalid: Naming the field that does not fit.
    """
    if adaptive is None:
        return
    if draft.allocation != "truelift":
        raise SharesElsewhere(field="allocation")
    if draft.shape != SHAPE:
        raise SharesNeedDays(field="shape", shape=draft.shape)
    if draft.plan.looks != 1:
        raise SharesAndLooks(field="plan.looks", looks=draft.plan.looks)
    if draft.plan.units_planned is None and draft.schedule.ends_at is None:
        raise SharesWithoutEnd(field="plan.units_planned")
    _check_variants(adaptive.floor, draft.variants)


def check_adaptive_goals(
    adaptive: Adaptive | None, goals: Sequence[KpiGoal], kpis: Mapping[str, KpiDocument]
) -> None:
    """Refuse KPIs that cannot be compared between batches; unknown ones are refused elsewhere.

    Raises:
        Invalid: Naming ``goals.0.kpi``.
    """
    if adaptive is None:
        return
    for index, goal in enumerate(goals):
        document, field = kpis.get(goal.kpi), f"goals.{index}.kpi"
        if document is None:
            continue
        # Thompson's rule reads samples that add up, and the weighted comparisons compare them.
        if document.kind not in SUMMED:
            known = ", ".join(SUMMED)
            raise SharesOfKind(field=field, kpi=goal.kpi, kind=document.kind, known=known)
        if goal.role == "primary" and document.formula.event == "open":
            raise SharesAndOpens(field=field, kpi=goal.kpi)


def _check_variants(floor: Decimal, variants: Sequence[Variant]) -> None:
    count = len(variants)
    if floor * count >= 1:
        raise FloorTooHigh(
            field="adaptive.floor", count=count, floor=floor, most=f"{1 / Decimal(count):.4f}"
        )
    for index, variant in enumerate(variants):
        if variant.no_message:
            raise SharesAndSilence(field=f"variants.{index}.no_message", variant=variant.key)
        if variant.weight < floor:
            raise ShareBelowFloor(
                field=f"variants.{index}.weight",
                variant=variant.key,
                weight=variant.weight,
                floor=floor,
            )

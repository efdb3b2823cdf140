"""What may stand beside a verdict, one of each kind, for examples that tell all of it."""

from datetime import UTC, datetime

from experiments.assignment.gates import COMPARED, HELD_OUT
from experiments.kpis.document import Text
from experiments.reporting.adaptive.facts import AdaptiveFact, BatchFact
from experiments.reporting.depth_facts import (
    Adjustment,
    CreditRule,
    DayEffect,
    FunnelStep,
    Plain,
    Uncapped,
)
from experiments.reporting.goal_facts import Range
from experiments.reporting.group_facts import DimensionFact, GroupFact
from experiments.reporting.health_facts import DeliveryFact, SplitCause
from experiments.reporting.holdout_facts import HoldoutGroup, HoldoutReport, Incremental, Return

NOT_ADJUSTED = (
    ("covariate", "too_few_units"), ("covariate", "no_covariate"), ("covariate", "unbalanced"),
    ("covariate", "weak_covariate"), ("covariate", "scarce_outcomes"),
    ("covariate", "nothing_left"), ("phases", "no_shared_stratum"), ("phases", "scarce_outcomes"),
    ("phases", "nothing_left"),
)  # fmt: skip
LARGER, SMALLER = Range(126.0, 658.0), Range(110.0, 530.0)
SEEN = Plain(392.0, LARGER, 0.004, shown=True)
FINER = Plain(320.0, SMALLER, 0.003, shown=True)
UNSEEN = Plain(58.0, Range(-210.0, 326.0), 0.67, shown=False)
NO_NUMBER = Plain(None, None, None, shown=False, gap="a variance needs at least two units")


def adjusted(kind: str, *, used: bool = True, gain: float = 0.2) -> Adjustment:
    """A comparison that accounts for something known before."""
    left_out = 0.04 if kind == "phases" else None
    return Adjustment(kind, used, FINER, SEEN, gain, 0.45, 0.4, left_out)


def not_adjusted(kind: str, why_not: str) -> Adjustment:
    """One that was withheld."""
    return Adjustment(kind, False, None, SEEN, why_not=why_not)


def uncapped(*, agree: bool) -> Uncapped:
    """The same with the large values in full."""
    values: dict[str, float | None] = {"a": 2_702.0, "b": 3_120.0}
    return Uncapped(300_000.0, values, {"b": SEEN if agree else UNSEEN}, agree)


def credit(*, agree: bool) -> tuple[CreditRule, ...]:
    """By every rule of credit; under the last there is nothing to count."""
    values: dict[str, float | None] = {"a": 2_652.0, "b": 3_044.0}
    return (
        CreditRule("any", True, values, {"b": SEEN}),
        CreditRule("last_message", False, values, {"b": SEEN if agree else UNSEEN}),
        CreditRule("first_message", False, values, {"b": SEEN}),
        CreditRule("own_tag", False, {"a": 0.0, "b": 0.0}, {"b": NO_NUMBER}),
    )


DAYS = (
    DayEffect(0, 6, {"a": 310.0, "b": 590.0}, {"b": SEEN}),
    DayEffect(0, 24, {"a": 610.0, "b": 990.0}, {"b": SEEN}),
    DayEffect(24, 168, {"a": 1_310.0, "b": 1_368.0}, {"b": UNSEEN}),
)
STEPS = (
    FunnelStep("open", {"a": 5_319, "b": 6_117}, {"a": 0.177, "b": 0.204}),
    FunnelStep("purchase", {"a": 60, "b": 71}, {"a": 0.002, "b": 0.0024}),
)
DELIVERY = (DeliveryFact("b", {"a": 0.985, "b": 0.97}, 1e-9, differs=True, most_bias=0.015),)
CAUSES = (
    SplitCause("sent", "channel", "email", {"a": 9_100, "b": 10_900}, {"a": 0.5, "b": 0.5},
               1e-12, broken=True),
    SplitCause("sent", "property:grade", "", {"a": 100, "b": 400}, {"a": 0.5, "b": 0.5},
               1e-12, broken=True),
)  # fmt: skip


def group(name: Text, difference: float, limits: Range, *, shown: bool = False) -> GroupFact:
    """One variant against the control in one group."""
    values: dict[str, float | None] = {"a": 0.15, "b": 0.15 + difference}
    units = {"a": 9_000, "b": 9_000}
    return GroupFact(name.en, name, units, values, difference, limits, 0.2, shown)


KAKAO, MAIL = Text("카카오 알림톡", "Kakao Alimtalk"), Text("이메일", "e-mail")
VIPS, OTHERS = Text("VIP 고객", "VIP customers"), Text("그 밖의 고객", "everybody else")
CHANNEL, GRADE = Text("채널", "Channel"), Text("등급", "grade")


def apart(one: Text, other: Text) -> tuple[GroupFact, ...]:
    """Two groups of which one looks different."""
    large = group(one, 0.03, Range(0.012, 0.048), shown=True)
    return large, group(other, 0.004, Range(-0.008, 0.016))


def alike(one: Text, other: Text) -> tuple[GroupFact, ...]:
    """Two groups that look the same."""
    small = group(one, 0.006, Range(-0.012, 0.024))
    return small, group(other, 0.004, Range(-0.008, 0.016))


NEW = Text("새 고객", "New customers")
MET = Text("1시간 뒤", "after an hour"), Text("하루 뒤", "after a day")
TOO_FEW = GroupFact(
    "sms", Text("문자", "SMS"), {"a": 12, "b": 9}, {"a": 0.1, "b": 0.1},
    gap="a variant has 9 units in the segment, expected 100 or more",
)  # fmt: skip


def dimension(
    key: str,
    name: Text,
    groups: tuple[GroupFact, ...],
    *,
    supported: bool = False,
    by_baselines: bool = False,
    gap: str | None = None,
) -> DimensionFact:
    """The opens of B by one thing known of the customers."""
    kind = key.partition(":")[0]
    return DimensionFact(
        "human_open", key, kind, name, "b", "B안", groups,
        interaction=None if gap else 0.2, p_value=None if gap else 0.4,
        supported=supported, explained_by_baselines=by_baselines, gap=gap,
    )  # fmt: skip


DIMENSIONS = (
    dimension(
        "channel", CHANNEL, (*apart(KAKAO, MAIL), TOO_FEW), supported=True, by_baselines=True
    ),
    dimension("property:grade", GRADE, alike(Text("gold", "gold"), Text("silver", "silver")),
              supported=True),
    dimension("property:region", Text("지역", "region"), apart(Text("북", "N"), Text("남", "S"))),
    dimension("saved:vip", VIPS, apart(VIPS, OTHERS)),
    dimension("history:new", NEW, alike(NEW, OTHERS)),
    dimension("test:cart", Text("장바구니 알림", "Cart reminder"), apart(*MET)),
    dimension(
        "channel", CHANNEL, (TOO_FEW,), gap="fewer than two segments can be compared"
    ),
)  # fmt: skip


def batch(number: int, share_of_b: float, stayed: str | None = None) -> BatchFact:
    """A day of shares that follow the results."""
    shares = {"a": 1 - share_of_b, "b": share_of_b}
    first = number == 1 or stayed is not None
    return BatchFact(
        number, datetime(2025, 3, 9 + number, tzinfo=UTC), shares,
        best=None if first else shares, rests_on={"a": 900 * number, "b": 950 * number},
        stayed=stayed, units={"a": 900, "b": 1_100}, split_p=None if first else 0.4,
        as_of=None if first else datetime(2025, 3, 9 + number, tzinfo=UTC),
        ledger_position=None if first else 1_000 * number,
    )  # fmt: skip


def followed(*batches: BatchFact, ended_early: bool = False) -> AdaptiveFact:
    """The run of a test whose shares follow its clicks."""
    return AdaptiveFact("thompson", 0.1, "day", "human_open", batches, "none", ended_early)


_SINCE, _UNTIL = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 31, tzinfo=UTC)


def holdout(
    *, shown: bool = True, gap: str | None = None, returns: bool = True, unit: str = "money"
) -> HoldoutReport:
    """499 customers without any message beside 9,501 with them."""
    incremental = Incremental(
        315.0, Range(52.8, 578.9), 2_992_815.0, Range(502_009.0, 5_500_000.0), 0.12, 0.02, shown,
        "welch",
    )  # fmt: skip
    if unit == "days":
        incremental = Incremental(-1.5, Range(-2.0, -1.0), 0.0, Range(0, 0), None, 0.01, shown, "")
    return HoldoutReport(
        holdout="everywhere", name="전체 미발송", kpi="revenue",
        kpi_name=Text("고객당 매출", "Revenue per customer"), kind="mean", unit_of_measure=unit,
        currency="KRW" if unit == "money" else None, known_by=_UNTIL, since=_SINCE, until=_UNTIL,
        groups=(
            HoldoutGroup(HELD_OUT, 499, 1_309_875.0, 2_625.0),
            HoldoutGroup(COMPARED, 9_501, 27_932_940.0, 2_940.0),
        ),
        incremental=None if gap else incremental,
        returns=Return(142_515.0, 21.0, Range(3.5, 38.6)) if returns and not gap else None,
        gap=gap, ledger_position=182_331,
    )  # fmt: skip

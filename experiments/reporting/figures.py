"""Numbers and times as a reader sees them, in one language and the project's time zone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from experiments.kpis.document import KpiDocument
from experiments.reporting.depth_facts import Plain
from experiments.reporting.goal_facts import Comparison, Goal, Range
from experiments.reporting.report import Report
from experiments.reporting.wording import moments, numbers
from experiments.reporting.wording.depth import plain_text
from experiments.reporting.wording.facts import worst_of
from experiments.reporting.wording.reasons import say_gap
from experiments.reporting.wording.scales import Scale
from experiments.reporting.words import word


@dataclass(frozen=True)
class Figures:
    """How this reader's numbers are written.

    Attributes:
        language: ``ko`` or ``en``.
        zone: IANA time zone of the project.
    """

    language: str
    zone: str

    def scale(self, goal: Goal | KpiDocument) -> Scale:
        """The scale of a KPI's values."""
        return Scale(goal.unit_of_measure, goal.currency, self.language)

    def short_name(self, goal: Goal) -> str:
        """The KPI's name on a chart."""
        return goal.short_name.in_language(self.language)

    def wanted(self, goal: Goal) -> str:
        """Which direction is better."""
        return word(goal.direction, self.language)

    def values(self, goal: Goal, values: Sequence[float | None]) -> list[str]:
        """The values of a KPI written alike, so that a column lines up."""
        known = iter(self.scale(goal).values(*(value for value in values if value is not None)))
        return ["–" if value is None else next(known) for value in values]

    def value(self, goal: Goal | KpiDocument, value: float | Decimal) -> str:
        """One value of a KPI."""
        return self.scale(goal).values(float(value))[0]

    def total(self, goal: Goal, total: float) -> str:
        """A sum over customers."""
        if goal.unit_of_measure == "rate":
            return numbers.count(total)
        scale = self.scale(goal).of_totals
        return "–" if scale is None else scale.values(total)[0]

    def around(self, goal: Goal, between: Range | None) -> str:
        """The range of a value; nothing where there is none."""
        ends = _ends(between)
        return self.scale(goal).values_between(ends)[0] if ends else ""

    def column(self, goal: Goal) -> list[tuple[str, str]]:
        """The value of every variant and the range around it, all written alike.

        A range that there is none of is empty.
        """
        scale = self.scale(goal)
        known = [arm.value for arm in goal.arms if arm.value is not None]
        ends = [each for arm in goal.arms if (each := _ends(arm.interval)) is not None]
        values, ranges = map(iter, scale.column(known, ends))
        return [
            (
                "–" if arm.value is None else next(values),
                "" if _ends(arm.interval) is None else next(ranges),
            )
            for arm in goal.arms
        ]

    def harm(self, goal: Goal, entry: Comparison) -> tuple[str, str] | None:
        """Of a guardrail: the difference, and the worst it may be; None if it is not judged."""
        return worst_of(goal, entry, self.language)

    def difference(self, goal: Goal, difference: float) -> str:
        """A difference with its sign."""
        return self.scale(goal).of_differences.signed(difference)[0]

    def size(self, goal: Goal, difference: float) -> str:
        """A difference without its sign."""
        return self.scale(goal).of_differences.sizes(difference)[0]

    def between(self, goal: Goal, between: Range | None) -> str:
        """The range of a difference, with signs; an ellipsis where it has no limit."""
        return self._between(self.scale(goal).of_differences, between)

    def lift(self, goal: Goal, difference: float, between: Range | None) -> tuple[str, str]:
        """A difference and its range, written alike."""
        if between is None or between.lower is None or between.upper is None:
            return self.difference(goal, difference), self.between(goal, between)
        scale = self.scale(goal).of_differences
        return scale.signed_with_range(difference, between.lower, between.upper)

    def ticks(self, goal: Goal, differences: Sequence[float]) -> tuple[str, ...]:
        """Differences along the edge of a chart: short, and written alike."""
        return self.scale(goal).of_differences.marks(*differences)

    def relative(self, share: float) -> str:
        """A relative difference."""
        return numbers.relative(share)

    def relative_between(self, between: Range) -> str:
        """The range of a relative difference."""
        ends = [_or_unlimited(end, numbers.relative) for end in (between.lower, between.upper)]
        return self._joint.join(ends)

    def share(self, fraction: float) -> str:
        """A share of customers."""
        return numbers.share(fraction)

    def ratio(self, shares: Iterable[float]) -> str:
        """A split."""
        return numbers.ratio(list(shares))

    def count(self, number: float) -> str:
        """A whole number."""
        return numbers.count(number)

    def chance(self, p_value: float | None) -> str:
        """A small number for analysts, in as many decimals as it needs."""
        if p_value is None:
            return "–"
        return f"{p_value:.4f}" if p_value >= 0.0001 else f"{p_value:.1e}"

    def moment(self, at: datetime | None) -> str:
        """A time with its year."""
        return "–" if at is None else moments.dated_moment(at, self.zone, self.language)

    def short_moment(self, at: datetime) -> str:
        """A time of this year's."""
        return moments.moment(at, self.zone, self.language)

    def day(self, on: date) -> str:
        """A day.

        Examples:
            >>> Figures("ko", "Asia/Seoul").day(date(2025, 3, 12))
            '2025년 3월 12일'
        """
        if self.language == "ko":
            return f"{on.year}년 {on.month}월 {on.day}일"
        return f"{on.day} {on:%B} {on.year}"

    def short_day(self, at: datetime) -> str:
        """The day that ends then or runs then, without its year.

        Examples:
            >>> from datetime import UTC
            >>> midnight = datetime(2025, 3, 12, 15, 0, tzinfo=UTC)
            >>> Figures("ko", "Asia/Seoul").short_day(midnight)
            '3월 12일'
        """
        on = (at - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()
        return f"{on.month}월 {on.day}일" if self.language == "ko" else f"{on.day} {on:%B}"

    def day_of(self, at: datetime) -> str:
        """The day of a time, in the project's zone."""
        return self.day(at.astimezone(ZoneInfo(self.zone)).date())

    def points(self, difference: float) -> str:
        """A difference of rates."""
        return Scale("points", None, self.language).signed(difference)[0]

    def window(self, hours: int) -> str:
        """The length of a window."""
        return moments.duration(hours, self.language)

    def level(self, document: KpiDocument, value: Decimal) -> str:
        """A level of a target: a value, or growth over today's."""
        if document.target is not None and document.target.relative:
            return numbers.relative(float(value))
        return self.value(document, value)

    def plain(self, goal: Goal, found: Plain) -> str:
        """A comparison in few numbers."""
        return plain_text(goal, found, self.language)

    def gap(self, entry: Comparison) -> str:
        """Why there is no comparison."""
        return self.reason(entry.gap) if entry.gap else ""

    def reason(self, gap: str) -> str:
        """Why a number is missing."""
        return say_gap(gap, self.language)

    def tone(self, entry: Comparison) -> str:
        """Better or worse where a difference is shown, else unclear."""
        if not entry.significant or entry.better is None:
            return "unclear"
        return "better" if entry.better else "worse"

    @property
    def _joint(self) -> str:
        return "~" if self.language == "ko" else " to "

    def _between(self, scale: Scale, between: Range | None) -> str:
        if between is None or (between.lower is None and between.upper is None):
            return "–"
        ends = _ends(between)
        if ends is not None:
            return scale.signed_between(*ends)
        return self._joint.join(
            _or_unlimited(end, lambda end: scale.signed(end)[0])
            for end in (between.lower, between.upper)
        )


def _ends(between: Range | None) -> tuple[float, float] | None:
    if between is None or between.lower is None or between.upper is None:
        return None
    return between.lower, between.upper


def _or_unlimited(end: float | None, write: Callable[[float], str]) -> str:
    """An end of a range; an ellipsis where it has no limit."""
    return "…" if end is None else write(end)


def lift_of(report: Report, entry: Comparison) -> Range | None:
    """The range that may be shown: at the end that of the verdict, before it what always holds."""
    if report.final:
        return entry.interval_adjusted or entry.interval
    return entry.always_valid

"""What stands beside a comparison: adjustments, capped values, credit, days, expectations."""

from dataclasses import dataclass, field

from experiments.reporting.ranges import Range


@dataclass(frozen=True)
class Plain:
    """A comparison in few numbers, beside the one that decides.

    Attributes:
        difference: Variant minus control, in the KPI's unit.
        shown: Whether a difference is shown.
        gap: Why there is none.
    """

    difference: float | None
    interval: Range | None
    p_value: float | None
    shown: bool
    gap: str | None = None


@dataclass(frozen=True)
class Adjustment:
    """A comparison that accounts for something known before, beside the one that does not.

    Attributes:
        kind: ``covariate`` (the customers' own values before the test) or ``phases`` (each
            phase of the allocation compared with itself).
        used: Whether the verdict goes by it.
        adjusted: The comparison that accounts for it; None if withheld.
        unadjusted: The one that does not.
        gain: Share of the difference's variance that it removed; below 0 where it cost.
        correlation: Of the KPI and the values before; None where it does not exist.
        balance_p: Of equal values before in both variants.
        left_out: Share of the customers that it cannot compare, a fraction.
        why_not: Why it is withheld: a name of ``stats.variance_reduction.WhyNot``.
    """

    kind: str
    used: bool
    adjusted: Plain | None
    unadjusted: Plain
    gain: float | None = None
    correlation: float | None = None
    balance_p: float | None = None
    left_out: float | None = None
    why_not: str | None = None


@dataclass(frozen=True)
class Expectation:
    """What to expect of a winner in use.

    Attributes:
        relative: Expected relative lift, a fraction, nearer to 0 than the observed one.
        relative_interval: Of that.
        difference: The same in the KPI's unit, on the control's value.
        share_kept: Of the observed lift's logarithm, a fraction.
        past_tests: That the expectation rests on; 0: usual lifts.
        ended_tests: Of the KPI's kind in the project, that there were.
    """

    relative: float
    relative_interval: Range
    difference: float
    share_kept: float
    past_tests: int
    ended_tests: int = 0


@dataclass(frozen=True)
class Rest:
    """What a winner is expected to bring, sent to the customers of the list outside the test.

    Attributes:
        units: These customers.
        total: Beside sending them the control: customers with the outcome, or a sum in the
            KPI's unit, over all of them.
        interval: Of that.
        corrected: Whether it rests on what to expect in use, and not on what was observed.
    """

    units: int
    total: float
    interval: Range
    corrected: bool


@dataclass(frozen=True)
class Uncapped:
    """A KPI without its cap.

    Attributes:
        cap: In the KPI's unit.
        values: By variant key.
        comparisons: By key of the variant.
        agree: Whether with and without say the same of every variant.
    """

    cap: float
    values: dict[str, float | None]
    comparisons: dict[str, Plain]
    agree: bool


@dataclass(frozen=True)
class CreditRule:
    """A KPI as it would be if another message got the credit.

    Attributes:
        rule: any, last_message, first_message or own_tag.
        own: Whether it is the KPI's.
        values: By variant key.
        comparisons: By key of the variant.
    """

    rule: str
    own: bool
    values: dict[str, float | None]
    comparisons: dict[str, Plain]


@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel.

    Attributes:
        event: Its type.
        units: Customers who took it, by variant key.
        shares: Of the customers counted, by variant key.
        passed: Of the customers who took the step before (of the first step: of those
            counted), by variant key.
    """

    event: str
    units: dict[str, int]
    shares: dict[str, float | None]
    passed: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class DayEffect:
    """What happened between two moments after each customer's anchor.

    Attributes:
        from_hours, to_hours: After the anchor.
        values: Of that time alone, by variant key.
        comparisons: By key of the variant.
    """

    from_hours: int
    to_hours: int
    values: dict[str, float | None]
    comparisons: dict[str, Plain] = field(default_factory=dict)

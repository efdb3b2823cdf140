"""The kinds of KPI, what a formula of each may hold, and what each may be used for."""

from dataclasses import dataclass

from experiments.kpis.text import Text

_COUNTS = frozenset({"occurrence", "count", "distinct", "days"})
_SUMS = frozenset({"amount", "number", "message_cost"})
_TERMS = frozenset({"plus", "minus", "cap"})

PARTS = (
    "plus", "minus", "cap", "denominator", "quantile", "over", "since", "step", "then", "bands",
)  # fmt: skip
"""Fields of a formula that belong to some kinds only."""


@dataclass(frozen=True)
class KpiKind:
    """What a kind of KPI means.

    Attributes:
        key: Name in documents.
        name: On screen.
        family: Of the methods that compare it, in ``experiments/reporting/families.py``.
        values: What a formula of this kind may take from events.
        units_of_measure: What a number of this kind can be read in.
        can_be_primary: Whether a verdict may rest on it; a single document may be descriptive
            all the same.
        needs: Parts of the formula that it cannot do without.
        takes: Parts that it may have besides.
        covariate: Whether the same value from before the anchor can sharpen a comparison.
        share: Whether it is a share of customers, from 0 to 1.
        of_money: Whether it may be made of money and be read in another unit: revenue over cost.
        repeats: Whether ``at_least`` may say how often something has to happen.
        of_all_tests: Whether it is about all messages that a customer got, not the test's own.
    """

    key: str
    name: Text
    family: str
    values: frozenset[str]
    units_of_measure: frozenset[str]
    can_be_primary: bool
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    covariate: bool = False
    share: bool = False
    of_money: bool = False
    repeats: bool = True
    of_all_tests: bool = False


KINDS = {
    kind.key: kind
    for kind in (
        KpiKind(
            "proportion",
            Text("고객 비율", "Share of customers"),
            "rates",
            frozenset({"occurrence", "absence"}),
            frozenset({"rate"}),
            can_be_primary=True,
            covariate=True,
            share=True,
        ),
        KpiKind(
            "mean",
            Text("고객당 평균", "Average per customer"),
            "means",
            _COUNTS | _SUMS | {"series"},
            frozenset({"count", "money", "days", "score"}),
            can_be_primary=True,
            takes=_TERMS,
            covariate=True,
            of_all_tests=True,
        ),
        KpiKind(
            "ratio",
            Text("두 합계의 비율", "Ratio of two sums"),
            "ratios",
            _COUNTS | _SUMS | {"series"},
            frozenset({"rate", "count", "money", "days"}),
            can_be_primary=True,
            needs=frozenset({"denominator"}),
            takes=_TERMS,
            covariate=True,
            of_money=True,
        ),
        KpiKind(
            "score",
            Text("응답 점수", "Score of answers"),
            "scores",
            frozenset({"amount", "number"}),
            frozenset({"score"}),
            can_be_primary=False,
            takes=frozenset({"bands"}),
        ),
        KpiKind(
            "time_to_event",
            Text("일어날 때까지 걸린 시간", "Time until it happens"),
            "times",
            frozenset({"occurrence"}),
            frozenset({"days"}),
            can_be_primary=True,
            takes=frozenset({"since", "step"}),
            repeats=False,
        ),
        KpiKind(
            "quantile",
            Text("중앙값 등 분위값", "Value in the middle, or at another place"),
            "quantiles",
            (_COUNTS - {"occurrence"}) | _SUMS,
            frozenset({"count", "money", "days", "score"}),
            can_be_primary=True,
            needs=frozenset({"quantile"}),
            takes=_TERMS | {"over"},
            of_all_tests=True,
        ),
        KpiKind(
            "funnel",
            Text("순서가 있는 단계", "Steps in order"),
            "rates",
            frozenset({"occurrence"}),
            frozenset({"rate"}),
            can_be_primary=True,
            needs=frozenset({"then"}),
            share=True,
            repeats=False,
        ),
    )
}
SHARES = frozenset(key for key, kind in KINDS.items() if kind.share)
SUMMED = tuple(key for key, kind in KINDS.items() if kind.family in {"rates", "means"})
"""Kinds whose values add up over customers."""

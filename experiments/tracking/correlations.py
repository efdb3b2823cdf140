"""What is answered of two KPIs that may move together, as plain values."""

from dataclasses import dataclass

FEWEST_PAIRS = 20
MOST_LAGS = 60
ALPHA = 0.05
TOO_FEW, NO_VARIATION, TOO_FEW_TESTS = "too_few_periods", "no_variation", "too_few_tests"
FEWEST_TESTS = 5


@dataclass(frozen=True)
class LagCorrelation:
    """At one lag.

    Attributes:
        lag: By so many periods the second KPI is later than the first.
        pairs: Periods in which both are known.
        correlation: From -1 to 1; None where there are too few pairs.
        interval: Of 95 %.
        p_value_adjusted: For all the lags that are looked at.
    """

    lag: int
    pairs: int
    correlation: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    p_value_adjusted: float | None

    @property
    def shown(self) -> bool:
        """Whether more than chance, for all lags together."""
        return self.p_value_adjusted is not None and self.p_value_adjusted < ALPHA


@dataclass(frozen=True)
class Correlation:
    """The answer.

    Attributes:
        pairs: Steps from one period to the next in which both are known.
        filtered: Order of the autoregression that both went through.
        lags: In order; empty where there is a gap.
        gap: ``too_few_periods`` or ``no_variation``; None where there is an answer.
    """

    period: str
    pairs: int
    filtered: int
    lags: tuple[LagCorrelation, ...]
    gap: str | None

    @property
    def strongest(self) -> LagCorrelation | None:
        """The lag at which most is shown; None where no lag shows more than chance."""
        shown = [each for each in self.lags if each.shown]
        return max(shown, key=lambda each: abs(each.correlation or 0.0)) if shown else None


@dataclass(frozen=True)
class LiftsOfTest:
    """One test: what its first variant did to either KPI, with standard errors."""

    experiment: str
    variant: str
    leading: float
    leading_error: float
    lagging: float
    lagging_error: float


@dataclass(frozen=True)
class LeftOut:
    """A test that cannot tell, and why."""

    experiment: str
    reason: str


@dataclass(frozen=True)
class Foretelling:
    """Whether the lift of a leading KPI foretold that of a lagging one.

    Attributes:
        tests: Those that measured both to their end.
        left_out: Those that name both KPIs and cannot tell.
        slope: Lagging lift for each unit of leading lift; None where there is a gap.
        interval: Of the slope, 95 %.
        intercept: Lagging lift where the leading one is none.
        p_value: That the slope is none.
        same_direction: Tests in which both went the same way.
        reliability: Share of the spread of leading lifts that is not their own error; the
            slope is closer to zero than the true one by about this factor.
        gap: ``too_few_tests`` or ``no_variation``; None where there is an answer.
    """

    tests: tuple[LiftsOfTest, ...]
    left_out: tuple[LeftOut, ...]
    slope: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    same_direction: int
    reliability: float | None
    gap: str | None
    intercept: float | None = None

    @property
    def shown(self) -> bool:
        """Whether the slope is more than chance."""
        return self.p_value is not None and self.p_value < ALPHA

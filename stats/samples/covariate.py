"""The sample of an outcome beside a value known before the start: what CUPED needs."""

from collections.abc import Iterable
from dataclasses import dataclass

from stats.samples.binomial import BinomialSample
from stats.samples.gram import is_gram
from stats.samples.integers import check_integers
from stats.samples.mean import MeanSample
from stats.samples.ratio import RatioSample

Outcome = BinomialSample | MeanSample | RatioSample


@dataclass(frozen=True)
class CovariateSample:
    """Units of a variant with an outcome y, a covariate x and their products.

    The covariate is the units' own value before the start. A unit without one, a new
    customer, counts as ``missing`` and with x = 0; that it is missing is a second
    covariate. The outcome may be a rate's (y is 0 or 1), a mean's or a ratio's (y over a
    denominator d).

    Attributes:
        outcome: The sample that a comparison without covariate takes.
        covariate: Of all units; 0 for those without.
        sum_xy: Sum of the products of covariate and outcome (a ratio's numerator).
        missing: Units without covariate.
        missing_y: Sum of their outcomes.
        sum_xd: Sum of the products of covariate and denominator; None unless a ratio.
        missing_d: Sum of the missing units' denominators; None unless a ratio.

    Raises:
        ValueError: If no units could have these sums.

    Examples:
        >>> sample = CovariateSample.of([(10, 8), (0, 0), (30, None), (12, 14)])
        >>> sample.outcome
        MeanSample(units=4, total=52, squares=1144, scale=1)
        >>> sample.covariate.total, sample.sum_xy, sample.missing, sample.missing_y
        (22, 248, 1, 30)
    """

    outcome: Outcome
    covariate: MeanSample
    sum_xy: int
    missing: int = 0
    missing_y: int = 0
    sum_xd: int | None = None
    missing_d: int | None = None

    def __post_init__(self) -> None:
        denominators = (self.sum_xd, self.missing_d)
        given = [sums for sums in denominators if sums is not None]
        check_integers(self.sum_xy, self.missing, self.missing_y, *given)
        if len(given) != (2 if isinstance(self.outcome, RatioSample) else 0):
            raise ValueError(f"sums with a denominator are {denominators} of {self.outcome}")
        if not (self.units == self.covariate.units and self._missing_fit and is_gram(self.gram)):
            raise ValueError(f"no units have the sums {self}")

    @classmethod
    def of(
        cls,
        pairs: Iterable[tuple[int, int | None]],
        scale: int = 1,
        covariate_scale: int = 1,
    ) -> "CovariateSample":
        """Sum up scaled (outcome, covariate or None), one pair for each unit."""
        rows = [(y, 1, x) for y, x in pairs]
        return cls._summed(MeanSample.of((y for y, _, _ in rows), scale), rows, covariate_scale)

    @classmethod
    def of_binary(
        cls, pairs: Iterable[tuple[bool, int | None]], covariate_scale: int = 1
    ) -> "CovariateSample":
        """Sum up (had the outcome, covariate or None), one pair for each unit."""
        rows = [(int(y), 1, x) for y, x in pairs]
        outcome = BinomialSample(len(rows), sum(y for y, _, _ in rows))
        return cls._summed(outcome, rows, covariate_scale)

    @classmethod
    def of_ratio(
        cls,
        triples: Iterable[tuple[int, int, int | None]],
        scale_y: int = 1,
        scale_x: int = 1,
        covariate_scale: int = 1,
    ) -> "CovariateSample":
        """Sum up scaled (numerator, denominator, covariate or None), one for each unit."""
        rows = list(triples)
        outcome = RatioSample.of(((y, d) for y, d, _ in rows), scale_y, scale_x)
        return cls._summed(outcome, rows, covariate_scale)

    @classmethod
    def _summed(
        cls, outcome: Outcome, rows: list[tuple[int, int, int | None]], covariate_scale: int
    ) -> "CovariateSample":
        missing = [(y, d) for y, d, x in rows if x is None]
        ratio = isinstance(outcome, RatioSample)
        return cls(
            outcome,
            MeanSample.of((x or 0 for _, _, x in rows), covariate_scale),
            sum(y * (x or 0) for y, _, x in rows),
            len(missing),
            sum(y for y, _ in missing),
            sum(d * (x or 0) for _, d, x in rows) if ratio else None,
            sum(d for _, d in missing) if ratio else None,
        )

    def __add__(self, other: "CovariateSample") -> "CovariateSample":
        return CovariateSample(
            add_outcomes(self.outcome, other.outcome),
            self.covariate + other.covariate,
            self.sum_xy + other.sum_xy,
            self.missing + other.missing,
            self.missing_y + other.missing_y,
            _added(self.sum_xd, other.sum_xd),
            _added(self.missing_d, other.missing_d),
        )

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return self.outcome.units

    @property
    def ratio(self) -> RatioSample:
        """The outcome as a ratio; a rate's or mean's denominators are 1."""
        if isinstance(self.outcome, RatioSample):
            return self.outcome
        return RatioSample.per_unit(self.outcome)

    @property
    def covariate_by_denominator(self) -> int:
        """Sum of the products of covariate and denominator."""
        return self.covariate.total if self.sum_xd is None else self.sum_xd

    @property
    def missing_by_denominator(self) -> int:
        """Sum of the missing units' denominators."""
        return self.missing if self.missing_d is None else self.missing_d

    @property
    def gram(self) -> tuple[tuple[int, ...], ...]:
        """Sums of the products of 1, y, d, x and the missing indicator: shape (5, 5)."""
        (n, y, d), (_, yy, yd), (_, _, dd) = self.ratio.gram
        x, xx, m = self.covariate.total, self.covariate.squares, self.missing
        xd, my, md = self.covariate_by_denominator, self.missing_y, self.missing_by_denominator
        return (
            (n, y, d, x, m),
            (y, yy, yd, self.sum_xy, my),
            (d, yd, dd, xd, md),
            (x, self.sum_xy, xd, xx, 0),
            (m, my, md, 0, m),
        )

    @property
    def _missing_fit(self) -> bool:
        if isinstance(self.outcome, BinomialSample):
            present = self.units - self.missing
            succeeded = self.outcome.successes - self.missing_y
            return 0 <= self.missing_y <= self.missing and 0 <= succeeded <= present
        return 0 <= self.missing_by_denominator <= self.ratio.sum_x


def add_outcomes(one: Outcome, other: Outcome) -> Outcome:
    """Add two samples of one kind.

    Raises:
        ValueError: If they are of two kinds, or of two scales.
    """
    match one, other:
        case BinomialSample(), BinomialSample():
            return one + other
        case MeanSample(), MeanSample():
            return one + other
        case RatioSample(), RatioSample():
            return one + other
    raise ValueError(f"outcomes are {one} and {other}, expected one kind")


def _added(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other

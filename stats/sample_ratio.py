"""Whether the variants have the shares of units they were planned to have.

Pearson's chi-square test with the upper tail computed as such: one minus the lower tail
would be 0 below 1e-16. A variant of weight 0 is no part of the test, a variant without
units is. After a change of allocation the expected counts of the phases are added up.
Only for counts up to the experiment's anchor, never for outcomes such as opens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from scipy.special import chdtrc

from stats.errors import NotEnoughData

# A check runs on every report of every test, so a false alarm has to be rare.
ALPHA = 0.001

# Below this expected count the chi-square distribution is no approximation.
LEAST_EXPECTED = 5

# Beyond about one in 1e300 a float no longer tells.
_LEAST_P_VALUE = 1e-300

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Split:
    """Units counted per variant in one phase, and the weights that allocated them.

    Attributes:
        observed: Units of each variant.
        weights: Planned weight of each variant, in the same order: fractions, bucket
            counts or any numbers in proportion; 0 for a variant that takes no units.

    Raises:
        ValueError: If lengths differ, or a number is negative, NaN or infinite.
    """

    observed: Sequence[int]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.observed) != len(self.weights):
            raise ValueError(
                f"{len(self.observed)} counts and {len(self.weights)} weights, expected as many"
            )
        if not all(0 <= number < float("inf") for number in (*self.observed, *self.weights)):
            raise ValueError("a count or a weight is negative or not finite")

    @property
    def counted(self) -> tuple[int, ...]:
        """Units of each variant that takes units in this phase; 0 for the others."""
        pairs = zip(self.observed, self.weights, strict=True)
        return tuple(units if weight > 0 else 0 for units, weight in pairs)

    @property
    def expected(self) -> tuple[float, ...]:
        """Units each variant would have had in the planned shares."""
        units, weights = sum(self.counted), sum(self.weights)
        return tuple(units * (weight / weights) if weight else 0.0 for weight in self.weights)


@dataclass(frozen=True)
class SampleRatio:
    """How the observed split compares with the planned one.

    Attributes:
        observed: Units of each variant, of those with a weight.
        expected: Units each would have had; 0 for a variant of weight 0.
        outside: Units met in a variant while its weight was 0; not part of the test.
        chi_square: Pearson's statistic.
        degrees: Its degrees of freedom.
        p_value: Chance of a split at least this far from the planned one.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    outside: int
    chi_square: float
    degrees: int
    p_value: float

    @property
    def observed_shares(self) -> tuple[float, ...]:
        """Share of all units in each variant, fractions."""
        return tuple(units / sum(self.observed) for units in self.observed)

    @property
    def expected_shares(self) -> tuple[float, ...]:
        """Share of all units planned for each variant, fractions."""
        return tuple(units / sum(self.expected) for units in self.expected)

    @property
    def lost_shares(self) -> tuple[float, ...]:
        """The least share of each variant's units that losses alone must have taken; 0 if none.

        The variant with most units for its plan is taken to have lost nobody. If those lost from a
        variant are all alike, a rate of it is off by up to this much.

        Examples:
            >>> split = check_sample_ratio([29_100, 30_900], [1, 1])
            >>> [round(share, 4) for share in split.lost_shares]  # 1,800 of 30,900
            [0.0583, 0.0]
        """
        pairs = tuple(zip(self.observed, self.expected, strict=True))
        fullest = max(units / planned for units, planned in pairs if planned > 0)
        return tuple(
            1 - units / (planned * fullest) if planned > 0 else 0.0 for units, planned in pairs
        )

    @property
    def one_in(self) -> int | None:
        """N in "about once in N tests"; None if rarer than floats can say."""
        return round(1 / self.p_value) if self.p_value >= _LEAST_P_VALUE else None

    @property
    def broken(self) -> bool:
        """Whether the split is so unlikely that verdicts are to be withheld."""
        return self.p_value < ALPHA


def check_sample_ratio(observed: Sequence[int], weights: Sequence[float]) -> SampleRatio:
    """Test one phase's counts against its weights.

    Args:
        observed: Units of each variant.
        weights: Planned weight of each, in the same order and any unit of measure.

    Raises:
        NotEnoughData: If fewer than two variants have a weight, or one of them expects
            fewer than 5 units.
        ValueError: If lengths differ, or a number is negative, NaN or infinite.

    Examples:
        >>> split = check_sample_ratio([29_100, 30_900], [0.5, 0.5])
        >>> split.chi_square, split.broken, split.observed_shares
        (54.0, True, (0.485, 0.515))
        >>> check_sample_ratio([1000, 1200, 900], [0.5, 0.5, 0]).one_in
        49804
    """
    return check_sample_ratio_by_phase([Split(observed, weights)])


def check_sample_ratio_by_phase(phases: Sequence[Split]) -> SampleRatio:
    """Test the counts of several phases at once, each with its own weights.

    Raises:
        NotEnoughData: If there is no phase, fewer than two variants have a weight, or
            one of them expects fewer than 5 units.
        ValueError: If phases list different numbers of variants.

    Examples:
        >>> ramp = Split([900, 100], [0.9, 0.1])
        >>> even = Split([1000, 1000], [0.5, 0.5])
        >>> check_sample_ratio_by_phase([ramp, even]).p_value
        1.0
    """
    if not phases:
        raise NotEnoughData("there are no phases to check")
    observed = _sum_by_variant([phase.counted for phase in phases])
    expected = _sum_by_variant([phase.expected for phase in phases])
    planned = [units for units in expected if units > 0]
    if len(planned) < 2:
        raise NotEnoughData("fewer than two variants were planned to take units and could")
    if min(planned) < LEAST_EXPECTED:
        raise NotEnoughData(f"a variant expects {min(planned):.1f} units, {LEAST_EXPECTED} needed")
    pairs = zip(observed, expected, strict=True)
    chi_square = sum((o - e) ** 2 / e for o, e in pairs if e > 0)
    return SampleRatio(
        observed=observed,
        expected=expected,
        outside=sum(sum(phase.observed) for phase in phases) - sum(observed),
        chi_square=chi_square,
        degrees=len(planned) - 1,
        p_value=float(chdtrc(len(planned) - 1, chi_square)),
    )


def _sum_by_variant(rows: Sequence[tuple[Number, ...]]) -> tuple[Number, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=True))

"""What a caller knows of one variant, by kind of KPI, and the sample that it makes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from experiments.errors import Invalid
from experiments.kpis.checks import check_number
from stats.samples import BinomialSample, MeanSample, RatioSample, ScoreSample

MOST_UNITS = 10**12
# Significant figures of a mean or a standard deviation that survive the way to integers.
_FIGURES = 12
_MOST_DECIMALS = 24

Figures = Mapping[str, Any]
Sample = BinomialSample | MeanSample | RatioSample | ScoreSample


@dataclass(frozen=True)
class Kind:
    """A kind of KPI that can be analysed from figures.

    Attributes:
        figures: Names of what must be known of each variant.
        unit_of_measure: Where the caller states none.
        samples: The variants' figures to samples that may be compared.
    """

    figures: tuple[str, ...]
    unit_of_measure: str
    samples: Callable[[Sequence[Figures]], list[Sample]]


def samples_of(kind: str, variants: Sequence[Figures]) -> list[Sample]:
    """Make one sample of each variant's figures.

    Raises:
        Invalid: Naming the figure (``variants.0.successes``) that is missing, of no use for
            this kind, or impossible.

    Examples:
        >>> samples_of("proportion", [{"units": 10, "successes": 3}])
        [BinomialSample(units=10, successes=3)]
    """
    wanted = KINDS[kind].figures
    for index, figures in enumerate(variants):
        for name in figures:
            if name not in wanted:
                raise Invalid(
                    field=f"variants.{index}.{name}",
                    expected=f"only {', '.join(wanted)} for a {kind}",
                    got=str(figures[name]),
                )
        for name in wanted:
            _check(figures.get(name), f"variants.{index}.{name}")
    return KINDS[kind].samples(variants)


def _check(value: Any, field: str) -> None:
    name = field.rpartition(".")[2]
    if value is None:
        raise Invalid(field=field, expected=f"the {name.replace('_', ' ')}", got=None)
    if isinstance(value, Decimal):
        check_number(value, field)
    if name in _COUNTS and not 0 <= value <= MOST_UNITS:
        raise Invalid(field=field, expected=f"a whole number from 0 to {MOST_UNITS}", got=value)
    if name.endswith("variance") and value < 0:
        raise Invalid(field=field, expected="a variance, 0 or more", got=str(value))


def _rates(variants: Sequence[Figures]) -> list[Sample]:
    return [
        _made(index, "successes", BinomialSample, figures["units"], figures["successes"])
        for index, figures in enumerate(variants)
    ]


def _means(variants: Sequence[Figures]) -> list[Sample]:
    scale = _scale([(figures["mean"], figures["variance"]) for figures in variants])
    return [
        _made(
            index,
            "variance",
            MeanSample.from_moments,
            figures["units"],
            Fraction(figures["mean"]),
            Fraction(figures["variance"]),
            scale=scale,
        )
        for index, figures in enumerate(variants)
    ]


def _ratios(variants: Sequence[Figures]) -> list[Sample]:
    moments = [
        (figures[f"{part}_mean"], figures[f"{part}_variance"])
        for figures in variants
        for part in ("numerator", "denominator")
    ]
    scale = _scale(moments)
    return [
        _made(
            index,
            "covariance",
            RatioSample.from_moments,
            figures["units"],
            numerator=(
                Fraction(figures["numerator_mean"]),
                Fraction(figures["numerator_variance"]),
            ),
            denominator=(
                Fraction(figures["denominator_mean"]),
                Fraction(figures["denominator_variance"]),
            ),
            covariance=Fraction(figures["covariance"]),
            scale=scale,
        )
        for index, figures in enumerate(variants)
    ]


def _scores(variants: Sequence[Figures]) -> list[Sample]:
    return [ScoreSample(*(figures[name] for name in _SCORE)) for figures in variants]


def _made(index: int, name: str, make: Callable[..., Sample], *args: Any, **kwargs: Any) -> Sample:
    try:
        return make(*args, **kwargs)
    except ValueError as impossible:
        raise Invalid(
            field=f"variants.{index}.{name}",
            expected="figures that a sample can have",
            got=str(impossible),
        ) from impossible


def _scale(moments: Sequence[tuple[Decimal, Decimal]]) -> int:
    """Parts of 1 to which all values are kept, so that the smallest figure stays exact enough."""
    sizes = [abs(float(mean)) for mean, _ in moments if mean]
    sizes += [math.sqrt(variance) for _, variance in moments if variance]
    wanted = _FIGURES - math.floor(math.log10(min(sizes, default=1.0)))
    return int(10 ** min(max(wanted, 0), _MOST_DECIMALS))


_COUNTS = frozenset({"units", "successes", "promoters", "passives", "detractors"})
_SCORE = ("promoters", "passives", "detractors")
_RATIO = (
    "units", "numerator_mean", "numerator_variance", "denominator_mean", "denominator_variance",
    "covariance",
)  # fmt: skip
KINDS: dict[str, Kind] = {
    "proportion": Kind(("units", "successes"), "rate", _rates),
    "mean": Kind(("units", "mean", "variance"), "count", _means),
    "ratio": Kind(_RATIO, "count", _ratios),
    "score": Kind(_SCORE, "score", _scores),
}

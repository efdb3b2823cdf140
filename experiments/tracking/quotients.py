"""What samples say as one number: numerator, denominator and value, exact where they are sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from experiments.measurement.formula.samples import QuantileSample, TimedSample
from experiments.measurement.kinds import KpiSample
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, RatioSample, ScoreSample, pool

DIGITS = 28
_PLACES_OF_TIME = 9


@dataclass(frozen=True)
class Quotient:
    """A value and what it is made of.

    Attributes:
        units: Customers counted.
        numerator, denominator: None where the value is no quotient.
        value: None where there is nothing to divide by.
    """

    units: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None


NOBODY = Quotient(0, None, None, None)


def quotient_of(sample: KpiSample, *, total: bool) -> Quotient:
    """The number that a sample says.

    Args:
        sample: Of the customers of one period, or of several.
        total: Whether a mean is read as the sum over all customers.

    Examples:
        >>> quotient_of(BinomialSample(8, 3), total=False).value
        Decimal('0.375')
        >>> quotient_of(MeanSample(4, 250, 62500, 100), total=True).value
        Decimal('2.5')
    """
    if isinstance(sample, QuantileSample):
        return Quotient(sample.units, None, None, _quantile(sample))
    if isinstance(sample, TimedSample):
        return Quotient(sample.units, None, None, _mean_time(sample))
    above, below = _sums(sample)
    if total:
        return Quotient(sample.units, above, None, above)
    return Quotient(sample.units, above, below, divided(above, below) if below else None)


def _sums(
    sample: BinomialSample | MeanSample | RatioSample | ScoreSample,
) -> tuple[Decimal, Decimal]:
    """Numerator and denominator."""
    match sample:
        case BinomialSample():
            return Decimal(sample.successes), Decimal(sample.units)
        case MeanSample():
            return divided(Decimal(sample.total), Decimal(sample.scale)), Decimal(sample.units)
        case ScoreSample():
            return Decimal(100 * (sample.promoters - sample.detractors)), Decimal(sample.units)
        case RatioSample():
            above = divided(Decimal(sample.sum_y), Decimal(sample.scale_y))
            return above, divided(Decimal(sample.sum_x), Decimal(sample.scale_x))


def pooled(samples: Iterable[KpiSample], *, total: bool) -> Decimal | None:
    """The value over several periods together; of totals, their mean per period."""
    kept = list(samples)
    if not kept:
        return None
    value = quotient_of(pool(kept), total=total).value
    if value is None or not total:
        return value
    return divided(value, Decimal(len(kept)))


def estimated(
    kind: str, sample: KpiSample, *, total: bool
) -> tuple[Decimal | None, Decimal | None] | None:
    """The range (95 %) of a sample's value, by the method that reports use; None without one."""
    from experiments.reporting.families import family_of  # noqa: PLC0415 - loads scipy

    try:
        interval = family_of(kind).estimate(sample).interval
    except NotEnoughData:
        return None
    customers = sample.units if total else 1
    lower, upper = (_or_none(end, customers) for end in (interval.lower, interval.upper))
    return lower, upper


def _or_none(end: float | None, times: int) -> Decimal | None:
    return None if end is None else Decimal(f"{end * times:.9g}")


def divided(above: Decimal, below: Decimal) -> Decimal:
    """A quotient to so many digits, whatever the process's own setting."""
    with localcontext() as context:
        context.prec = DIGITS
        return above / below


def _of(fraction: Fraction) -> Decimal:
    return divided(Decimal(fraction.numerator), Decimal(fraction.denominator))


def _quantile(sample: QuantileSample) -> Decimal | None:
    """Definition 2 of Hyndman and Fan (1996), as in ``stats.ranks``; exact."""
    counts, units = sample.values.counts, sample.units
    if not units:
        return None
    place = units * Fraction(str(sample.quantile))
    ranks = {int(place), int(place) + 1} if place.denominator == 1 else {int(place) + 1}
    found, up_to = [], 0
    for value, number in counts:
        found += [value for rank in ranks if up_to < rank <= up_to + number]
        up_to += number
    return _of(Fraction(sum(found), len(found) * sample.values.scale)) if found else None


def _mean_time(sample: TimedSample) -> Decimal | None:
    """Days until it happens, up to the window's end; exact where all are watched up to there."""
    rows, horizon = sample.table.rows, sample.horizon
    if not rows:
        return None
    if all(row.censored == 0 or row.time >= horizon for row in rows):
        steps = sum(min(row.time, horizon) * (row.events + row.censored) for row in rows)
        return _of(Fraction(steps, sample.table.units * sample.per_day))
    return _restricted(sample)


def _restricted(sample: TimedSample) -> Decimal | None:
    from stats.durations.restricted_mean import restricted_mean  # noqa: PLC0415 - loads scipy

    horizon = min(sample.horizon, sample.last_time)
    if horizon < 1:
        return None
    steps = restricted_mean(sample.table, horizon).value
    return Decimal(str(round(steps / sample.per_day, _PLACES_OF_TIME)))

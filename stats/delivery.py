"""Whether the variants' messages arrived alike: delivery rates given sent.

Delivery comes after the anchor, so a difference withholds no verdict: the verdict counts everyone
sent. But where the rates differ, those delivered are no longer alike, and rates per delivered
compare different customers: they are shown as not comparable.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stats.lift import Lift
from stats.proportions import compare_proportions
from stats.samples import BinomialSample

# The comparison is made on every report, so a false alarm must be rare.
ALPHA = 0.001


@dataclass(frozen=True)
class Delivery:
    """The delivery rates of a treatment and the control.

    Attributes:
        lift: Of the delivery rate, delivered per sent.
        most_bias: How far a rate per delivered can be off at the most, a fraction: the share of the
            better delivered variant's customers who would not have been reached in the other, if
            all of them act alike.
    """

    lift: Lift
    most_bias: float

    @property
    def differs(self) -> bool:
        """Whether a difference of the delivery rates is shown."""
        return self.lift.significant

    @property
    def per_delivered_comparable(self) -> bool:
        """Whether rates per delivered may be compared beside those per sent."""
        return not self.differs


def compare_delivery(
    control: BinomialSample, treatment: BinomialSample, *, confidence: float = 1 - ALPHA
) -> Delivery:
    """Compare the delivery rates of two variants.

    Args:
        control: Customers sent to, and of those the ones delivered to.
        treatment: The same of the treatment.
        confidence: Of the intervals, a fraction; the rest of it is the chance of a false alarm.

    Raises:
        NotEnoughData: If a variant was sent to nobody.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> found = compare_delivery(BinomialSample(30_000, 29_550), BinomialSample(30_000, 29_100))
        >>> found.per_delivered_comparable, round(found.most_bias, 4)
        (False, 0.0152)
        >>> compare_delivery(BinomialSample(30_000, 29_550), BinomialSample(30_000, 29_540)).differs
        False
    """
    lift = compare_proportions(control, treatment, confidence=confidence)
    rates = control.exact_rate, treatment.exact_rate
    most = max(rates)
    return Delivery(lift, float(1 - min(rates) / most) if most else 0.0)


METHODS: dict[str, Callable[..., Delivery]] = {"delivery": compare_delivery}

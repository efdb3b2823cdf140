"""E-mail opens: may a verdict rest on them?

Mail apps open mails on their own. Opens are therefore counted three ways, always per
*sent* customer: all, those by people, and bounds for what people could have done behind
the machines. A verdict on opens is void if all opens and people's opens point to
different winners, or if the variants differ in machine-opening customers per sent: per
open they would differ whenever one variant is really opened more.
"""

from dataclasses import dataclass
from enum import StrEnum

from stats.lift import Interval, Lift
from stats.proportions import compare_proportions
from stats.samples import BinomialSample

# The balance of machine opens is checked on every report, so a false alarm must be rare.
ALPHA = 0.001


class OpensFault(StrEnum):
    """Why no verdict may rest on opens."""

    SIGNS_DISAGREE = "signs_disagree"
    MACHINES_DIFFER = "machines_differ"


@dataclass(frozen=True)
class OpenCounts:
    """Customers of one variant by who opened its mail; these add up.

    Attributes:
        sent: Customers the mail was sent to.
        by_anyone: Customers with any open, flagged as a machine's or not.
        by_people: Customers with an open that is not flagged.
        by_machines: Customers with a flagged open; some are in ``by_people`` too.

    Raises:
        ValueError: If no customers could be counted like this.
    """

    sent: int
    by_anyone: int
    by_people: int
    by_machines: int

    def __post_init__(self) -> None:
        most = max(self.by_people, self.by_machines)
        if (
            not 0 <= most <= self.by_anyone <= self.sent
            or min(self.by_people, self.by_machines) < 0
        ):
            raise ValueError(f"{self}: expected people's and machines' within anyone's within sent")
        if self.by_people + self.by_machines < self.by_anyone:
            raise ValueError(f"{self}: some opened, but were neither a person nor a machine")

    def __add__(self, other: "OpenCounts") -> "OpenCounts":
        return OpenCounts(
            self.sent + other.sent,
            self.by_anyone + other.by_anyone,
            self.by_people + other.by_people,
            self.by_machines + other.by_machines,
        )

    @property
    def all_opens(self) -> BinomialSample:
        """Openers of any kind per sent."""
        return BinomialSample(self.sent, self.by_anyone)

    @property
    def human_opens(self) -> BinomialSample:
        """People who are known to have opened, per sent."""
        return BinomialSample(self.sent, self.by_people)

    @property
    def machine_opens(self) -> BinomialSample:
        """Machine-opening customers per sent."""
        return BinomialSample(self.sent, self.by_machines)


@dataclass(frozen=True)
class Opens:
    """The opens of a treatment and the control, counted three ways.

    Attributes:
        every: Lift of all opens per sent.
        human: Lift of people's opens per sent.
        machine: Difference in machine-opening customers per sent.
        bounds: Least and greatest difference of people's opens per sent: every customer
            seen only through a machine opened in one variant and none did in the other.
            Shown for sensitivity; no verdict depends on it.
    """

    every: Lift
    human: Lift
    machine: Lift
    bounds: Interval

    @property
    def faults(self) -> tuple[OpensFault, ...]:
        """Why no verdict may rest on these opens; empty if one may."""
        faults = []
        if self.every.absolute.value * self.human.absolute.value < 0:
            faults.append(OpensFault.SIGNS_DISAGREE)
        if self.machine.p_value < ALPHA:
            faults.append(OpensFault.MACHINES_DIFFER)
        return tuple(faults)


def compare_opens(control: OpenCounts, treatment: OpenCounts, *, confidence: float = 0.95) -> Opens:
    """Compare opens in every way they can be counted.

    Args:
        control: Counts of the control variant.
        treatment: Counts of the treatment variant.
        confidence: Of every interval, a fraction in (0, 1).

    Raises:
        NotEnoughData: If a variant was sent to nobody.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> control = OpenCounts(sent=30_000, by_anyone=10_385, by_people=5_319, by_machines=6_176)
        >>> treatment = OpenCounts(30_000, 11_013, 6_117, 6_170)
        >>> opens = compare_opens(control, treatment)
        >>> opens.faults, round(opens.bounds.lower, 3), round(opens.bounds.upper, 3)
        ((), -0.142, 0.19)
    """
    return Opens(
        every=compare_proportions(control.all_opens, treatment.all_opens, confidence=confidence),
        human=compare_proportions(
            control.human_opens, treatment.human_opens, confidence=confidence
        ),
        machine=compare_proportions(
            control.machine_opens, treatment.machine_opens, confidence=1 - ALPHA
        ),
        bounds=Interval(
            treatment.human_opens.rate - control.all_opens.rate,
            treatment.all_opens.rate - control.human_opens.rate,
        ),
    )

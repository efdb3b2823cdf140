"""What a test is meant to show: a lift of a rate, of a mean, or that a harm stays in bounds.

Each contrast says how far the truth it is planned for lies from what is to be refuted, and how much
one unit of the control, with its share of treatment units, contributes to the error of the
estimate: if the refuted statement were true, and if the planned truth is.
"""

from dataclasses import dataclass
from typing import Protocol, Self


@dataclass(frozen=True)
class Spread:
    """Standard errors of an estimate, times the root of the control's units.

    Attributes:
        refuted: If the statement to be refuted were true: it sets the bar.
        planned: If the planned truth is: it sets the chance to pass it.
    """

    refuted: float
    planned: float


class Contrast(Protocol):
    """What one treatment is to show against the control."""

    @property
    def one_sided(self) -> bool:
        """Whether only one direction counts: so for a margin, not for a lift."""

    @property
    def size(self) -> float:
        """The effect or margin in question, as treatment minus control."""

    @property
    def distance(self) -> float:
        """From the planned truth to the statement to be refuted, above 0."""

    @property
    def reach(self) -> tuple[float, float]:
        """The sizes between which the search goes: at no distance, and as far as there can be."""

    @property
    def variance_ratio(self) -> float:
        """A treatment unit's variance over a control unit's, where the treatment has no effect."""

    def sized(self, size: float) -> Self:
        """Ask the same about another effect or margin."""

    def spread(self, ratio: float) -> Spread:
        """Give the standard errors, with this many treatment units per unit of the control."""

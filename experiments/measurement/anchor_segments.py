"""Segments over the exposure that anchored a customer: its channel, what it said of them."""

from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table

from experiments.kpis.text import Text


@dataclass(frozen=True)
class AnchorSegment:
    """Customers by their anchor's exposure.

    Attributes:
        key: Its name in addresses.
        name: On screen.
        channel: The exposure's; None: whichever.
        properties: The exposure's, as written, any of these; None: whatever they are.
    """

    key: str
    name: Text
    channel: str | None = None
    properties: tuple[str, ...] | None = None

    def members(self, exposures: Table, units: Table) -> Table:
        """The units of the segment.

        Args:
            exposures: The project's.
            units: As :func:`experiments.measurement.anchors.units` gives.

        Returns:
            Rows of ``anchor``.
        """
        mine = exposures.filter(exposures.position.isin(units.anchor), *self._fits(exposures))
        return mine.select(anchor=mine.position)

    def _fits(self, exposures: Table) -> list[BooleanValue]:
        found: list[BooleanValue] = []
        if self.channel is not None:
            found.append(exposures.channel == self.channel)
        if self.properties is not None:
            found.append(exposures.properties.isin(self.properties or ("",)))
        return found

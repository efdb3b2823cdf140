"""When the rows of a list are sent: one text for each variant and zone, however many rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from experiments.assignment.send_instants import SendPlan, told
from experiments.errors import Invalid

Row = Mapping[str, object] | None


class NoSendDate(Invalid):
    """The variants are sent at a time of day, and nobody says on which day."""

    template = "say on which date the list is sent"


@dataclass
class ListSends:
    """The instants of a list's rows.

    Attributes:
        plan: Of the test.
        since: The next time after this instant, or the local date that counts; None where each
            variant has a date of its own.
    """

    plan: SendPlan
    since: datetime | date | None
    _zones: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.since is None and not self.plan.dated:
            raise NoSendDate(field="send_on")

    def check(self, row: Row) -> None:
        """Refuse a row whose zone the zone data do not have.

        Raises:
            UnknownZone: Naming the column.
        """
        self._zone(row)

    def add(
        self, codes: Sequence[int], values: Sequence[tuple[str, ...]],
        names: Sequence[str | None], rows: Sequence[Row] | None,
    ) -> tuple[Sequence[int], list[tuple[str, ...]]]:  # fmt: skip
        """Put the instants behind the texts of each variant.

        Args:
            codes: Of each row, the place of its variant in ``names``; -1 is the last, no variant.
            values: Texts of each variant.
            names: Keys of the variants, and last None.
            rows: Attributes of each row; None where all have the project's zone.

        Returns:
            The place of each row's texts, and the texts: those of no variant are last, at -1.
        """
        if rows is None:
            zone = self.plan.zone
            return codes, [
                (*texts, self._text(name, zone)) for texts, name in zip(values, names, strict=True)
            ]
        places: dict[tuple[int, str], int] = {}
        zones = map(self._zone, rows)
        pairs = zip(codes, zones, strict=True)
        places_of = [
            code if code < 0 else places.setdefault((code, zone), len(places))
            for code, zone in pairs
        ]
        texts = [(*values[code], self._text(names[code], zone)) for code, zone in places]
        return places_of, [*texts, (*values[-1], "")]

    def _zone(self, row: Row) -> str:
        given = (row or {}).get(self.plan.attribute or "")
        if not isinstance(given, str):
            return self.plan.zone_of(row, path="")
        if given not in self._zones:
            self._zones[given] = self.plan.zone_of(row, path="")
        return self._zones[given]

    def _text(self, variant: str | None, zone: str) -> str:
        return told(self.plan.send_at(variant, zone, self.since or date.min)) or ""

"""The scale of a KPI: rates in %, their differences in %p, money with its currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.ledger.money import MINOR_UNIT_DECIMALS
from experiments.reporting.wording.money import LARGE, around_money, large_won
from experiments.reporting.wording.numbers import (
    MOST_PLACES,
    figures_below_one,
    places_apart,
    sign_of,
)

_SUFFIXES_KO = {
    "rate": "%", "points": "%p", "days": "일", "score": "점", "customers": "명", "items": "건",
}  # fmt: skip
_SUFFIXES_EN = {
    "rate": "%", "points": " percentage points", "days": " days", "customers": " customers",
}  # fmt: skip
_DIFFERENCES = {"rate": "points"}
_TOTALS = {"rate": "customers", "count": "items", "money": "money"}


@dataclass(frozen=True)
class Figure:
    """A number in its pieces, so that a range can say its unit once."""

    sign: str
    prefix: str
    digits: str
    suffix: str

    def __str__(self) -> str:
        return f"{self.sign}{self.prefix}{self.digits}{self.suffix}"


@dataclass(frozen=True)
class Scale:
    """How the numbers of one KPI are written.

    Attributes:
        unit_of_measure: rate, count, money, days or score; ``points`` (differences of
            rates), ``customers`` and ``items`` (sums over customers).
        currency: ISO 4217 code of money.
        language: ``ko`` or ``en``.
    """

    unit_of_measure: str
    currency: str | None
    language: str

    @property
    def of_differences(self) -> "Scale":
        """The scale of differences: of rates, percentage points."""
        unit = _DIFFERENCES.get(self.unit_of_measure, self.unit_of_measure)
        return Scale(unit, self.currency, self.language)

    @property
    def of_totals(self) -> "Scale | None":
        """The scale of sums over customers: of rates, customers; None if sums mean nothing."""
        unit = _TOTALS.get(self.unit_of_measure)
        return None if unit is None else Scale(unit, self.currency, self.language)

    def values(self, *numbers: float) -> tuple[str, ...]:
        """The numbers, written alike.

        Examples:
            >>> Scale("rate", None, "ko").values(0.0497, 0.048)
            ('5.0%', '4.8%')
            >>> Scale("money", "KRW", "ko").values(502_009, 5_500_000)
            ('50만 원', '550만 원')
        """
        return tuple(str(figure) for figure in self._figures(numbers, plus=""))

    def sizes(self, *numbers: float) -> tuple[str, ...]:
        """The numbers without their signs."""
        return self.values(*(abs(number) for number in numbers))

    def signed(self, *numbers: float) -> tuple[str, ...]:
        """The numbers, those above 0 with a plus.

        Examples:
            >>> Scale("points", None, "ko").signed(0.0266, -0.0004)
            ('+2.66%p', '−0.04%p')
        """
        return tuple(str(figure) for figure in self._figures(numbers, plus="+"))

    def change(self, before: float, after: float) -> tuple[str, str, str]:
        """Two values and the size of their difference, which the reader may subtract.

        Examples:
            >>> Scale("rate", None, "ko").change(0.1773, 0.2039)
            ('17.7%', '20.4%', '2.7%p')
            >>> Scale("rate", None, "ko").change(0.1774, 0.2036)
            ('17.74%', '20.36%', '2.62%p')
        """
        ends = [number * self._factor for number in (before, after)]
        if self._is_won and max(map(abs, ends)) >= LARGE:
            return self._large_change(before, after)
        fewest = self._places(ends)
        most = min(fewest + 2, max(fewest, MOST_PLACES))
        fitting = (n for n in range(fewest, most + 1) if _adds_up(ends[0], ends[1], n))
        places = next(fitting, fewest)
        size = abs(ends[1] - ends[0])
        first, second = (str(self._exact(end, places, "")) for end in ends)
        return first, second, str(self.of_differences._exact(size, places, ""))  # noqa: SLF001 - of this class

    def marks(self, *numbers: float) -> tuple[str, ...]:
        """Numbers on an axis: signed, and points without their unit."""
        figures = self._figures(numbers, plus="+")
        if self.unit_of_measure != "points":
            return tuple(str(figure) for figure in figures)
        return tuple(f"{figure.sign}{figure.digits}" for figure in figures)

    def between(self, lower: float, upper: float) -> str:
        """From one to the other without signs, the smaller first: both have one sign.

        Examples:
            >>> Scale("points", None, "ko").between(-0.033, -0.020)
            '2.0~3.3%p'
        """
        low, high = sorted((abs(lower), abs(upper)))
        return self._joined(self._figures((low, high), plus=""))

    def signed_between(self, lower: float, upper: float) -> str:
        """From one to the other, with signs.

        Examples:
            >>> Scale("points", None, "en").signed_between(-0.009, 0.016)
            '−0.9 to +1.6 percentage points'
        """
        return self._joined(self._figures((lower, upper), plus="+"))

    def signed_with_range(self, value: float, lower: float, upper: float) -> tuple[str, str]:
        """A difference and the range around it, with signs and equally fine.

        Examples:
            >>> Scale("points", None, "ko").signed_with_range(-0.008, -0.0117, -0.0043)
            ('−0.8%p', '−1.2~−0.4%p')
        """
        middle, *ends = self._figures((value, lower, upper), plus="+")
        return str(middle), self._joined(ends)

    def values_between(self, *ranges: tuple[float, float]) -> tuple[str, ...]:
        """Ranges of the KPI's own values, equally fine.

        Examples:
            >>> Scale("rate", None, "en").values_between((0.173, 0.1817), (0.1994, 0.2086))
            ('17.3 to 18.2%', '19.9 to 20.9%')
        """
        figures = self._figures([end for ends in ranges for end in ends], plus="")
        return tuple(
            self._joined(figures[place : place + 2]) for place in range(0, len(figures), 2)
        )

    def column(
        self, values: Sequence[float], ranges: Sequence[tuple[float, float]]
    ) -> tuple[list[str], list[str]]:
        """Values and the ranges around them, equally fine; each is told from its own range.

        Examples:
            >>> Scale("rate", None, "ko").column([0.0213, 0.0247], [(0.0198, 0.0230)])
            (['2.1%', '2.5%'], ['2.0~2.3%'])
        """
        groups = [values, *([*ends] for ends in ranges)]
        scaled = [[number * self._factor for number in group] for group in groups]
        places = max((self._places(group) for group in scaled), default=0)
        written = [[self._exact(number, places, "") for number in group] for group in scaled]
        return [str(each) for each in written[0]], [self._joined(ends) for ends in written[1:]]

    def _joined(self, ends: Sequence[Figure]) -> str:
        low, high = ends
        joint = "~" if self.language == "ko" else " to "
        first = f"{low.sign}{low.prefix}{low.digits}" if low.suffix == high.suffix else str(low)
        return f"{first}{joint}{high}"

    def _figures(self, numbers: Sequence[float], plus: str) -> list[Figure]:
        scaled = [number * self._factor for number in numbers]
        places = self._places(scaled)
        exact = [self._exact(number, places, plus) for number in scaled]
        if not self._is_won:
            return exact
        figures = [
            plain if large is None else Figure(sign_of(number, "1", plus), *large)
            for number, plain, large in zip(
                scaled, exact, large_won(scaled, self.language), strict=True
            )
        ]
        return figures if len(set(map(str, figures))) >= len(set(scaled)) else exact

    def _large_change(self, before: float, after: float) -> tuple[str, str, str]:
        """On one scale if the reader can subtract on it, else to the last won."""
        three = (before, after, abs(after - before))
        first, second, size = self._figures(three, plus="")
        myriads = [round(each / 10_000) for each in three]
        alike = first.suffix == second.suffix == size.suffix
        if alike and abs(myriads[1] - myriads[0]) == myriads[2]:
            return str(first), str(second), str(size)
        first, second, size = (self._exact(each, 0, "") for each in three)
        return str(first), str(second), str(size)

    @property
    def _factor(self) -> float:
        return 100 if self.unit_of_measure in {"rate", "points"} else 1

    @property
    def _is_won(self) -> bool:
        return self.unit_of_measure == "money" and self.currency == "KRW"

    def _places(self, numbers: Sequence[float]) -> int:
        largest = max((abs(number) for number in numbers), default=0)
        return places_apart(numbers, least=self._least_places(largest))

    def _least_places(self, largest: float) -> int:
        if self.unit_of_measure == "money":
            return MINOR_UNIT_DECIMALS.get(self.currency or "", 2)
        if self.unit_of_measure in {"customers", "items"}:
            return 0
        if self.unit_of_measure == "count" and largest < 100:
            return max(2, figures_below_one(largest))
        return max(1, figures_below_one(largest))

    def _exact(self, number: float, places: int, plus: str) -> Figure:
        digits = f"{abs(number):,.{places}f}"
        prefix, suffix = self._around()
        if digits == "1" and self.language != "ko":
            suffix = suffix.removesuffix("s")
        return Figure(sign_of(number, digits, plus), prefix, digits, suffix)

    def _around(self) -> tuple[str, str]:
        korean = self.language == "ko"
        if self.unit_of_measure == "money":
            return around_money(self.currency or "", korean=korean)
        suffixes = _SUFFIXES_KO if korean else _SUFFIXES_EN
        return "", suffixes.get(self.unit_of_measure, "")


def _adds_up(before: float, after: float, places: int) -> bool:
    shown = round(after, places) - round(before, places)
    half_a_step = 0.5 * 0.1**places
    return abs(abs(shown) - round(abs(after - before), places)) < half_a_step

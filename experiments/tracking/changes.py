"""A change between two periods, split exactly into volume, rate and mix: where, not why.

A value that divides, R = V / N over groups g with shares s = n / N and rates r = v / n, changes
by what the rates did and by what the shares did, each at the mean of the two periods:

    R1 - R0 = sum of mean(s) (r1 - r0)  +  sum of (s1 - s0) (mean(r) - mean(R))  +  the rest

(Marshall and Edgeworth's weights; the decomposition of Kitagawa 1955, "Components of a
difference between two rates", JASA 50, 1168-1194). A total V = N R adds the volume:
V1 - V0 = mean(R) (N1 - N0) + mean(N) (R1 - R0). Everything is computed in fractions, so that
the parts add up to the change to the last digit.

The rest is what no group accounts for: a group without customers in its period, or customers
who are in several groups or in none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from experiments.errors import Invalid

ZERO = Fraction(0)
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Sums:
    """What a group came to in one period: what is divided, and by what."""

    value: Fraction
    units: Fraction

    @property
    def rate(self) -> Fraction | None:
        """The quotient; None where there is nothing to divide by."""
        return self.value / self.units if self.units > 0 else None


@dataclass(frozen=True)
class GroupSums:
    """A group in both periods."""

    name: str
    before: Sums
    after: Sums


@dataclass(frozen=True)
class GroupChange:
    """What a group did to the change.

    Attributes:
        rate: By its rate.
        mix: By its share, held against the mean of all.
        volume: Of a total: what the whole's growth did, by the group's size.
        rate_before, rate_after: None where nobody was in it.
        share_before, share_after: Of what is divided by.
    """

    name: str
    rate: Fraction
    mix: Fraction
    volume: Fraction
    rate_before: Fraction | None
    rate_after: Fraction | None
    share_before: Fraction
    share_after: Fraction

    @property
    def whole(self) -> Fraction:
        """All of it."""
        return self.rate + self.mix + self.volume


@dataclass(frozen=True)
class Change:
    """A change and its parts, which add up to it exactly.

    Attributes:
        before, after: The value; of a total the total.
        volume: Zero unless it is a total.
        rest: What no group accounts for.
    """

    before: Fraction
    after: Fraction
    volume: Fraction
    rate: Fraction
    mix: Fraction
    rest: Fraction
    groups: tuple[GroupChange, ...]

    def __post_init__(self) -> None:
        if self.volume + self.rate + self.mix + self.rest != self.after - self.before:
            message = f"{self}: the parts do not add up to the change"
            raise ValueError(message)

    @property
    def difference(self) -> Fraction:
        """The change."""
        return self.after - self.before


class NothingToDivideBy(Invalid):
    """A period without anybody in it."""

    template = "nobody was counted in the period {period}: there is no value to compare"


def split_change(whole: GroupSums, groups: Sequence[GroupSums], *, total: bool) -> Change:
    """Split a change.

    Args:
        whole: Everybody.
        groups: Parts of them; they need not be all, nor apart.
        total: Whether the value is the sum, and not the quotient.

    Raises:
        NothingToDivideBy: If a period has nobody.

    Examples:
        >>> def sums(value, units):
        ...     return Sums(Fraction(value), Fraction(units))
        >>> groups = [GroupSums("a", sums(10, 100), sums(20, 100)),
        ...           GroupSums("b", sums(1, 100), sums(3, 300))]
        >>> found = split_change(GroupSums("", sums(11, 200), sums(23, 400)), groups, total=False)
        >>> [str(each) for each in (found.difference, found.rate, found.mix, found.rest)]
        ['1/400', '3/80', '-7/200', '0']
    """
    before, after = _rate_of(whole.before, "before"), _rate_of(whole.after, "after")
    mean = (before + after) * _HALF
    parts = [_part(each, whole, mean) for each in groups]
    rate, mix = _sum(part.rate for part in parts), _sum(part.mix for part in parts)
    rest = after - before - rate - mix
    if not total:
        return Change(before, after, ZERO, rate, mix, rest, tuple(parts))
    return _of_total(whole, (rate, mix, rest), parts)


def _of_total(
    whole: GroupSums, split: tuple[Fraction, Fraction, Fraction], parts: Sequence[GroupChange]
) -> Change:
    units = (whole.before.units + whole.after.units) * _HALF
    mean = (_rate_of(whole.before, "before") + _rate_of(whole.after, "after")) * _HALF
    grown = whole.after.units - whole.before.units
    rate, mix, rest = (each * units for each in split)
    volume = mean * grown
    scaled = tuple(_scaled(part, units, volume) for part in parts)
    return Change(whole.before.value, whole.after.value, volume, rate, mix, rest, scaled)


def _part(group: GroupSums, whole: GroupSums, mean: Fraction) -> GroupChange:
    share_before = group.before.units / whole.before.units
    share_after = group.after.units / whole.after.units
    rate_before, rate_after = group.before.rate, group.after.rate
    # A group that is new or gone has one rate: it changed the mix and no rate.
    first = rate_before if rate_before is not None else rate_after
    last = rate_after if rate_after is not None else rate_before
    if first is None or last is None:
        return GroupChange(group.name, ZERO, ZERO, ZERO, None, None, share_before, share_after)
    return GroupChange(
        group.name,
        (share_before + share_after) * _HALF * (last - first),
        (share_after - share_before) * ((first + last) * _HALF - mean),
        ZERO,
        rate_before,
        rate_after,
        share_before,
        share_after,
    )


def _scaled(part: GroupChange, units: Fraction, volume: Fraction) -> GroupChange:
    """Of a total: in its unit, with the part of the volume that is the group's by its size."""
    share = (part.share_before + part.share_after) * _HALF
    return replace(part, rate=part.rate * units, mix=part.mix * units, volume=volume * share)


def _rate_of(sums: Sums, period: str) -> Fraction:
    if sums.rate is None:
        raise NothingToDivideBy(field=period, period=period)
    return sums.rate


def _sum(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, ZERO)

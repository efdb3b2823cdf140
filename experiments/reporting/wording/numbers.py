"""Numbers as people read them: counts, shares, relative differences, ratios, sizes.

Numbers that stand together are written with as many decimals as keep different ones
apart, and none that is not 0 looks like 0, as far as four decimals can do it.
"""

from collections.abc import Sequence
from itertools import combinations
from math import ceil, floor, log10

MINUS = "−"
MOST_PLACES = 4
_FINEST_PLACES = 8
_MYRIAD, _EOK = 10**4, 10**8


def places_apart(numbers: Sequence[float], least: int, most: int = MOST_PLACES) -> int:
    """The fewest decimals that keep different numbers apart, and what is not 0 from 0.

    Numbers that ``most`` decimals do not tell apart are not waited for.

    Examples:
        >>> places_apart([17.73, 20.39], 1), places_apart([4.84, 4.8], 1), places_apart([0.03], 1)
        (1, 2, 2)
    """
    most = max(least, most)
    pairs = [pair for pair in combinations({0.0, *numbers}, 2) if _apart(*pair, most)]
    enough = (n for n in range(least, most) if all(_apart(*pair, n) for pair in pairs))
    return next(enough, most)


def relative(share: float) -> str:
    """A relative difference, with its sign.

    Examples:
        >>> relative(0.1502), relative(-0.0612), relative(0.0004)
        ('+15%', '−6.1%', '+0.04%')
    """
    percent = 100 * share
    least = 0 if abs(percent) >= 10 else max(1, figures_below_one(abs(percent)) - 1)
    digits = f"{abs(percent):,.{places_apart([percent], least)}f}"
    return f"{sign_of(percent, digits, '+')}{digits}%"


def share(fraction: float) -> str:
    """A share of customers in whole per cent, never rounded up to all or down to none.

    Examples:
        >>> share(0.414), share(0.9999), share(0.0001), share(1), share(0)
        ('41%', '99%', '0.1%', '100%', '0%')
    """
    percent = 100 * fraction
    if 0 < percent < 1:
        return f"{max(percent, 0.1):.1f}%"
    return f"{floor(percent + 1e-9)}%" if percent > 99 else f"{percent:.0f}%"


def ratio(shares: Sequence[float], places: int | None = None) -> str:
    """Shares side by side; whole numbers without decimals.

    Examples:
        >>> ratio([0.5, 0.5]), ratio([0.485, 0.515]), ratio([1 / 3] * 3)
        ('50:50', '48.5:51.5', '33.3:33.3:33.3')
    """
    percents = [100 * each for each in shares]
    if all(abs(each - round(each)) < 1e-9 for each in percents):
        return ":".join(f"{each:.0f}" for each in percents)
    decimals = places_apart(percents, 1) if places is None else places
    return ":".join(f"{each:.{decimals}f}" for each in percents)


def count(number: float) -> str:
    """A whole number with thousands marked, or one with the decimals it has, at most two.

    Examples:
        >>> count(29_100), count(1234.5)
        ('29,100', '1,234.50')
    """
    whole = float(number).is_integer()
    return f"{number:,.0f}" if whole else f"{number:,.2f}"


def about(number: float, language: str) -> str:
    """A size to reckon with, rounded up to two figures.

    Examples:
        >>> about(428_500, "ko"), about(428_500, "en"), about(7_425, "ko"), about(36_400, "ko")
        ('43만', '430,000', '7,500', '3만 7,000')
    """
    step = 10 ** max(0, floor(log10(max(number, 1))) - 1)
    rounded = ceil(number / step) * step
    if language != "ko" or rounded < _MYRIAD:
        return f"{rounded:,}"
    rest = rounded % _MYRIAD
    return f"{large_ko(rounded - rest)} {rest:,}" if rest else large_ko(rounded)


def large_ko(size: float) -> str:
    """A large number in 만 and 억.

    Examples:
        >>> large_ko(3_860_000), large_ko(123_456_789), large_ko(200_000_000)
        ('386만', '1억 2,346만', '2억')
    """
    myriads = round(size / _MYRIAD)
    eok, rest = divmod(myriads, _EOK // _MYRIAD)
    pieces = [f"{eok:,}억"] if eok else []
    return " ".join([*pieces, f"{rest:,}만"] if rest or not eok else pieces)


def figures_below_one(largest: float) -> int:
    """Decimals that leave two significant figures to a number below 1; 1 above."""
    if largest == 0 or largest >= 1:
        return 1
    return min(_FINEST_PLACES, 1 - floor(log10(largest)))


def _apart(one: float, other: float, places: int) -> bool:
    return f"{one:.{places}f}".lstrip("-") != f"{other:.{places}f}".lstrip("-") or (
        round(one, places) != round(other, places)
    )


def sign_of(number: float, digits: str, plus: str) -> str:
    """The sign to write before the digits: none before a 0, ``plus`` above it."""
    if not any(each in "123456789" for each in digits):
        return ""
    return MINUS if number < 0 else plus

"""Money as it is written: its currency, and large amounts of won on one scale.

Korean counts won by ten thousand (만) and hundred million (억), English by the million and
the billion. What is too small for the scale of its neighbours is written out.
"""

from collections.abc import Sequence

from experiments.reporting.wording.numbers import large_ko

LARGE = 10**6
_MYRIAD, _BILLION = 10**4, 10**9
# Below this, whole 만 would round an amount by more than a twentieth.
_TEN_MYRIADS = 10 * _MYRIAD
_SYMBOLS = {"KRW": "₩", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_NAMES_KO = {"KRW": "원", "USD": "달러", "EUR": "유로", "GBP": "파운드", "JPY": "엔"}


def large_won(amounts: Sequence[float], language: str) -> list[tuple[str, str, str] | None]:
    """What stands before, the digits and what stands after, without sign.

    Args:
        amounts: Won, in whole units.
        language: ``ko``, or anything else for English.

    Returns:
        One entry for each amount; None for one that is to be written out.

    Examples:
        >>> large_won([502_009, 5_500_000], "ko")
        [('', '50만', ' 원'), ('', '550만', ' 원')]
        >>> large_won([502_009, 5_500_000], "en")
        [('₩', '0.50', ' million'), ('₩', '5.50', ' million')]
        >>> large_won([15_500, 3_200, 5_500_000], "ko")
        [('', '1.6만', ' 원'), None, ('', '550만', ' 원')]
        >>> large_won([502_009], "ko")
        [None]
    """
    sizes = [abs(amount) for amount in amounts]
    largest = max(sizes, default=0.0)
    if largest < LARGE:
        return [None] * len(sizes)
    if language == "ko":
        return [_in_myriads(size) for size in sizes]
    return [_in_millions(size, largest) for size in sizes]


def _in_myriads(size: float) -> tuple[str, str, str] | None:
    if size < _MYRIAD:
        return None
    digits = large_ko(size) if size >= _TEN_MYRIADS else f"{size / _MYRIAD:.1f}만"
    return "", digits, " 원"


def _in_millions(size: float, largest: float) -> tuple[str, str, str] | None:
    unit, name = (_BILLION, " billion") if largest >= _BILLION else (LARGE, " million")
    if size < unit / 100:
        return None if size < LARGE else ("₩", f"{size / LARGE:,.2f}", " million")
    places = 2 if size >= unit / 10 else 3
    return "₩", f"{size / unit:,.{places}f}", name


def around_money(currency: str, *, korean: bool) -> tuple[str, str]:
    """What stands before and after an amount.

    Examples:
        >>> around_money("KRW", korean=True), around_money("USD", korean=False)
        (('', '원'), ('$', ''))
    """
    if korean:
        return "", _NAMES_KO.get(currency, f" {currency}")
    return (_SYMBOLS[currency], "") if currency in _SYMBOLS else (f"{currency} ", "")

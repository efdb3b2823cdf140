"""What every field of a document is held against: choices, texts, numbers."""

from collections.abc import Collection
from decimal import Decimal

from experiments.errors import Invalid
from experiments.units import is_storable

LONGEST_NAME = 200
LONGEST_TEXT = 4_000
MOST_DECIMALS = 30
LARGEST_NUMBER = Decimal(10) ** 18


def check_choice(value: str | None, allowed: Collection[str], field: str) -> None:
    """Refuse a word that is not among the allowed ones; None passes.

    Raises:
        Invalid: Naming ``field`` and the words.

    Examples:
        >>> check_choice("up", ("up", "down"), "direction")
    """
    if value is not None and value not in allowed:
        raise Invalid(field=field, expected="one of " + ", ".join(allowed), got=value)


def check_text(
    value: str | None, field: str, *, longest: int = LONGEST_TEXT, shortest: int = 0
) -> None:
    """Refuse a text that is too short, too long or cannot be stored; None passes.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> check_text("봄 세일", "name", shortest=1)
    """
    if value is None:
        return
    if not shortest <= len(value) <= longest:
        raise Invalid(field=field, expected=f"{shortest} to {longest} characters", got=value[:60])
    if not is_storable(value):
        raise Invalid(
            field=field,
            expected="text without NUL and without half surrogate pairs",
            got=value[:60],
        )


def check_number(value: Decimal | None, field: str) -> None:
    """Refuse what is not a finite number of ordinary size; None passes.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> check_number(Decimal("0.177"), "baseline")
        >>> check_number(Decimal("NaN"), "baseline")
        Traceback (most recent call last):
        experiments.errors.Invalid: expected a number, got 'NaN'
    """
    if value is None:
        return
    if not value.is_finite():
        raise Invalid(field=field, expected="a number", got=str(value))
    exponent = value.as_tuple().exponent
    if abs(value) >= LARGEST_NUMBER or (isinstance(exponent, int) and -exponent > MOST_DECIMALS):
        raise Invalid(
            field=field,
            expected=f"a number below 10^18 with at most {MOST_DECIMALS} decimals",
            got=f"{value:.3e}",
        )


def check_whole(value: int | None, least: int, most: int, field: str) -> None:
    """Refuse a whole number outside a range; None passes.

    Raises:
        Invalid: Naming ``field`` and the range.

    Examples:
        >>> check_whole(28, 1, 400, "covariate_days")
    """
    if value is not None and not least <= value <= most:
        raise Invalid(field=field, expected=f"a whole number from {least} to {most}", got=value)


def check_positive(value: Decimal | None, field: str) -> None:
    """Refuse a number that is not over 0; None passes.

    Raises:
        Invalid: Naming ``field``.
    """
    check_number(value, field)
    if value is not None and value <= 0:
        raise Invalid(field=field, expected="a number over 0", got=str(value))


def check_share(value: Decimal, field: str) -> None:
    """Refuse what is not a fraction in (0, 1].

    Raises:
        Invalid: Naming ``field``.
    """
    check_number(value, field)
    if not 0 < value <= 1:
        raise Invalid(field=field, expected="a fraction over 0, at most 1", got=str(value))


def check_rate(value: Decimal | None, field: str) -> None:
    """Refuse a rate that is not a fraction in [0, 1]; None passes.

    Raises:
        Invalid: Naming ``field``; a percentage in place of a fraction is the usual cause.

    Examples:
        >>> check_rate(Decimal("0.177"), "baseline")
    """
    if value is not None and not 0 <= value <= 1:
        raise Invalid(
            field=field, expected="a fraction from 0 to 1 (0.05 is five per cent)", got=str(value)
        )

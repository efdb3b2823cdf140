"""Sums are integers, of a size that no float step overflows."""

# Sums of 64-bit values and of their squares stay far below; above, floats would overflow.
_MOST_BITS = 256


def check_integers(*values: int) -> None:
    """Refuse a sum that is no integer, or one beyond any sum of 64-bit values.

    Raises:
        ValueError: Naming what was met.
    """
    for value in values:
        if type(value) is not int:
            raise ValueError(f"a sum is {value!r}, expected an int")
        if value.bit_length() > _MOST_BITS:
            raise ValueError(f"a sum has {value.bit_length()} bits, expected {_MOST_BITS} at most")

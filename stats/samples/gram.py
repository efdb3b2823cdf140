"""Whether sums of products can come from any values at all."""

from collections.abc import Sequence


def is_gram(sums: Sequence[Sequence[int]]) -> bool:
    """Say whether real values could have these sums of products.

    They could exactly if the symmetric matrix is positive semidefinite: then no variance
    is negative and no correlation beyond 1, whatever is computed of it. Elimination in
    integers, so that a rounding decides nothing.

    Args:
        sums: Square and symmetric; with a first row of units and sums it is that of a
            constant 1 and the values, which makes every inequality of Cauchy and Schwarz
            one about variances.

    Examples:
        >>> is_gram([[2, 3], [3, 5]]), is_gram([[2, 3], [3, 4]])
        (True, False)
    """
    if not sums:
        return True
    (first, *above), below = sums[0], sums[1:]
    if first == 0:
        return not any(above) and is_gram([row[1:] for row in below])
    return first > 0 and is_gram(
        [
            [first * value - row[0] * over for value, over in zip(row[1:], above, strict=True)]
            for row in below
        ]
    )

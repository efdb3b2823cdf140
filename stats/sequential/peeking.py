"""What it costs to look again and again at the usual level: the error a naive reader makes."""

from scipy.special import ndtri

from stats.checks import check_alpha
from stats.sequential.bounds import equally_spaced
from stats.sequential.recursion import stop_chances


def peeking_alpha(looks: int, *, alpha: float = 0.05) -> float:
    """Compute the chance that one of several equally spaced naive looks shows an effect by luck.

    Armitage, McPherson and Rowe (1969), "Repeated significance tests on accumulating data",
    Journal of the Royal Statistical Society A 132, 235-244.

    Args:
        looks: How many, at least 1.
        alpha: Two-sided level of each look taken alone.

    Returns:
        The two-sided error of stopping at the first look that passes.

    Raises:
        ValueError: If there is no look, or ``alpha`` is out of range.

    Examples:
        >>> [round(peeking_alpha(looks), 3) for looks in (1, 2, 5, 28)]
        [0.05, 0.083, 0.142, 0.275]
    """
    check_alpha(alpha)
    if looks < 1:
        raise ValueError(f"there are {looks} looks, expected at least 1")
    bounds = [-float(ndtri(alpha / 2))] * looks
    return sum(stop_chances(equally_spaced(looks), bounds).by_look)

"""An estimate whose sampling error is normal: what every sequential method is asked about."""

from dataclasses import dataclass
from math import isfinite

from stats.errors import NotEnoughData


@dataclass(frozen=True)
class NormalEstimate:
    """A difference, or a log ratio, with its standard error.

    Attributes:
        value: The estimate; 0 is no effect.
        standard_error: Of the estimate, in the same unit of measure.

    Raises:
        ValueError: If a number is not finite, or the standard error is negative.
        NotEnoughData: If the standard error is 0: nothing varied.

    Examples:
        >>> NormalEstimate(0.03, 0.01).z
        3.0
    """

    value: float
    standard_error: float

    def __post_init__(self) -> None:
        if not (
            isfinite(self.value) and isfinite(self.standard_error) and self.standard_error >= 0
        ):
            raise ValueError(
                f"the estimate is {self.value} with standard error {self.standard_error}, "
                "expected finite numbers and an error that is not negative"
            )
        if self.standard_error == 0:
            raise NotEnoughData("the standard error is 0: no unit differs from another")

    @property
    def z(self) -> float:
        """The estimate in standard errors."""
        return self.value / self.standard_error

    @property
    def information(self) -> float:
        """One over the squared standard error: what the looks of a test are timed by."""
        return self.standard_error**-2

"""The sample of a net promoter score: how many answered what, from 0 to 10."""

from collections.abc import Iterable
from dataclasses import dataclass

from stats.samples.integers import check_integers
from stats.samples.mean import MeanSample

LEAST_PROMOTER = 9
LEAST_PASSIVE = 7
MOST = 10


@dataclass(frozen=True)
class ScoreSample:
    """Answers of a variant to "how likely are you to recommend us", 0 to 10.

    Attributes:
        promoters: Units that answered 9 or 10.
        passives: Units that answered 7 or 8.
        detractors: Units that answered 0 to 6.

    Raises:
        ValueError: If a count is negative or no integer.

    Examples:
        >>> sample = ScoreSample.of([10, 9, 8, 7, 3])
        >>> sample
        ScoreSample(promoters=2, passives=2, detractors=1)
        >>> sample.as_mean().mean
        0.2
    """

    promoters: int
    passives: int
    detractors: int

    def __post_init__(self) -> None:
        check_integers(self.promoters, self.passives, self.detractors)
        if min(self.promoters, self.passives, self.detractors) < 0:
            raise ValueError(
                f"{self.promoters} promoters, {self.passives} passives, "
                f"{self.detractors} detractors: expected none negative"
            )

    @classmethod
    def of(cls, answers: Iterable[int]) -> "ScoreSample":
        """Count answers, one for each unit that answered.

        Raises:
            ValueError: If an answer is no integer from 0 to 10.
        """
        kept = tuple(answers)
        for answer in kept:
            if type(answer) is not int or not 0 <= answer <= MOST:
                raise ValueError(f"an answer is {answer!r}, expected an int from 0 to {MOST}")
        promoters = sum(answer >= LEAST_PROMOTER for answer in kept)
        detractors = sum(answer < LEAST_PASSIVE for answer in kept)
        return cls(promoters, len(kept) - promoters - detractors, detractors)

    def __add__(self, other: "ScoreSample") -> "ScoreSample":
        return ScoreSample(
            self.promoters + other.promoters,
            self.passives + other.passives,
            self.detractors + other.detractors,
        )

    @property
    def units(self) -> int:
        """Units that answered, each once."""
        return self.promoters + self.passives + self.detractors

    def as_mean(self) -> MeanSample:
        """Give the sums of the answers as 1, 0 and -1: their mean is the score."""
        return MeanSample(
            self.units, self.promoters - self.detractors, self.promoters + self.detractors
        )

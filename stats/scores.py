"""Comparing two net promoter scores: promoters minus detractors, as a share of the answers.

Each answer is worth 1, 0 or -1, so a score is a mean from -1 to 1 and two scores are
compared by Welch's t (`stats.means`) on the exact sums. One score has the score interval,
the scores that a test at their own best-fitting variance does not rule out; Rocks (2016),
"Interval estimation for the net promoter score", The American Statistician 70, 365-372,
compares it with others.

A score has no relative lift. It may be negative and its 0 is a balance, not an absence:
from 0.02 to 0.04 is not "twice as good". Targets and guardrails of a score are judged by
`TargetCheck` and `judge_guardrail`, in points of the score: 0.05 is 5 of 100.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from stats.checks import check_confidence, check_units
from stats.edges import outermost_accepted
from stats.errors import NotEnoughData
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.means import welch_test
from stats.samples import ScoreSample
from stats.score import Floats

NO_SHARE = "a score has no natural zero, so a difference is no share of it"
_POINTS = 63


def compare_scores(
    control: ScoreSample, treatment: ScoreSample, *, confidence: float = 0.95
) -> Lift:
    """Compare the treatment's net promoter score with the control's.

    Args:
        control: Answers of the control variant.
        treatment: Answers of the treatment variant.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift. Scores are from -1 to 1, their difference from -2 to 2; the relative
        lift is a stated gap.

    Raises:
        NotEnoughData: If a variant has fewer than two answers, or all of one kind: its
            spread cannot be told.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> lift = compare_scores(ScoreSample(40, 30, 30), ScoreSample(60, 25, 15))
        >>> round(lift.absolute.value, 2), round(lift.p_value, 4), lift.relative.value
        (0.35, 0.002, None)
    """
    check_confidence(confidence)
    check_units(control, treatment)
    for name, sample in (("control", control), ("treatment", treatment)):
        if sample.units in {sample.promoters, sample.passives, sample.detractors}:
            raise NotEnoughData(f"the {name}'s answers are all of one kind")
    welch = welch_test(control.as_mean(), treatment.as_mean())
    half = welch.critical(confidence) * welch.error
    possible = Interval(max(-2.0, welch.difference - half), min(2.0, welch.difference + half))
    return Lift(
        control=estimate_score(control, confidence=confidence),
        treatment=estimate_score(treatment, confidence=confidence),
        absolute=Estimate(
            welch.difference, settle(possible, significant=welch.p_value < 1 - confidence)
        ),
        relative=RelativeLift(None, None, gap=NO_SHARE),
        p_value=welch.p_value,
        statistic=welch.statistic,
        confidence=confidence,
        method="score_welch",
    )


def estimate_score(sample: ScoreSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's net promoter score, with the score interval.

    Raises:
        NotEnoughData: If there are no answers.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> estimate = estimate_score(ScoreSample(promoters=50, passives=30, detractors=20))
        >>> estimate.value
        0.3
        >>> round(estimate.interval.lower, 3), round(estimate.interval.upper, 3)
        (0.14, 0.443)
    """
    check_confidence(confidence)
    value = sample.as_mean().mean
    critical = float(ndtri((1 + confidence) / 2))

    def first_accepted(scores: Floats) -> int:
        gap = (value - scores) ** 2 * sample.units
        accepted = gap <= critical**2 * _variance_under(sample, scores)
        return int(np.argmax(accepted)) if accepted.any() else scores.size

    lower, upper = (
        outermost_accepted(first_accepted, end, value, points=_POINTS) for end in (-1.0, 1.0)
    )
    return Estimate(value, Interval(lower, upper))


METHODS: dict[str, Callable[..., Lift | Estimate]] = {
    "score_welch": compare_scores,
    "score_interval": estimate_score,
}


def _variance_under(sample: ScoreSample, scores: Floats) -> Floats:
    """Give the variance of one answer where the score is fixed and the rest fits best.

    With s the share of answers that are not passive, the likelihood's derivative is a
    quadratic in s. Its larger root is the one with shares of promoters, (s + score) / 2,
    and of detractors, (s - score) / 2, that are not negative.
    """
    spoken = sample.promoters + sample.detractors
    balance = sample.promoters - sample.detractors
    b = spoken + scores * balance
    c = scores * balance - sample.passives * scores**2
    root = np.sqrt(np.maximum(b**2 - 4 * sample.units * c, 0.0))
    share = np.minimum((b + root) / (2 * sample.units), 1.0)
    return np.maximum(share - scores**2, 0.0)

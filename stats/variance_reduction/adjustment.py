"""The difference that is left when customers' values before the start are accounted for.

CUPED: Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online controlled
experiments by utilizing pre-experiment data", WSDM 2013, 123-132. The adjusted difference
is that of the scores u - theta . z, one theta for both variants, tested as Welch's
difference of means. For unequal splits theta has every variant's own slopes: Lin (2013),
"Agnostic notes on regression adjustments to experimental data", Annals of Applied
Statistics 7, 295-318; then one variance does not lend its slope to the other's.

The lift is a share of the *unadjusted* control's value, with which the adjusted
difference is correlated; Fieller's interval is given that covariance.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from stats.checks import check_confidence
from stats.effects import Effect, Part, studentised
from stats.errors import NotEnoughData
from stats.fieller import Measured
from stats.lift import Lift
from stats.samples import CovariateSample, Outcome
from stats.variance_reduction.outcomes import estimate_outcome, noun_of
from stats.variance_reduction.scores import Scores, Vector, dot, quadratic, solve

NO_COVARIATE = "no covariate differs between units"


def compare_with_one_slope(
    control: CovariateSample, treatment: CovariateSample, *, confidence: float = 0.95
) -> Lift:
    """Compare with CUPED's slope, pooled over both variants.

    Returns:
        The lift. Its control is the unadjusted one, its treatment that control and the
        adjusted difference on top.

    Raises:
        NotEnoughData: If no covariate differs, nothing else varies, or a variant has fewer
            than two units.
        ValueError: If the samples are of two kinds or scales, or ``confidence`` is out of
            range.

    Examples:
        >>> control = CovariateSample.of([(10, 8), (0, 1), (30, 25), (12, 14)])
        >>> treatment = CovariateSample.of([(16, 8), (9, 2), (31, 24), (24, 16)])
        >>> lift = compare_with_one_slope(control, treatment)
        >>> round(lift.absolute.value, 4), round(lift.p_value, 4)
        (6.4406, 0.0081)
    """
    return _compared(control, treatment, one_slope, confidence, "cuped")


def compare_with_own_slopes(
    control: CovariateSample, treatment: CovariateSample, *, confidence: float = 0.95
) -> Lift:
    """Compare with a slope for each variant: the regression that lets them interact.

    The error is that of the regression's HC2, to the precision that sums allow: a
    variant's residual variance, its degrees of freedom less one for each slope, and its
    leverage at the common covariate means. To it is added what different slopes make of
    the customers' own sampling, so that the interval is about customers like these and
    not these alone: Negi and Wooldridge (2021), "Revisiting regression adjustment in
    experiments with heterogeneous treatment effects", Econometric Reviews 40, 504-534.

    Raises:
        NotEnoughData: As `compare_with_one_slope`; also if a variant's own units do not
            settle its slopes.
        ValueError: If the samples are of two kinds or scales, or ``confidence`` is out of
            range.
    """
    return _compared(control, treatment, own_slopes, confidence, "cuped_interacted")


def scores_of(control: CovariateSample, treatment: CovariateSample) -> tuple[Scores, Scores]:
    """Linearise both variants, and keep the covariates that say something.

    Raises:
        NotEnoughData: If none does, or a variant has fewer than two units.
        ValueError: If the covariates' scales differ.
    """
    scales = control.covariate.scale, treatment.covariate.scale
    if scales[0] != scales[1]:
        raise ValueError(f"covariates' scales are {scales[0]} and {scales[1]}, expected one")
    c, t = Scores.of(control), Scores.of(treatment)
    kept = (c + t).informative
    if not kept:
        raise NotEnoughData(NO_COVARIATE)
    return c.keep(kept), t.keep(kept)


def no_slope(control: Scores, treatment: Scores) -> Effect:
    """Leave the scores as they are: what a gain is measured against.

    Raises:
        NotEnoughData: If nothing varies.
    """
    return _with_one(control, treatment, tuple(Fraction(0) for _ in control.means))


def one_slope(control: Scores, treatment: Scores) -> Effect:
    """Take one slope from both variants together, around their common means.

    Raises:
        NotEnoughData: If nothing is left that varies.
    """
    return _with_one(control, treatment, (control + treatment).slopes or ())


def own_slopes(control: Scores, treatment: Scores) -> Effect:
    """Take each variant's slopes, each weighted by the other variant's units.

    With these weights the difference is that of the two regressions at the common means.

    Raises:
        NotEnoughData: If a variant's units do not settle its slopes, or nothing is left
            that varies.
    """
    c, t = control.slopes, treatment.slopes
    if c is None or t is None or min(control.units, treatment.units) < len(c) + 2:
        raise NotEnoughData("a variant's units do not settle slopes of their own")
    share = Fraction(control.units, control.units + treatment.units)
    slopes = tuple((1 - share) * a + share * b for a, b in zip(c, t, strict=True))
    common = (control + treatment).means
    parts = (_regressed(control, c, slopes, common), _regressed(treatment, t, slopes, common))
    return _effect(control, treatment, slopes, parts)


def _compared(
    control: CovariateSample,
    treatment: CovariateSample,
    adjust: Callable[[Scores, Scores], Effect],
    confidence: float,
    method: str,
) -> Lift:
    check_confidence(confidence)
    effect = adjust(*scores_of(control, treatment))
    return adjusted_lift(control.outcome, effect, confidence, method)


def adjusted_lift(control: Outcome, effect: Effect, confidence: float, method: str) -> Lift:
    """Give an adjusted effect as a lift on the unadjusted control."""
    return replace(effect, noun=noun_of(control)).lift(
        estimate_outcome(control, confidence=confidence),
        effect.estimate(effect.treatment, confidence),
        confidence,
        method,
    )


def _with_one(control: Scores, treatment: Scores, slopes: Vector) -> Effect:
    parts = [
        Part(float(scores.squares_after(slopes) / _divisor(scores)), scores.units - 1)
        for scores in (control, treatment)
    ]
    return _effect(control, treatment, slopes, parts)


def _effect(control: Scores, treatment: Scores, slopes: Vector, parts: Sequence[Part]) -> Effect:
    moved = tuple(t - c for c, t in zip(control.means, treatment.means, strict=True))
    difference = treatment.value - control.value - dot(slopes, moved)
    shared = control.squares - dot(slopes, control.cross)
    return Effect(
        test=studentised(float(difference), parts),
        control=Measured(float(control.value), float(control.squares / _divisor(control))),
        covariance=-float(shared / _divisor(control)),
    )


def _regressed(scores: Scores, own: Vector, slopes: Vector, common: Vector) -> Part:
    """Give a variant's part of the variance, where its regression meets the common means."""
    degrees = scores.units - 1 - len(own)
    residual = scores.squares_after(own) / degrees
    away = tuple(a - b for a, b in zip(common, scores.means, strict=True))
    leverage = Fraction(1, scores.units) + dot(away, solve(scores.gram, away) or ())
    apart = tuple(a - b for a, b in zip(own, slopes, strict=True))
    between = quadratic(scores.gram, apart) / _divisor(scores)
    return Part(float(residual * leverage + between), degrees)


def _divisor(scores: Scores) -> int:
    return scores.units * (scores.units - 1)

"""What may be said of segments: nothing, unless their effects are shown to differ.

For every dimension (channel, grade) one test of interaction comes first (`stats.interactions`).
Only if it shows that the effects differ is it worth asking in which segments there is one, with
the share of false findings kept small: Benjamini and Hochberg (1995). Without it the segments'
lifts are shown for orientation, and no claim about one of them is supported.

Several dimensions are several chances to be wrong, so their tests are adjusted by Holm (1979).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from stats.checks import check_alpha, check_confidence
from stats.differences import difference, difference_of, log_ratio, log_ratio_of
from stats.errors import NotEnoughData
from stats.interactions import Interaction, compare_effects
from stats.lift import Lift
from stats.multiplicity import adjust_bh, adjust_holm
from stats.proportions import LEAST_EXPECTED, least_expected_count
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.sequential.estimates import NormalEstimate

LEAST_UNITS = 30
"""Of a variant in a segment: with fewer, its variance is too uncertain to weigh the effect by."""

Sample = TypeVar("Sample")
Pair = tuple[Sample, Sample]


@dataclass(frozen=True)
class Segment:
    """One segment of a dimension.

    Attributes:
        name: Of the segment.
        lift: The comparison within it, read alone; None if there is none.
        p_value: Its p-value, adjusted for the segments of the dimension; None if it is left out.
        gap: Why it is left out of the test; None if it is not.
    """

    name: str
    lift: Lift | None
    p_value: float | None
    gap: str | None


@dataclass(frozen=True)
class Dimension:
    """The segments of one dimension, and whether they may be told apart.

    Attributes:
        name: Of the dimension.
        segments: In the order given, those left out with their reason.
        interaction: Whether the absolute effects differ; None if ``gap`` says why.
        relative: Whether the relative effects differ; None where a segment has none.
        p_value: The interaction's, adjusted for the number of dimensions; None without one.
        gap: Why there is no test of interaction; None if there is one.
        alpha: Below this the interaction is shown.
        false_share: Share of false findings accepted among the segments, if it is.
    """

    name: str
    segments: tuple[Segment, ...]
    interaction: Interaction | None
    relative: Interaction | None
    p_value: float | None
    gap: str | None
    alpha: float
    false_share: float

    @property
    def supported(self) -> bool:
        """Whether claims about single segments are supported: their effects are shown to differ."""
        return self.p_value is not None and self.p_value < self.alpha

    @property
    def explained_by_baselines(self) -> bool:
        """Whether effects differ in absolute terms, yet one relative lift for all would do."""
        return self.supported and self.relative is not None and self.relative.p_value >= self.alpha

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the segments with an effect that may be claimed; empty unless supported."""
        return tuple(
            segment.name
            for segment in self.segments
            if self.supported and segment.p_value is not None and segment.p_value < self.false_share
        )


def judge_segments(
    dimensions: Mapping[str, Mapping[str, Pair[Any]]],
    compare: Callable[..., Lift],
    *,
    confidence: float = 0.95,
    false_share: float = 0.10,
) -> tuple[Dimension, ...]:
    """Test every dimension for interaction, then compare within its segments.

    Args:
        dimensions: For every dimension, by name, the control's and the treatment's sample of each
            segment. Segments of one dimension share no units.
        compare: `compare_proportions`, `compare_means` or any other comparison of two samples. Of
            samples other than rates, means and ratios the interaction is tested on what the
            comparison's intervals say.
        confidence: Of the segments' intervals; less than the rest of it shows an interaction.
        false_share: Share of false findings accepted among the segments of a dimension.

    Returns:
        The dimensions in their order. A segment that is too small is a stated gap in its dimension.

    Raises:
        ValueError: If ``confidence`` or ``false_share`` is out of range.

    Examples:
        >>> from stats.proportions import compare_proportions
        >>> channels = {
        ...     "email": (BinomialSample(9000, 540), BinomialSample(9000, 560)),
        ...     "kakao": (BinomialSample(6000, 350), BinomialSample(6000, 420)),
        ...     "sms": (BinomialSample(40, 1), BinomialSample(45, 6)),
        ... }
        >>> channel, = judge_segments({"channel": channels}, compare_proportions)
        >>> channel.segments[1].lift.significant, channel.supported, channel.shown
        (True, False, ())
        >>> channel.segments[2].gap
        'a count expected in the segment is 3.3, expected 5 or more'
    """
    check_confidence(confidence)
    check_alpha(false_share)
    read = {
        name: [_read(segment, *pair, compare, confidence) for segment, pair in segments.items()]
        for name, segments in dimensions.items()
    }
    tests = {name: _test(readings) for name, readings in read.items()}
    raw = {name: test.p_value for name, test in tests.items() if isinstance(test, Interaction)}
    adjusted = dict(zip(raw, adjust_holm(list(raw.values())), strict=True)) if raw else {}
    return tuple(
        Dimension(
            name=name,
            segments=_segments(read[name]),
            interaction=test if isinstance(test, Interaction) else None,
            relative=_test_relative(read[name]),
            p_value=adjusted.get(name),
            gap=test if isinstance(test, str) else None,
            alpha=1 - confidence,
            false_share=false_share,
        )
        for name, test in tests.items()
    )


METHODS: dict[str, Callable[..., tuple[Dimension, ...]]] = {"segments": judge_segments}


@dataclass(frozen=True)
class _Reading:
    """What one segment gives: a lift and its estimates, or the reason why not."""

    name: str
    lift: Lift | None = None
    absolute: NormalEstimate | None = None
    relative: NormalEstimate | None = None
    gap: str | None = None


def _read(
    name: str, control: Any, treatment: Any, compare: Callable[..., Lift], confidence: float
) -> _Reading:
    try:
        lift = compare(control, treatment, confidence=confidence)
    except NotEnoughData as refusal:
        return _Reading(name, gap=refusal.reason)
    try:
        _check_size(control, treatment)
        absolute = _absolute(control, treatment, lift)
    except NotEnoughData as refusal:
        return _Reading(name, lift, gap=refusal.reason)
    try:
        return _Reading(name, lift, absolute, _relative(control, treatment, lift))
    except NotEnoughData:
        return _Reading(name, lift, absolute)


def _check_size(control: Any, treatment: Any) -> None:
    if isinstance(control, BinomialSample):
        least = least_expected_count(control, treatment)
        if least < LEAST_EXPECTED:
            raise NotEnoughData(
                f"a count expected in the segment is {least:.1f}, expected {LEAST_EXPECTED} or more"
            )
        return
    fewest = min(getattr(sample, "units", LEAST_UNITS) for sample in (control, treatment))
    if fewest < LEAST_UNITS:
        raise NotEnoughData(
            f"a variant has {fewest} units in the segment, expected {LEAST_UNITS} or more"
        )


def _absolute(control: Any, treatment: Any, lift: Lift) -> NormalEstimate:
    if isinstance(control, BinomialSample | MeanSample | RatioSample):
        return difference(control, treatment)
    return difference_of(lift)


def _relative(control: Any, treatment: Any, lift: Lift) -> NormalEstimate:
    if isinstance(control, BinomialSample | MeanSample | RatioSample):
        return log_ratio(control, treatment)
    return log_ratio_of(lift)


def _test(readings: Sequence[_Reading]) -> Interaction | str:
    effects = [reading.absolute for reading in readings if reading.absolute is not None]
    try:
        return compare_effects(effects)
    except NotEnoughData as refusal:
        return refusal.reason


def _test_relative(readings: Sequence[_Reading]) -> Interaction | None:
    """Test relative effects, if every segment that has an absolute one has one too."""
    effects = [reading.relative for reading in readings if reading.absolute is not None]
    known = [effect for effect in effects if effect is not None]
    return compare_effects(known) if len(known) == len(effects) > 1 else None


def _segments(readings: Sequence[_Reading]) -> tuple[Segment, ...]:
    judged = {
        reading.name: reading.lift.p_value
        for reading in readings
        if reading.lift is not None and reading.gap is None
    }
    adjusted = dict(zip(judged, adjust_bh(list(judged.values())), strict=True)) if judged else {}
    return tuple(
        Segment(reading.name, reading.lift, adjusted.get(reading.name), reading.gap)
        for reading in readings
    )

"""Claims about segments: only after their effects are shown to differ."""

import numpy as np
import pytest

from stats.counts import compare_counts
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, CountSample, MeanSample, ScoreSample
from stats.scores import compare_scores
from stats.segments import Dimension, judge_segments

B = BinomialSample
ONE_WINNER = {
    "push": (B(15_000, 600), B(15_000, 610)),
    "email": (B(9000, 540), B(9000, 560)),
    "kakao": (B(6000, 350), B(6000, 420)),
}
APART = {
    "new": (B(4000, 160), B(4000, 165)),
    "active": (B(10_000, 600), B(10_000, 800)),
    "dormant": (B(6000, 90), B(6000, 90)),
}


def only(dimensions: tuple[Dimension, ...]) -> Dimension:
    (dimension,) = dimensions
    return dimension


def judged(segments: dict[str, tuple[B, B]]) -> Dimension:
    return only(judge_segments({"channel": segments}, compare_proportions))


def test_a_winner_in_one_segment_alone_is_not_supported() -> None:
    channel = judged(ONE_WINNER)
    kakao = channel.segments[2]
    assert kakao.lift is not None
    assert kakao.lift.significant
    assert kakao.p_value is not None
    assert kakao.p_value > kakao.lift.p_value
    assert (channel.supported, channel.shown, channel.gap) == (False, (), None)


def test_effects_shown_to_differ_support_the_segments_that_have_one() -> None:
    channel = judged(APART)
    assert channel.supported
    assert channel.shown == ("active",)
    assert not channel.explained_by_baselines


def test_one_relative_lift_over_unequal_baselines_is_said_to_explain_them() -> None:
    grades = {
        "VIP": (B(20_000, 6000), B(20_000, 6900)),
        "plain": (B(20_000, 2000), B(20_000, 2300)),
    }
    grade = judged(grades)
    assert grade.supported
    assert grade.explained_by_baselines
    assert grade.shown == ("VIP", "plain")


def test_a_small_segment_is_a_gap_and_no_error_of_the_whole() -> None:
    small = {"sms": (B(40, 1), B(45, 6)), "none": (B(0, 0), B(10, 1)), "idle": (B(90, 0), B(80, 0))}
    channel, without = judged({**APART, **small}), judged(APART)
    gaps = {segment.name: segment.gap for segment in channel.segments}
    assert gaps["none"] == "the control has no units"
    assert gaps["sms"] == "a count expected in the segment is 3.3, expected 5 or more"
    assert gaps["idle"] == "a count expected in the segment is 0.0, expected 5 or more"
    assert [gaps[name] for name in APART] == [None] * 3
    assert channel.interaction == without.interaction
    assert channel.segments[:3] == without.segments
    by_name = {segment.name: segment for segment in channel.segments}
    assert by_name["sms"].lift is not None
    assert by_name["none"].lift is None
    assert by_name["sms"].p_value is by_name["none"].p_value is None


def test_a_dimension_of_one_segment_has_no_test() -> None:
    for segments in ({"push": ONE_WINNER["push"]}, {}, {"x": (B(5, 0), B(5, 0))}):
        channel = judged(segments)
        assert (channel.interaction, channel.relative, channel.p_value) == (None, None, None)
        assert channel.gap == "fewer than two segments can be compared"
        assert (channel.supported, channel.explained_by_baselines, channel.shown) == (
            False,
            False,
            (),
        )


def test_many_dimensions_make_each_test_stricter() -> None:
    dimensions = {"grade": APART, "channel": ONE_WINNER, "sms": {"one": (B(9, 1), B(9, 2))}}
    grade, channel, lone = judge_segments(dimensions, compare_proportions)
    for found in (grade, channel):
        assert found.interaction is not None
        assert found.p_value is not None
    assert grade.p_value == pytest.approx(2 * grade.interaction.p_value)  # type: ignore[union-attr] # there is one
    assert channel.p_value == pytest.approx(channel.interaction.p_value)  # type: ignore[union-attr] # there is one
    assert (lone.p_value, lone.name) == (None, "sms")


def test_means_need_thirty_units_of_each_variant() -> None:
    rng = np.random.default_rng(3)

    def drawn(units: int, mean: float) -> MeanSample:
        return MeanSample.of(int(v) for v in rng.gamma(2, mean, units))

    grade = only(
        judge_segments(
            {
                "grade": {
                    "VIP": (drawn(900, 500), drawn(900, 650)),
                    "plain": (drawn(900, 100), drawn(900, 101)),
                    "few": (drawn(29, 100), drawn(300, 100)),
                }
            },
            compare_means,
        )
    )
    assert grade.supported
    assert grade.relative is not None
    assert grade.segments[2].gap == "a variant has 29 units in the segment, expected 30 or more"


def test_means_below_zero_have_no_relative_test() -> None:
    loss, gain = MeanSample.of([-5, 2, -1] * 50), MeanSample.of([5, 2, -1] * 50)
    grade = only(judge_segments({"grade": {"a": (loss, gain), "b": (gain, gain)}}, compare_means))
    assert grade.interaction is not None
    assert grade.relative is None
    assert not grade.explained_by_baselines


def test_comparisons_of_other_samples_are_read_off_their_intervals() -> None:
    scores = {
        "new": (ScoreSample(300, 200, 100), ScoreSample(310, 195, 95)),
        "old": (ScoreSample(300, 200, 100), ScoreSample(420, 130, 50)),
    }
    by_scores = only(judge_segments({"age": scores}, compare_scores))
    plain = only(
        judge_segments(
            {"age": {k: (c.as_mean(), t.as_mean()) for k, (c, t) in scores.items()}}, compare_means
        )
    )
    assert by_scores.interaction is not None
    assert plain.interaction is not None
    assert by_scores.interaction.chi_square == pytest.approx(plain.interaction.chi_square, rel=0.01)
    counts = {
        "a": (CountSample(300, 9000), CountSample(340, 9000)),
        "b": (CountSample(100, 9000), CountSample(220, 9000)),
    }
    assert only(judge_segments({"plan": counts}, compare_counts)).supported


@pytest.mark.parametrize("wrong", [{"confidence": 95}, {"false_share": 0.0}])
def test_bad_levels_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        judge_segments({}, compare_proportions, **wrong)


def test_no_dimensions_are_no_claims() -> None:
    assert judge_segments({}, compare_proportions) == ()


@pytest.mark.slow
def test_an_equal_effect_in_every_channel_hardly_ever_supports_a_claim() -> None:
    """Naively, one segment alone is significant in many of these tests."""
    rng = np.random.default_rng(9)
    claims = naive = 0
    for _ in range(120):
        segments = {
            name: (B(n, int(rng.binomial(n, 0.06))), B(n, int(rng.binomial(n, 0.064))))
            for name, n in (("push", 15_000), ("email", 9000), ("kakao", 6000))
        }
        channel = judged(segments)
        claims += bool(channel.shown)
        alone = sum(s.lift.significant for s in channel.segments if s.lift is not None)
        naive += 0 < alone < 3
    assert claims / 120 < 0.11
    assert naive / 120 > 0.3

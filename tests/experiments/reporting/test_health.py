"""The split up to the anchor, and opens three ways."""

from experiments.reporting.health import (
    PhaseCounts,
    check_splits,
    check_splits_by_phase,
    compare_all_opens,
)
from stats.opens import OpenCounts

EVEN = {"a": 5000.0, "b": 5000.0}


def test_only_stages_up_to_the_anchor_are_checked() -> None:
    counts = {
        "assigned": {"a": 500, "b": 500},
        "sent": {"a": 480, "b": 480},
        "viewed": {"a": 10, "b": 400},
    }
    stages = [split.stage for split in check_splits("sent", counts, EVEN, 0.2)]
    assert stages == ["assigned", "sent"]


def test_the_broken_split_of_the_sample_is_found_with_its_size() -> None:
    counts = {"sent": {"a": 29_100, "b": 30_900}}
    (split,) = check_splits("sent", counts, EVEN, 0.2)
    assert split.broken
    assert split.p_value is not None
    assert 1e-13 < split.p_value < 3e-13
    assert split.bias is not None
    assert round(split.bias, 4) == round(1800 / 30_900 * 0.8, 4)


def test_a_variant_nobody_met_is_kept_in_the_check() -> None:
    (split,) = check_splits("sent", {"sent": {"a": 100}}, EVEN, None)
    assert split.counts == {"a": 100, "b": 0}
    assert split.broken
    assert split.bias is None


def test_too_few_customers_are_a_stated_gap() -> None:
    (split,) = check_splits("sent", {"sent": {"a": 2, "b": 1}}, EVEN, None)
    assert split.p_value is None
    assert split.gap


def test_each_phase_is_held_against_its_own_weights() -> None:
    ramp = PhaseCounts({"a": 9000.0, "b": 1000.0}, {"sent": {"a": 9000, "b": 1000}})
    even = PhaseCounts(EVEN, {"sent": {"a": 1000, "b": 1000}})
    (split,) = check_splits_by_phase("sent", [ramp, even], 0.2)
    assert (split.counts, split.broken) == ({"a": 10_000, "b": 2000}, False)
    assert split.expected == {"a": 10_000 / 12_000, "b": 2000 / 12_000}
    (pooled,) = check_splits("sent", {"sent": {"a": 10_000, "b": 2000}}, EVEN, 0.2)
    assert pooled.broken


def test_a_phase_that_met_nobody_says_nothing() -> None:
    empty = PhaseCounts({"a": 1.0, "b": 0.0}, {})
    even = PhaseCounts(EVEN, {"sent": {"a": 100, "b": 100}})
    assert check_splits_by_phase("sent", [even, empty], None) == check_splits(
        "sent", {"sent": {"a": 100, "b": 100}}, EVEN, None
    )


def test_customers_of_a_variant_taken_out_are_no_part_of_the_check() -> None:
    out = PhaseCounts({"a": 1.0, "b": 0.0}, {"sent": {"b": 30}})
    (split,) = check_splits_by_phase("sent", [out], None)
    assert split.expected == {"a": 1.0, "b": 0.0}
    assert split.gap


def test_machines_that_differ_between_variants_void_opens() -> None:
    opens = {
        "a": OpenCounts(10_000, 3_800, 1_800, 2_000),
        "b": OpenCounts(10_000, 4_500, 1_800, 2_700),
    }
    (fact,) = compare_all_opens("a", opens, 0.95)
    assert fact.faults == ("machines_differ",)
    assert fact.machine_share == {"a": 0.2, "b": 0.27}


def test_opens_of_nobody_are_left_out() -> None:
    empty = OpenCounts(0, 0, 0, 0)
    assert compare_all_opens("a", {"a": empty, "b": empty}, 0.95) == ()

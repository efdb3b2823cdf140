from tests.calibration.bars import Bar, none_of


def test_a_bar_says_whether_it_was_held() -> None:
    held = Bar("share", 0.5, 0.4, 0.6)
    assert " ".join(str(held).split()) == "ok share 0.5000 0.4000 to 0.6000"
    assert str(none_of("faults", 1)).startswith(" FAIL ")
    assert Bar("alarms", 0.01, 0, 0.05).accepted == "at most 0.05"
    assert Bar("power", 0.99, 0.9, 1).accepted == "at least 0.9"
    assert none_of("faults", 0).accepted == "exactly 0"

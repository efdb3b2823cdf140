import pytest

from experiments.registry.channels import (
    CHANNELS,
    MESSAGE_EVENTS,
    REPORTS,
    NotMeasurable,
    OpensNotMeasurable,
    check_measurable,
    is_measurable,
    nearest_measurable,
)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_reports_message_events_only(channel: str) -> None:
    assert REPORTS[channel] <= MESSAGE_EVENTS


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("event", ["purchase", "visit", "unsubscribe", "level_40"])
def test_what_no_message_reports_is_known_whatever_the_channel(channel: str, event: str) -> None:
    assert is_measurable(event, [channel])


@pytest.mark.parametrize("channel", ["sms", "lms", "alimtalk", "friendtalk", "kakao_channel"])
def test_text_messages_have_no_opens_and_a_tagged_link_stands_in(channel: str) -> None:
    with pytest.raises(OpensNotMeasurable) as refusal:
        check_measurable("open", [channel], "goals.0.kpi")
    assert refusal.value.field == "goals.0.kpi"
    assert refusal.value.params["nearest"] == "click"
    assert "tagged link" in str(refusal.value)


def test_one_channel_that_reports_it_suffices() -> None:
    check_measurable("open", ["alimtalk", "email"], "goals.0.kpi")


@pytest.mark.parametrize(
    ("event", "channel", "nearest"),
    [
        ("open", "offline", "purchase"),
        ("click", "offline", "purchase"),
        ("complaint", "sms", "unsubscribe"),
        ("bounced", "app_push", "delivered"),
        ("delivered", "web", "purchase"),
        ("deferred", "sms", "delivered"),
    ],
)
def test_the_nearest_is_always_one_that_works(event: str, channel: str, nearest: str) -> None:
    assert nearest_measurable(event, [channel]) == nearest
    assert is_measurable(nearest, [channel])
    with pytest.raises(NotMeasurable):
        check_measurable(event, [channel], "goals.0.kpi")

"""The rules that ship, and any draft held against them: every half hour of every channel."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from experiments.errors import Invalid, StaleRevision
from experiments.kpis.document import Text
from experiments.operations.audit import Actor
from experiments.registry.channels import CHANNELS
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.keyed import Edit
from experiments.registry.preflight import start_refusals, warnings
from experiments.registry.send_times import SendTime
from experiments.registry.sending_rules import (
    MOST_RULES,
    SendingRule,
    SendingTerms,
    rule_of,
    shipped_rules,
    written,
)
from experiments.registry.stored_rules import replace_rules, rules_of, terms_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import configuration, sending_rules
from tests.conftest import make_project
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate
from tests.experiments.registry.drafts import TWO_ARMS, subject_line

KPIS = {each.key: each for each in (open_rate(), unsubscribe_rate())}
HALF_HOURS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30)]
NIGHT = {clock for clock in HALF_HOURS if not "08:00" <= clock < "21:00"}
# What marketing.md 9 asks of each channel at night; the others are not sent, but looked at.
NEED_CONSENT = {"app_push", "web_push", "sms", "lms", "friendtalk", "kakao_channel"}
TO_BE_CONFIRMED = {"email", "in_app"}
CLOSED_BY_KAKAO = {"friendtalk", "kakao_channel"}
NOT_SENT = {"web", "popup", "offline"}


def draft(channel: str, clock: str, **changes: Any) -> ExperimentDraft:
    """A send-time test of two arms: at 10:00, and at a time in question."""
    one, other = TWO_ARMS
    arms = (
        replace(one, send_at=SendTime("10:00")),
        replace(other, payload=None, send_at=SendTime(clock)),
    )
    values = {"variants": arms, "channels": (channel,), "anchor": "planned_send"}
    return subject_line(**values | {"advertising": True} | changes)


def refused(tested: ExperimentDraft, terms: SendingTerms | None = None) -> set[str]:
    return {refusal.code for refusal in start_refusals(tested, KPIS, terms)}


def flagged(tested: ExperimentDraft, terms: SendingTerms | None = None) -> set[str]:
    return {warning.code for warning in warnings(tested, KPIS, terms)}


def test_every_channel_is_in_one_of_the_groups() -> None:
    groups = (NEED_CONSENT, TO_BE_CONFIRMED, NOT_SENT, {"alimtalk"})
    assert sorted(channel for group in groups for channel in group) == sorted(CHANNELS)
    assert len(NIGHT) == 22


@pytest.mark.parametrize("channel", CHANNELS)
def test_advertising_at_night_is_refused_or_flagged_in_every_half_hour(channel: str) -> None:
    for clock in HALF_HOURS:
        at_night = clock in NIGHT
        expected = set()
        if at_night and channel in NEED_CONSENT:
            expected.add("night_consent_missing")
        if at_night and channel in CLOSED_BY_KAKAO:
            expected.add("quiet_hours")
        if channel == "alimtalk":
            expected.add("advertising_not_carried")
        tested = draft(channel, clock)
        assert refused(tested) == expected, clock
        confirm = at_night and channel in TO_BE_CONFIRMED
        assert ("night_consent_missing" in flagged(tested)) == confirm, clock
        assert "quiet_hours" not in flagged(tested)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_stated_consent_lifts_the_law_and_not_what_a_carrier_closes(channel: str) -> None:
    for clock in HALF_HOURS:
        at_night = clock in NIGHT
        tested = draft(channel, clock, night_consent=True)
        closed = {"quiet_hours"} if at_night and channel in CLOSED_BY_KAKAO else set()
        carried = {"advertising_not_carried"} if channel == "alimtalk" else set()
        assert refused(tested) == closed | carried, clock
        said = at_night and channel in NEED_CONSENT | TO_BE_CONFIRMED
        assert ("night_consent" in flagged(tested)) == said, clock


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_no_advertising_may_go_out_at_night(channel: str) -> None:
    for clock in HALF_HOURS:
        closed = {"quiet_hours"} if clock in NIGHT and channel in CLOSED_BY_KAKAO else set()
        assert refused(draft(channel, clock, advertising=False)) == closed, clock


@pytest.mark.parametrize(
    ("clock", "law", "kakao"),
    [
        ("20:49", False, False), ("20:50", False, True), ("20:59", False, True),
        ("21:00", True, True), ("23:59", True, True), ("00:00", True, True),
        ("07:59", True, True), ("08:00", False, False),
    ],
)  # fmt: skip
def test_the_minutes_at_both_ends(clock: str, law: bool, kakao: bool) -> None:
    found = refused(draft("friendtalk", clock))
    assert ("night_consent_missing" in found, "quiet_hours" in found) == (law, kakao)


def test_every_channel_and_every_variant_is_looked_at() -> None:
    tested = draft("web", "21:00", channels=("web", "email", "sms", "app_push"))
    one, other = tested.variants
    night = replace(one, send_at=SendTime("03:00", weekday="friday"))
    found = start_refusals(replace(tested, variants=(night, other)), KPIS)
    told = [(each.field, each.params["channels"], each.params["local_time"]) for each in found]
    assert told == [
        ("variants.0.send_at", "sms, app_push", "03:00"),
        ("variants.1.send_at", "sms, app_push", "21:00"),
    ]
    assert all(each.params["as_of"] == "2026-11-22" for each in found)


def test_customers_who_get_no_message_are_not_woken() -> None:
    tested = draft("sms", "03:00")
    silent = replace(tested.variants[1], no_message=True)
    assert refused(replace(tested, variants=(tested.variants[0], silent))) == set()


def test_where_the_sending_tool_decides_it_is_told_of_the_hours() -> None:
    assert "quiet_hours_unseen" in flagged(draft("sms", "10:00", variants=TWO_ARMS))
    assert "quiet_hours_unseen" not in flagged(draft("email", "10:00", variants=TWO_ARMS))
    asked = draft("sms", "10:00", variants=TWO_ARMS, advertising=False)
    assert "quiet_hours_unseen" not in flagged(asked)


def with_payload(channel: str, payload: Any, **changes: Any) -> ExperimentDraft:
    tested = draft(channel, "10:00", **changes)
    one, other = tested.variants
    return replace(tested, variants=(one, replace(other, payload=payload)))


@pytest.mark.parametrize(
    ("channel", "payload", "code", "field"),
    [
        ("email", {"subject": "내일 끝나요"}, "label_missing", "subject"),
        ("email", {"subject": "( 광고 ) 내일"}, "label_missing", "subject"),
        ("email", {"subject": "[광고] 내일"}, "label_missing", "subject"),
        ("sms", {"text": "내일 끝나요 무료수신거부 080"}, "label_missing", "text"),
        ("app_push", {"title": "내일", "body": "(광고) 내일"}, "label_missing", "title"),
    ],
)
def test_a_text_that_must_be_labelled_and_is_not_is_refused(
    channel: str, payload: Any, code: str, field: str
) -> None:
    (refusal,) = start_refusals(with_payload(channel, payload), KPIS)
    assert (refusal.code, refusal.field) == (code, f"variants.1.payload.{field}")
    assert refused(with_payload(channel, payload, advertising=False)) == set()


@pytest.mark.parametrize(
    ("channel", "payload"),
    [
        ("email", {"subject": "(광고) 내일 끝나요"}),
        ("email", {"subject": "  (광고)내일 끝나요"}),
        ("email", {"template": "t-1"}),
        ("email", {"subject": 7}),
        ("email", "내일 끝나요"),
        ("email", None),
        ("web", {"text": "내일 끝나요"}),
        ("friendtalk", {"text": "내일 끝나요"}),
    ],
)
def test_a_text_that_is_labelled_or_not_known_is_not_refused(channel: str, payload: Any) -> None:
    assert refused(with_payload(channel, payload)) == set()


def test_kakao_is_believed_to_label_by_itself() -> None:
    assert "label_missing" in flagged(with_payload("friendtalk", {"text": "내일 끝나요"}))


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("(광고) 내일", True),
        ("(광고) 내일. 무료수신거부 080-000-0000", False),
        ("Unsubscribe", False),
    ],
)
def test_a_body_without_a_way_out_is_flagged(body: str, missing: bool) -> None:
    payload = {"subject": "(광고) 내일", "body": body}
    assert ("opt_out_missing" in flagged(with_payload("email", payload))) == missing
    assert "opt_out_missing" not in flagged(with_payload("email", {"subject": "(광고) 내일"}))


@pytest.mark.parametrize(
    ("text", "advertising", "length"),
    [
        ("가" * 45, False, None),
        ("가" * 45 + "a", False, 91),
        # (광고) is 6 bytes, the shortest way out, 무료거부, 8.
        ("가" * 38, True, None),
        ("가" * 38 + "a", True, 91),
        ("(광고)" + "가" * 38, True, None),
        ("(광고)" + "가" * 38 + "a", True, 91),
        ("(광고)" + "가" * 38 + "무료거부", True, None),
        ("(광고)" + "가" * 38 + "무료거부!", True, 91),
    ],
)
def test_label_and_way_out_count_in_the_length(
    text: str, advertising: bool, length: int | None
) -> None:
    tested = with_payload("sms", {"text": text}, advertising=advertising)
    found = [each.params for each in warnings(tested, KPIS) if each.code == "text_too_long"]
    assert [each["length"] for each in found] == ([] if length is None else [length])


def test_consent_is_to_be_confirmed_again_for_every_advertising_test() -> None:
    (again,) = (
        each for each in warnings(draft("sms", "10:00"), KPIS) if each.code == "consent_again"
    )
    assert again.params["months"] == 24
    assert "consent_again" not in flagged(draft("sms", "10:00", advertising=False))
    assert "consent_again" not in flagged(draft("offline", "10:00"))


def test_rules_are_data_and_nothing_holds_without_them() -> None:
    none = SendingTerms(())
    for channel in CHANNELS:
        for clock in HALF_HOURS:
            assert refused(draft(channel, clock), none) == set()
    own = SendingTerms((rule(starts="12:00", ends="13:00"),))
    found = {clock for clock in HALF_HOURS if refused(draft("sms", clock), own)}
    assert found == {"12:00", "12:30"}
    assert refused(draft("email", "12:00"), own) == set()
    assert "quiet_hours" in flagged(draft("sms", "12:00"), SendingTerms((rule(severity="flag"),)))


def rule(**changes: Any) -> SendingRule:
    values: dict[str, Any] = {
        "key": "lunch",
        "kind": "quiet_hours",
        "channels": ("sms",),
        "severity": "refuse",
        "source": "사내 규정 12",
        "as_of": date(2025, 3, 1),
        "note": Text("점심", "lunch"),
        "starts": "12:00",
        "ends": "13:00",
    }
    return SendingRule(**values | changes)


def test_every_rule_that_ships_has_a_source_a_date_and_a_note_in_both_languages() -> None:
    for each in shipped_rules():
        assert each.source.strip()
        assert each.as_of <= date(2026, 11, 22)
        assert any("가" <= letter <= "힣" for letter in each.note.ko)
        assert each.note.en.isascii() or "(광고)" in each.note.en
        assert rule_of(written(each)) == each


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"texts": ("(광고)",)}, "texts"),
        ({"kind": "length", "starts": None, "ends": None, "fields": ("text",)}, "limit"),
        ({"starts": None}, "from"),
        ({"as_of": date(1999, 1, 1)}, "as_of"),
        ({"channels": ("sms", "sms")}, "channels"),
        ({"note": Text("", "lunch")}, "note.ko"),
        (
            {"kind": "label", "starts": None, "ends": None, "texts": ("x",) * 21, "fields": ("t",)},
            "texts",
        ),
    ],
)  # fmt: skip
def test_a_rule_says_what_its_kind_needs_and_nothing_else(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        rule(**changes)
    assert refusal.value.field == field


@pytest.fixture
def edit(project: Project, actor: Actor, now: datetime) -> Edit:
    return Edit(project, actor, now)


def test_the_rules_of_a_moment_are_kept(database: Database, edit: Edit) -> None:
    project, later = edit.project, edit.now + timedelta(hours=1)
    with database.transaction() as db:
        assert rules_of(db, project).rules == shipped_rules()
        replace_rules(db, [rule()], edit)
        replace_rules(db, [], replace(edit, now=later))
    with database.reading() as db:
        assert rules_of(db, project, edit.now - timedelta(seconds=1)).rules == shipped_rules()
        assert rules_of(db, project, edit.now).rules == (rule(),)
        assert rules_of(db, project).rules == ()
        assert terms_of(db, project).zone == "Asia/Seoul"
        assert rules_of(db, project).revision == 2


def test_two_edits_of_what_both_have_seen_do_not_overwrite_each_other(
    database: Database, edit: Edit
) -> None:
    seen = replace(edit, expected_revision=0)
    with database.transaction() as db:
        replace_rules(db, [rule()], seen)
    with pytest.raises(StaleRevision), database.transaction() as db:
        replace_rules(db, [], seen)
    with database.reading() as db:
        assert rules_of(db, edit.project).rules == (rule(),)


def test_an_edit_makes_the_configuration_another_and_leaves_other_projects_alone(
    database: Database, edit: Edit, now: datetime
) -> None:
    other = make_project(database, now, "other")
    with database.transaction() as db:
        before = db.execute(select(configuration.c.version)).scalar_one()
        replace_rules(db, [rule()], edit)
    with database.reading() as db:
        assert db.execute(select(configuration.c.version)).scalar_one() == before + 1
        assert rules_of(db, other).shipped


def test_too_many_rules_are_refused_and_nothing_is_written(database: Database, edit: Edit) -> None:
    many = [rule(key=f"r{number}") for number in range(MOST_RULES + 1)]
    for wrong in (many, [rule(), rule()]):
        with pytest.raises(Invalid), database.transaction() as db:
            replace_rules(db, wrong, edit)
    with database.reading() as db:
        assert db.execute(select(func.count()).select_from(sending_rules)).scalar_one() == 0


def test_a_variant_of_before_has_no_send_time() -> None:
    assert Variant("a", "A", TWO_ARMS[0].weight).send_at is None

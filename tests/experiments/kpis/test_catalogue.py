from pathlib import Path

import pytest

from experiments.kpis.catalogue import BY_KEY, ENTRIES, Entry, UnknownEntry, entry, found
from experiments.kpis.catalogue.page import page
from experiments.kpis.catalogue.search import folded, names_of
from experiments.kpis.document import STAGES, Text
from experiments.kpis.kinds import KINDS
from experiments.kpis.known_names import name_warnings
from experiments.kpis.tree import grow
from experiments.registry.channels import is_measurable

PAGE = Path(__file__).resolve().parents[3] / "docs" / "kpi-catalogue.md"
# Every KPI that the catalogue was asked to hold, by the words it was asked in.
ASKED = {
    "open": "open-rate", "human open": "human-open-rate", "click": "click-rate",
    "click-to-open": "click-to-open", "conversion": "conversion",
    "first purchase conversion": "first-purchase-conversion",
    "purchase conversion": "purchase-conversion", "repeat purchase": "repeat-purchase",
    "repeat purchase (of buyers)": "repeat-purchase-of-buyers",
    "repeat purchase (of new": "repeat-purchase-of-new", "AOV": "aov", "ARPPU": "arppu",
    "ARPU": "arpu", "revenue per recipient": "revenue-per-recipient",
    "total revenue": "total-revenue", "profit": "profit", "LTV": "ltv-90",
    "D+1": "retention-d1", "D+3": "retention-d3", "D+7": "retention-d7", "D+30": "retention-d30",
    "churn": "churn", "cancellation": "cancellation", "renewal": "renewal", "upsell": "upsell",
    "cross-sell": "cross-sell", "unsubscribe": "unsubscribe-rate", "complaint": "complaint-rate",
    "bounce": "bounce-rate", "delivery": "delivery-rate", "push opt-out": "push-opt-out",
    "CAC": "cac", "CPA": "cpa", "CPC": "cpc", "ROAS": "roas", "ROI": "roi", "NPS": "nps",
    "purchase cycle": "purchase-cycle", "days to first purchase": "days-to-first-purchase",
    "sessions": "sessions", "pages per session": "pages-per-session",
    "new customers": "new-customers", "active customers": "active-customers", "DAU": "dau",
    "MAU": "mau", "unique visitors": "unique-visitors",
    "sign-up conversion": "sign-up-conversion", "activation": "activation",
    "key-feature completion": "key-feature-completion", "first-login rate": "first-login-rate",
    "coupon redemption": "coupon-redemption", "cart to purchase": "cart-to-purchase",
    "review written": "review-rate", "referral share": "referral-share",
    "social mentions": "social-mentions", "sentiment": "social-sentiment",
    "contacts per customer": "contacts-per-customer", "message cost": "message-cost",
}  # fmt: skip


@pytest.mark.parametrize(("asked", "key"), ASKED.items())
def test_everything_asked_for_is_found_by_its_name(asked: str, key: str) -> None:
    assert key in [each.key for each in found(asked, "en")[:5]]


def test_keys_are_given_once_and_every_stage_and_kind_has_some() -> None:
    assert len(BY_KEY) == len(ENTRIES)
    assert {each.stage for each in ENTRIES} == set(STAGES)
    assert {each.kind for each in ENTRIES} == set(KINDS)


def both(text: Text) -> bool:
    return bool(text.ko.strip()) and bool(text.en.strip()) and text.ko != text.en


def said(each: Entry) -> list[Text]:
    return [each.name, each.definition, each.purpose, each.source, *each.confused_with.values()]


def has_hangul(text: str) -> bool:
    return any("가" <= character <= "힣" for character in text)


def test_every_entry_says_all_of_it_in_both_languages() -> None:
    for each in ENTRIES:
        assert all(map(both, said(each))), each.key
        assert all(has_hangul(text.ko) and not has_hangul(text.en) for text in said(each)), each.key
        assert each.synonyms.ko, each.key
        assert each.synonyms.en, each.key
        assert each.definition.ko.endswith("니다."), each.key
        assert each.definition.en.endswith("."), each.key
        assert each.tracking is not None, each.key


def test_every_short_name_says_its_denominator() -> None:
    of_whom = ("per ", "(total)", "non-buyers", "buyers", "of those who answered", "in 7 days")
    for each in ENTRIES:
        assert any(word in each.short_name.en.lower() for word in of_whom), each.key
        assert len(each.short_name.ko) <= 30, each.key
    names = [text for each in ENTRIES for text in (each.short_name.ko, each.short_name.en)]
    assert len({folded(name) for name in names}) >= len(ENTRIES) * 2 - 2


def test_parents_and_confusions_are_in_the_catalogue_and_make_no_circle() -> None:
    for each in ENTRIES:
        assert each.parent is None or each.parent in BY_KEY, each.key
        assert each.confused_with, each.key
        assert set(each.confused_with) <= set(BY_KEY) - {each.key}, each.key
        above, steps = each.parent, 0
        while above is not None:
            above, steps = BY_KEY[above].parent, steps + 1
            assert steps < len(ENTRIES), each.key


def test_a_channel_that_can_measure_an_entry_reports_its_events() -> None:
    for each in ENTRIES:
        assert bool(each.channels) is not bool(each.formula.series), each.key
        for event in each.formula.types_to_report:
            assert all(is_measurable(event, [channel]) for channel in each.channels), each.key
    assert entry("push-opt-out").channels == ("app_push", "web_push")
    assert "sms" not in entry("human-open-rate").channels


def test_those_conditioned_after_the_assignment_are_descriptive() -> None:
    reasons = {each.key: each.document().descriptive_because for each in ENTRIES}
    for key in ("aov", "arppu", "click-to-open", "repeat-purchase-of-buyers", "nps", "roas"):
        assert reasons[key] is not None, key
    for key in ("conversion", "purchase-conversion", "repeat-purchase", "profit", "retention-d1"):
        assert reasons[key] is None, key


def test_no_entry_has_a_name_that_means_something_else() -> None:
    for each in ENTRIES:
        assert name_warnings(each.document()) == (), each.key


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("객단가", "aov"), ("ctr", "click-rate"), ("Click-Through Rate", "click-rate"),
        ("재 구매율", "repeat-purchase"), ("이탈", "churn"), ("고객 생애", "ltv-90"),
        ("GMV", "total-revenue"), ("ＮＰＳ", "nps"), ("cac", "cac"),
        ("쿠폰 사용", "coupon-redemption"),
    ],
)  # fmt: skip
def test_people_find_what_they_call_it(query: str, first: str) -> None:
    assert found(query)[0].key == first


def test_a_search_that_fits_nothing_finds_nothing() -> None:
    assert found("광합성") == []
    assert found("재구매", "en") == []
    assert found("!?") == list(ENTRIES)
    assert found("", stage="referral", channel="sms") == [
        entry("nps"),
        entry("review-rate"),
        entry("referral-share"),
    ]


def test_an_unknown_entry_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="churn") as refusal:
        entry("churns")
    assert refusal.value.field == "from"
    with pytest.raises(UnknownEntry, match="aov, arppu"):
        entry("객단가")
    with pytest.raises(UnknownEntry, match="none"):
        entry("광합성")


def test_the_whole_catalogue_makes_one_tree_of_everything() -> None:
    documents = [each.document() for each in ENTRIES]
    assert sum(branch.size for branch in grow(documents)) == len(ENTRIES)


def test_names_are_those_of_the_language_asked_for() -> None:
    assert "객단가" in set(names_of(entry("aov"), "ko"))
    assert "객단가" not in set(names_of(entry("aov"), "en"))


def test_the_page_of_the_catalogue_is_what_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()

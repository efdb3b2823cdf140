"""What stands behind a verdict, from facts to sentences, rows and both depths of the page."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from experiments.errors import Invalid
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.store import create_kpi
from experiments.measurement.replica import Replica
from experiments.operations.audit import SYSTEM
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.registry.moves import move
from experiments.registry.plan import Plan
from experiments.registry.registration import register
from experiments.reporting.analysis import build_report
from experiments.reporting.asked import Asked
from experiments.reporting.document import report_document
from experiments.reporting.exports.rows import rows_of
from experiments.reporting.overlap_report import overlap_report
from experiments.reporting.report import Report, State
from experiments.reporting.wording import say, say_depth, say_dimension, say_looks
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import ledger
from tests.conftest import make_project
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, event, exposure

DAY = 24 * HOUR
NOW = SENT_AT + timedelta(days=60)
BOUGHT = KpiDocument(
    "bought", Text("구매 전환율", "Purchase conversion"), "proportion",
    Formula("purchase", "occurrence", 72), "rate", source="shop", credit="last_message",
)  # fmt: skip
SPENT = KpiDocument(
    "spent", Text("고객당 매출", "Revenue per customer"), "mean",
    Formula("purchase", "amount", 72, cap=None), "money", currency="KRW", source="shop",
    covariate_days=30,
)  # fmt: skip


def facts(experiment_id: int, customers: int = 1200, lift: int = 2) -> Iterator[Row]:
    """Half mail, half messages; B buys more in both, a little; spending goes by the past."""
    for n in range(customers):
        unit, variant = f"u{n:04d}", "ab"[n % 2]
        sent_at = SENT + (n // 100) * DAY
        mine: dict[str, Any] = {"project_id": 1}
        yield exposure(
            f"s{n}", unit, variant, channel=("email", "sms")[n // 2 % 2],
            experiment_id=experiment_id, occurred_at=sent_at,
            properties={"grade": ("VIP", "일반")[n // 4 % 2]}, **mine,
        )  # fmt: skip
        past = 1000 * (n // 2 * 7 % 10)
        if past:
            yield event(
                f"p{n}", unit, "purchase", value=past, currency="KRW",
                occurred_at=sent_at - 2 * DAY, **mine,
            )  # fmt: skip
        if n // 2 % 20 < 4 + (lift if variant == "b" else 0):
            later = (2, 30, 50)[n // 2 % 3] * HOUR
            yield event(
                f"o{n}", unit, "purchase", value=past + 500 + 100 * (n % 5), currency="KRW",
                occurred_at=sent_at + later, **mine,
            )  # fmt: skip


pytestmark = pytest.mark.slow  # each report is measured from facts


@pytest.fixture
def shop(sqlite_database: Database) -> Project:
    return make_project(sqlite_database, SENT_AT - timedelta(days=40))


def registered(database: Database, project: Project, plan: Plan, primary: str = "bought") -> int:
    goals = tuple(
        KpiGoal(each.key, "primary" if each.key == primary else "secondary",
                minimum_effect=Decimal("0.02") if each.key == "bought" else None)
        for each in (BOUGHT, SPENT)
    )  # fmt: skip
    half = Decimal("0.5")
    draft = ExperimentDraft(
        key="cart", name="장바구니", anchor="sent", shape="triggered", channels=("email", "sms"),
        variants=(Variant("a", "A안", half, True), Variant("b", "B안", half, False)),
        goals=goals, allocation="external", plan=plan,
    )  # fmt: skip
    at = SENT_AT - timedelta(days=1)
    with database.transaction() as db:
        for each in (BOUGHT, SPENT):
            create_kpi(db, project, each, actor=SYSTEM, now=at)
        made = register(db, project, draft, actor=SYSTEM, now=at)
        move(db, project, "cart", "start", actor=SYSTEM, now=at)
    return made.id


def reported(database: Database, project: Project, folder: Path, **asked: Any) -> Report:
    as_of = asked.pop("as_of", None)
    replica = Replica(folder / "replica", database)
    return build_report(
        database, replica, project, "cart", now=NOW, as_of=as_of, asked=Asked(**asked)
    )


@pytest.fixture
def ended(sqlite_database: Database, shop: Project) -> Database:
    test = registered(sqlite_database, shop, Plan())
    filled(sqlite_database, facts(test))
    with sqlite_database.transaction() as db:
        move(db, shop, "cart", "stop", actor=SYSTEM, now=SENT_AT + timedelta(days=40))
    return sqlite_database


def filled(database: Database, rows: Iterator[Row]) -> None:
    def stored(row: Row) -> Row:
        return row | {"received_at": row["occurred_at"] + HOUR}

    with database.transaction() as db:
        db.execute(insert(ledger), [stored(row) for row in rows])


def test_channels_and_segments_come_with_their_interaction(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    report = reported(ended, shop, tmp_path)
    found = {fact.key: fact for fact in report.segments}
    assert {"channel", "property:grade", "history:active"} <= set(found)
    channel = found["channel"]
    assert sum(sum(group.units.values()) for group in channel.groups) == 1200
    assert channel.interaction is not None
    assert channel.p_value is not None
    assert channel.p_value >= channel.interaction
    assert not channel.supported
    for language in ("ko", "en"):
        assert say_dimension(channel, language)
    figures = {(row.segment, row.figure) for row in rows_of(report, "ko") if row.segment}
    assert ("channel=email", "interaction_p") in figures
    json.dumps(report_document(report), allow_nan=False)


def test_one_segment_is_counted_alone_and_given_no_verdict(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    whole = reported(ended, shop, tmp_path)
    for key, group in (
        ("channel:email", ("channel", "email")),
        ("property:grade=VIP", ("property:grade", "VIP")),
        ("active", ("history:active", "in")),
    ):
        part = reported(ended, shop, tmp_path, segment=key)
        fact = next(each for each in whole.segments if each.key == group[0])
        expected = next(each for each in fact.groups if each.key == group[1])
        assert {arm.variant: arm.units for arm in part.goals[0].arms} == expected.units
        assert part.verdict.state is State.ONE_SEGMENT
        assert part.segment is not None
        assert part.segment.units == sum(expected.units.values())
        assert part.segments == ()
        assert say(part, "ko").headline.endswith("따로 본 수치입니다.")


@pytest.mark.parametrize("key", ["nobody", "channel:pigeon", "property:grade", "saved:active"])
def test_a_segment_nobody_defined_is_refused(
    ended: Database, shop: Project, tmp_path: Path, key: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        reported(ended, shop, tmp_path, segment=key)
    assert refusal.value.field == "segment"


def test_a_kpi_that_the_test_does_not_have_is_refused(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    with pytest.raises(Invalid) as refusal:
        reported(ended, shop, tmp_path, kpi="nothing")
    assert refusal.value.field == "kpi"


def test_a_segment_with_few_customers_is_a_stated_gap(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    part = reported(ended, shop, tmp_path, segment="property:grade=nobody")
    [entry] = part.goals[0].comparisons
    assert entry.gap == "a variant has 0 units in the segment, expected 30 or more"
    assert "0명뿐이라" in " ".join(say(part, "ko").sentences)


def test_the_past_makes_a_mean_more_precise_and_is_shown_beside(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    report = reported(ended, shop, tmp_path, kpi="spent")
    goal = next(goal for goal in report.goals if goal.kpi == "spent")
    [entry] = goal.comparisons
    [beside] = entry.adjustments
    assert (beside.kind, beside.used) == ("covariate", True)
    assert beside.gain is not None
    assert beside.gain > 0
    assert beside.adjusted is not None
    assert beside.adjusted.interval == entry.interval_adjusted != beside.unadjusted.interval
    topics = [note.topic for note in say_depth(report, goal, "ko")]
    assert "covariate" in topics
    figures = {row.figure: row.value for row in rows_of(report, "en") if row.kpi == "spent"}
    assert figures["covariate_gain"] == beside.gain
    assert figures["covariate_unadjusted_difference"] == beside.unadjusted.difference


def test_the_days_add_up_to_the_whole_and_the_credit_is_varied(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    report = reported(ended, shop, tmp_path)
    goal = report.goals[0]
    assert [(day.from_hours, day.to_hours) for day in goal.days] == [(0, 24), (24, 48), (48, 72)]
    for arm in goal.arms:
        total = sum(day.values[arm.variant] or 0 for day in goal.days)
        assert total == pytest.approx(arm.value)
    rules = {rule.rule: rule for rule in goal.credit}
    assert [rule for rule in rules if rules[rule].own] == ["last_message"]
    assert rules["any"].values == {arm.variant: arm.value for arm in goal.arms}
    for language in ("ko", "en"):
        topics = [note.topic for note in say_depth(report, goal, language)]
        assert {"days", "credit"} <= set(topics)


def test_a_planned_look_may_end_the_test(
    sqlite_database: Database, shop: Project, tmp_path: Path
) -> None:
    test = registered(sqlite_database, shop, Plan(looks=4, units_planned=1600))
    filled(sqlite_database, facts(test, lift=4))
    middle = SENT_AT + timedelta(days=16)
    report = reported(sqlite_database, shop, tmp_path, as_of=middle)
    assert not report.final
    assert report.timeline is not None
    came = [look for look in report.timeline.looks if look.at is not None]
    assert [look.number for look in came] == [1, 2, 3]
    bounds = [look.bound or 0 for look in came]
    assert bounds == sorted(bounds, reverse=True)
    assert came[-1].spent is not None
    assert came[-1].spent < 0.05
    assert (report.verdict.state, report.ended) == (State.WIN, True)
    first = next(look for look in came if look.findings[0].shown)
    assert report.verdict.look == first.number
    assert say(report, "ko").headline == (
        f"중간 점검 4회 중 {first.number}회째에서 B안이 더 좋다는 것을 확인했습니다."
    )
    assert len(say_looks(report, "en")) == 4
    assert report.goals[0].comparisons[0].interval is None


def test_looks_cost_something_at_the_end(
    sqlite_database: Database, shop: Project, tmp_path: Path
) -> None:
    test = registered(sqlite_database, shop, Plan(looks=4, units_planned=1200))
    filled(sqlite_database, facts(test))
    with sqlite_database.transaction() as db:
        move(db, shop, "cart", "stop", actor=SYSTEM, now=SENT_AT + timedelta(days=40))
    [entry] = reported(sqlite_database, shop, tmp_path).goals[0].comparisons
    assert entry.method == "group_sequential"
    assert entry.interval is not None
    assert entry.interval_adjusted is not None
    widths = [
        (found.upper or 0) - (found.lower or 0)
        for found in (entry.interval, entry.interval_adjusted)
    ]
    assert widths[1] > widths[0]
    shown = entry.interval_adjusted.lower is not None and entry.interval_adjusted.lower > 0
    assert entry.significant == shown == ((entry.p_value_adjusted or 1) < 0.05)


def test_the_same_facts_give_the_same_depth(ended: Database, shop: Project, tmp_path: Path) -> None:
    first, second = (
        json.dumps(report_document(reported(ended, shop, tmp_path / name)), sort_keys=True)
        for name in ("one", "two")
    )
    assert first == second


def test_tests_that_overlap_are_counted_and_held_against_each_other(
    ended: Database, shop: Project, tmp_path: Path
) -> None:
    half = Decimal("0.5")
    other = ExperimentDraft(
        key="banner", name="배너", anchor="sent", shape="triggered", channels=("email",),
        variants=(Variant("x", "X", half, True), Variant("y", "Y", half, False)),
        goals=(KpiGoal("bought", "primary"),), allocation="external",
    )  # fmt: skip
    with ended.transaction() as db:
        made = register(db, shop, other, actor=SYSTEM, now=SENT_AT - timedelta(days=1))
        move(db, shop, "banner", "start", actor=SYSTEM, now=SENT_AT - timedelta(days=1))
    filled(
        ended,
        (
            exposure(f"x{n}", f"u{n:04d}", "xy"[n // 4 % 2], experiment_id=made.id)
            for n in range(800)
        ),
    )
    found = overlap_report(ended, Replica(tmp_path / "replica", ended), shop, "cart", now=NOW)
    [fact] = found.tests
    assert (fact.experiment, fact.customers) == ("banner", 800)
    assert fact.share == pytest.approx(800 / 1200)
    assert fact.counts == {"a": {"x": 200, "y": 200}, "b": {"x": 200, "y": 200}}
    [interaction] = fact.interactions
    assert {group.key: sum(group.units.values()) for group in interaction.groups} == {
        "x": 400, "y": 400,
    }  # fmt: skip
    # Grades fall together with the other test's variants, and so does the effect.
    assert interaction.supported
    assert "배너" in " ".join(say_dimension(interaction, "ko"))

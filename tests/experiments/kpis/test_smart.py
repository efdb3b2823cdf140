from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from experiments.kpis.catalogue import ENTRIES
from experiments.kpis.document import KpiTarget
from experiments.kpis.smart import smart_check
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate


def test_a_complete_document_is_smart() -> None:
    check = smart_check(open_rate())
    assert check.met
    assert check.missing == ()


def test_a_bare_document_is_told_everything_it_lacks() -> None:
    check = smart_check(unsubscribe_rate(source=None))
    assert check.specific.missing == ("purpose", "owner", "stage")
    assert check.measurable.missing == ("source", "baseline")
    assert check.achievable.missing == ("target",)
    assert check.relevant.missing == ("parent",)
    assert check.time_bound.missing == ("target.due_on", "report_cycle")
    assert not check.met


def test_a_parent_makes_a_lower_tier_relevant() -> None:
    assert smart_check(open_rate(tier="operational", parent="revenue")).relevant.met
    assert not smart_check(open_rate(tier="operational")).relevant.met


@pytest.mark.parametrize(
    ("target", "missing"),
    [
        (KpiTarget(Decimal("0.177"), basis="trend"), ("target.value",)),
        (KpiTarget(Decimal("0.2")), ("target.basis",)),
        (KpiTarget(Decimal("0.2"), basis="benchmark"), ("target.basis_source",)),
        (KpiTarget(Decimal("0.1"), relative=True, basis="bold"), ()),
        (KpiTarget(Decimal(0), relative=True, basis="bold"), ("target.value",)),
    ],
)
def test_a_target_is_achievable_if_it_rests_on_something_and_leads_onward(
    target: KpiTarget, missing: tuple[str, ...]
) -> None:
    target = replace(target, due_on=date(2025, 6, 30))
    assert smart_check(open_rate(target=target)).achievable.missing == missing


def test_without_a_baseline_nothing_says_that_a_target_is_achievable() -> None:
    assert smart_check(open_rate(baseline=None)).achievable.missing == ("baseline",)


def test_every_kind_can_be_smart() -> None:
    for entry in ENTRIES:
        draft = entry.document()
        assert draft.report_cycle, entry.key
        baseline, better = Decimal("0.5"), Decimal("0.6" if draft.direction == "up" else "0.4")
        target = KpiTarget(better, basis="realistic", due_on=date(2025, 6, 30))
        whole = replace(draft, owner="minji", parent=entry.parent, baseline=baseline, target=target)
        assert smart_check(whole).met, entry.key
        missing = {"owner", "baseline", "target", "target.due_on"}
        missing |= {"parent"} if draft.tier != "strategic" else set()
        assert set(smart_check(draft).missing) == missing, entry.key


def test_fewer_is_onward_where_down_is_better() -> None:
    document = unsubscribe_rate(
        baseline=Decimal("0.003"), target=KpiTarget(Decimal("0.002"), basis="trend")
    )
    assert smart_check(document).achievable.met

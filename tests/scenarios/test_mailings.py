"""Scenarios (a), (d) and (g): a subject line, a broken split, a list of 3,000."""

from collections.abc import Iterator

import pytest

from tests.scenarios.shop import Shop, accounted, comparison_of, counted, goal_of, opened


@pytest.fixture(scope="module")
def subject_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("subject_line", tmp_path_factory.mktemp("subject_line")) as shop:
        yield shop


@pytest.fixture(scope="module")
def broken_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("broken_split", tmp_path_factory.mktemp("broken_split")) as shop:
        yield shop


@pytest.fixture(scope="module")
def small_list(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("small_list", tmp_path_factory.mktemp("small_list")) as shop:
        yield shop


@pytest.mark.parametrize("name", ["subject_line", "broken_split", "small_list"])
def test_every_count_is_exact(name: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(name)
    report, truth = shop.report(), shop.truth
    assert counted(report) == truth["kpis"]
    assert accounted(report, truth["accounting"]) == truth["accounting"]
    assert report["health"]["duplicates"] == sum(truth["dirt"]["repeated"].values())


def test_the_product_gives_everybody_the_variant_of_the_files(subject_line: Shop) -> None:
    assert subject_line.given_by_hash() == subject_line.assignments()


def test_b_is_shipped_on_opens_and_sales_stay_unproven(subject_line: Shop) -> None:
    report = subject_line.report()
    assert (report["verdict"]["state"], report["verdict"]["variant"]) == ("win", "b")
    assert comparison_of(report, "click", "b")["better"]
    sales = comparison_of(report, "conversion", "b")
    assert (sales["significant"], sales["gap"]) == (False, None)
    [guardrail] = goal_of(report, "unsubscribe")["guardrails"]
    assert guardrail["outcome"] == "safe"


def test_b_holds_its_target_and_a_does_not_reach_it(subject_line: Shop) -> None:
    a, b = (arm["target"] for arm in goal_of(subject_line.report(), "human_open")["arms"])
    assert (a["reached"], a["holds"]) == (False, "no")
    assert (b["reached"], b["holds"]) == (True, "yes")


def test_machine_opens_shrink_the_lift_and_void_nothing(subject_line: Shop) -> None:
    report = subject_line.report()
    human, every = (
        comparison_of(report, kpi, "b")["relative"] for kpi in ("human_open", "open_all")
    )
    assert 0 < every < human / 2
    assert [fact["faults"] for fact in report["health"]["opens"]] == [[]]


def test_a_broken_split_withholds_every_verdict(broken_split: Shop) -> None:
    report = broken_split.report()
    assert report["verdict"]["state"] == "split_broken"
    sent = next(split for split in report["health"]["splits"] if split["stage"] == "sent")
    assert sent["counts"] == {"a": 29_100, "b": 30_900}
    assert sent["p_value"] == pytest.approx(2e-13, rel=0.1)
    for language, reason in (("en", "48.5"), ("ko", "48.5")):
        assert reason in str(report["said"][language])


def test_a_small_list_leaves_it_undecided(small_list: Shop) -> None:
    learning = small_list.report()
    assert learning["verdict"]["state"] == "too_small"
    assert goal_of(learning, "human_open")["units_needed"] > 1_500


def test_a_small_list_that_chooses_picks_the_best_so_far(small_list: Shop) -> None:
    report = small_list.report("small-list-choice")
    assert (report["verdict"]["state"], report["verdict"]["variant"]) == ("choice", "b")
    assert counted(report) == small_list.truth["kpis"]

"""Scenario (e): a reminder after an hour, after a day, or never; with an effect and without."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.shop import Shop, accounted, comparison_of, counted, opened

BY_MESSAGE = "by-message"


@pytest.fixture(scope="module")
def effect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened("cart_reminder", tmp_path_factory.mktemp("effect")) as found:
        yield found


@pytest.fixture(scope="module")
def no_effect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("no_effect")
    with opened("cart_reminder", folder, "imports_no_effect") as found:
        yield found


def test_every_count_is_exact(effect: Shop, no_effect: Shop) -> None:
    truth = effect.truth
    for shop, told in ((effect, truth), (no_effect, truth["no_effect"])):
        report = shop.report()
        assert counted(report) == told["kpis"]
        assert accounted(report, told["accounting"]) == told["accounting"]
        assert report["health"]["suppressed"] == truth["suppressed"]


def test_the_product_gives_everybody_the_variant_of_the_files(effect: Shop) -> None:
    assert effect.given_by_hash() == effect.assignments()


def test_without_an_effect_no_difference_is_shown(no_effect: Shop) -> None:
    report = no_effect.report()
    for variant in ("after_1h", "after_24h"):
        assert not comparison_of(report, "cart_purchase", variant)["significant"]
    assert report["verdict"]["state"] in {"no_difference", "too_small"}


def test_an_hour_is_ahead_of_no_message_and_a_day_is_undecided(effect: Shop) -> None:
    report = effect.report()
    first, later = (
        comparison_of(report, "cart_purchase", variant) for variant in ("after_1h", "after_24h")
    )
    assert (first["significant"], first["better"]) == (True, True)
    assert not later["significant"]
    assert (report["verdict"]["state"], report["verdict"]["variant"]) == ("win", "after_1h")


def test_read_by_message_sent_the_answer_is_wrong(no_effect: Shop) -> None:
    """Buyers drop out of the later arm before its message goes out; the effect is none."""
    told = no_effect.truth["no_effect"]["by_message_sent"]
    report = read_by_message(no_effect)
    assert counted(report)["cart_purchase"] == told
    lift = comparison_of(report, "cart_purchase", "after_24h")
    assert lift["difference"] == pytest.approx(0.075 - 0.229, abs=0.01)
    assert lift["p_value"] < 1e-100


def read_by_message(shop: Shop) -> Any:
    """The two arms that send, from the actual send on."""
    draft = shop.read("experiment")
    variants = [
        each | {"weight": "0.5", "control": each["key"] == "after_1h"}
        for each in draft["variants"]
        if each["key"] != "never"
    ]
    goals = [{"kpi": "cart_purchase", "role": "primary"}]
    changes = {"key": BY_MESSAGE, "anchor": "sent", "variants": variants, "goals": goals}
    key = shop.register(draft | changes)
    sent = shop.folder / "sent.csv"
    rows = (shop.folder / "exposures.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    sent.write_text(rows[0] + "".join(row for row in rows if ",sent," in row), encoding="utf-8")
    mapping = shop.read("imports")[0]["mapping"]
    columns = {name: at for name, at in mapping["columns"].items() if name != "source_id"}
    constants = mapping["constants"] | {"experiment": key}
    shop.load("sent.csv", mapping | {"columns": columns, "constants": constants})
    shop.stop(key)
    return shop.report(key)

"""Units of any anchor, given variants by Truelift or by others, are kept as they are measured."""

import random
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.document import Text
from experiments.ledger.allocated import OUTSIDE_DATES, TESTER
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.anchors import ANCHOR_TYPES, EXPOSURE_TYPES
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.session import open_session
from experiments.measurement.stored import refresh
from experiments.measurement.stored.answer import Answer
from experiments.measurement.stored.balance import UnbalancedError
from tests.experiments.measurement.formula_logs import Setting, request_of
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    event,
    exposure,
    replica_of,
)
from tests.experiments.measurement.stored.test_few_of_many import LARGE, PLAIN, TYPES
from tests.experiments.measurement.stored.test_same import check
from tests.experiments.measurement.test_measure import opens

AT = SENT_AT + timedelta(hours=30)
SMS = AnchorSegment("sms", Text("문자", "Texts"), channel="sms")
# Ids that are told apart by a byte, or hardly look like ids.
ODD = ["", " ", "a", "a ", "a\0", "é", "e\u0301", "😀", "x" * 2000, "x" * 1999 + "y", "'; --"]
CUSTOMERS = [*(f"u-{number}" for number in range(40)), *ODD]
# Without clicks, which are looked at by their pace: then nothing goes on by number.
KPIS = [[PLAIN[0], *PLAIN[2:4], *PLAIN[7:]], PLAIN[3:7], [PLAIN[9], PLAIN[5]], [PLAIN[3], PLAIN[7]]]


@pytest.fixture
def never_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what does not add up fail: measuring anew would hide it."""
    onwards = refresh._Refresh.onwards

    def told(one: refresh._Refresh) -> Answer:
        try:
            return onwards(one)
        except UnbalancedError as error:
            raise AssertionError from error

    monkeypatch.setattr(refresh._Refresh, "onwards", told)


def met(source_id: str, unit_id: str, **other: object) -> Row:
    """Assigned by Truelift, to variant a."""
    return exposure(source_id, unit_id, "a") | {"type": "assigned", "expected_variant": "a"} | other


def meetings(unit_id: str) -> list[Row]:
    """Meetings before or after the others, of a unit each, in every way that may matter."""
    before = {"occurred_at": SENT - HOUR}
    return [
        met("seen", f"{unit_id}-seen", type="viewed", variant="b", **before),
        met("other", f"{unit_id}-other", variant="b", **before),
        met("none", f"{unit_id}-none", expected_variant=None, **before),
        met("hand", f"{unit_id}-hand", expected_variant=TESTER, **before),
        met("paused", f"{unit_id}-paused", expected_variant=OUTSIDE_DATES, **before),
        met("test-2", f"{unit_id}-test-2", experiment_id=2, **before),
        met("after", f"{unit_id}-after", variant="b", occurred_at=SENT + HOUR),
        met("message", f"{unit_id}-message", type="sent", variant="b", **before),
    ]


@pytest.mark.usefixtures("never_anew")
def test_who_counts_is_kept_as_it_is_measured(tmp_path: Path) -> None:
    requests = [
        replace(request_of(kpi, Setting(AT)), anchor="assignment", allocation="truelift")
        for kpi in (opens(), opens(event="purchase"))
    ]
    new = [*meetings("old"), *meetings("new")]
    for number, row in enumerate(new):
        row["source_id"] = f"n-{number}"
    everybody = [row["unit_id"] for row in new] + ODD
    met_first = [unit for unit in everybody if not unit.startswith("new")]
    first = [met(f"s-{n}", unit) for n, unit in enumerate(met_first)]
    past = [event(f"o-{n}", unit, "purchase") for n, unit in enumerate(everybody)]
    last = [event(f"l-{n}", unit) for n, unit in enumerate(everybody[::2])]
    batches = [[*first, *past], new, last]
    for seen in (1, 2, 3):
        with open_session(replica_of(tmp_path / "replica", *batches[:seen]), 1) as session:
            check(session, requests)


def sends(rng: random.Random, name: str, count: int, anchor: str) -> list[Row]:
    rows = []
    for number in range(count):
        variant = rng.choice("aaabbbc")
        given = [variant] * 6 + [None, "a", "b", TESTER, OUTSIDE_DATES]
        rows.append(
            exposure(
                f"{name}-s-{number}", rng.choice(CUSTOMERS), variant,
                occurred_at=SENT + rng.randrange(-60, 60) * HOUR,
                type=rng.choice([*ANCHOR_TYPES[anchor] * 6, *EXPOSURE_TYPES]),
                experiment_id=rng.choice([1, 1, 1, 2]), expected_variant=rng.choice(given),
                suppressed_reason=rng.choice([None, None, None, "capped"]),
                channel=rng.choice(["sms", "email"]),
            )
        )  # fmt: skip
    return rows


def done(rng: random.Random, name: str, count: int) -> list[Row]:
    rows = []
    for number in range(count):
        hours = rng.choice([rng.randrange(-120, 120)] * 8 + [rng.randrange(100, 600)])
        amount = rng.choice([rng.randrange(100_000)] * 20 + LARGE[:4])
        money = rng.choice([{"value": amount, "currency": rng.choice(["KRW", "KRW", "USD"])}, {}])
        rows.append(
            event(
                f"{name}-e-{number}", rng.choice(CUSTOMERS), rng.choice(TYPES),
                occurred_at=SENT + hours * HOUR, machine=rng.random() < 0.15,
                experiment_id=rng.choice([None, None, 1, 2]), **money,
            )
        )  # fmt: skip
    return rows


def check_story(folder: Path, seed: int, steps: int) -> None:
    rng = random.Random(seed)
    anchor = rng.choice(sorted(ANCHOR_TYPES))
    like: dict[str, Any] = {
        "anchor": anchor,
        "allocation": rng.choice(["truelift", "truelift", "external"]),
        "variants": rng.choice([("a", "b"), ("a", "b", "c"), ("b",)]),
        "segment": rng.choice([None, None, SMS]),
    }
    kpis = [replace(kpi, key=f"kpi-{place}") for place, kpi in enumerate(rng.choice(KPIS))]
    batches = [[*sends(rng, "0", 60, anchor), *done(rng, "0", 120)]]
    at = SENT_AT + timedelta(hours=rng.randrange(-20, 100))
    shutil.rmtree(folder, ignore_errors=True)
    for step in range(1, steps + 1):
        requests: list[MeasureRequest] = []
        for test in rng.choice([(1,), (1,), (1, 2)]):
            asked = (request_of(kpi, Setting(at)) for kpi in kpis)
            requests += (replace(each, experiment_id=test, **like) for each in asked)
        with open_session(replica_of(folder, *batches), 1) as session:
            check(session, requests)
        new = done(rng, f"{step}", rng.choice([0, 1, 5, 12, 60]))
        new += sends(rng, f"{step}", rng.choice([0, 0, 1, 3, 10]), anchor)
        rng.shuffle(new)
        batches.append(new)
        at += timedelta(hours=rng.choice([0, 0, 1, 5, 24, 72, -30, 400]))


@pytest.mark.slow
@pytest.mark.usefixtures("never_anew")
def test_whatever_came_in_between(tmp_path: Path) -> None:
    check_story(tmp_path / "replica", 4, steps=4)


@pytest.mark.release
@pytest.mark.usefixtures("never_anew")
@pytest.mark.parametrize("seed", range(60))
def test_they_always_do(tmp_path: Path, seed: int) -> None:
    check_story(tmp_path / "replica", seed, steps=7)

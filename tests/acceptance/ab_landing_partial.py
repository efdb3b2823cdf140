"""A landing page, old or new: part of the practice data of a data analyst course.

Rows whose group and page disagree are removed before the file is read, as in the course. One
customer stands in it twice all the same, and counts once, by the first row.
"""

import csv
import gzip
from pathlib import Path

from tests.acceptance.study import ArmFact, LiftFact, Study, experiment, kpi

CONTROL, TREATMENT = "control", "treatment"
SHOWN = {CONTROL: "old_page", TREATMENT: "new_page"}
DISAGREEING = 791


def without_disagreeing_rows(published: Path, folder: Path) -> Path:
    """The rows in which the customer saw the page of the group."""
    cleaned = folder / "agreeing.csv"
    with gzip.open(published, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if SHOWN[row["group"]] == row["landing_page"]]
    assert len(rows) - len(kept) == DISAGREEING
    with cleaned.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kept[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    return cleaned


STUDY = Study(
    file="ab_data_partial.csv.gz",
    prepared=without_disagreeing_rows,
    kpis=(kpi("conversion", "Conversion per customer", "converted"),),
    experiment=experiment(
        "landing-page",
        "Landing page, old or new",
        [
            {"key": CONTROL, "name": "Old page", "weight": 0.5, "control": True},
            {"key": TREATMENT, "name": "New page", "weight": 0.5},
        ],
        [{"kpi": "conversion", "role": "primary"}],
        "web",
    ),
    mapping={
        "form": "wide",
        "experiment": "landing-page",
        "unit_id": {"column": "user_id"},
        "variant": {"column": "group", "values": {CONTROL: CONTROL, TREATMENT: TREATMENT}},
        "exposure": "assigned",
        "at": {"column": "timestamp"},
        "zone": "UTC",
        "channel": "web",
        "events": [{"column": "converted", "type": "converted"}],
    },
    arms=(
        ArmFact("conversion", CONTROL, 28_521, 3_472),
        ArmFact("conversion", TREATMENT, 28_515, 3_387),
    ),
    lifts=(LiftFact("conversion", TREATMENT, -0.0029553, -0.0082939, 0.0023834, False, 0.00005),),
    split_p_value=0.97996,
    verdict=("too_small", TREATMENT),
)

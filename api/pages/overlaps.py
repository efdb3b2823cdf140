"""The page of other tests that met the same customers, and whether they change this one."""

from datetime import UTC
from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language
from api.runtime import runtime
from api.soon import StillComputing
from experiments.errors import TrueliftError
from experiments.registry.catalog import documents_of, get_experiment
from experiments.registry.experiment import Experiment
from experiments.reporting.wording import say_dimension, say_segment_gap

if TYPE_CHECKING:
    from experiments.reporting.overlap_report import OverlapReport

overlap_pages = Blueprint("overlap_pages", __name__)


@overlap_pages.get("/experiments/<key>/overlaps")
@allow(role="viewer")
def of_test(key: str) -> str:
    """Tests that met customers of this one; 404 if there is none of that key."""
    me = caller()
    with reading() as db:
        experiment = get_experiment(db, me.project, key)
        documents = documents_of(db, me.project, experiment)
    found = refused = None
    computing = False
    try:
        found = _overlaps_soon(experiment)
    except StillComputing:
        computing = True
    except TrueliftError as refusal:
        refused = localised(refusal)
    with reading() as db:
        tests = (
            [get_experiment(db, me.project, each.experiment) for each in found.tests]
            if found
            else []
        )
    language = current_language()
    return render_template(
        "overlaps.html",
        experiment=experiment,
        found=found,
        refused=refused,
        computing=computing,
        names={test.key: {each.key: each.name for each in test.draft.variants} for test in tests},
        kpi=documents.get(found.kpi) if found and found.kpi else None,
        say=lambda fact: say_dimension(fact, language),
        gap=lambda group: say_segment_gap(group, language),
    )


def _overlaps_soon(experiment: Experiment) -> "OverlapReport":
    """The overlaps as of now.

    Raises:
        StillComputing: If they are not there in time; the next look may find them.
    """
    held, project, key = runtime(), caller().project, experiment.key
    now = held.clock().astimezone(UTC)

    def make() -> "OverlapReport":
        from experiments.reporting.overlap_report import overlap_report  # noqa: PLC0415 - slow to import

        return overlap_report(held.database, held.replica, project, key, now=now)

    name = ("overlaps", project.id, key, experiment.revision)
    return held.soon.get(name, make, held.soon.until())

"""The page of other tests that met the same customers, and whether they change this one."""

from datetime import UTC

from flask import Blueprint, render_template

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language
from api.runtime import runtime
from experiments.errors import TrueliftError
from experiments.registry.catalog import documents_of, get_experiment

overlap_pages = Blueprint("overlap_pages", __name__)


@overlap_pages.get("/experiments/<key>/overlaps")
@allow(role="viewer")
def of_test(key: str) -> str:
    """Tests that met customers of this one; 404 if there is none of that key."""
    from experiments.reporting.overlap_report import overlap_report  # noqa: PLC0415 - slow to import
    from experiments.reporting.wording import say_dimension, say_segment_gap  # noqa: PLC0415 - slow to import

    me, held = caller(), runtime()
    with reading() as db:
        experiment = get_experiment(db, me.project, key)
        documents = documents_of(db, me.project, experiment)
    found = refused = None
    try:
        now = held.clock().astimezone(UTC)
        found = overlap_report(held.database, held.replica, me.project, key, now=now)
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
        names={test.key: {each.key: each.name for each in test.draft.variants} for test in tests},
        kpi=documents.get(found.kpi) if found and found.kpi else None,
        say=lambda fact: say_dimension(fact, language),
        gap=lambda group: say_segment_gap(group, language),
    )

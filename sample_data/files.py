"""The files of a mailing."""

import numpy as np

from sample_data.audience import SEGMENTS, VARIANTS
from sample_data.documents import (
    choice_document,
    experiment_document,
    import_mappings,
    kpi_documents,
)
from sample_data.mailing import Mailing
from sample_data.scenario import ASSIGNED_SECONDS, SENT_AT
from sample_data.truth import tell_truth
from sample_data.writing import EXPOSURE_COLUMNS, SampleFiles, Table, event_table, instants


def mailing_files(mailing: Mailing) -> SampleFiles:
    """Everything that the folder of a mailing holds."""
    scenario = mailing.scenario
    documents = {
        "kpis": kpi_documents(),
        "experiment": experiment_document(scenario),
        "imports": import_mappings(scenario),
        "truth": tell_truth(mailing),
    }
    if scenario.choice_key is not None:
        documents["experiment_choice"] = choice_document(scenario)
    unit_ids = mailing.audience.unit_ids + mailing.strangers
    first_number = scenario.first_customer * 10
    return SampleFiles(
        documents,
        {
            "customers": _customers(mailing),
            "assignments": _assignments(mailing),
            "exposures": _exposures(mailing),
            "events": event_table(mailing.events, unit_ids, SENT_AT, "e", first_number),
        },
    )


def _customers(mailing: Mailing) -> Table:
    audience = mailing.audience
    segments = [SEGMENTS[index] for index in audience.segments]
    prefetches = audience.prefetches.astype(int).tolist()
    rows = zip(audience.unit_ids, audience.names, segments, prefetches, strict=True)
    return Table(("user_id", "name", "segment", "prefetches"), rows)


def _assignments(mailing: Mailing) -> Table:
    rows = zip(mailing.audience.unit_ids, _variants(mailing), strict=True)
    return Table(("user_id", "variant"), rows)


def _exposures(mailing: Mailing) -> Table:
    """Everyone assigned, then everyone sent."""
    assigned_at, sent_at = instants(SENT_AT, np.array([ASSIGNED_SECONDS, 0]))
    units, variants = mailing.audience.unit_ids, _variants(mailing)
    assigned = [
        (f"a{unit[1:]}", unit, "assigned", assigned_at, variant)
        for unit, variant in zip(units, variants, strict=True)
    ]
    sent = [
        (f"s{unit[1:]}", unit, "sent", sent_at, variant)
        for unit, variant, was_sent in zip(
            units, variants, mailing.outcomes.sent.tolist(), strict=True
        )
        if was_sent
    ]
    return Table(EXPOSURE_COLUMNS, [*assigned, *sent])


def _variants(mailing: Mailing) -> list[str]:
    return [VARIANTS[arm] for arm in mailing.audience.arms.tolist()]

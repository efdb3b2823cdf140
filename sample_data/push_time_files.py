"""The files of the send-time test."""

from sample_data.push_time import ORIGIN, SEGMENTS, VARIANTS, PushTime, make_push_time
from sample_data.push_time_documents import experiment_document, import_mappings, kpi_documents
from sample_data.push_time_truth import tell_truth
from sample_data.writing import EXPOSURE_COLUMNS, SampleFiles, Table, event_table, instants


def push_time_files(customers: int) -> SampleFiles:
    """Everything that the folder holds."""
    test = make_push_time(customers)
    variants = [VARIANTS[arm] for arm in test.arms.tolist()]
    segments = [SEGMENTS[index] for index in test.segments.tolist()]
    strangers = [f"p{900_000 + number:06d}" for number in range(test.dirt.never_assigned)]
    return SampleFiles(
        {
            "kpis": kpi_documents(),
            "experiment": experiment_document(),
            "imports": import_mappings(),
            "truth": tell_truth(test),
        },
        {
            "customers": Table(("user_id", "segment"), zip(test.unit_ids, segments, strict=True)),
            "assignments": Table(("user_id", "variant"), zip(test.unit_ids, variants, strict=True)),
            "exposures": _exposures(test, variants, segments),
            "events": event_table(test.events, test.unit_ids + strangers, ORIGIN, "pe", 0),
        },
    )


def _exposures(test: PushTime, variants: list[str], segments: list[str]) -> Table:
    """Every planned send, then every actual one."""
    told = [
        (f"{name}-{unit}", unit, kind, at, variant, segment)
        for name, kind, seconds in (
            ("pp", "planned_send", test.starts),
            ("ps", "sent", test.sent_at),
        )
        for unit, at, variant, segment in zip(
            test.unit_ids, instants(ORIGIN, seconds), variants, segments, strict=True
        )
    ]
    return Table((*EXPOSURE_COLUMNS, "segment"), told)

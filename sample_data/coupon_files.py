"""The files of the coupon test."""

from sample_data.coupon import CHANNELS, SENT_AT, VARIANTS, Coupon, make_coupon
from sample_data.coupon_documents import experiment_document, import_mappings, kpi_documents
from sample_data.coupon_truth import tell_truth
from sample_data.writing import (
    EXPOSURE_COLUMNS,
    SampleFiles,
    Table,
    event_table,
)


def coupon_files(customers: int) -> SampleFiles:
    """Everything that the folder holds."""
    test = make_coupon(customers)
    variants = [VARIANTS[arm] for arm in test.arms.tolist()]
    channels = [CHANNELS[index] for index in test.channels.tolist()]
    strangers = [f"k{900_000 + number:06d}" for number in range(test.dirt.never_assigned)]
    unit_ids = test.unit_ids + strangers
    return SampleFiles(
        {
            "kpis": kpi_documents(),
            "experiment": experiment_document(),
            "imports": import_mappings(),
            "imports_outliers": import_mappings("events_outliers.csv"),
            "truth": tell_truth(test),
        },
        {
            "customers": Table(("user_id", "channel"), zip(test.unit_ids, channels, strict=True)),
            "assignments": Table(("user_id", "variant"), zip(test.unit_ids, variants, strict=True)),
            "exposures": _exposures(test, variants, channels),
            "events": event_table(test.events, unit_ids, SENT_AT, "ke", 0),
            "events_outliers": event_table(test.outliers, unit_ids, SENT_AT, "ke", 0),
        },
    )


def _exposures(test: Coupon, variants: list[str], channels: list[str]) -> Table:
    at = SENT_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    sent = zip(test.unit_ids, variants, channels, strict=True)
    rows = [(f"ks-{unit}", unit, "sent", at, variant, channel) for unit, variant, channel in sent]
    return Table((*EXPOSURE_COLUMNS, "channel"), rows)

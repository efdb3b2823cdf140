"""The files of the cart reminder."""

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.cart_reminder import (
    ORIGIN,
    REASONS,
    VARIANTS,
    CartReminder,
    make_cart_reminder,
)
from sample_data.cart_reminder_documents import (
    experiment_document,
    import_mappings,
    kpi_documents,
)
from sample_data.cart_reminder_truth import tell_truth
from sample_data.writing import EXPOSURE_COLUMNS, SampleFiles, Table, event_table, instants

Rows = list[tuple[str, ...]]


def cart_reminder_files(customers: int) -> SampleFiles:
    """Everything that the folder holds."""
    test = make_cart_reminder(customers)
    variants = [VARIANTS[arm] for arm in test.arms.tolist()]
    most = max(test.dirt.never_assigned, test.no_effect_dirt.never_assigned)
    unit_ids = test.unit_ids + [f"t{900_000 + number:06d}" for number in range(most)]
    everybody = np.ones(test.arms.size, dtype=np.bool_)
    held = _held(test)
    rows = [
        *_rows(test, "tt", "trigger", everybody, test.starts),
        *_rows(test, "tu", "trigger", test.again, test.again_at),
        *_rows(test, "tp", "planned_send", everybody, test.planned_at, held),
        *_rows(test, "ts", "sent", test.sent, test.planned_at),
    ]
    return SampleFiles(
        {
            "kpis": kpi_documents(),
            "experiment": experiment_document(),
            "imports": import_mappings(),
            "imports_no_effect": import_mappings("events_no_effect.csv"),
            "truth": tell_truth(test),
        },
        {
            "customers": Table(("user_id",), ([unit] for unit in test.unit_ids)),
            "assignments": Table(("user_id", "variant"), zip(test.unit_ids, variants, strict=True)),
            "exposures": Table((*EXPOSURE_COLUMNS, "suppressed_reason"), rows),
            "events": event_table(test.events, unit_ids, ORIGIN, "te", 0),
            "events_no_effect": event_table(test.no_effect, unit_ids, ORIGIN, "te", 0),
        },
    )


def _held(test: CartReminder) -> list[str]:
    """Why each planned send did not go out; empty where it did."""
    found = np.array([*REASONS, ""])[test.reasons]
    found = np.where(test.bought_already, "bought_already", found)
    told: list[str] = np.where(test.arms == 0, "no_message_arm", found).tolist()
    return told


def _rows(
    test: CartReminder, name: str, kind: str, who: Bools, at: Ints, reasons: list[str] | None = None
) -> Rows:
    told, units = instants(ORIGIN, at), np.flatnonzero(who).tolist()
    return [
        (
            f"{name}-{test.unit_ids[unit]}",
            test.unit_ids[unit],
            kind,
            told[unit],
            VARIANTS[test.arms[unit]],
            "" if reasons is None else reasons[unit],
        )
        for unit in units
    ]

"""Every table of the registry and the ledger.

Registry times are aware UTC datetimes; ledger times are whole microseconds since 1970,
so that both databases and the columnar replica hold the same integers.
"""

from experiments.storage.tables.access import (
    api_keys,
    audit,
    configuration,
    idempotency_keys,
    memberships,
    projects,
    sign_ins,
    users,
)
from experiments.storage.tables.assignment import (
    holdouts,
    layers,
    overrides,
    saved_segments,
    unit_list_parts,
    unit_lists,
)
from experiments.storage.tables.base import Position, UtcDateTime, metadata
from experiments.storage.tables.batches import batches
from experiments.storage.tables.ledger import (
    erasures,
    imports,
    inbound_webhooks,
    ledger,
    repeats,
    retained_totals,
    shadows,
)
from experiments.storage.tables.notes import note_tags, notes
from experiments.storage.tables.registry import (
    experiments,
    kpi_versions,
    kpis,
    message_costs,
    phases,
    sending_rules,
)
from experiments.storage.tables.reported import reported_values
from experiments.storage.tables.reports import report_shares, reports
from experiments.storage.tables.tracking import kpi_annotations

__all__ = [
    "Position",
    "UtcDateTime",
    "api_keys",
    "audit",
    "batches",
    "configuration",
    "erasures",
    "experiments",
    "holdouts",
    "idempotency_keys",
    "imports",
    "inbound_webhooks",
    "kpi_annotations",
    "kpi_versions",
    "kpis",
    "layers",
    "ledger",
    "memberships",
    "message_costs",
    "metadata",
    "note_tags",
    "notes",
    "overrides",
    "phases",
    "projects",
    "repeats",
    "report_shares",
    "reported_values",
    "reports",
    "retained_totals",
    "saved_segments",
    "sending_rules",
    "shadows",
    "sign_ins",
    "unit_list_parts",
    "unit_lists",
    "users",
]

"""Every table of the registry and the ledger.

Registry times are aware UTC datetimes; ledger times are whole microseconds since 1970,
so that both databases and the columnar replica hold the same integers.
"""

from experiments.storage.tables.access import (
    api_keys,
    audit,
    configuration,
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
from experiments.storage.tables.ledger import imports, inbound_webhooks, ledger, repeats
from experiments.storage.tables.registry import (
    experiments,
    kpi_versions,
    kpis,
    phases,
    sending_rules,
)

__all__ = [
    "Position",
    "UtcDateTime",
    "api_keys",
    "audit",
    "configuration",
    "experiments",
    "holdouts",
    "imports",
    "inbound_webhooks",
    "kpi_versions",
    "kpis",
    "layers",
    "ledger",
    "memberships",
    "metadata",
    "overrides",
    "phases",
    "projects",
    "repeats",
    "saved_segments",
    "sending_rules",
    "sign_ins",
    "unit_list_parts",
    "unit_lists",
    "users",
]

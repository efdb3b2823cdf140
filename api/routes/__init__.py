"""The HTTP interface, one blueprint per resource."""

import importlib
import importlib.util

from api.contract import Blueprint

MODULES = (
    "operations",
    "keys",
    "kpis",
    "kpi_catalogue",
    "tracking",
    "experiments",
    "layers",
    "holdouts",
    "segments",
    "lists",
    "allocation",
    "batches",
    "sending",
    "units",
    "assignment",
    "ingest",
    "identity",
    "growthbook",
    "segment",
    "inbound",
    "privacy",
    "message_costs",
    "reported_values",
    "notes",
    "funnels",
    "cohorts",
    "changes",
    "imports",
    "reports",
    "stored_reports",
    "preflight",
    "calculators",
    "ofrep",
    "assigned_lists",
)
BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    importlib.import_module(f"api.routes.{name}").blueprint
    for name in MODULES
    if importlib.util.find_spec(f"api.routes.{name}")
)

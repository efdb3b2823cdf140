"""Before the start: whether what a test counts arrives, and units that try its variants out."""

from typing import TYPE_CHECKING, Any

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import transaction
from api.edits import edit
from api.runtime import runtime
from api.schemas.preflight import TestUnitSchema, TrackingCheckSchema
from experiments.registry.catalog import lock_experiment
from experiments.registry.overrides import overrides_of, set_overrides

if TYPE_CHECKING:
    from datetime import timedelta

    from experiments.reporting.preflight.check import TrackingCheck
    from experiments.reporting.preflight.lights import KpiLight, VariantLight

blueprint = Blueprint("preflight", __name__, url_prefix="/api/v1")


@blueprint.get("/experiments/<key>/preflight")
@allow(scope="read", role="viewer")
@blueprint.response(200, TrackingCheckSchema)
def check(key: str) -> dict[str, Any]:
    """Green, amber or red for every KPI and every variant, with what to do; refuses nothing.

    404 if there is no such test, 503 while nothing can be measured.
    """
    found = tracking_of(key)
    return {
        "as_of": found.as_of,
        "all_green": found.all_green,
        "kpis": [_kpi(each) for each in found.kpis],
        "variants": [_variant(each) for each in found.variants],
    }


@blueprint.post("/experiments/<key>/test-units")
@allow(scope="admin", role="marketer")
@blueprint.arguments(TestUnitSchema)
@blueprint.response(201, TestUnitSchema)
def register(body: dict[str, str], key: str) -> dict[str, str]:
    """Register a unit to try a variant out: it gets that variant, and is never counted.

    404 if there is no such test; 422 if it has no such variant, or it is no unit id.
    """
    add_test_unit(key, body["unit_id"], body["variant"])
    return body


def tracking_of(key: str) -> "TrackingCheck":
    """The check of a test of the caller's project, as of now."""
    from experiments.reporting.preflight.check import check_tracking  # noqa: PLC0415 - slow to import

    held = runtime()
    return check_tracking(held.database, held.replica, caller().project, key, now=held.clock())


def add_test_unit(key: str, unit_id: str, variant: str) -> None:
    """Give a unit a variant by hand, beside those that others have."""
    with transaction() as db:
        experiment = lock_experiment(db, caller().project, key)
        given = overrides_of(db, experiment) | {unit_id: variant}
        set_overrides(db, key, given, edit(experiment.revision))


def _kpi(found: "KpiLight") -> dict[str, Any]:
    from experiments.reporting.preflight.wording import say_kpi  # noqa: PLC0415 - slow to import

    seen = found.seen
    return {
        "kpi": found.kpi,
        "role": found.role,
        "light": found.light,
        "code": found.code,
        "event": seen.event,
        "received": seen.received,
        "last_received_at": seen.last_received_at,
        "usual_delay_seconds": _seconds(seen.usual_delay),
        "late_delay_seconds": _seconds(seen.late_delay),
        "with_unit": seen.with_unit,
        "with_variant": seen.with_variant,
        "said": {language: say_kpi(found, language) for language in ("ko", "en")},
    }


def _variant(found: "VariantLight") -> dict[str, Any]:
    from experiments.reporting.preflight.wording import say_variant  # noqa: PLC0415 - slow to import

    said = {language: say_variant(found, language) for language in ("ko", "en")}
    return vars(found) | {"said": said}


def _seconds(delay: "timedelta | None") -> float | None:
    return None if delay is None else delay.total_seconds()

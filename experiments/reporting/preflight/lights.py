"""Green, amber or red for every KPI and every variant, each with its remedy; refuses nothing.

What makes a result meaningless refuses the start (`experiments.registry.preflight`). Tracking
that is not seen yet may still come: it is said, and whoever starts decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from experiments.kpis.document import KpiDocument, Text
from experiments.measurement.tracking_check import LatelySeen, TestUnitSeen

GREEN, AMBER, RED = LIGHTS = ("green", "amber", "red")
# Below this share of events with a known customer, most of what happens is lost to the test.
FEW_JOINED, MOST_JOINED = 0.5, 0.95


@dataclass(frozen=True)
class KpiLight:
    """Whether a KPI's events arrive.

    Attributes:
        light: green, amber or red.
        code: Why, and what to do: fine, imported, never_seen, not_lately, few_joined, some_joined,
            none_in_test or late.
        seen: What arrived.
    """

    kpi: str
    name: Text
    role: str
    light: str
    code: str
    seen: LatelySeen


@dataclass(frozen=True)
class VariantLight:
    """Whether a unit that was sent through a variant came back.

    Attributes:
        code: fine, no_test_unit, not_exposed, other_variant or no_event.
        units: That were registered to try it out.
    """

    variant: str
    name: str
    light: str
    code: str
    units: int


def kpi_light(kpi: KpiDocument, role: str, seen: LatelySeen, window_hours: int) -> KpiLight:
    """The light of one KPI.

    Args:
        kpi: As it would be fixed.
        role: In the test.
        seen: What arrived of its event.
        window_hours: From the anchor, in which events count.
    """
    light, code = _judged(seen, timedelta(hours=window_hours))
    return KpiLight(kpi.key, kpi.name, role, light, code, seen)


def _judged(seen: LatelySeen, window: timedelta) -> tuple[str, str]:
    if seen.last_received_at is None:
        return RED, "never_seen"
    if not seen.received or seen.with_unit is None:
        return RED, "not_lately"
    if seen.with_unit < FEW_JOINED:
        return RED, "few_joined"
    if seen.with_variant == 0:
        return AMBER, "none_in_test"
    return (AMBER, "some_joined") if seen.with_unit < MOST_JOINED else _timely(seen, window)


def _timely(seen: LatelySeen, window: timedelta) -> tuple[str, str]:
    if seen.late_delay is None:
        return GREEN, "imported"
    return (AMBER, "late") if seen.late_delay > window else (GREEN, "fine")


def variant_light(variant: str, name: str, seen: Sequence[TestUnitSeen]) -> VariantLight:
    """The light of one variant, by the test unit that came the farthest."""
    mine = [each for each in seen if each.variant == variant]
    if not mine:
        return VariantLight(variant, name, AMBER, "no_test_unit", 0)
    light, code = max((_of_unit(each) for each in mine), key=_ORDER.index)
    return VariantLight(variant, name, light, code, len(mine))


_ORDER = [
    (RED, "other_variant"), (RED, "not_exposed"), (AMBER, "no_event"), (GREEN, "fine"),
]  # fmt: skip


def _of_unit(seen: TestUnitSeen) -> tuple[str, str]:
    if not seen.exposed:
        return RED, "other_variant" if seen.other_variant else "not_exposed"
    return (GREEN, "fine") if seen.events else (AMBER, "no_event")


def all_green(kpis: Sequence[KpiLight], variants: Sequence[VariantLight]) -> bool:
    """Whether everything is."""
    lights = [*(each.light for each in kpis), *(each.light for each in variants)]
    return set(lights) == {GREEN}

"""The arms of a test, and the checks that hold between them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.kpis.checks import LONGEST_NAME, check_share, check_text
from experiments.names import check_key
from experiments.registry.send_times import SendTime

WEIGHT_TOLERANCE = Decimal("0.000001")
MOST_VARIANTS = 100
LARGEST_PAYLOAD_BYTES = 16 * 1024


@dataclass(frozen=True)
class Variant:
    """One arm.

    Attributes:
        key: Name in addresses and payloads.
        name: Name on screen.
        weight: Planned share, a fraction in (0, 1].
        control: Whether the others are compared with this one.
        no_message: Whether customers of this arm are left alone.
        payload: What an app gets when it asks for the variant; any JSON value.
        send_at: When it is sent, local to the customer; None where the sending tool decides.
    """

    key: str
    name: str
    weight: Decimal
    control: bool = False
    no_message: bool = False
    payload: Any = None
    send_at: SendTime | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_share(self.weight, "weight")
        size = len(json.dumps(self.payload))
        if size > LARGEST_PAYLOAD_BYTES:
            raise Invalid(
                field="payload", expected=f"at most {LARGEST_PAYLOAD_BYTES} bytes", got=size
            )


def check_variants(variants: Sequence[Variant]) -> None:
    """Refuse arms that make no test: fewer than two, no one control, weights not summing to 1.

    Raises:
        Invalid: Naming ``variants``.
    """
    keys = [variant.key for variant in variants]
    if not 2 <= len(keys) <= MOST_VARIANTS:
        raise Invalid(field="variants", expected=f"2 to {MOST_VARIANTS} variants", got=len(keys))
    if len(set(keys)) < len(keys):
        raise Invalid(field="variants", expected="keys that differ", got=keys)
    controls = [variant.key for variant in variants if variant.control]
    if len(controls) != 1:
        raise Invalid(field="variants", expected="exactly one control", got=controls)
    total = sum((variant.weight for variant in variants), Decimal(0))
    if abs(total - 1) > WEIGHT_TOLERANCE:
        raise Invalid(field="variants", expected="weights that sum to 1", got=str(total))

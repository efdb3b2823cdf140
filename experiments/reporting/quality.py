"""Data quality as facts: what was left out, what came late, who met or made too much."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TwoVariants:
    """Customers met in two variants; the first one counts.

    Attributes:
        units: How many.
        share: Of all customers met, a fraction; None if nobody was.
        by_variant: The same share of those first met in each variant.
        level: ``fine``; ``warning`` above 1 % and at 10 customers or more; ``alarm`` at 10 or
            more whose share differs between variants.
    """

    units: int
    share: float | None
    by_variant: dict[str, float]
    level: str


@dataclass(frozen=True)
class Machines:
    """Customers for whom a program opened or clicked, within their window.

    Attributes:
        event: ``open`` or ``click``.
        shares: Of the customers counted, by variant.
        p_value: Of no difference from the control, the smallest; None if it cannot be said.
        differs: Whether one is shown.
    """

    event: str
    shares: dict[str, float]
    p_value: float | None
    differs: bool


@dataclass(frozen=True)
class Scanners:
    """The rule of clicks faster than a person's, and what it found.

    Attributes:
        links: So many different links of one message, clicked by one customer ...
        seconds: ... within this time, were clicked by a program.
        clicks: Of this project that only this rule gives away.
    """

    links: int
    seconds: int
    clicks: int


@dataclass(frozen=True)
class ContactPressure:
    """How often customers were written to, by whichever test or tool.

    Attributes:
        per_week: Messages for each customer and week, by variant and channel.
        p_value: Of no difference from the control in messages per customer, the smallest.
        differs: Whether one is shown.
    """

    per_week: dict[str, dict[str, float]]
    p_value: float | None
    differs: bool


@dataclass(frozen=True)
class Arrival:
    """How the events of one type come in.

    Attributes:
        event: Their type.
        delay_seconds: Within which 99 in 100 arrive; None if all came with imports.
        watermark: Up to then they can be believed complete; None without events.
        late_share: Of those counted, received after their window had closed; None of none.
    """

    event: str
    delay_seconds: float | None
    watermark: datetime | None
    late_share: float | None


@dataclass(frozen=True)
class Quality:
    """Facts about the data beside those of the split.

    Attributes:
        scanners: None unless a KPI counts clicks.
        merged_apart: Customers whose ids, since merged, met different variants; left out.
        arrivals: One for each type of event that a KPI counts.
        watermark: The earliest of theirs.
        exposures_left_out: Of this test, by reason.
        withdrawn: Records of withdrawn imports in this project, of whatever kind; left out.
        erased: Records of erased customers that arrived since, in this project; not taken in.
    """

    two_variants: TwoVariants
    machines: tuple[Machines, ...]
    scanners: Scanners | None
    contacts: ContactPressure
    merged_apart: int
    arrivals: tuple[Arrival, ...]
    watermark: datetime | None
    exposures_left_out: dict[str, int]
    withdrawn: int
    erased: int

"""One row per customer: who it is, what was sent, and a column for each thing that happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from experiments.errors import Invalid
from experiments.ledger.facts import EXPOSURE_TYPES
from experiments.ledger.fields import Missing, check_event_type, check_key, check_one_of
from experiments.ledger.imports.columns import (
    Reading,
    check_alias_kind,
    check_column,
    check_columns,
)
from experiments.ledger.imports.long import BOUNCES
from experiments.ledger.imports.property_columns import (
    Properties,
    check_property_columns,
    named_columns,
)
from experiments.ledger.instants import check_instant
from experiments.ledger.money import check_currency
from experiments.registry.experiment import CHANNELS

MOST_EVENT_COLUMNS = 200
FLAG, COUNT, AMOUNT, TIME, WORD = READS = ("flag", "count", "amount", "time", "word")


@dataclass(frozen=True)
class EventColumn:
    """A column of a wide file that says whether, how often, when or what something happened.

    Attributes:
        column: Name in the file's first line.
        type: Of the event; None where the cell's word says it.
        reads: ``flag`` (yes or no), ``count`` (more than 0 is one event), ``amount``, ``time``
            (when it happened; empty: it did not) or ``word``.
        currency: ISO 4217 code of the amounts; None for plain numbers.
        words: Of ``word``, types by what stands in the cell; None where nothing happened.
        at_column: When it happened; None: at the row's time.
        bounce: Of a bounce, ``hard`` or ``soft``.
    """

    column: str
    type: str | None = None
    reads: str = FLAG
    currency: str | None = None
    words: Mapping[str, str | None] = field(default_factory=dict)
    at_column: str | None = None
    bounce: str | None = None

    def __post_init__(self) -> None:
        check_column(self.column, "column")
        check_one_of(self.reads, READS, "reads")
        if self.at_column is not None:
            check_column(self.at_column, "at.column")
        self._check_type()
        if self.currency is not None:
            check_currency(self.currency)
            if self.reads != AMOUNT:
                raise Invalid(field="amount", expected="true, since a currency is given", got=False)
        if self.bounce is not None:
            check_one_of(self.bounce, BOUNCES, "bounce")

    def _check_type(self) -> None:
        if self.reads == WORD:
            if not self.words or self.type is not None:
                raise Invalid(field="words", expected="our types by the words", got=self.type)
            for word, kind in self.words.items():
                if kind is not None:
                    check_event_type(kind, f"words.{word[:60]}")
        elif self.type is None:
            raise Missing(field="type")
        else:
            check_event_type(self.type)


@dataclass(frozen=True)
class WideMapping:
    """One row per customer.

    Attributes:
        experiment: Key of the experiment whose variant each row tells; None: of no test, or of
            one that the customer alone joins to.
        at: When the exposure and the events of every row happened.
        at_column: Column of that time, in place of ``at``.
        unit_column: Column of the customer; None: every row is a customer of its own,
            known by the file and the row's number.
        alias: Kind of the aliases in that column; None: units stand there.
        variant_column: Column of the variant; None where Truelift assigned, or it is one.
        variants: Variant key by what stands in the column; empty where keys stand there.
        variant: That of every row, in place of a column.
        exposure: Type of the exposures; None: the rows tell events only. Without an
            experiment ``sent`` is an event.
        channel: Of the exposures and events.
        events: The columns that tell what happened.
        properties: Columns that become properties of all facts of a row, by the property's name.
        reading: Delimiter and times.
    """

    experiment: str | None
    at: datetime | None = None
    at_column: str | None = None
    unit_column: str | None = None
    alias: str | None = None
    variant_column: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    variant: str | None = None
    exposure: str | None = "assigned"
    channel: str | None = None
    events: tuple[EventColumn, ...] = ()
    properties: Properties = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    # Whether tests are named by campaigns and links, which have names of their own.
    is_tagged: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_columns(
            {
                "at.column": self.at_column,
                "unit_id.column": self.unit_column,
                "variant.column": self.variant_column,
            }
        )
        check_alias_kind(self.alias, "unit_id.alias")
        self._check_test()
        self._check_times()
        if self.channel is not None:
            check_one_of(self.channel, CHANNELS, "channel")
        self._check_events()
        address = self.unit_column if self.alias is not None else None
        check_property_columns(self.properties, own=("bounce",), address=address)

    def _check_test(self) -> None:
        if self.experiment is not None:
            check_key(self.experiment, "experiment")
        elif self.variant_column or self.variant:
            raise Missing(field="experiment")
        if self.variant is not None:
            check_key(self.variant, "variant.constant")
        for cell, variant in self.variants.items():
            check_key(variant, f"variant.values.{cell[:60]}")
        if self.exposure is not None:
            known = EXPOSURE_TYPES if self.experiment is not None else ("sent",)
            check_one_of(self.exposure, known, "exposure")

    def _check_times(self) -> None:
        if self.at is not None:
            check_instant(self.at, "at")
        elif self.at_column is None and (self.exposure or not all(map(_has_time, self.events))):
            raise Missing(field="at")

    def _check_events(self) -> None:
        columns = [event.column for event in self.events]
        if len(columns) > MOST_EVENT_COLUMNS:
            raise Invalid(
                field="events", expected=f"at most {MOST_EVENT_COLUMNS}", got=len(columns)
            )
        if len(set(columns)) < len(columns):
            raise Invalid(field="events", expected="each column once", got=columns[:20])
        if self.exposure is None and not columns:
            raise Missing(field="events")

    @property
    def columns(self) -> dict[str, str]:
        """Column names by the path of what names them."""
        found = {f"events.{n}.column": event.column for n, event in enumerate(self.events)}
        found |= {
            f"events.{n}.at.column": event.at_column
            for n, event in enumerate(self.events)
            if event.at_column is not None
        }
        others = {
            "unit_id.column": self.unit_column,
            "variant.column": self.variant_column,
            "at.column": self.at_column,
        }
        found |= {path: name for path, name in others.items() if name is not None}
        return found | named_columns(self.properties)


def _has_time(event: EventColumn) -> bool:
    return event.reads == TIME or event.at_column is not None

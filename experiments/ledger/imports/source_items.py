"""A file of items in another tool's own form, one JSON object a line or a row of Parquet."""

from dataclasses import dataclass, field
from typing import ClassVar

from experiments.ledger.fields import Missing, check_one_of
from experiments.ledger.imports.columns import Reading
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.settings import SourceSettings

# JSON of any form, which says nothing without a mapping of its paths.
MAPPED = "mapped"


@dataclass(frozen=True)
class SourceMapping:
    """Items of a source.

    Attributes:
        source: Name of one of ``SOURCES``.
        settings: As those of an address that the source posts to.
        reading: Of times; the source itself knows its own.
    """

    source: str
    settings: SourceSettings = field(default_factory=SourceSettings)
    reading: Reading = field(default_factory=Reading)

    # Whether tests are named by campaigns and links, which have names of their own.
    is_tagged: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_one_of(self.source, tuple(SOURCES), "source")
        if self.source == MAPPED and not self.settings.mapping:
            raise Missing(field="settings.mapping")

    @property
    def columns(self) -> dict[str, str]:
        """None: items have fields and no columns."""
        return {}

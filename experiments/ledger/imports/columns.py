"""What mappings of columns have in common: names, delimiters, whose column a customer is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.errors import Invalid
from experiments.ledger.fields import check_one_of
from experiments.ledger.identity.alias import MERGED, check_kind
from experiments.ledger.imports.times import Times

LONGEST_COLUMN = 200
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Reading:
    """How the cells of a file are told apart and its times are read.

    Attributes:
        delimiter: Between cells; None where the file's kind has none, or to be found out.
        times: Zone and order of dates.
    """

    delimiter: str | None = None
    times: Times = field(default_factory=Times)

    def __post_init__(self) -> None:
        if self.delimiter is not None:
            check_one_of(self.delimiter, DELIMITERS, "delimiter")


def check_column(name: str, path: str) -> None:
    """Refuse what cannot be a column's name.

    Raises:
        Invalid: Naming ``path``.
    """
    if not 0 < len(name) <= LONGEST_COLUMN:
        raise Invalid(
            field=path, expected=f"a column name of 1 to {LONGEST_COLUMN} characters", got=name[:60]
        )


def check_alias_kind(kind: str | None, path: str) -> None:
    """Refuse what is no kind of alias that a fact's customer may have.

    Raises:
        Invalid: Naming ``path``.
    """
    if kind is None:
        return
    check_kind(kind, path)
    if kind == MERGED:
        raise Invalid(field=path, expected="the kind of an alias, such as email", got=kind)


def check_columns(columns: Mapping[str, str | None]) -> None:
    """Refuse names of columns that cannot be any; those that are None are not there.

    Raises:
        Invalid: Naming the path.
    """
    for path, name in columns.items():
        if name is not None:
            check_column(name, path)


def sniffed(line: str) -> str:
    """The delimiter that a first line is most likely written with.

    Examples:
        >>> sniffed('a;b;"c,d,e,f"'), sniffed("one column")
        (';', ',')
    """
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda each: (outside.count(each), -DELIMITERS.index(each)))

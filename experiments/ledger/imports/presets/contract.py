"""What a preset is: a tool's export told by its columns, and the mapping that reads it."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from experiments.ledger.imports.errors import UnfitFile

# What people add to a tool's export, or name the halves of a list by.
VARIANTS = ("variant", "variation", "arm", "ab", "안", "대안", "실험군", "테스트 안", "시안")
# What lists say of customers, by the property that it becomes: reports tell groups apart by it.
PROPERTIES = {
    "segment": ("segment", "customer segment", "세그먼트", "고객군", "고객 세그먼트"),
    "grade": (
        "grade", "tier", "membership", "membership level", "등급", "회원 등급", "고객 등급",
        "멤버십 등급",
    ),
}  # fmt: skip


class NotThisExport(UnfitFile):
    """The columns of the file are not those of the preset's export."""

    template = "the columns are not those of an export of {preset}; {missing} is missing"


def plain(name: str) -> str:
    """A column's name without what exports differ in: case, spaces, dashes, brackets.

    Examples:
        >>> plain("E-mail Address"), plain("오픈 시간(KST)")
        ('emailaddress', '오픈시간kst')
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())


@dataclass(frozen=True)
class Columns:
    """The columns of a file, found by any of the names they may have."""

    header: Sequence[str]

    def find(self, names: Iterable[str]) -> str | None:
        """The first column that has one of the names, as the file spells it."""
        wanted = (plain(name) for name in names)
        return next((self._spelled[name] for name in wanted if name in self._spelled), None)

    def properties(self, taken: Collection[str] = ()) -> dict[str, str]:
        """Columns that say what is known of a customer, by the property; none of those taken."""
        known = {name: self.find(names) for name, names in PROPERTIES.items()}
        return {name: column for name, column in known.items() if column and column not in taken}

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The file's spelling of each name; found once, since it may have very many columns."""
        return {plain(name): name for name in reversed(self.header) if name}

    def needed(self, names: Sequence[str], preset: str) -> str:
        """As ``find``.

        Raises:
            NotThisExport: If there is none.
        """
        found = self.find(names)
        if found is None:
            raise NotThisExport(field="file", preset=preset, missing=names[0])
        return found


Propose = Callable[[Columns], dict[str, Any]]


@dataclass(frozen=True)
class Preset:
    """An export of one tool.

    Attributes:
        name: In mappings.
        title: As the tool's maker writes it.
        documentation: Where its columns are described; None where nobody could look it up.
        unverified: What could not be checked there; empty if all of it was.
        propose: The mapping for a file's columns; what only a person knows (the test, the time
            of sending) is left out. Raises ``NotThisExport``.
        telling: Names of columns that only this export has: by them it is proposed.
    """

    name: str
    title: str
    documentation: str | None
    unverified: str
    propose: Propose
    telling: Sequence[Sequence[str]] = ()

    def fits(self, columns: Columns) -> bool:
        """Whether the file has all columns that tell this export."""
        return bool(self.telling) and all(columns.find(names) for names in self.telling)


@dataclass(frozen=True)
class Happening:
    """A thing that may have happened to a recipient, and the columns that may tell it.

    Attributes:
        type: Of the event.
        flags: Names of columns that say whether or how often.
        times: Names of columns that say when.
        bounce: Of a bounce, hard or soft.
    """

    type: str
    flags: Sequence[str] = ()
    times: Sequence[str] = ()
    bounce: str | None = None

    def column(self, columns: Columns) -> dict[str, Any] | None:
        """The event column of a wide mapping; None if the file tells nothing of it."""
        flag, time = columns.find(self.flags), columns.find(self.times)
        found: dict[str, Any] = {"type": self.type}
        if flag is not None:
            found |= {"column": flag, "reads": "count"}
            found |= {"at": {"column": time}} if time is not None and time != flag else {}
        elif time is not None:
            found |= {"column": time, "reads": "time"}
        else:
            return None
        return found | ({"bounce": self.bounce} if self.bounce else {})


@dataclass(frozen=True)
class WideExport:
    """A row per recipient.

    Attributes:
        preset: Its name, for refusals.
        units: Names of columns with a customer's own id.
        addresses: Names of columns with an alias, by its kind.
        sent: Names of columns with the time of sending.
        statuses: Names of columns whose word says what became of the message.
        words: Our types by such words; None where nothing happened.
        happenings: What else the columns tell.
        more: Further fields of the mapping.
    """

    preset: str
    units: Sequence[str] = ()
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sent: Sequence[str] = ()
    statuses: Sequence[str] = ()
    words: Mapping[str, str | None] = field(default_factory=dict)
    happenings: Sequence[Happening] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def propose(self, columns: Columns) -> dict[str, Any]:
        """The mapping for a file's columns.

        Raises:
            NotThisExport: If nothing in it names the customer.
        """
        events = [each.column(columns) for each in self.happenings]
        found: dict[str, Any] = {
            "form": "wide",
            "preset": self.preset,
            "unit_id": self._customer(columns),
            "exposure": "sent",
            **self.more,
            "events": _once([each for each in events if each is not None]),
        }
        variant = columns.find(VARIANTS)
        if variant is not None:
            found["variant"] = {"column": variant}
        sent, status = columns.find(self.sent), columns.find(self.statuses)
        if sent is not None:
            found["at"] = {"column": sent}
        if status is not None and self.words:
            word = {"column": status, "reads": "word", "words": dict(self.words)}
            found["events"] = _once([*found["events"], word])
        known = columns.properties({each["column"] for each in found["events"]})
        return found | ({"properties": known} if known else {})

    def _customer(self, columns: Columns) -> dict[str, str]:
        unit = columns.find(self.units)
        if unit is not None:
            return {"column": unit}
        for kind, names in self.addresses.items():
            address = columns.find(names)
            if address is not None:
                return {"column": address, "alias": kind}
        wanted = [*self.units, *(name for names in self.addresses.values() for name in names)]
        raise NotThisExport(field="file", preset=self.preset, missing=wanted[0])


def _once(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each column once: the first that reads it does."""
    found = {}
    for event in reversed(events):
        found[event["column"]] = event
    return [event for event in events if found[event["column"]] is event]

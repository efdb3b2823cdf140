"""Whether a text names a customer who was erased, of whom only tombstones are left.

A keyed hash cannot be searched for in a text. So the text is taken apart in every way in which
an id or an address may stand in a row, and each part asked about.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import punctuation, whitespace

from sqlalchemy import Connection

from experiments.ledger import tombstones
from experiments.ledger.erased_rejects import Reject, said_in
from experiments.ledger.identity.alias import EMAIL, PHONE, Alias, UnfitAlias
from experiments.ledger.identity.key import AliasHasher
from experiments.storage.projects import Project
from experiments.units import LONGEST_UNIT_ID, is_storable

_APART = tuple(
    re.compile(pattern)
    for pattern in (
        r"[,;\t|\"'<>{}\[\]:\s]+",
        r"[,;\t|\"'<>{}\[\]:\s=&/?()#!\\]+",
        r"[,;\t|\"\n]+",
    )
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SINGLY_QUOTED = re.compile(r"'([^'\n]*)'")
_DELIMITERS = ",;\t|"
_AROUND = punctuation + whitespace
_FEWEST_DIGITS = 7
_LOOKS: dict[str, Callable[[str], bool]] = {
    EMAIL: lambda word: "@" in word,
    PHONE: lambda word: sum(map(str.isdigit, word)) >= _FEWEST_DIGITS,
}


@dataclass(frozen=True)
class Names:
    """What texts may call a customer.

    Attributes:
        hasher: Of the project's aliases.
        kinds: Of aliases, besides addresses and telephone numbers, that the texts may hold.
    """

    hasher: AliasHasher
    kinds: frozenset[str] = frozenset()

    def among(self, db: Connection, project: Project, rejects: Sequence[Reject]) -> list[bool]:
        """Which of the rejects name somebody of whom the project has a tombstone."""
        said = [words_of(said_in(each)) for each in rejects]
        stones = {word: set(self._stones(word)) for word in set().union(*said)}
        gone = tombstones.among(db, project, set().union(*stones.values()))
        if not gone:
            return [False] * len(rejects)
        erased = {word for word, of_word in stones.items() if not gone.isdisjoint(of_word)}
        return [not erased.isdisjoint(words) for words in said]

    def _stones(self, word: str) -> Iterator[str]:
        yield tombstones.tombstone(self.hasher, tombstones.name_of_unit(word))
        for kind in {EMAIL, PHONE} | self.kinds:
            if kind not in _LOOKS or _LOOKS[kind](word):
                try:
                    name = self.hasher.hashed(Alias(kind, word))
                except UnfitAlias:
                    continue
                yield tombstones.tombstone(self.hasher, name)


def words_of(texts: Iterable[str]) -> set[str]:
    """Every part of some texts that may be an id or an alias.

    Examples:
        >>> sorted(words_of(['r-1,"Lee, Ann"']))
        [' Ann', 'Ann', 'Lee', 'Lee, Ann', 'r-1', 'r-1,"Lee, Ann', 'r-1,"Lee, Ann"']
    """
    found: set[str] = set()
    for text in texts:
        found.add(text)
        found.update(_SINGLY_QUOTED.findall(text))
        for apart in _APART:
            found.update(apart.split(text))
        found.update(_cells(text))
        found.update(_strings(text))
    found |= {word.strip() for word in found} | {word.strip(_AROUND) for word in found}
    return {word for word in found if 0 < len(word) <= LONGEST_UNIT_ID and is_storable(word)}


def _cells(text: str) -> Iterator[str]:
    """The cells of a row of CSV, whatever is between them."""
    if '"' not in text:
        return
    for delimiter in _DELIMITERS:
        if delimiter in text:
            try:
                for cells in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
                    yield from cells
            except csv.Error:
                continue


def _strings(text: str) -> Iterator[str]:
    """The strings of a piece of JSON."""
    for quoted in _QUOTED.findall(text):
        try:
            yield json.loads(quoted)
        except ValueError:
            continue

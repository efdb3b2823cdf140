"""Rows that imports did not take, blotted out where they name a customer who is erased.

Such a row stands as it came: the id in clear, an e-mail address perhaps. Its place and number
stay, what it said does not. Whoever it names is found by the id as a word, and by hashing what
looks like an alias of theirs.
"""

import fcntl
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from experiments.ledger.customer_facts import Customer
from experiments.ledger.identity.alias import EMAIL, PHONE, Alias, UnfitAlias
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.tombstones import CustomerErased
from experiments.storage.projects import Project
from experiments.storage.tables import imports

_SEPARATORS = re.compile(r"[,;\t|\"'<>{}\[\]:\s]+")
_CELLS = re.compile(r"[,;\t|\"]+")
_DIGITS = re.compile(r"\d")
_FEWEST_DIGITS = 7
_ENDING = ".rejects"


@dataclass(frozen=True)
class Mentions:
    """Finds a customer in a text.

    Attributes:
        words: Their ids.
        aliases: Their aliases, as the ledger keeps them.
        hasher: Of the project's aliases.
    """

    words: re.Pattern[str]
    aliases: frozenset[str]
    hasher: AliasHasher

    @classmethod
    def of(cls, customer: Customer, hasher: AliasHasher) -> "Mentions":
        """Of all names that are or were theirs."""
        ids = "|".join(re.escape(each) for each in sorted(customer.units))
        return cls(
            re.compile(rf"(?<!\w)(?:{ids})(?!\w)"),
            frozenset(customer.aliases | set(customer.shared)),
            hasher,
        )

    def found_in(self, text: str) -> bool:
        """Whether the text names the customer."""
        if self.words.search(text):
            return True
        kinds = {alias.partition(":")[0] for alias in self.aliases}
        return any(
            self._is_theirs(kind, word) for kind in kinds for word in _words_like(kind, text)
        )

    def _is_theirs(self, kind: str, word: str) -> bool:
        try:
            return self.hasher.hashed(Alias(kind, word)) in self.aliases
        except UnfitAlias:
            return False


def forget_in_imports(
    db: Connection, project: Project, customer: Customer, hasher: AliasHasher
) -> int:
    """Blot out the rejects that the database keeps; how many."""
    mentions, count = Mentions.of(customer, hasher), 0
    mine = imports.c.project_id == project.id
    for row in db.execute(select(imports.c.id, imports.c.rejects).where(mine)).all():
        found = [mentions.found_in(_text_of(each)) for each in row.rejects]
        if any(found):
            pairs = zip(row.rejects, found, strict=True)
            kept = [_blotted(each) if named else each for each, named in pairs]
            db.execute(update(imports).where(imports.c.id == row.id).values(rejects=kept))
            count += sum(found)
    return count


def forget_in_files(
    folder: Path, import_ids: Iterable[int], customer: Customer, hasher: AliasHasher
) -> int:
    """Blot out the rejects in files, but for imports that are just running; how many."""
    mentions = Mentions.of(customer, hasher)
    paths = (folder / f"{import_id}{_ENDING}" for import_id in import_ids)
    return sum(_forget_in(path, mentions) for path in paths if path.exists())


def _forget_in(path: Path, mentions: Mentions) -> int:
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        lines = list(_rewritten(file, mentions))
        count = sum(named for _, named in lines)
        if count:
            # In place: whoever waits for the lock holds this very file.
            file.seek(0)
            file.truncate()
            file.writelines(line for line, _ in lines)
            file.flush()
            os.fsync(file.fileno())
        return count


def _rewritten(lines: Iterable[bytes], mentions: Mentions) -> Iterator[tuple[bytes, bool]]:
    for line in lines:
        try:
            reject = json.loads(line)
        except ValueError:
            # Cut off by a crash; whoever goes on with the import drops it.
            yield b"", False
            continue
        if mentions.found_in(_text_of(reject)):
            yield json.dumps(_blotted(reject)).encode() + b"\n", True
        else:
            yield line, False


def _text_of(reject: dict[str, Any]) -> str:
    said = [reject.get("row") or "", *map(str, (reject.get("params") or {}).values())]
    return "\n".join([*said, str(reject.get("message") or "")])


def _blotted(reject: dict[str, Any]) -> dict[str, Any]:
    error = CustomerErased()
    blotted = {**reject, "field": None, "code": error.code}
    told: dict[str, Any] = {
        "template": error.template, "params": {}, "row": "", "message": str(error),
    }  # fmt: skip
    return blotted | {name: value for name, value in told.items() if name in reject}


def _words_like(kind: str, text: str) -> Collection[str]:
    """The words of a text that may be an alias of that kind."""
    words = set(_SEPARATORS.split(text))
    if kind == EMAIL:
        return {word for word in words if "@" in word}
    if kind == PHONE:
        cells = words | set(_CELLS.split(text))
        return {each for each in cells if len(_DIGITS.findall(each)) >= _FEWEST_DIGITS}
    return words - {""}

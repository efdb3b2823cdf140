"""Rows that imports did not take, blotted out where they name a customer who is erased.

Such a row stands as it came: the id in clear, an e-mail address perhaps. Its place and number
stay, what it said does not. Whoever it names is found by the id as a word, and by hashing what
looks like an alias of theirs.

The file of an import that is just running is locked, and passed over: whoever runs the import
looks through it in the end (see ``imports.erased``).
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
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
_AT_ONCE = 5_000
Reject = dict[str, Any]
Named = Callable[[Sequence[Reject]], Sequence[bool]]
"""Tells which of some rejects name somebody who is erased."""


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

    def among(self, rejects: Sequence[Reject]) -> list[bool]:
        """Which of the rejects name the customer."""
        return [self.found_in("\n".join(said_in(each))) for each in rejects]

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
    # For update: else what a running import adds meanwhile would be lost.
    query = select(imports.c.id, imports.c.rejects).where(mine).order_by(imports.c.id)
    for row in db.execute(query.with_for_update()).all():
        found = mentions.among(row.rejects)
        if any(found):
            pairs = zip(row.rejects, found, strict=True)
            kept = [blotted(each) if named else each for each, named in pairs]
            db.execute(update(imports).where(imports.c.id == row.id).values(rejects=kept))
            count += sum(found)
    return count


def forget_in_files(
    folder: Path, import_ids: Iterable[int], customer: Customer, hasher: AliasHasher
) -> int:
    """Blot out the rejects in files, but for imports that are just running; how many."""
    mentions = Mentions.of(customer, hasher)
    paths = (folder / f"{import_id}{_ENDING}" for import_id in import_ids)
    return sum(forget_in_file(path, mentions.among) for path in paths)


def forget_in_file(path: Path, named: Named) -> int:
    """Blot out rejects in a file, if it is there and no import writes to it; how many."""
    if not path.exists():
        return 0
    with _one_at_a_time(path.parent), path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        lines = list(_rewritten(file, named))
        count = sum(named for _, named in lines)
        if count:
            # In place: whoever waits for the lock holds this very file.
            file.seek(0)
            file.truncate()
            file.writelines(line for line, _ in lines)
            file.flush()
            os.fsync(file.fileno())
        return count


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for others who look through files, so that a locked file is that of an import."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _rewritten(lines: Iterable[bytes], named: Named) -> Iterator[tuple[bytes, bool]]:
    waiting = iter(lines)
    while some := list(islice(waiting, _AT_ONCE)):
        read = [(line, reject) for line in some if (reject := _read(line)) is not None]
        found = named([reject for _, reject in read])
        for (line, reject), is_named in zip(read, found, strict=True):
            yield (_written(blotted(reject)) if is_named else line), is_named


def _read(line: bytes) -> Reject | None:
    try:
        reject: Reject = json.loads(line)
    except ValueError:
        # Cut off by a crash; whoever goes on with the import drops it.
        return None
    return reject


def _written(reject: Reject) -> bytes:
    return json.dumps(reject).encode() + b"\n"


def said_in(reject: Reject) -> list[str]:
    """The texts of a reject that may name somebody: the row, and what its reason repeats."""
    told = [reject.get("row"), *(reject.get("params") or {}).values(), reject.get("message")]
    texts = (
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in told
    )
    return [text for text in texts if text not in {"", "null"}]


def blotted(reject: Reject) -> Reject:
    """The reject, its place and number alone."""
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

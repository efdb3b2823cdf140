"""A list from end to end: a file in, a file out, and a summary that can be proved."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.lists.csv_rows import assign_csv
from experiments.assignment.lists.deciding import Decider
from experiments.assignment.lists.digest import ListDigest
from experiments.assignment.lists.ndjson_rows import assign_ndjson
from experiments.assignment.lists.parquet_rows import assign_parquet
from experiments.assignment.lists.presets import Preset, PresetWriter
from experiments.assignment.lists.rows import FORMS, ListOptions, RejectedRow
from experiments.assignment.loading import Snapshot
from experiments.assignment.snapshot_codec import Kept, SnapshotRefused, decode, encode
from experiments.errors import Invalid, NotFound
from experiments.kpis.checks import check_choice

Form = Callable[[Path, BinaryIO, ListOptions, Decider], None]
_FORMS: dict[str, Form] = {"csv": assign_csv, "ndjson": assign_ndjson, "parquet": assign_parquet}
ENDINGS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_ADDRESS = "list"


class NotAConfiguration(Invalid):
    """The file is not a configuration that a list can be answered from."""

    template = "not a configuration file: {reason}"


@dataclass(frozen=True)
class ListSummary:
    """What became of a list.

    Attributes:
        experiment: Key of the test.
        rows: Answered and rejected together.
        counts: Rows by variant.
        reasons: Rows by reason, ``assigned`` among them.
        rejected: Rows that could not be answered, which are not in the output.
        rejects: The first of them.
        configuration: SHA-256 of the configuration file that decided.
        digest: Of configuration, units and variants: see ``lists.digest``.
    """

    experiment: str
    rows: int
    counts: dict[str, int]
    reasons: dict[str, int]
    rejected: int
    rejects: tuple[RejectedRow, ...]
    configuration: str
    digest: str


@dataclass(frozen=True)
class ListConfiguration:
    """The configuration of one test, as a file that answers without the service.

    Attributes:
        experiment: As configured.
        content: The file's bytes: the same configuration gives the same.
    """

    experiment: AssignableExperiment
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def of(cls, snapshot: Snapshot, project_id: int, key: str) -> "ListConfiguration":
        """Take one test out of a configuration; keys and other tests are left behind.

        Raises:
            NotFound: If the project has no such test.
        """
        experiment = snapshot.experiments.get((project_id, key))
        if experiment is None:
            raise NotFound(field="experiment", what="experiment", key=key)
        alone = replace(
            snapshot,
            version=0,
            loaded_at=datetime.fromtimestamp(0, UTC),
            experiments={(project_id, key): experiment},
            keys={},
            projects={},
        )
        return cls(experiment, encode(Kept(alone, _ADDRESS), _ADDRESS))

    @classmethod
    def read(cls, content: bytes) -> "ListConfiguration":
        """Read a configuration file.

        Raises:
            NotAConfiguration: If it is torn, or of another version of the service.
        """
        try:
            kept = decode(content, _ADDRESS)
        except SnapshotRefused as refusal:
            raise NotAConfiguration(field="configuration", reason=str(refusal)) from refusal
        (experiment,) = kept.snapshot.experiments.values()
        return cls(experiment, content)


def assign_list(
    configuration: ListConfiguration,
    source: Path,
    target: BinaryIO,
    options: ListOptions,
    *,
    form: str | None = None,
    preset: Preset | None = None,
    now: datetime | None = None,
) -> ListSummary:
    """Answer every row of a list.

    Args:
        configuration: Of the test.
        source: The list.
        target: Where the same rows go, with their variants.
        options: How it is read.
        form: csv, ndjson or parquet; by the file's beginning and name where absent.
        preset: Writes the file that this tool takes in place of the same rows.
        now: The next send after it counts, for a test with send times; not where the list has a
            date of its own.

    Raises:
        Invalid: If the list is not of that form, lacks the unit column, or has a column of a
            name to be added; if a test with send times has neither date nor ``now``.
    """
    check_choice(form, FORMS, "form")
    experiment = configuration.experiment
    digest = ListDigest(configuration.digest)
    decider = Decider(experiment, options, digest, since=options.send_on or now)
    if preset is not None:
        key = configuration.experiment.key
        decider.listener = PresetWriter(preset, target, decider.columns, key)
        target = cast("BinaryIO", _Nowhere())
    _FORMS[form or form_of(source)](source, target, options, decider)
    return ListSummary(
        experiment=configuration.experiment.key,
        rows=sum(decider.reasons.values()) + decider.rejected,
        counts=dict(decider.counts),
        reasons=dict(decider.reasons),
        rejected=decider.rejected,
        rejects=tuple(decider.rejects),
        configuration=configuration.digest,
        digest=decider.digest.hex(),
    )


class _Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any, /) -> int:
        """Take the bytes."""
        return len(data)


def form_of(source: Path) -> str:
    """Tell the form of a list by its first bytes, then by its name."""
    with source.open("rb") as file:
        start = file.read(64)
    if start.startswith(b"PAR1"):
        return "parquet"
    named = ENDINGS.get(source.suffix.lower())
    return named or ("ndjson" if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv")

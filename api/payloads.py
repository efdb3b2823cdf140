"""Payloads ready to go out: made once for a project and a configuration, and then sent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC

import msgspec

from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.payload import build_payload
from experiments.assignment.snapshot import Snapshot


@dataclass(frozen=True)
class Served:
    """A project as its clients see it.

    Attributes:
        experiments: By key, in any state.
        body: The answer to a client that evaluates by itself.
        etag: Changes with the features and the project, and with nothing else.
        updated_at: ISO 8601; differs from process to process, and so is not in the tag.
    """

    experiments: Mapping[str, AssignableExperiment]
    body: bytes
    etag: str
    updated_at: str


class PayloadShelf:
    """Payloads by project, of the newest configuration that was asked for."""

    def __init__(self) -> None:
        self._made: tuple[Snapshot | None, dict[int, Served]] = (None, {})

    def of(self, snapshot: Snapshot, project_id: int) -> Served:
        """The project's, made now if it is not there."""
        made_of, served = self._made
        if made_of is not snapshot:
            served = {}
            self._made = (snapshot, served)
        if project_id not in served:
            served[project_id] = _serve(snapshot, project_id)
        return served[project_id]


def _serve(snapshot: Snapshot, project_id: int) -> Served:
    experiments = {
        key: each for (owner, key), each in snapshot.experiments.items() if owner == project_id
    }
    payload = build_payload(experiments.values())
    updated_at = snapshot.loaded_at.astimezone(UTC).isoformat(timespec="milliseconds")
    updated_at = updated_at.replace("+00:00", "Z")
    tag = hashlib.sha256(f"{snapshot.projects[project_id].key}:{payload.digest}".encode())
    return Served(
        experiments=experiments,
        body=_in_lines(payload.features, updated_at),
        etag=tag.hexdigest()[:32],
        updated_at=updated_at,
    )


def _in_lines(features: Mapping[str, object], updated_at: str) -> bytes:
    """The answer as JSON, each feature on a line of its own.

    GrowthBook's Python client gives up a stream for good at a line of half a megabyte.
    """
    lines = (msgspec.json.encode({key: each})[1:-1] for key, each in features.items())
    whole = msgspec.Raw(b"{" + b",\n".join(lines) + b"}")
    return msgspec.json.encode({**answer({}, updated_at), "features": whole})


def answer(features: Mapping[str, object], updated_at: str) -> dict[str, object]:
    """Features in the form in which clients read them."""
    return {
        "status": 200,
        "dateUpdated": updated_at,
        "features": features,
        "experiments": [],
        "savedGroups": {},
        "contextualBandits": {},
    }

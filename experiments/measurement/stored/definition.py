"""What an answer depends on beside the facts, as a name: another name, other stored values."""

import hashlib
from functools import lru_cache
from pathlib import Path

import duckdb
import tzdata

from experiments.measurement.request import MeasureRequest

# Grows when files are written another way and nothing else tells.
FORMAT = 1
_MEASUREMENT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Digest of the code that measures: whatever of it changes, values are made anew."""
    found = hashlib.sha256(f"{FORMAT} {duckdb.__version__} {tzdata.IANA_VERSION}".encode())
    for path in sorted(_MEASUREMENT.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def definition_of(request: MeasureRequest) -> str:
    """Everything but the facts and the moment that an answer to a request depends on."""
    told = {name: value for name, value in vars(request).items() if name != "as_of"}
    text = "\n".join(f"{name}={told[name]!r}" for name in sorted(told))
    return hashlib.sha256(f"{code_digest()}\n{text}".encode()).hexdigest()


def name_of(definitions: list[str]) -> str:
    """The name of several answers that are kept together, in whatever order."""
    return hashlib.sha256("\n".join(sorted(definitions)).encode()).hexdigest()[:40]

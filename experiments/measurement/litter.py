"""Deleting what no manifest names: merged segments, old generations, drafts of the killed."""

import shutil
from pathlib import Path

from experiments.measurement.locks import no_readers
from experiments.measurement.manifest import Manifest, generation_folder

# Where engines put what does not fit into memory, below the replica's folder.
SPILL = "spill"


def sweep(folder: Path, current: Manifest) -> bool:
    """Delete every file that ``current`` does not name, unless somebody may be reading it.

    Only the writer calls this.

    Returns:
        Whether it was done.
    """
    with no_readers(folder) as alone:
        if alone:
            _delete_unnamed(folder, current)
        return alone


def _delete_unnamed(folder: Path, current: Manifest) -> None:
    kept = generation_folder(folder, current.generation)
    for old in folder.glob("generation-*"):
        if old != kept:
            shutil.rmtree(old)
    shutil.rmtree(folder / SPILL, ignore_errors=True)
    named = current.paths(folder)
    for path in kept.glob("project-*/*"):
        if path not in named:
            path.unlink()

"""Do the tests of stats/ notice a wrong formula? Change one thing at a time and see.

Every mutant (`bench.mutants`) runs against its module's own tests and doctests, in a copy
of the tree, in a forked process, the quickest tests first. One that no test notices has
survived, and is printed: either it computes the same (docs/statistics-proof.md says which
do, and why), or a test is missing.

    python -m bench.mutation stats/lift.py stats/samples/ratio.py | tee survivors.txt
    python -m bench.mutation --sample 100 stats/exact.py
    python -m bench.mutation --again survivors.txt stats/lift.py
"""

import argparse
import ast
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.mutants import Mutant, mutants

PATIENCE_SECONDS = 20.0
MEMORY_BYTES = 6 * 2**30
COPIED = ("stats", "tests", "pyproject.toml")
# Modules whose tests are those of what is built on them, beside their own.
ALSO = {"fieller": ("means",), "dunnett": ("multiplicity",)}


class QuickestFirst:
    """A plug-in that notes how long each test takes, and runs the quick ones first."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def pytest_runtest_logreport(self, report: object) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_collection_modifyitems(self, items: list) -> None:
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0.0))


def run(tests: list[str], seconds: dict[str, float], answer: Path | None = None) -> int:
    """Run the tests in this process; only for a forked one."""
    import pytest  # noqa: PLC0415 - in the child process alone

    plugin = QuickestFirst(seconds)
    quiet = os.open(os.devnull if answer is None else str(answer) + ".out", os.O_RDWR | os.O_CREAT)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    flags = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider"]
    code = pytest.main([*flags, *tests], plugins=[plugin])
    if answer is not None:
        answer.write_text(repr(seconds))
    return int(code)


def forked(
    tests: list[str], seconds: dict[str, float], patience: float, answer: Path | None = None
) -> str:
    """Say what the tests found: "passed", "killed" or "timeout"."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            sys.dont_write_bytecode = answer is None
            code = run(tests, seconds, answer)
        finally:
            os._exit(code)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "passed" if status == 0 else "killed"
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def tests_of(module: Path) -> list[str]:
    """Name the module, for its doctests, and the mirrored test files that are there."""
    words = module.with_suffix("").parts[1:]
    names = [
        "_".join(words),
        *(["samples"] if words[0] == "samples" else []),
        *ALSO.get(words[-1], ()),
    ]
    files = [Path("tests/stats") / f"test_{name}.py" for name in names]
    return [str(module), *(str(file) for file in files if file.exists())]


def measure(module: Path, sample: int | None, again: list[str]) -> None:
    """Run mutants of a module, and print those that survive.

    Args:
        module: Its path from the root of the tree.
        sample: How many; all of them if None.
        again: An earlier report: only what survived there is run. Everything if empty.
    """
    source, tests = module.read_text(), tests_of(module)
    answer, seconds = Path(tempfile.mkstemp()[1]), dict[str, float]()
    began = time.monotonic()
    if forked(tests, seconds, 600, answer) != "passed":
        sys.exit(f"{module}: the tests fail without a mutation, see {answer}.out")
    seconds = ast.literal_eval(answer.read_text())
    patience = PATIENCE_SECONDS + 5 * (time.monotonic() - began)
    found = [mutant for mutant in mutants(source) if not again or named(module, mutant) in again]
    taken = found if sample is None else random.Random(1).sample(found, min(sample, len(found)))
    for cached in (module.parent / "__pycache__").glob(f"{module.stem}.*.pyc"):
        cached.unlink()
    outcomes = {"killed": 0, "timeout": 0, "passed": 0}
    for mutant in taken:
        module.write_text(mutant.source)
        outcome = forked(tests, seconds, patience)
        outcomes[outcome] += 1
        if outcome == "passed":
            print(named(module, mutant), flush=True)
    module.write_text(source)
    print(
        f"{module}: {len(taken)} of {len(found)} mutants, "
        f"{outcomes['killed'] + outcomes['timeout']} killed ({outcomes['timeout']} by time), "
        f"{outcomes['passed']} survived, {time.monotonic() - began:.0f} s",
        flush=True,
    )


def named(module: Path, mutant: Mutant) -> str:
    return f"  {module}:{mutant.line}: {mutant.before}  ->  {mutant.after}"


def prepare() -> None:
    """Go to a copy of the tree, and import what every mutant needs, but nothing of ours."""
    origin, tree = str(Path.cwd()), Path(tempfile.mkdtemp(prefix="mutation-"))
    for name in COPIED:
        held = Path(name)
        if held.is_dir():
            shutil.copytree(held, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(held, tree / name)
    os.chdir(tree)
    sys.path[:] = [str(tree), *(path for path in sys.path if path not in {"", origin})]
    import hypothesis  # noqa: PLC0415 - in the child process alone
    import pytest  # noqa: F401, PLC0415 - in the child process alone
    import scipy.stats  # noqa: F401, PLC0415 - in the child process alone
    import statsmodels.api  # noqa: F401, PLC0415 - in the child process alone

    calm = hypothesis.settings(derandomize=True, database=None, deadline=None)
    hypothesis.settings.register_profile("mutation", calm)
    hypothesis.settings.load_profile("mutation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="+", type=Path, help="of stats/, by path")
    parser.add_argument("--sample", type=int, help="mutants of each module; all if left out")
    parser.add_argument("--again", type=Path, help="a report: run what survived in it")
    asked = parser.parse_args()
    again = asked.again.read_text().splitlines() if asked.again else []
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    prepare()
    for module in asked.modules:
        measure(module, asked.sample, again)


if __name__ == "__main__":
    main()

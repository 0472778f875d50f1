"""Other ways to select tests, for comparison: pytest-testmon, and the lines that coverage saw each test run."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

SECONDS_LIMIT = 600
_TELLER = "gatekeeper_bench_teller"
_PLUGIN = """\
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    with open({place!r}, "w") as file:
        file.writelines(item.nodeid + "\\n" for item in session.items)
"""


class Testmon:
    """pytest-testmon in the environment of the project: its own record, and what it would run."""

    __test__ = False

    def __init__(self, tree: Path, scratch: Path, python: str, arguments: list[str], roots: list[str]) -> None:
        self.tree, self.python, self.arguments, self.roots = tree, python, arguments, roots
        self.data, self.known = scratch / "testmondata", scratch / "testmondata.known"
        self.names, self.folder = scratch / "selected.txt", scratch
        (scratch / f"{_TELLER}.py").write_text(_PLUGIN.format(place=str(self.names)), "utf-8")

    def learn(self) -> bool:
        """Let it record all tests; False where it is not there."""
        self._run()
        if not self.data.exists():
            return False
        with closing(sqlite3.connect(self.data)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._move(self.data, self.known)
        return True

    def selected(self) -> frozenset[str]:
        """The tests that it would run of the tree as it lies there; a file that cannot be collected is among them."""
        self._move(self.known, self.data)
        self.names.unlink(missing_ok=True)
        told = self._run("--collect-only", "-q")
        errors = re.findall(r"^ERROR (\S+)", told, re.MULTILINE)
        names = self.names.read_text("utf-8").splitlines() if self.names.exists() else ()
        return frozenset(names) | frozenset(errors)

    @staticmethod
    def _move(source: Path, target: Path) -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{target}{ending}").unlink(missing_ok=True)
        shutil.copyfile(source, target)

    def _run(self, *more: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        environment |= {
            "PYTHONPATH": os.pathsep.join([*self.roots, str(self.folder)]),
            "TESTMON_DATAFILE": str(self.data),
        }
        done = subprocess.run(
            [self.python, "-m", "pytest", "--testmon", "-p", "no:randomly", "-p", _TELLER, *self.arguments, *more],
            cwd=self.tree, env=environment, capture_output=True, timeout=SECONDS_LIMIT, check=False,
        )  # fmt: skip
        return done.stdout.decode("utf-8", "replace")


def lines_by_test(
    tree: Path, scratch: Path, python: str, arguments: list[str], roots: list[str]
) -> dict[str, dict[int, frozenset[str]]]:
    """For each file, and each of its lines that ran, the tests that ran it; "" stands for imports and collection.

    Needs pytest-cov in the environment of the project, and is empty without it.
    """
    data = scratch / "contexts"
    settings = scratch / "contexts.ini"
    settings.write_text(f"[run]\nsource = {roots[0]}\n", "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    environment |= {"PYTHONPATH": os.pathsep.join(roots), "COVERAGE_FILE": str(data), "COVERAGE_CORE": "ctrace"}
    subprocess.run(
        [
            python, "-m", "pytest", "-p", "no:randomly", *arguments, "--cov", f"--cov-config={settings}",
            "--cov-context=test", "--cov-report=",
        ],
        cwd=tree, env=environment, capture_output=True, timeout=SECONDS_LIMIT, check=False,
    )  # fmt: skip
    return _read(data, tree) if data.exists() else {}


def _read(data: Path, tree: Path) -> dict[str, dict[int, frozenset[str]]]:
    from coverage import CoverageData  # noqa: PLC0415 - only where it is compared

    known = CoverageData(str(data))
    known.read()
    found: dict[str, dict[int, frozenset[str]]] = {}
    for file in known.measured_files():
        by_line = known.contexts_by_lineno(file)
        found[Path(file).relative_to(tree).as_posix()] = {
            line: frozenset(context.rpartition("|")[0] for context in contexts) for line, contexts in by_line.items()
        }
    return found


def by_lines(known: Mapping[int, frozenset[str]], line: int) -> frozenset[str] | None:
    """The tests that ran a line; None, which means all, where an import ran it."""
    tests = known.get(line, frozenset())
    return None if "" in tests else tests

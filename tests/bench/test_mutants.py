"""A small run of `bench/mutants.py`: no test is left out that a defect makes fail; and the bench would notice."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from gatekeeper.model.selection import Touched
from tests.bench.selectable import FILES
from tests.repository import GitRepository

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def mutants(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("mutants")


def test_no_failure_is_missed(repository: GitRepository) -> None:
    repository.commit(dict(FILES))
    done = subprocess.run(
        [
            sys.executable, str(BENCH / "mutants.py"), str(repository.path), "--python", sys.executable,
            "--functions", "12", "--imports", "6",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"(\d+) mutants, +(\d+) killed, (\d+) hung, (\d+) flaky; (\d+) left", done.stdout)
    functions, imports = [[int(word) for word in row] for row in told]
    assert (functions[0], imports[0]) == (12, 6)
    assert functions[1] > 6, "most defects are noticed"
    assert functions[4] > 6, "and most selected runs leave tests out"
    assert imports[1] > 2
    assert done.stdout.count("gatekeeper   0 missed") == 2


def test_a_missed_failure_is_noticed(repository: GitRepository, mutants: ModuleType, tmp_path: Path) -> None:
    repository.commit(dict(FILES))
    project = mutants.Project(repository.path, tmp_path, sys.executable, [])
    known, failing = project.learn(False)
    assert not failing
    tests = {name: replace(test, touched=Touched()) for name, test in known.tests.items()}
    text = project.text("shop/aside.py")
    found = mutants.chosen({"shop/aside.py": text}, {}, random.Random(1), 20, 0)
    mutant = next(each for each in found if "'Hello x'" in each.text)
    tally = mutants.Tally()
    project.judge(replace(known, tests=tests), failing, mutant, tally)
    assert [way.missed for way in tally.ways.values()] == [
        [f"shop/aside.py:{mutant.line} (function): 1 of 1, such as tests/test_aside.py::test_greeting"]
    ]
    assert project.text("shop/aside.py") == text


def test_defects_are_of_every_kind_that_is_named(mutants: ModuleType) -> None:
    texts = {path: text for path, text in FILES.items() if path.startswith("shop/") and path.endswith(".py")}
    found = mutants.chosen(texts, {}, random.Random(1), 12, 12)
    assert {mutant.kind for mutant in found} == {
        "function", "constant", "default", "decorator", "class body", "registry",
    }  # fmt: skip
    inside = [mutant for mutant in found if not mutant.at_import]
    assert len({(mutant.path, mutant.owner) for mutant in inside}) == len(inside), "each in a function of its own"
    assert all(mutant.text != mutant.base_text for mutant in found)

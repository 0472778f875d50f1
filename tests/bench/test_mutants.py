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


@pytest.mark.long
def test_no_failure_is_missed(repository: GitRepository) -> None:
    told = 'from __future__ import annotations\n\n\ndef told() -> int:\n    """Tell it."""\n'
    test = "from shop.told import told\n\n\ndef test_told():\n    assert told.__doc__ == 'Tell it.'\n"
    test += "\n\ndef test_shown():\n    assert told.__annotations__ == {'return': 'int'}\n"
    repository.commit({**FILES, "shop/told.py": told, "tests/test_told.py": test})
    done = subprocess.run(
        [
            sys.executable, str(BENCH / "mutants.py"), str(repository.path), "--python", sys.executable,
            "--functions", "12", "--imports", "6", "--docstrings", "1", "--annotations", "1",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"(\d+) mutants, +(\d+) killed, (\d+) hung, (\d+) flaky; (\d+) left", done.stdout)
    functions, imports, docstrings, annotations = [[int(word) for word in row] for row in rows]
    assert (functions[0], imports[0], docstrings[0:2], annotations[0:2]) == (12, 6, [1, 1], [1, 1])
    assert functions[1] > 6, "most defects are noticed"
    assert functions[4] > 6, "and most selected runs leave tests out"
    assert imports[1] > 2
    assert done.stdout.count("gatekeeper   0 missed") == 4


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


def test_docstrings_are_given_other_words_and_nothing_else_is(mutants: ModuleType) -> None:
    text = 'r"""A b."""\nX = "é"; Y = """\nno\n"""\n\nclass A:\n    \'Say é.\'\n\n    def f(self):\n        """\n        F.\n        """\n'
    found = mutants.documented({"a.py": text, "b.py": "x = 1\n"}, random.Random(1), 9)
    assert {mutant.text.partition("Unlike. ")[2].split("\n")[0] for mutant in found} == {'A b."""', "Say é.'", ""}
    assert all(mutant.text.replace("Unlike. ", "") == text and not mutant.at_import for mutant in found)


def test_annotations_are_others_where_they_are_kept_as_texts(mutants: ModuleType) -> None:
    text = "from __future__ import annotations\n\ndef f(é: int, b=1) -> list[str]:\n    x: int = 1\n"
    found = mutants.annotated({"a.py": text, "b.py": "def f(a: int): pass\n"}, random.Random(1), 9)
    heads = {mutant.text.split("\n")[2] for mutant in found}
    assert heads == {"def f(é: Unlike, b=1) -> list[str]:", "def f(é: int, b=1) -> Unlike:"}

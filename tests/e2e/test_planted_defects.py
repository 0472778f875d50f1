"""A planted defect for each gate and each criterion, through the real command line: it blocks, and its mended twin passes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.repository import GitRepository

Files = dict[str, str | bytes]

MODULE = '''\
"""Adds up."""


def add(first: int, second: int) -> int:
    """The sum of two numbers."""
    return first + second
'''
TEST = '''\
"""Tests of adding."""

from sums import add


def test_add() -> None:
    """One and one."""
    assert add(1, 1) == 2
'''
BASE: Files = {
    "sums.py": MODULE,
    "tests/test_sums.py": TEST,
    "README.md": "# sums\n\nCall `add`.\n",
    "CHANGELOG.md": "# Changelog\n",
    ".gitignore": "__pycache__/\n",
}


@dataclass(frozen=True)
class Defect:
    """A change that has to be blocked by one gate with one rule, and its twin that has to pass."""

    gate: str
    rule: str
    bad: Files
    good: Files
    base: Files = field(default_factory=dict)


def body(statement: str, *, name: str = "other", parameters: str = "first: int") -> str:
    """The module with one more documented function."""
    return f'{MODULE}\n\ndef {name}({parameters}) -> object:\n    """Something else."""\n    {statement}\n'


DESCRIBED = MODULE.replace("numbers.", "numbers.\n\n    :param first: one\n    :param second: two\n    ")
IMPORTED = MODULE.replace('"""Adds up."""\n', '"""Adds up."""\n\nimport subprocess\n')
API = {"pkg/__init__.py": '"""A package."""\n', "pkg/web.py": '"""Routes."""\n'}
ROUTE = '''\
"""Routes."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/items")
def items() -> list[str]:
    """All items."""
    return []
'''

DEFECTS = {
    "an undefined name": Defect(
        "review", "undefined-variable", {"sums.py": body("return frist")}, {"sums.py": body("return first")}
    ),
    "a shell": Defect(
        "review",
        "S602",
        {"sums.py": IMPORTED + body("return subprocess.run(first, shell=True, check=True)")[len(MODULE) :]},
        {"sums.py": IMPORTED + body('return subprocess.run(["ls"], check=True)')[len(MODULE) :]},
    ),
    "a secret": Defect(
        "review",
        "secret-github-token",
        {"settings.txt": "token = ghp_" + "a1B2" * 9 + "\n"},
        {"settings.txt": "token = $GITHUB_TOKEN\n"},
    ),
    "a syntax error": Defect(
        "review", "syntax-error", {"sums.py": MODULE + "def broken(:\n"}, {"sums.py": MODULE + "ADDED = 1\n"}
    ),
    "many small things": Defect(
        "review",
        "unused-variable",
        {
            "sums.py": MODULE
            + "\n\ndef many() -> None:\n"
            + '    """Too many."""\n'
            + "".join(f"    v{n} = {n}\n" for n in range(9))
        },
        {"sums.py": MODULE + "\n\ndef few() -> int:\n" + '    """Few."""\n' + "    value = 1\n    return value\n"},
    ),
    "lines that no test runs": Defect(
        "coverage",
        "not-covered",
        {"sums.py": body("return [first, first]")},
        {
            "sums.py": body("return [first, first]"),
            "tests/test_sums.py": TEST.replace("import add", "import add, other")
            + '\n\ndef test_other() -> None:\n    """Twice."""\n    assert other(1) == [1, 1]\n',
        },
    ),
    "a failing test": Defect(
        "tests",
        "test-failed",
        {"sums.py": MODULE.replace("first + second", "first - second")},
        {"sums.py": MODULE.replace("first + second", "second + first")},
    ),
    "a test module that cannot be imported": Defect(
        "tests",
        "collection-error",
        {"sums.py": MODULE.replace("def add", "def plus")},
        {"sums.py": MODULE + "\n\nplus = add\n"},
    ),
    "D1, a public function without a docstring": Defect(
        "docs", "D1", {"sums.py": MODULE + "\n\ndef plain() -> int:\n    return 1\n"}, {"sums.py": body("return 1")}
    ),
    "D2, a parameter that is not described": Defect(
        "docs",
        "D2",
        {"sums.py": DESCRIBED.replace("second: int)", "second: int, third: int = 0)")},
        {
            "sums.py": DESCRIBED.replace("second: int)", "second: int, third: int = 0)").replace(
                "two\n", "two\n    :param third: three\n"
            )
        },
        {"sums.py": DESCRIBED},
    ),
    "D3, a break that no changelog tells": Defect(
        "docs",
        "D3",
        {"sums.py": MODULE.replace(", second: int", "").replace(" + second", "")},
        {
            "sums.py": MODULE.replace(", second: int", "").replace(" + second", ""),
            "CHANGELOG.md": "# Changelog\n\n- `add` takes one number.\n",
        },
    ),
    "D4, a name that is gone and still in the README": Defect(
        "docs",
        "D4",
        {"sums.py": MODULE.replace("def add", "def plus"), "CHANGELOG.md": "# Changelog\n\n- `add` is `plus`.\n"},
        {
            "sums.py": MODULE.replace("def add", "def plus"),
            "CHANGELOG.md": "# Changelog\n\n- `add` is `plus`.\n",
            "README.md": "# sums\n\nCall `plus`.\n",
        },
    ),
    "D5, a sample that imports what is not there": Defect(
        "docs",
        "D5",
        {"README.md": "# sums\n\n```python\nfrom sums import subtract\n```\n"},
        {"README.md": "# sums\n\n```python\nfrom sums import add\n```\n"},
    ),
    "D5, a sample that does not parse": Defect(
        "docs",
        "D5",
        {"README.md": "# sums\n\n```python\nadd(1,\n```\n"},
        {"README.md": "# sums\n\n```python\nadd(1, 1)\n```\n"},
    ),
    "D6, a route that the API description does not know": Defect(
        "docs",
        "D6",
        {"pkg/web.py": ROUTE},
        {"pkg/web.py": ROUTE, "openapi.json": '{"openapi": "3.1.0", "paths": {"/items": {}}}\n'},
        {**API, "openapi.json": '{"openapi": "3.1.0", "paths": {}}\n'},
    ),
    "a command that finds something": Defect(
        "marks",
        "exit-code",
        {"sums.py": MODULE + "# FORBIDDEN\n"},
        {"sums.py": MODULE + "# allowed\n"},
        {
            ".gatekeeper.yml": "gates:\n  marks: {run: 'sh marks.sh {files}', paths: ['*.py']}\n",
            "marks.sh": 'if grep -n FORBIDDEN "$@"; then exit 1; fi\n',
        },
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_blocks_and_its_twin_passes(repository: GitRepository, name: str) -> None:
    defect = DEFECTS[name]
    repository.commit(BASE | defect.base)
    repository.stage(defect.bad)
    before = repository.state()
    run = repository.gatekeeper("--gate", defect.gate)
    assert run.exit == 1, run.stdout + run.stderr
    assert run.status(defect.gate) == "failed"
    assert defect.rule in run.rules(defect.gate), run.stdout
    assert repository.state() == before
    repository.git("reset", "--quiet", "--hard")
    repository.stage(defect.good)
    run = repository.gatekeeper("--gate", defect.gate)
    assert run.exit == 0, run.stdout + run.stderr
    assert run.status(defect.gate) == "passed"


def test_all_four_gates_report_though_each_fails(repository: GitRepository) -> None:
    repository.commit(BASE)
    added = "\n\ndef plain(value):\n    if value:\n        return vlaue\n    return add(1, 2)\n"
    repository.stage({"sums.py": MODULE.replace("first + second", "first * second") + added})
    run = repository.gatekeeper()
    assert run.exit == 1
    assert {gate: run.status(gate) for gate in ("review", "coverage", "tests", "docs")} == dict.fromkeys(
        ("review", "coverage", "tests", "docs"), "failed"
    )
    assert "Blocked: review, coverage, tests and docs failed." in run.stdout


def test_a_commit_that_needs_an_untracked_file_fails_as_in_ci(repository: GitRepository) -> None:
    repository.commit(BASE)
    repository.write("helper_module.py", "VALUE = 2\n")
    repository.stage({"sums.py": MODULE.replace('"""Adds up."""', '"""Adds up."""\n\nfrom helper_module import VALUE')})
    run = repository.gatekeeper("--gate", "tests")
    assert run.exit == 1
    assert any("helper_module.py" in note and "untracked" in note for note in run.verdict("tests")["notes"])
    repository.git("add", "helper_module.py")
    assert repository.gatekeeper("--gate", "tests").exit == 0


def test_an_unstaged_fix_does_not_count(repository: GitRepository) -> None:
    repository.commit(BASE)
    repository.stage({"sums.py": MODULE.replace("first + second", "first - second")})
    repository.write("sums.py", MODULE)
    before = repository.state()
    run = repository.gatekeeper("--gate", "tests")
    assert (run.exit, run.status("tests")) == (1, "failed")
    assert repository.state() == before


def test_a_broken_unstaged_edit_does_not_count_either(repository: GitRepository) -> None:
    repository.commit(BASE)
    repository.stage({"sums.py": body("return first")})
    repository.write("sums.py", "broken(")
    assert repository.gatekeeper("--gate", "tests").exit == 0


def test_a_range_is_judged_by_the_policy_of_its_base(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates:\n  review: {minimum: 9}\n"})
    repository.git("switch", "--quiet", "--create", "lower")
    lowered = "gates:\n  review: {minimum: 0}\n  docs: off\n"
    repository.commit({".gatekeeper.yml": lowered, "sums.py": MODULE + "\n\ndef plain() -> int:\n    return 1\n"})
    run = repository.gatekeeper("--base", "main", "--gate", "docs", "--gate", "review")
    assert run.exit == 1
    assert run.status("docs") == "failed"
    assert run.verdict("review")["required"] == 9
    assert any("takes effect once it is merged" in note for note in run.report["notes"])


def test_an_empty_change_passes_and_says_so(repository: GitRepository) -> None:
    repository.commit(BASE)
    run = repository.gatekeeper()
    assert run.exit == 0
    assert {verdict["status"] for verdict in run.report["verdicts"]} == {"skipped"}

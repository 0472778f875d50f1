"""What a command imports before it does anything: every commit waits for it, so that what few runs need comes late."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.repository import GitRepository

OF_PYTHON = {
    "gatekeeper.formats.python_outline",
    "gatekeeper.formats.routes",
    "gatekeeper.gates.coverage.judgement",
    "gatekeeper.gates.coverage.scoring",
    "gatekeeper.gates.docs.criteria",
    "gatekeeper.gates.docs.judgement",
    "gatekeeper.gates.review.command",
    "gatekeeper.gates.review.excused",
    "gatekeeper.gates.review.python",
    "gatekeeper.gates.tests.command",
}
"""What judges the answer of a program, or plans one that few projects have: a change of a text needs none of it."""
OF_FEW = {
    "gatekeeper.formats.finding_text",
    "gatekeeper.formats.job_text",
    "gatekeeper.formats.relaxations_files",
    "gatekeeper.formats.reports",
    "gatekeeper.formats.toml_places",
    "dataclasses",
    "inspect",
    "jsonschema_rs",
    "sysconfig",
    "yaml",
}
"""What says or reads things that most runs have not, or that an earlier run has read already."""


def imported(repository: GitRepository, *arguments: str) -> set[str]:
    """The modules that a command imports; those that it finds by their file name are not among them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "gatekeeper", *arguments],
        cwd=repository.path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return {line.split("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def printed(program: str) -> set[str]:
    """The words that a program prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture
def text(repository: GitRepository) -> GitRepository:
    """A repository with a configuration, where a text is staged that concerns two gates."""
    repository.commit({".gatekeeper.yml": "jobs: 2\n", "README.md": "One.\n", "a.py": "a = 1\n"})
    repository.stage({"README.md": "Two.\n"})
    return repository


def test_a_text_that_was_judged_before_needs_little(text: GitRepository) -> None:
    for _ in range(2):
        found = imported(text, "run", "--gate", "review", "--gate", "docs")
    assert {"gatekeeper.gates.review.jobs", "gatekeeper.gates.docs.openapi", "gatekeeper.formats.relaxations"} <= found
    assert not (OF_PYTHON | OF_FEW) & found


def test_gates_bring_what_judges_python_when_there_is_some() -> None:
    gates = ", ".join(f"gatekeeper.gates.{name}" for name in ("coverage", "docs", "review", "tests"))
    assert not OF_PYTHON & printed(f"import sys, {gates}; print(*sys.modules)")


def test_a_hook_with_nothing_to_check_plans_nothing(repository: GitRepository) -> None:
    repository.commit({"a.py": "a = 1\n"})
    found = imported(repository, "hook", "pre-commit")
    assert not {name for name in found if name.startswith(("gatekeeper.gates", "gatekeeper.planning.planner"))}


def test_the_version_is_told_without_a_run(repository: GitRepository) -> None:
    found = imported(repository, "--version")
    assert not {"gatekeeper.wiring", "gatekeeper.ports", "dataclasses", "git", "pathlib", "subprocess"} & found


def test_no_record_that_every_run_has_is_made_by_the_standard_library() -> None:
    """Each would take half a millisecond of the run."""
    made = printed(
        "import sys\n"
        "from gatekeeper import plan_wiring, run_wiring\n"
        "kinds = [kind for name, module in list(sys.modules.items()) if name.startswith('gatekeeper.')\n"
        "  for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == name]\n"
        "print(*(f'{kind.__module__}.{kind.__qualname__}' for kind in kinds\n"
        "  if '__dataclass_fields__' in vars(kind) and '_defaults' not in vars(kind)))\n"
    )
    assert not made

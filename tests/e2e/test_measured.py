"""Tests are measured where the coverage gate reads what is measured, and run plainly where it has nothing to read."""

from __future__ import annotations

from tests.repository import GitRepository

CONFIG = "gates:\n  review: off\n  docs: off\n"
FILES: dict[str, str | bytes] = {
    ".gatekeeper.yml": CONFIG,
    "app/__init__.py": "def add(a, b):\n    return a + b\n",
    "pytest.ini": "[pytest]\naddopts = -p no:randomly -p no:pytest_cov\n",
}
PLAIN = "import sys\nfrom app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert 'coverage' {} sys.modules\n"


def test_a_change_of_tests_alone_is_not_measured(repository: GitRepository) -> None:
    repository.commit(FILES)
    repository.stage({"tests/test_add.py": PLAIN.format("not in")})
    run = repository.gatekeeper()
    assert (run.status("tests"), run.verdict("coverage")["summary"]) == ("passed", "nothing to cover"), run.stdout


def test_a_change_of_sources_is_measured(repository: GitRepository) -> None:
    repository.commit(FILES)
    repository.stage({"tests/test_add.py": PLAIN.format("in"), "app/__init__.py": "def add(a, b):\n    return b + a\n"})
    run = repository.gatekeeper()
    assert (run.exit, run.verdict("coverage")["measured"]) == (0, 100), run.stdout


def test_a_total_is_measured_whatever_changed(repository: GitRepository) -> None:
    repository.commit({**FILES, ".gatekeeper.yml": CONFIG + "  coverage: {total: 50}\n"})
    repository.stage({"tests/test_add.py": PLAIN.format("in")})
    run = repository.gatekeeper()
    assert (run.exit, run.status("coverage")) == (0, "passed"), run.stdout

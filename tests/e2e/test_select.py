"""With `select`, a run leaves out the tests that the change cannot affect, says so, and blocks as a full run does."""

from __future__ import annotations

import sys

import pytest

from tests.repository import GitRepository, Run

CONFIG = "gates:\n  review: off\n  docs: off\n  tests: {select: always}\n  coverage: {minimum: 100}\n"
FILES: dict[str, str | bytes] = {
    ".gatekeeper.yml": CONFIG,
    ".gitignore": "__pycache__/\n",
    "app/__init__.py": "LIMIT = 3\n\n\ndef add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n",
    "pytest.ini": "[pytest]\naddopts = -p no:randomly\n",
    "tests/test_add.py": "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    "tests/test_sub.py": "from app import sub\n\n\ndef test_sub():\n    assert sub(1, 2) == -1\n\n\ndef test_none():\n    pass\n",
}


def staged(repository: GitRepository, old: str, new: str, *arguments: str, **variables: str) -> Run:
    """Replace a text of the module, stage it, and judge."""
    text = (repository.path / "app/__init__.py").read_text()
    assert text.count(old) == 1
    repository.stage({"app/__init__.py": text.replace(old, new)})
    return repository.gatekeeper(*arguments, env=variables)


def told(run: Run) -> str:
    """The last note of the tests gate."""
    return str(run.verdict("tests")["notes"][-1])


@pytest.mark.usefixtures("installed_plugins")
def test_a_run_leaves_out_what_the_change_cannot_affect(repository: GitRepository) -> None:
    repository.commit(FILES)
    first = staged(repository, "a + b", "b + a")
    assert (first.exit, told(first)) == (0, "all tests ran: nothing is known of them yet")
    repository.git("commit", "-qm", "add")
    second = staged(repository, "a - b", "-b + a")
    assert second.exit == 0, second.stdout
    assert "1 passed" in second.verdict("tests")["summary"]
    assert "2 reused from" in second.verdict("tests")["summary"]
    assert "since it runs what changed in app/__init__.py" in told(second)
    assert second.verdict("coverage")["measured"] == 100
    third = staged(repository, "-b + a", "b - a")
    assert third.exit == 1
    assert [finding["path"] for finding in third.verdict("tests")["findings"]] == ["tests/test_sub.py"]
    assert third.verdict("coverage")["measured"] == 100
    fourth = repository.gatekeeper()
    assert fourth.exit == 1, "a test that failed runs again, although nothing changed since"


def test_the_coverage_of_a_change_is_that_of_a_full_run_wherever_the_map_is_from(repository: GitRepository) -> None:
    repository.commit(FILES)
    staged(repository, "a + b", "b + a")
    run = staged(repository, "a - b", "-b + a")
    assert "1 reused" in run.verdict("tests")["summary"]
    assert run.verdict("coverage")["measured"] == repository.gatekeeper("--full").verdict("coverage")["measured"] == 100


def test_what_no_test_depends_on_runs_none(repository: GitRepository) -> None:
    repository.commit(FILES)
    staged(repository, "a + b", "b + a")
    repository.git("commit", "-qm", "add")
    repository.stage({"README.md": "Read me.\n"})
    run = repository.gatekeeper()
    assert (run.exit, run.status("coverage")) == (0, "skipped")
    verdict = run.verdict("tests")
    assert verdict["summary"].startswith("3 reused from ")
    assert verdict["reused"]
    again = staged(repository, "LIMIT = 3", "LIMIT = 4")
    assert (again.exit, told(again)) == (0, "all tests ran: the change can affect each of them")
    once_more = repository.gatekeeper()
    assert (once_more.exit, once_more.verdict("coverage")["measured"]) == (0, 100), "an import runs the line"


def test_all_run_when_asked_to_or_in_another_environment(repository: GitRepository) -> None:
    repository.commit(FILES)
    staged(repository, "a + b", "b + a")
    assert told(repository.gatekeeper("--full")) == "all tests ran: all were asked for"
    other = repository.gatekeeper(env={"DEBUG_LEVEL": "1"})
    assert told(other) == "all tests ran: the environment is another one (variables)"


def test_the_total_of_a_selected_run_is_that_of_a_full_one(repository: GitRepository) -> None:
    files = {**FILES, ".gatekeeper.yml": CONFIG.replace("minimum: 100", "minimum: 100, total: 60")}
    repository.commit({**files, "app/never.py": "def never():\n    x = 1\n    return x\n"})
    staged(repository, "    return a + b", "    # first\n\n    b += 0\n    return a + b")
    repository.git("commit", "-qm", "first")
    selected = staged(repository, "a - b", "-b + a")
    assert "2 reused" in selected.verdict("tests")["summary"], selected.stdout
    assert selected.verdict("coverage")["notes"][-1].startswith("the total holds what 2 of the tests ran in ")
    again = repository.gatekeeper()
    assert "3 reused" in again.verdict("tests")["summary"]
    full = repository.gatekeeper("--full")
    assert full.exit == 0
    told = [run.verdict("coverage")["summary"] for run in (selected, again, full)]
    assert len(set(told)) == 1
    assert told[0].endswith("; 66.6 % of the project")


def test_workers_of_xdist_leave_tests_out_as_one_process_does(repository: GitRepository) -> None:
    config = CONFIG.replace("minimum: 100", "minimum: 100, total: 50")
    repository.commit({**FILES, ".gatekeeper.yml": config, "pytest.ini": "[pytest]\naddopts = -p xdist -n2\n"})
    staged(repository, "a + b", "b + a")
    repository.git("commit", "-qm", "add")
    run = staged(repository, "a - b", "-b + a")
    assert run.exit == 0, run.stdout
    assert "1 ran, 2 reused from" in told(run)
    full = repository.gatekeeper("--full")
    assert run.verdict("coverage")["summary"] == full.verdict("coverage")["summary"]


def test_nothing_of_it_is_there_where_it_is_off(repository: GitRepository) -> None:
    repository.commit({**FILES, ".gatekeeper.yml": CONFIG.replace("select: always", "select: never")})
    for _ in range(2):
        run = staged(repository, "a + b", "b + a") if not _ else repository.gatekeeper()
        assert run.exit == 0
        assert "3 passed" in run.verdict("tests")["summary"]
        assert not any("all tests ran" in note for note in run.verdict("tests")["notes"])


def test_what_is_known_of_the_tree_in_place_holds_in_a_copy(repository: GitRepository) -> None:
    """In the user's own tree Python is told to write no bytecode; that decides no outcome."""
    repository.commit({**FILES, "notes.py": "FIRST = 1\n"})
    first = staged(repository, "a + b", "b + a")
    assert first.exit == 0
    repository.git("commit", "-qm", "add")
    repository.write("notes.py", "SECOND = 2\n")  # not staged, so the tree in place is another one
    second = staged(repository, "a - b", "-b + a")
    assert "1 ran, 2 reused from" in told(second), told(second)


@pytest.mark.usefixtures("installed_plugins")
def test_what_one_process_saw_holds_for_several_and_the_other_way_round(repository: GitRepository) -> None:
    repository.commit(FILES)
    staged(repository, "a + b", "b + a")
    spread = CONFIG.replace("select: always", "select: always, processes: 2")
    repository.commit({".gatekeeper.yml": spread})
    run = staged(repository, "a - b", "-b + a")
    assert run.exit == 0, run.stdout
    notes = run.verdict("tests")["notes"]
    assert "run by 2 pytest-xdist workers" in notes
    assert any(note.startswith("1 ran, 2 reused from") for note in notes)
    assert run.verdict("coverage")["measured"] == 100
    repository.commit({".gatekeeper.yml": CONFIG.replace("select: always", "select: always, processes: auto")})
    again = staged(repository, "    return b + a", "    return a + b")
    notes = again.verdict("tests")["notes"]
    assert any(note.startswith("1 ran, 2 reused from") for note in notes)
    assert notes[-1].startswith("the tests ran in one process: those known to have to run take 0 s one after another")


PROGRAMS: dict[str, str | bytes] = {
    ".gatekeeper.yml": CONFIG,
    ".gitignore": "__pycache__/\n",
    "app/__init__.py": "",
    "app/__main__.py": "from app.told import told\n\nprint(told())\n",
    "app/told.py": "def told():\n    return 7\n",
    "README.md": "Read me.\n",
    "tests/test_programs.py": (
        "import subprocess\nimport sys\n\n\n"
        "def test_told():\n    assert subprocess.check_output([sys.executable, '-m', 'app']) == b'7\\n'\n\n\n"
        "def test_names():\n"
        "    files = subprocess.run(['git', 'ls-files'], capture_output=True, text=True, check=False).stdout\n"
        "    assert 'bad.txt' not in files\n"
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere tests that start processes always run")
def test_what_programs_of_a_test_read_has_it_run(repository: GitRepository) -> None:
    repository.commit(PROGRAMS)
    repository.stage({"README.md": "Read it.\n"})
    assert "all tests ran" in told(repository.gatekeeper())
    repository.stage({"README.md": "Read this.\n"})
    assert "1 ran, 1 reused" in told(repository.gatekeeper()), "Git is asked what nobody sees"
    repository.stage({"app/told.py": "def told():\n    return 8\n"})
    run = repository.gatekeeper("--gate", "tests")
    assert (run.exit, [finding["message"][:9] for finding in run.verdict("tests")["findings"]]) == (1, ["test_told"])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere tests that start processes always run")
def test_who_asks_git_where_there_is_no_repository_is_asked_again_where_there_is_one(repository: GitRepository) -> None:
    repository.commit(PROGRAMS)
    repository.stage({"bad.txt": "bad\n"})
    repository.git("commit", "-qm", "Bring a bad file")
    repository.write("README.md", "Not staged.\n")  # so that a copy is judged, and no repository lies around it
    assert repository.gatekeeper("--from", "HEAD~1", "--gate", "tests").exit == 0
    repository.git("checkout", "--quiet", "README.md")
    run = repository.gatekeeper("--from", "HEAD~1", "--gate", "tests")
    assert run.exit == 1, "in the repository Git names the file"

"""Where no test has to run and none can be new, none is started; everything else starts them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.test_select import FILES
from tests.repository import GitRepository, Run

Judge = Callable[..., tuple[Run, int]]
COUNTING = "import os\n\nwith open(os.environ['GATEKEEPER_COUNT'], 'a') as file:\n    file.write('x')\n"
SKIPPED = "import pytest\n\n\n@pytest.mark.skip\ndef test_not_yet():\n    pass\n"


@pytest.fixture
def judge(repository: GitRepository, tmp_path: Path) -> Judge:
    """Runs Gatekeeper, and tells how often the tests were started; the first run knows all of them."""
    count = tmp_path / "count"
    count.touch()

    def run(*arguments: str, **variables: str) -> tuple[Run, int]:
        before = len(count.read_text())
        done = repository.gatekeeper(*arguments, env={"GATEKEEPER_COUNT": str(count), **variables})
        return done, len(count.read_text()) - before

    files = {
        **FILES,
        "tests/conftest.py": COUNTING,
        "tests/test_later.py": SKIPPED,
        "notes.txt": "One.\n",
        "docs/conf.py": "LIMIT = 1\n",
    }
    repository.commit(files)
    text = (repository.path / "app/__init__.py").read_text()
    repository.stage({"app/__init__.py": text.replace("a + b", "b + a")})
    first, times = run()
    assert (first.exit, times) == (0, 1), first.stdout
    return run


def test_the_same_again_starts_nothing(judge: Judge, repository: GitRepository) -> None:
    run, times = judge()
    assert (run.exit, times) == (0, 0), run.stdout
    assert run.verdict("tests")["summary"].startswith("4 reused from ")
    assert run.verdict("tests")["reused"] == run.verdict("coverage")["reused"] == repository.git("write-tree").strip()
    assert run.verdict("coverage")["measured"] == 100
    repository.stage({"docs/new.md": "New.\n", "notes.txt": "Two.\n"})
    later, times = judge()
    assert (later.exit, times, later.verdict("coverage")["measured"]) == (0, 0, 100)
    repository.git("commit", "-qm", "all")
    repository.stage({"docs/new.md": "Newer.\n"})
    next_one, times = judge()
    assert (next_one.exit, times, next_one.status("coverage")) == (0, 0, "skipped")
    full, times = judge("--full")
    assert (full.exit, times) == (0, 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/test_new.py", "def test_new():\n    assert 0\n"),
        ("test_new.txt", ">>> 1\n2\n"),
        ("app/__init__.py", "def add(a, b):\n    return 0\n\n\ndef sub(a, b):\n    return a - b\n"),
    ],
)
def test_what_may_hold_a_test_starts_them(judge: Judge, repository: GitRepository, path: str, text: str) -> None:
    repository.stage({path: text})
    run, times = judge()
    assert (run.exit, times) == (1, 1), run.stdout


def test_a_file_in_which_pytest_looks_for_none_starts_nothing(judge: Judge, repository: GitRepository) -> None:
    repository.stage({"docs/conf.py": "LIMIT = 2\n\n\ndef test_limit():\n    assert 0\n"})
    run, times = judge()
    assert (run.exit, times) == (0, 0), run.stdout
    repository.stage({"pytest.ini": "[pytest]\naddopts = -p no:randomly\npython_files = *.py\n"})
    run, times = judge()
    assert (run.exit, times) == (1, 1), run.stdout
    repository.stage({"docs/conf.py": "LIMIT = 3\n"})
    run, times = judge()
    assert (run.exit, times) == (0, 1), run.stdout


def test_patterns_for_documents_start_them(judge: Judge, repository: GitRepository) -> None:
    repository.stage({"pytest.ini": "[pytest]\naddopts = -p no:randomly --doctest-glob=*.rst\n"})
    assert judge()[1] == 1
    repository.git("commit", "-qm", "documents")
    repository.stage({"docs/sums.rst": ">>> 1 + 1\n3\n"})
    run, times = judge()
    assert (run.exit, times) == (1, 1), run.stdout


def test_a_plugin_that_collects_other_files_starts_them(judge: Judge, repository: GitRepository) -> None:
    more = COUNTING + "\n\ndef pytest_collect_file(file_path, parent):\n    return None\n"
    repository.stage({"tests/conftest.py": more})
    assert judge()[1] == 1
    assert judge()[1] == 1


def test_another_environment_starts_them(judge: Judge, repository: GitRepository) -> None:
    assert judge(DEBUG_LEVEL="1")[1] == 1
    assert judge(DEBUG_LEVEL="1")[1] == 0


def test_what_is_installed_later_starts_them(tmp_path: Path) -> None:
    from gatekeeper.inside.record_places import places, stamps

    site = tmp_path / "site"
    site.mkdir()
    before = stamps([str(site), str(site / "gone")])
    assert before[str(site / "gone")] == ""
    (site / "more.pth").write_text("/nowhere\n")
    between = stamps([str(site), str(site / "gone")])
    assert between != before
    os.utime(site, ns=(1, 1))
    told = stamps([str(site)])
    (site / "more.pth").write_text("/somewhere\n")
    os.utime(site, ns=(1, 1))
    assert stamps([str(site)]) != told
    assert str(Path(sys.executable).resolve()) in places(str(tmp_path))


def test_tests_that_were_all_skipped_are_no_tests(repository: GitRepository) -> None:
    files = {
        **FILES,
        ".gatekeeper.yml": "gates:\n  review: off\n  docs: off\n  coverage: off\n  tests: {select: always}\n",
    }
    for name in ("tests/test_add.py", "tests/test_sub.py"):
        files[name] = SKIPPED
    repository.commit(files)
    repository.stage({"app/__init__.py": "LIMIT = 4\n"})
    assert repository.gatekeeper().status("tests") == "error"
    repository.stage({"notes.md": "More.\n"})
    again = repository.gatekeeper()
    assert again.status("tests") == "error", again.stdout


def test_a_larger_change_of_the_same_files_is_measured_anew(judge: Judge, repository: GitRepository) -> None:
    """What was read of a file of a run that left tests out is whole for the lines of that change only."""
    base = repository.git("rev-parse", "HEAD").strip()
    repository.git("commit", "-qm", "one")
    text = (repository.path / "app/__init__.py").read_text()
    repository.stage({"app/__init__.py": text.replace("a - b", "-b + a")})
    selected, _ = judge()
    assert "1 passed" in selected.verdict("tests")["summary"], selected.stdout
    repository.git("commit", "-qm", "two")
    whole, times = judge("--from", base, "--to", "HEAD")
    assert (whole.exit, whole.verdict("coverage")["measured"], times) == (0, 100, 1), whole.stdout


def test_what_was_judged_is_not_looked_at_again(repository: GitRepository) -> None:
    repository.commit({**FILES, ".gatekeeper.yml": "gates: {tests: off, coverage: off}\n"})
    text = (repository.path / "app/__init__.py").read_text()
    repository.stage({"app/__init__.py": text + "\n\ndef more(first, second=[]):\n    return eval(first), second\n"})
    committed = repository.gatekeeper()
    repository.git("commit", "-qm", "more")
    pushed, again, afresh = (repository.gatekeeper("--from", "HEAD~1", *option) for option in ((), (), ("--no-cache",)))
    looked = {"review.lint", "review.security", "docs.inspect"}
    # pylint is started by the push: its options are those of the base then, and may be others
    for run, started in ((committed, looked), (pushed, {"review.lint"}), (again, set()), (afresh, looked)):
        assert run.exit == 1, run.stdout
        assert {job["id"] for job in run.report["plan"]["jobs"] if job["seconds"]} == started
        assert run.rules("review") == committed.rules("review") >= {"eval-used", "S307"}
        assert run.rules("docs") == committed.rules("docs") == {"D1"}
    assert pushed.verdict("review")["reused"] == again.verdict("review")["reused"]
    assert again.verdict("review")["reused"] == repository.git("rev-parse", "HEAD^{tree}").strip()
    repository.stage({"app/more.py": "import nothing_at_all\n"})
    assert repository.gatekeeper().verdict("review")["reused"] is None


def test_the_base_is_laid_out_for_those_who_look_at_it(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({**FILES, ".gatekeeper.yml": "gates: {tests: off, coverage: off}\n"})
    cache = {"GATEKEEPER_CACHE": str(tmp_path / "cache")}
    for files, looked in (
        ({"notes.md": "More.\n"}, False),
        ({"README.md": "```python\nimport app.nothing\n```\n"}, True),
        ({"app/__init__.py": "LIMIT = 4\n"}, True),
    ):
        repository.stage(files)
        run = repository.gatekeeper(env=cache)
        assert run.exit == (1 if "README.md" in files else 0), run.stdout
        laid_out = list((tmp_path / "cache").glob("*/slot-*/base/tree/app"))
        assert bool(laid_out) is looked, files
        repository.git("commit", "-qm", "next")


def test_another_part_of_a_shared_file_at_the_base_is_no_other_setting(
    repository: GitRepository, tmp_path: Path
) -> None:
    """In a range pytest goes by the settings of the base; what other tools have in the same file is not among them."""
    count = tmp_path / "count"
    project = "[project]\nname = 'app'\nversion = '{}'\n\n[tool.coverage.run]\nbranch = {}\n"
    commits = [
        repository.commit({**FILES, "tests/conftest.py": COUNTING, "pyproject.toml": project.format(1, "false")})
    ]
    for files in (
        {"pyproject.toml": project.format(2, "false")},
        {"notes.md": "One.\n"},
        {"pyproject.toml": project.format(2, "true")},
        {"notes.md": "Two.\n"},
    ):
        commits.append(repository.commit(files))
    started = []
    for base, head in pairwise(commits):
        count.write_text("")
        run = repository.gatekeeper("--from", base, "--to", head, env={"GATEKEEPER_COUNT": str(count)})
        assert run.exit == 0, run.stdout
        started.append(len(count.read_text()))
    assert started == [1, 0, 1, 1]

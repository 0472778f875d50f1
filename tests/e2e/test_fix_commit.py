"""Fixers over a commit: a new commit on top, by the policy of the base, and nothing of the user's is touched."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gatekeeper.fix_commit_wiring import CommitFixers, FixedCommit
from tests.repository import GitRepository

UPPER = "import sys,pathlib;[(p:=pathlib.Path(n)).write_text(p.read_text().upper()) for n in sys.argv[1:]]"
CONFIG = f"""\
gates: {{}}
fix:
  loud: {{run: "python -c '{UPPER}' {{files}}", paths: ["*.txt"]}}
"""


def test_what_the_change_touches_is_corrected_in_a_commit_on_top(repository: GitRepository) -> None:
    base = repository.commit({".gatekeeper.yml": CONFIG, "a.txt": "one\n", "b.txt": "untouched\n"})
    head = repository.commit({"a.txt": "two\n", "c d.txt": "new\n"})
    repository.write("a.txt", "an edit that nobody committed\n")
    before = repository.state()
    made = CommitFixers().fix(repository.edge, base, head, "Run: 42")
    assert made.by_file == (("a.txt", ("loud",)), ("c d.txt", ("loud",)))
    assert made.words == "loud corrected 2 files"
    assert repository.git("show", f"{made.commit}:a.txt") == "TWO"
    assert repository.git("show", f"{made.commit}:b.txt") == "untouched"
    assert repository.git("log", "-1", "--format=%P", made.commit) == head
    assert repository.git("log", "-1", "--format=%(trailers:key=Run,valueonly)", made.commit).strip() == "42"
    assert repository.state() == before
    assert CommitFixers().fix(repository.edge, base, made.commit) == FixedCommit(made.commit)


def test_the_change_does_not_choose_its_fixers(repository: GitRepository) -> None:
    base = repository.commit({".gatekeeper.yml": "gates: {}\n", "a.txt": "one\n"})
    head = repository.commit({".gatekeeper.yml": CONFIG, "a.txt": "two\n"})
    made = CommitFixers().fix(repository.edge, base, head)
    assert repository.git("show", f"{made.commit}:a.txt") == "two"


@pytest.mark.parametrize("run", ["false {files}", "/no/such/program {files}", "sh -c 'echo x > other; exit 0' {files}"])
def test_a_fixer_that_fails_or_strays_changes_nothing(repository: GitRepository, run: str) -> None:
    config = f'gates: {{}}\nfix:\n  bad: {{run: "{run}", paths: ["*.txt"]}}\n'
    base = repository.commit({".gatekeeper.yml": config, "a.txt": "one\n"})
    head = repository.commit({"a.txt": "two\n"})
    made = CommitFixers().fix(repository.edge, base, head)
    assert made.commit == head
    assert made.words.startswith("bad: ")


def test_stopping_ends_a_fixer(repository: GitRepository, tmp_path: Path) -> None:
    started = tmp_path / "started"
    config = f'gates: {{}}\nfix:\n  slow: {{run: "sh -c \'touch {started}; sleep 600\' {{files}}", paths: ["*.txt"]}}\n'
    base = repository.commit({".gatekeeper.yml": config, "a.txt": "one\n"})
    head = repository.commit({"a.txt": "two\n"})
    fixers, made = CommitFixers(), list[FixedCommit]()
    thread = threading.Thread(target=lambda: made.append(fixers.fix(repository.edge, base, head)))
    thread.start()
    while not started.exists() and thread.is_alive():
        thread.join(0.05)
    fixers.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert made[0].commit == head
    assert fixers.fix(repository.edge, base, head).commit == head

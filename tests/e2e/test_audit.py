"""What runs leave behind, what skipping a gate takes, and what an audit says of real commits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from gatekeeper.edges.history import past_runs
from gatekeeper.edges.places import repository_folder
from gatekeeper.schemas import read_schema
from tests.repository import GitRepository

OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
CONFIG = f"gates:\n{OFF}  look: {{run: 'true'}}\n  see: {{run: 'grep -q good a.txt'}}\n"
PERSON = {"CI": ""}  # these tests may themselves run in CI
SKIP = {**PERSON, "GATEKEEPER_SKIP": "see", "GATEKEEPER_SKIP_REASON": "the network\nis down"}
HOOK = f'#!/bin/sh\nexec {sys.executable} -m gatekeeper run --staged --quiet "$@"\n'


@pytest.fixture
def repository(repository: GitRepository) -> GitRepository:
    repository.commit({".gatekeeper.yml": CONFIG, "a.txt": "good\n"})
    return repository


def notes(repository: GitRepository) -> list[dict[str, object]]:
    """The lines of all notes, each with the tree on which it hangs."""
    listed = repository.git("notes", "--ref=gatekeeper", "list").split()
    return [
        {"tree": tree, **json.loads(line)}
        for tree in listed[1::2]
        for line in repository.git("notes", "--ref=gatekeeper", "show", tree).splitlines()
    ]


def audit(repository: GitRepository, span: str, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "audit", span, *arguments],
        cwd=repository.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_a_run_leaves_a_note_on_the_tree_and_a_row_and_nothing_else(repository: GitRepository) -> None:
    repository.stage({"a.txt": "good 2\n"})
    repository.write("a.txt", "good 3\n")
    before = repository.state()
    assert repository.gatekeeper().exit == 0
    assert repository.gatekeeper().exit == 0
    assert repository.state() == before
    (note,) = notes(repository)  # the second run had nothing new to say
    assert note["tree"] == repository.git("write-tree")
    assert note["base_tree"] == repository.git("rev-parse", "HEAD^{tree}")
    assert (note["exit"], note["gates"]) == (0, {"look": "passed", "see": "passed"})
    rows = past_runs(repository_folder(repository.edge.common_dir))
    assert [(row.exit, row.branch, row.first, row.kind) for row in rows] == [
        (0, "main", False, "staged"),
        (0, "main", True, "staged"),
    ]


def test_what_did_not_judge_a_whole_commit_leaves_no_note(repository: GitRepository) -> None:
    repository.stage({"a.txt": "good 2\n"})
    assert repository.gatekeeper("--gate", "look").exit == 0
    assert repository.gatekeeper("--worktree").exit == 0
    assert repository.gatekeeper("--all").exit == 0
    repository.stage({".gatekeeper.yml": f"record: false\n{CONFIG}"})
    assert repository.gatekeeper().exit == 0
    assert repository.git("for-each-ref", "refs/notes") == ""
    assert len(past_runs(repository_folder(repository.edge.common_dir))) == 4


def test_a_note_that_cannot_be_written_is_told_and_fails_nothing(repository: GitRepository) -> None:
    lock = repository.path / ".git" / "refs" / "notes" / "gatekeeper.lock"
    lock.parent.mkdir(parents=True)
    lock.write_bytes(b"")
    repository.stage({"a.txt": "good 2\n"})
    run = repository.gatekeeper()
    assert run.exit == 0
    assert any("could not be recorded as a Git note" in note for note in run.report["notes"])


def test_a_skipped_gate_is_not_run_and_shown_with_its_reason(repository: GitRepository) -> None:
    repository.stage({"a.txt": "bad\n"})
    assert repository.gatekeeper(env=PERSON).exit == 1
    run = repository.gatekeeper(env=SKIP)
    assert (run.exit, run.status("look"), run.status("see")) == (0, "passed", "skipped")
    assert run.verdict("see")["waived"] == "the network is down"
    assert [job["gate"] for job in run.report["plan"]["jobs"]] == ["look"]
    assert "Passed without see: the network is down." in run.stdout
    assert "the network is down" in repository.gatekeeper("--quiet", env=SKIP).stdout
    markdown = repository.path.parent / "report.md"
    repository.gatekeeper("--format", "markdown", "--quiet", "--output", str(markdown), env=SKIP)
    assert markdown.read_text().count("the network is down") == 2
    assert [note["skipped"] for note in notes(repository)] == [{}, {"see": "the network is down"}]


def test_a_gate_that_another_one_reads_still_does_its_jobs(repository: GitRepository) -> None:
    repository.stage({
        ".gatekeeper.yml": "gates: {review: off, docs: off}\n",
        "shop.py": "def one():\n    return 1\n",
        "tests/test_shop.py": "import shop\n\n\ndef test_one():\n    assert shop.one() == 1\n",
    })  # fmt: skip
    run = repository.gatekeeper(env={**SKIP, "GATEKEEPER_SKIP": "tests"})
    assert (run.status("tests"), run.status("coverage")) == ("skipped", "passed"), run.report["verdicts"]
    run = repository.gatekeeper(env={**SKIP, "GATEKEEPER_SKIP": "tests, coverage"})
    assert (run.exit, run.report["plan"]["jobs"]) == (0, [])


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"GATEKEEPER_SKIP": "see"}, 'GATEKEEPER_SKIP=docs,review GATEKEEPER_SKIP_REASON="why"'),
        ({"GATEKEEPER_SKIP": "see", "GATEKEEPER_SKIP_REASON": " "}, "no reason"),
        ({"GATEKEEPER_SKIP": "see", "GATEKEEPER_SKIP_REASON": "\u200b."}, "no reason"),
        ({"GATEKEEPER_SKIP": "sea", "GATEKEEPER_SKIP_REASON": "x"}, "coverage, docs, look, review, see, tests"),
        ({**SKIP, "CI": "true"}, "allow_skip: true"),
        ({**SKIP, "GIT_QUARANTINE_PATH": "/x"}, "allow_skip: true"),
    ],
)
def test_a_wish_that_is_not_granted_is_refused(
    repository: GitRepository, environment: dict[str, str], said: str
) -> None:
    repository.stage({"a.txt": "bad\n"})
    run = repository.gatekeeper(env={**PERSON, **environment})
    assert (run.exit, run.report) == (2, {})
    assert said in run.stderr
    assert repository.git("for-each-ref", "refs/notes") == ""


def test_in_ci_the_base_says_whether_gates_may_be_skipped(repository: GitRepository) -> None:
    base = repository.git("rev-parse", "HEAD")
    repository.commit({".gatekeeper.yml": f"allow_skip: true\n{CONFIG}", "a.txt": "bad\n"})
    in_ci = {**SKIP, "CI": "true"}
    assert repository.gatekeeper("--from", base, env=in_ci).exit == 2  # the change itself allows it: that is not enough
    allowed = repository.git("rev-parse", "HEAD")
    repository.commit({"a.txt": "worse\n"})
    assert repository.gatekeeper("--from", allowed, env=in_ci).exit == 0
    repository.stage({".gatekeeper.yml": f"allow_skip: false\n{CONFIG}"})
    assert repository.gatekeeper("--staged", env=SKIP).exit == 2


def test_an_audit_names_what_no_gate_has_seen(repository: GitRepository) -> None:
    hook = repository.write(".git/hooks/pre-commit", HOOK)
    hook.chmod(0o755)
    base = repository.git("rev-parse", "HEAD")
    repository.commit({"a.txt": "good 1\n"}, "gated")
    repository.commit({"a.txt": "good 2\n"}, "to be amended")
    repository.git("commit", "--quiet", "--amend", "-m", "amended")
    repository.stage({"a.txt": "good 3\n"})
    repository.git("commit", "--quiet", "-m", "skipped", env=SKIP)
    repository.stage({"a.txt": "bad\n"})
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("commit", "-m", "blocked")
    repository.git("commit", "--quiet", "--no-verify", "-m", "failed")
    repository.stage({"a.txt": "worse\n"})
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("commit", "-m", "blocked")
    repository.stage({"a.txt": "worst\n"})
    repository.git("commit", "--quiet", "--no-verify", "-m", "changed | <b>\x1b[31m")
    repository.stage({"a.txt": "good 4\n"})
    repository.git("commit", "--quiet", "--no-verify", "-m", "never")
    code, text, error = audit(repository, f"{base}..")
    assert (code, error) == (1, "")
    words = [line.split()[1] for line in text.splitlines() if line.startswith(("  ✓", "  ✗"))]
    assert words == ["gated", "gated", "skipped", "failed", "changed", "never"]
    assert "see was skipped: the network is down" in text
    assert "\x1b" not in text
    summed_up = "Gate coverage 2 of 6 commits (33 %): 2 gated, 1 skipped, 1 failed, 1 changed, 1 never."
    assert " ".join(text.split()).endswith(summed_up)
    assert "<b>" not in audit(repository, f"{base}..", "--format", "markdown")[1]
    repository.gatekeeper("--from", base, env=PERSON)
    code, text, _ = audit(repository, f"{base}..HEAD", "--format", "json")
    document = json.loads(text)
    assert jsonschema_rs.validator_for(read_schema("audit")).is_valid(document)
    assert (code, document["covered"], document["counts"]["covered"]) == (0, 6, 4)


def test_an_audit_without_a_record_says_where_one_may_be(repository: GitRepository) -> None:
    repository.commit({"a.txt": "good 1\n"})
    code, text, error = audit(repository, "HEAD~..HEAD")
    assert (code, "0 of 1 commit (0 %)" in text) == (1, True)
    assert "git fetch origin refs/notes/gatekeeper:refs/notes/gatekeeper" in error
    assert audit(repository, "HEAD..HEAD") == (0, "There is no commit in the range.\n", "")


def test_an_audit_that_cannot_look_says_so(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.git("rev-parse", "HEAD")
    for number in range(3):
        repository.commit({"a.txt": f"good {number}\n"})
    assert audit(repository, "nowhere..HEAD")[0] == 3
    for wrong in ("HEAD", "..HEAD", "a...b"):
        assert audit(repository, wrong)[0] == 2
    repository.git("clone", "--quiet", "--depth=2", repository.path.as_uri(), str(tmp_path / "shallow"))
    shallow = GitRepository(tmp_path / "shallow")
    code, _, error = audit(shallow, f"{base}..HEAD")
    assert (code, "unshallow" in error) == (3, True)
    shallow.git("checkout", "--quiet", "--orphan", "other")
    shallow.git("commit", "--quiet", "-m", "apart")
    code, _, error = audit(shallow, "other..main")  # the history of main ends where the clone was cut
    assert (code, "is not here" in error, "unshallow" in error) == (3, True, True)

"""Real commits, merges and pushes with Gatekeeper in Git's hooks: what each hook judges, and what it leaves alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_run import OFF, processes_with
from tests.repository import GitRepository

LOOK = f"gates:\n{OFF}  look: {{run: \"sh -c '! grep -rn BAD src'\"}}\n"
TESTS = "gates:\n  review: off\n  coverage: off\n  docs: off\n"
JUDGED = re.compile(r"Gatekeeper judges (.*)")


def hook(place: Path, name: str) -> None:
    """Write a hook by hand."""
    place.mkdir(parents=True, exist_ok=True)
    script = place / name
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m gatekeeper hook {name} \"$@\"\n")
    script.chmod(0o755)


def git(repository: GitRepository, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run Git and tell its exit code and all that was printed."""
    done = subprocess.run(
        ["git", *arguments], cwd=repository.path, env={**os.environ, **(env or {})}, capture_output=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def judged(output: str) -> list[str]:
    """The titles of the runs that an output tells of."""
    return JUDGED.findall(output)


def kept(repository: GitRepository) -> dict[str, object]:
    """What a commit that is refused must leave as it was; Git itself notes trees in the index before it asks a hook."""
    return {**repository.state(), "index": repository.git("ls-files", "--stage", "--debug")}


@pytest.fixture
def project(repository: GitRepository) -> GitRepository:
    """A repository whose commits must not hold BAD in `src`, with no hook as yet."""
    repository.commit({".gatekeeper.yml": LOOK, "src/a.txt": "good\n", "src/b.txt": "good\n"}, "first")
    return repository


@pytest.fixture
def remote(project: GitRepository, tmp_path: Path) -> GitRepository:
    """The project pushed to a bare `origin`, and judged at every push from now on."""
    bare = GitRepository.create(tmp_path / "remote.git", "--bare")
    project.git("remote", "add", "origin", str(bare.path))
    project.git("push", "--quiet", "--set-upstream", "origin", "main")
    hook(project.path / ".git" / "hooks", "pre-push")
    return bare


@pytest.fixture
def guarded(project: GitRepository) -> GitRepository:
    """The project with the hooks of committing and merging."""
    for name in ("pre-commit", "pre-merge-commit"):
        hook(project.path / ".git" / "hooks", name)
    return project


# --- pre-commit


def test_a_bad_commit_is_blocked_and_says_how_to_see_it_again(guarded: GitRepository) -> None:
    guarded.stage({"src/a.txt": "BAD\n"})
    before = kept(guarded)
    code, output = git(guarded, "commit", "--message", "bad")
    assert code == 1
    assert "gatekeeper run --staged" in output
    assert "--no-verify" not in output
    assert kept(guarded) == before
    guarded.write("src/a.txt", "good again\n")  # the index is what counts
    assert git(guarded, "commit", "--message", "bad")[0] == 1
    guarded.git("add", "src/a.txt")
    guarded.write("src/a.txt", "BAD\n")
    code, output = git(guarded, "commit", "--message", "good")
    assert code == 0, output
    assert judged(output) == ["what is staged, against HEAD"]


def test_commit_all_and_commit_by_path_judge_what_they_commit(guarded: GitRepository) -> None:
    guarded.write("src/a.txt", "BAD\n")
    code, output = git(guarded, "commit", "--all", "--message", "all")
    assert code == 1
    assert "`git add` the same files, then gatekeeper run --staged" in output
    guarded.stage({"src/a.txt": "BAD\n"})
    guarded.write("src/b.txt", "better\n")
    assert git(guarded, "commit", "--message", "b alone", "--", "src/b.txt")[0] == 0
    assert git(guarded, "commit", "--message", "a alone", "--", "src/a.txt")[0] == 1
    assert git(guarded, "commit", "--include", "--message", "both", "--", "src/b.txt")[0] == 1


def test_amend_judges_what_it_adds(guarded: GitRepository) -> None:
    assert git(guarded, "commit", "--amend", "--message", "other words")[0] == 0
    guarded.stage({"src/a.txt": "BAD\n"})
    assert git(guarded, "commit", "--amend", "--no-edit")[0] == 1


def test_the_initial_commit_is_judged_by_its_own_policy(repository: GitRepository) -> None:
    hook(repository.path / ".git" / "hooks", "pre-commit")
    repository.stage({".gatekeeper.yml": LOOK, "src/a.txt": "BAD\n"})
    code, output = git(repository, "commit", "--message", "first")
    assert code == 1
    assert judged(output) == ["what is staged, against nothing (the first commit)"]
    repository.stage({"src/a.txt": "good\n"})
    assert git(repository, "commit", "--message", "first")[0] == 0


def test_a_commit_without_a_change_passes_at_once(guarded: GitRepository) -> None:
    guarded.write("src/a.txt", "BAD\n")
    code, output = git(guarded, "commit", "--allow-empty", "--message", "nothing")
    assert code == 0
    assert judged(output) == []
    assert "nothing is staged" in output


def test_a_linked_worktree_judges_its_own_index(guarded: GitRepository, tmp_path: Path) -> None:
    guarded.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = GitRepository(tmp_path / "side")
    guarded.stage({"src/a.txt": "BAD\n"})
    side.stage({"src/b.txt": "better\n"})
    code, output = git(side, "commit", "--message", "good")
    assert code == 0, output
    side.stage({"src/b.txt": "BAD\n"})
    assert git(side, "commit", "--message", "bad")[0] == 1
    assert git(side, "-C", "src", "commit", "--all", "--message", "bad")[0] == 1


@pytest.mark.parametrize("needed", ["untracked", "unstaged"])
def test_what_only_the_working_tree_has_does_not_count(repository: GitRepository, needed: str) -> None:
    test = "from one import one\n\n\ndef test_one():\n    assert one() == 1\n"
    files = {"pyproject.toml": "[project]\nname = 'p'\nversion = '1'\n", "one.py": "def one():\n    return 1\n"}
    repository.commit({".gatekeeper.yml": TESTS, "test_one.py": test, "two.py": "TWO = 2\n", **files})
    hook(repository.path / ".git" / "hooks", "pre-commit")
    repository.stage({"one.py": "from two import one\n" if needed == "unstaged" else "from three import one\n"})
    repository.write("two.py" if needed == "unstaged" else "three.py", "def one():\n    return 1\n")
    assert git(repository, "commit", "--message", "needs more")[0] != 0
    repository.git("add", "--all")
    code, output = git(repository, "commit", "--message", "has more")
    assert code == 0, output


@pytest.mark.parametrize("linked", [False, True], ids=["main worktree", "linked worktree"])
def test_a_test_that_calls_git_leaves_the_real_repository_alone(
    repository: GitRepository, tmp_path: Path, linked: bool
) -> None:
    words = [["init", "-q"], ["config", "leak.test", "yes"], ["add", "."], ["commit", "-qm", "leak"]]
    test = "import subprocess\n\n\ndef test_git(tmp_path):\n    (tmp_path / 'x').write_text('x')\n"
    test += f"    for words in {words}:\n        subprocess.run(['git', *words], cwd=tmp_path, check=True)\n"
    who = "[user]\n\tname = T\n\temail = t@example.invalid\n"
    (Path(os.environ["HOME"]) / ".gitconfig").write_text(who)
    repository.commit({".gatekeeper.yml": TESTS, "one.py": "ONE = 1\n", "test_git.py": test})
    hook(repository.path / ".git" / "hooks", "pre-commit")
    place = repository
    if linked:
        repository.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
        place = GitRepository(tmp_path / "side")
    place.stage({"one.py": "ONE = 1 + 0\n"})
    config = (repository.path / ".git" / "config").read_bytes()
    code, output = git(place, "commit", "--message", "with a hook")
    assert code == 0, output
    assert "test_git" not in output or "failed" not in output
    assert (repository.path / ".git" / "config").read_bytes() == config
    assert place.git("log", "-1", "--format=%s") == "with a hook"
    assert place.git("status", "--porcelain") == ""


def test_an_interrupted_commit_leaves_nothing(guarded: GitRepository) -> None:
    word = f"62.{os.getpid()}"
    guarded.stage({".gatekeeper.yml": f"gates:\n{OFF}  slow: {{run: sleep {word}}}\n"})
    before = kept(guarded)
    process = subprocess.Popen(
        ["git", "commit", "--message", "slow"],
        cwd=guarded.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not processes_with(word) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)  # ends when the last process that holds the pipe has
    assert process.returncode != 0
    assert processes_with(word) == [], output
    assert kept(guarded) == before
    assert not list((guarded.path / ".git").glob("*.lock"))


# --- merges


def diverged(repository: GitRepository, theirs: dict[str, str], ours: dict[str, str]) -> None:
    """Put one commit on the branch topic and another one on main, past every hook."""
    repository.git("switch", "--quiet", "--create", "topic")
    repository.stage(dict(theirs))
    repository.git("commit", "--quiet", "--no-verify", "--message", "theirs")
    repository.git("switch", "--quiet", "main")
    repository.stage(dict(ours))
    repository.git("commit", "--quiet", "--no-verify", "--message", "ours")


def test_a_merge_is_judged_by_its_result(guarded: GitRepository) -> None:
    diverged(guarded, {"src/new.txt": "BAD\n"}, {"src/b.txt": "better\n"})
    head = guarded.git("rev-parse", "HEAD")
    code, output = git(guarded, "merge", "--no-edit", "topic")
    assert code != 0
    (title,) = judged(output)
    assert title.startswith("the merge of ")
    assert guarded.git("rev-parse", "HEAD") == head
    assert (guarded.path / ".git" / "MERGE_HEAD").exists()
    assert git(guarded, "commit", "--no-edit")[0] == 1  # concluding it by hand is judged as well
    guarded.stage({"src/new.txt": "good\n"})
    code, output = git(guarded, "commit", "--no-edit")
    assert code == 0, output
    assert judged(output) == [title]


def test_a_merge_is_judged_by_the_policy_of_its_first_parent(guarded: GitRepository) -> None:
    diverged(guarded, {".gatekeeper.yml": f"gates:\n{OFF}", "src/new.txt": "BAD\n"}, {"src/b.txt": "better\n"})
    assert git(guarded, "merge", "--no-edit", "topic")[0] != 0


def test_a_merge_with_conflicts_is_judged_when_it_is_committed(guarded: GitRepository) -> None:
    diverged(guarded, {"src/a.txt": "theirs\n"}, {"src/a.txt": "ours\n"})
    code, output = git(guarded, "merge", "--no-edit", "topic")
    assert (code, judged(output)) == (1, [])
    guarded.stage({"src/a.txt": "BAD\n"})
    code, output = git(guarded, "commit", "--no-edit")
    assert code == 1
    assert judged(output)[0].startswith("the merge of ")
    guarded.stage({"src/a.txt": "both\n"})
    assert git(guarded, "commit", "--no-edit")[0] == 0
    assert len(guarded.git("log", "-1", "--format=%P").split()) == 2


# --- commit-msg

BREAKING = {
    ".gatekeeper.yml": "gates:\n  review: off\n  coverage: off\n  tests: off\n",
    "one.py": '"""One."""\n\n\ndef one() -> int:\n    """Tell one."""\n    return 1\n',
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n",
}


def test_the_message_of_a_commit_excuses_what_it_names(repository: GitRepository) -> None:
    repository.commit(dict(BREAKING))
    hook(repository.path / ".git" / "hooks", "commit-msg")
    repository.stage({"one.py": '"""One."""\n'})
    assert git(repository, "commit", "--message", "Remove one")[0] == 1
    commented = "Remove one\n# Changelog: none (in a comment)\n"
    assert git(repository, "commit", "--cleanup=strip", "--message", commented)[0] == 1
    editor = f'sh -c \'printf "Remove one\\n" >"$1"; printf "# {"-" * 24} >8 {"-" * 24}\\nChangelog: none (no)\\n" >>"$1"\' -'
    assert git(repository, "commit", "--cleanup=scissors", env={"GIT_EDITOR": editor})[0] == 1
    code, output = git(repository, "commit", "--message", "Remove one\n\nChangelog: none (nobody used it)")
    assert code == 0, output


def test_commit_msg_beside_pre_commit_does_not_judge_twice(guarded: GitRepository) -> None:
    hook(guarded.path / ".git" / "hooks", "commit-msg")
    guarded.stage({"src/a.txt": "better\n"})
    code, output = git(guarded, "commit", "--message", "good")
    assert code == 0, output
    assert len(judged(output)) == 1
    diverged(guarded, {"src/new.txt": "new\n"}, {"src/b.txt": "better\n"})
    code, output = git(guarded, "merge", "--no-edit", "topic")
    assert code == 0, output
    assert len(judged(output)) == 1
    (guarded.path / ".git" / "hooks" / "pre-commit").unlink()
    guarded.git("reset", "--quiet", "--soft", "HEAD~1")  # the same trees, yet another command
    code, output = git(guarded, "commit", "--message", "again")
    assert (code, len(judged(output))) == (0, 1)


def test_where_modes_may_go_by_the_message_commit_msg_judges_again(guarded: GitRepository) -> None:
    hook(guarded.path / ".git" / "hooks", "commit-msg")
    guarded.stage({".gatekeeper/modes/README.md": "Modes\n", "src/a.txt": "better\n"})
    code, output = git(guarded, "commit", "--message", "good")
    assert (code, len(judged(output))) == (0, 2), output


# --- pre-push


def commit(repository: GitRepository, branch: str, text: str) -> str:
    """A commit on top of a branch, which is made when it is missing; the branch stays checked out."""
    exists = git(repository, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")[0] == 0
    repository.git("switch", "--quiet", *([] if exists else ["--create"]), branch)
    return repository.commit({f"src/{branch}.txt": text})


def push(repository: GitRepository, *arguments: str) -> tuple[int, str]:
    """Push to origin."""
    return git(repository, "push", "origin", *arguments)


def test_a_bad_branch_is_blocked_while_another_one_is_checked_out(
    project: GitRepository, remote: GitRepository
) -> None:
    commit(project, "bad", "BAD\n")
    project.git("switch", "--quiet", "main")
    code, output = push(project, "bad")
    assert code != 0
    assert "nothing was pushed" in output
    assert re.search(r"gatekeeper run --from [0-9a-f]{12} --to [0-9a-f]{12}", output)
    assert remote.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.parametrize(
    ("order", "checked_out"), [(("good", "bad"), "bad"), (("good", "bad"), "main"), (("bad", "good"), "good")]
)
def test_every_reference_is_judged(
    project: GitRepository, remote: GitRepository, order: tuple[str, str], checked_out: str
) -> None:
    commit(project, "good", "good\n")
    project.git("switch", "--quiet", "main")
    commit(project, "bad", "BAD\n")
    project.git("switch", "--quiet", checked_out)
    code, output = push(project, *order)
    assert code != 0
    assert len(judged(output)) == 2
    assert [f"gatekeeper: {name}" in output.splitlines() for name in order] == [True, True]
    assert remote.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.parametrize("staged", [True, False], ids=["fix staged", "fix unstaged"])
def test_a_fix_that_is_not_committed_does_not_count(
    project: GitRepository, remote: GitRepository, staged: bool
) -> None:
    commit(project, "main", "BAD\n")
    project.write("src/main.txt", "good\n")
    if staged:
        project.git("add", "src/main.txt")
    assert push(project, "main")[0] != 0
    project.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    code, output = push(project, "main")
    assert code == 0, output


def test_damage_that_is_not_committed_does_not_count_either(project: GitRepository, remote: GitRepository) -> None:
    commit(project, "main", "good\n")
    project.stage({"src/main.txt": "BAD\n"})
    project.write("src/other.txt", "BAD\n")
    before = project.state()
    code, output = push(project, "main:topic")
    assert code == 0, output
    after = project.state()
    assert (after["files"], after["index"]) == (before["files"], before["index"])


@pytest.mark.parametrize("options", [[], ["--annotate", "--message", "one"]], ids=["light", "annotated"])
def test_a_tag_on_a_bad_commit_is_blocked(project: GitRepository, remote: GitRepository, options: list[str]) -> None:
    commit(project, "bad", "BAD\n")
    project.git("tag", *options, "v1")
    project.git("switch", "--quiet", "main")
    code, output = push(project, "v1")
    assert code != 0
    assert "gatekeeper: tag v1" in output


@pytest.mark.parametrize("how", ["committed", "staged", "unstaged"])
def test_a_weaker_configuration_does_not_judge_its_own_push(
    project: GitRepository, remote: GitRepository, how: str
) -> None:
    commit(project, "main", "BAD\n")
    project.write(".gatekeeper.yml", f"gates:\n{OFF}")
    if how != "unstaged":
        project.git("add", ".gatekeeper.yml")
    if how == "committed":
        project.git("commit", "--quiet", "--message", "weaker")
    assert push(project, "main")[0] != 0


def test_deletions_alone_are_not_judged(project: GitRepository, remote: GitRepository) -> None:
    commit(project, "gone", "good\n")
    assert push(project, "gone")[0] == 0
    code, output = push(project, "--delete", "gone")
    assert (code, judged(output)) == (0, [])
    commit(project, "gone", "good still\n")
    assert push(project, "gone")[0] == 0
    commit(project, "bad", "BAD\n")
    code, output = push(project, ":gone", "bad")
    assert (code != 0, len(judged(output))) == (True, 1)


def test_the_same_range_is_judged_once(project: GitRepository, remote: GitRepository) -> None:
    commit(project, "main", "good\n")
    project.git("tag", "--annotate", "--message", "one", "v1")
    code, output = push(project, "main", "v1", "main:copy")
    assert code == 0, output
    assert len(judged(output)) == 1
    heading = next(line for line in output.splitlines() if line.startswith("gatekeeper: "))
    assert sorted(heading.removeprefix("gatekeeper: ").split(", ")) == ["copy", "main", "tag v1"]
    code, output = push(project, "main:another")
    assert (code, judged(output)) == (0, [])
    assert "nothing to judge" in output


def test_a_forced_push_is_judged(project: GitRepository, remote: GitRepository, tmp_path: Path) -> None:
    commit(project, "topic", "good\n")
    assert push(project, "topic")[0] == 0
    project.stage({"src/topic.txt": "BAD\n"})
    project.git("commit", "--quiet", "--amend", "--no-edit")
    assert push(project, "--force", "topic")[0] != 0
    subprocess.run(["git", "clone", "-q", "-b", "topic", str(remote.path), str(tmp_path / "other")], check=True)
    GitRepository(tmp_path / "other").commit({"src/other.txt": "from elsewhere\n"})
    GitRepository(tmp_path / "other").git("push", "--quiet", "origin", "topic")
    project.stage({"src/topic.txt": "fine\n"})
    project.git("commit", "--quiet", "--amend", "--no-edit")
    code, output = push(project, "--force", "topic")
    assert code == 0, output
    assert "which is not here" in output


def test_an_orphan_is_judged_from_its_root(project: GitRepository, remote: GitRepository) -> None:
    project.git("switch", "--quiet", "--orphan", "alone")
    project.stage({".gatekeeper.yml": LOOK, "src/a.txt": "BAD\n"})
    project.git("commit", "--quiet", "--message", "root")
    project.git("branch", "bad")
    project.git("switch", "--quiet", "main")
    code, output = push(project, "bad")
    assert code == 1, output
    assert "origin has nothing of its history" in judged(output)[0]
    assert "`git push` with --dry-run" in output
    assert judged(push(project, "--dry-run", "bad")[1]) == judged(output)


def test_records_can_be_pushed(project: GitRepository, remote: GitRepository) -> None:
    project.git("notes", "--ref", "gatekeeper", "add", "--message", "{}", "HEAD^{tree}")
    code, output = push(project, "refs/notes/gatekeeper")
    assert (code, judged(output)) == (0, [])
    assert push(project, "refs/notes/gatekeeper:refs/notes/else")[0] != 0


def test_a_repository_with_longer_ids_is_judged(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "long", "--object-format=sha256")
    GitRepository.create(tmp_path / "remote.git", "--bare", "--object-format=sha256")
    repository.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    hook(repository.path / ".git" / "hooks", "pre-push")
    repository.commit({".gatekeeper.yml": LOOK, "src/a.txt": "good\n"})
    code, output = push(repository, "main")
    assert code == 0, output
    repository.commit({"src/a.txt": "BAD\n"})
    assert push(repository, "main")[0] == 1


def test_an_error_outranks_a_failure(project: GitRepository, remote: GitRepository) -> None:
    commit(project, "bad", "BAD\n")
    blob = project.git("rev-parse", "HEAD:src/a.txt")
    lines = f"refs/heads/bad {project.git('rev-parse', 'bad')} refs/heads/bad {'0' * 40}\n"
    for text, wanted in ((lines, 1), (f"x {blob} refs/tags/x {'0' * 40}\n{lines}", 3), ("what?\n", 3), ("", 0)):
        done = subprocess.run(
            [sys.executable, "-m", "gatekeeper", "hook", "pre-push", "origin", "-odd"],
            cwd=project.path,
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == wanted, done


# --- pre-receive


@pytest.fixture
def server(project: GitRepository, tmp_path: Path) -> GitRepository:
    """A bare repository that judges what it receives, with the project in it."""
    bare = GitRepository.create(tmp_path / "server.git", "--bare")
    project.git("remote", "add", "origin", str(bare.path))
    project.git("push", "--quiet", "--set-upstream", "origin", "main")
    hook(bare.path / "hooks", "pre-receive")
    return bare


def test_a_server_gates_its_protected_branch(project: GitRepository, server: GitRepository) -> None:
    old = project.git("rev-parse", "main")
    commit(project, "main", "BAD\n")
    assert push(project, "main:topic")[0] == 0
    code, output = push(project, "main")
    assert code != 0
    assert "nothing was accepted" in output
    assert server.git("rev-parse", "main") == old
    new = commit(project, "main", "good\n")
    code, output = push(project, "main")
    assert code == 0, output
    assert server.git("rev-parse", "main") == new
    server.git("fsck", "--strict")
    assert server.git("for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/heads/topic"]
    assert push(project, "--force", f"{old}:refs/heads/main")[0] == 0


def test_a_server_goes_by_the_policy_of_its_branch(project: GitRepository, server: GitRepository) -> None:
    project.commit({".gatekeeper.yml": f"protected: [main, 'release/*']\ngates:\n{OFF}"})
    commit(project, "main", "BAD\n")
    assert push(project, "main")[0] != 0
    project.git("reset", "--quiet", "--hard", "origin/main")
    project.commit({".gatekeeper.yml": f"protected: [main, 'release/*']\n{LOOK}"})
    code, output = push(project, "main")
    assert code == 0, output
    commit(project, "bad", "BAD\n")
    assert push(project, "bad:release/1")[0] != 0
    assert push(project, "bad:other")[0] == 0
    project.git("switch", "--quiet", "--create", "early", "main~1")
    project.commit({".gatekeeper.yml": f"gates:\n{OFF}", "src/early.txt": "BAD\n"})
    assert push(project, "early:release/2")[0] != 0


def test_tests_on_a_server_see_nothing_of_the_quarantine(repository: GitRepository, tmp_path: Path) -> None:
    test = "import os\n\n\ndef test_clean():\n    assert not [n for n in os.environ if n.startswith('GIT_') "
    test += "and n.split('_')[1] in ('DIR', 'QUARANTINE', 'OBJECT', 'ALTERNATE', 'INDEX', 'PUSH')]\n"
    repository.commit({".gatekeeper.yml": TESTS, "one.py": "ONE = 1\n", "test_clean.py": test})
    bare = GitRepository.create(tmp_path / "server.git", "--bare")
    hook(bare.path / "hooks", "pre-receive")
    code, output = git(repository, "push", str(bare.path), "main")
    assert code == 0, output
    assert "tests: PASSED" in output


def test_a_repository_with_a_working_tree_can_receive_too(project: GitRepository, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", str(project.path), str(tmp_path / "clone")], check=True)
    project.git("config", "receive.denyCurrentBranch", "updateInstead")
    hook(project.path / ".git" / "hooks", "pre-receive")
    clone = GitRepository(tmp_path / "clone")
    commit(clone, "main", "BAD\n")
    assert push(clone, "main")[0] == 1
    commit(clone, "main", "good\n")
    code, output = push(clone, "main")
    assert code == 0, output

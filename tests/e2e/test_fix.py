"""`gatekeeper run --fix` in real repositories: what is fixed, what is kept, and what is refused."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gatekeeper.edges.fix_apply import FixedBlob, own_index, prepare
from gatekeeper.edges.fix_journal import alone
from gatekeeper.edges.fix_steps import Ending, steps
from gatekeeper.edges.index import index_tree
from tests.repository import GitRepository, Run
from tests.room import little_room

OFF = "gates: {review: off, coverage: off, tests: off, docs: off%s}\n"
LOOK = OFF % ", look: {run: \"sh -c '! grep -r bad a.txt'\"}"
SED = "fix: {sed: {run: 'sed -i s/bad/good/ {files}', paths: ['!.gatekeeper.yml']}}\n"
TEN = "".join(f"line {number}\n" for number in range(10))


@pytest.fixture
def ground(repository: GitRepository) -> GitRepository:
    """A repository with a fixer that turns `bad` into `good`, and a gate that looks for `bad`."""
    repository.commit({".gatekeeper.yml": LOOK + SED, "a.txt": TEN, "b.txt": TEN})
    return repository


def fix(repository: GitRepository, *arguments: str, env: dict[str, str] | None = None) -> Run:
    return repository.gatekeeper("--fix", *arguments, env=env)


def staged(repository: GitRepository, name: str = "a.txt") -> str:
    return repository.git("show", f":{name}")


def test_the_gates_judge_what_was_fixed(ground: GitRepository) -> None:
    ground.stage({"a.txt": TEN + "bad\n"})
    assert ground.gatekeeper().exit == 1
    run = fix(ground)
    assert (run.exit, run.status("fix"), run.status("look")) == (0, "passed", "passed"), run.stdout
    assert "+good" in run.stdout
    assert (ground.path / "a.txt").read_text() == TEN + "good\n"
    assert ground.git("status", "--short") == "M  a.txt"
    found = run.report["fixes"]
    assert (found["state"], found["fixers"]) == ("applied", ["sed"])
    assert found["files"] == [{"path": "a.txt", "added": 1, "removed": 1, "fixers": ["sed"]}]
    assert Path(found["patch"]).read_text() == found["diff"]
    assert run.report["target"]["head_tree"] == ground.git("write-tree")


def test_nothing_to_fix_leaves_all_as_it_is(ground: GitRepository) -> None:
    ground.stage({"a.txt": TEN + "fine\n"})
    before = ground.state()
    run = fix(ground)
    assert (run.exit, run.status("fix"), run.report["fixes"]["state"]) == (0, "skipped", "nothing")
    assert ground.state() == before


def test_a_dry_run_only_shows(ground: GitRepository) -> None:
    ground.stage({"a.txt": TEN + "bad\n"})
    before = ground.state()
    command = [sys.executable, "-m", "gatekeeper", "run", "--fix", "--dry-run"]
    done = subprocess.run(command, cwd=ground.path, capture_output=True, text=True, check=False)
    assert (done.returncode, "+good" in done.stdout) == (1, True)
    done = subprocess.run([*command, "--format", "json"], cwd=ground.path, capture_output=True, check=False)
    assert json.loads(done.stdout)["state"] == "shown"
    assert ground.state() == before
    assert fix(ground).exit == 0
    assert subprocess.run(command, cwd=ground.path, capture_output=True, check=False).returncode == 0


def test_what_is_not_staged_stays_so(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n" + TEN})
    ground.write("a.txt", "bad\n" + TEN + "mine, bad\n")
    ground.write("b.txt", TEN + "bad\n")
    ground.write("new.txt", "bad\n")
    assert fix(ground).exit == 0
    assert staged(ground) == ("good\n" + TEN).strip()
    assert (ground.path / "a.txt").read_text() == "good\n" + TEN + "mine, bad\n"
    assert (ground.path / "b.txt").read_text() == TEN + "bad\n"
    assert (ground.path / "new.txt").read_text() == "bad\n"


def test_on_a_conflict_nothing_is_changed(ground: GitRepository) -> None:
    ground.stage({"a.txt": TEN + "bad\n", "b.txt": TEN + "bad\n"})
    ground.write("b.txt", TEN + "bad, and mine\n")
    before = ground.state()
    run = fix(ground)
    assert (run.exit, run.status("fix"), run.status("look")) == (3, "error", "failed")
    assert ground.state() == before
    patch = run.report["fixes"]["patch"]
    assert patch in run.verdict("fix")["hint"]
    assert "+good" in Path(patch).read_text()
    ground.git("apply", "--cached", "--check", patch)


def test_the_working_tree_is_fixed_where_nothing_is_staged(ground: GitRepository) -> None:
    ground.write("a.txt", TEN + "bad\n")
    ground.write("new.txt", "bad\n")
    index = (ground.path / ".git/index").read_bytes()
    run = fix(ground)
    assert (run.exit, run.report["target"]["kind"]) == (0, "worktree")
    assert (ground.path / "a.txt").read_text() == TEN + "good\n"
    assert (ground.path / "new.txt").read_text() == "good\n"
    assert (ground.path / ".git/index").read_bytes() == index


@pytest.mark.parametrize("arguments", [["--all"], ["--base", "HEAD"], ["--from", "HEAD", "--to", "HEAD"]])
def test_a_commit_is_not_fixed(ground: GitRepository, arguments: list[str]) -> None:
    before = ground.state()
    run = fix(ground, *arguments)
    assert (run.exit, "a commit cannot be fixed" in run.stderr) == (2, True)
    assert ground.state() == before


def test_without_a_change_the_branch_is_judged(ground: GitRepository) -> None:
    ground.git("checkout", "--quiet", "-b", "topic")
    ground.commit({"a.txt": TEN + "bad\n"})
    run = fix(ground)
    assert (run.exit, run.report["target"]["kind"], run.status("fix")) == (1, "range", "skipped")


HOSTILE = ["a b", "new\nline", "tab\t", '"quote"', "$(id)", "*", "-dash", "back\\slash", ":colon", "\udcff\udcfe", "ä"]


def test_names(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n", **{f"folder/{name}": "bad\n" for name in HOSTILE}, "-x": "bad\n"})
    assert fix(ground).exit == 0
    for name in HOSTILE:
        assert (ground.path / "folder" / name).read_text() == "good\n", name
    assert (ground.path / "-x").read_text() == "good\n"
    assert ground.git("diff", "--name-only") == ""


def test_modes_links_and_the_rest_of_the_index_stay(ground: GitRepository) -> None:
    ground.commit({"gone.txt": "x\n", "flagged.txt": "x\n"})
    ground.stage({"run.sh": "bad\n", "a.txt": "bad\n"})
    (ground.path / "run.sh").chmod(0o755)
    (ground.path / "link").symlink_to("a.txt")
    (ground.path / "out").symlink_to("/etc/passwd")
    ground.git("add", "run.sh", "link", "out")
    ground.git("rm", "--quiet", "--cached", "gone.txt")
    ground.git("update-index", "--assume-unchanged", "flagged.txt")
    ground.write("later.txt", "bad\n")
    ground.git("add", "--intent-to-add", "later.txt")
    before = ground.git("ls-files", "-v", "--stage").replace("\t", " ").splitlines()
    assert fix(ground).exit == 0
    after = ground.git("ls-files", "-v", "--stage").replace("\t", " ").splitlines()
    changed = {line.split()[-1] for line in {*before} ^ {*after}}
    assert changed == {"a.txt", "run.sh"}
    assert os.access(ground.path / "run.sh", os.X_OK)
    assert (ground.path / "link").is_symlink()
    assert ground.git("status", "--short", "later.txt") == "A later.txt"
    assert (ground.path / "later.txt").read_text() == "bad\n"


def test_deleted_or_replaced_in_the_working_tree(ground: GitRepository, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("bad\n")
    ground.stage({"a.txt": "bad\n", "new.txt": "bad\n", "link.txt": "bad\n", "d/file.txt": "bad\n"})
    (ground.path / "a.txt").unlink()
    (ground.path / "new.txt").unlink()
    (ground.path / "link.txt").unlink()
    (ground.path / "link.txt").symlink_to(outside)
    shutil.rmtree(ground.path / "d")
    (ground.path / "d").symlink_to(tmp_path)
    assert fix(ground).exit == 0
    assert outside.read_text() == "bad\n"
    assert all(staged(ground, name) == "good" for name in ("a.txt", "new.txt", "link.txt", "d/file.txt"))
    assert not (ground.path / "a.txt").exists()
    assert (ground.path / "link.txt").is_symlink()


@pytest.mark.parametrize("setting", ["true", "input", "false"])
@pytest.mark.parametrize("attributes", ["", "*.txt text\n", "*.txt text eol=crlf\n", "*.txt -text\n"])
def test_line_ends(ground: GitRepository, setting: str, attributes: str) -> None:
    """Each file keeps those that it has, with an edit that is not staged and without."""
    ground.git("config", "core.autocrlf", setting)
    texts = {"unix.txt": "bad\n" + TEN, "dos.txt": ("bad\n" + TEN).replace("\n", "\r\n")}
    texts |= {f"partial-{name}": text for name, text in texts.items()}
    ground.stage({".gitattributes": attributes, **texts})
    for name, text in texts.items():
        if name.startswith("partial"):
            texts[name] = text + ("x\r\n" if "\r" in text else "x\n")
            ground.write(name, texts[name])
    assert fix(ground).exit == 0
    for name, text in texts.items():
        assert (ground.path / name).read_bytes() == text.replace("bad", "good").encode(), name
    numbers = ground.git("diff", "--numstat").splitlines()
    assert numbers == ["1\t0\tpartial-dos.txt", "1\t0\tpartial-unix.txt"]


def test_a_file_behind_a_filter_is_left_alone(ground: GitRepository, tmp_path: Path) -> None:
    ground.git("config", "filter.loud.clean", f"touch {tmp_path}/ran; cat")
    ground.git("config", "filter.loud.smudge", f"touch {tmp_path}/ran; cat")
    ground.stage({".gitattributes": "b.txt filter=loud\n", "a.txt": "bad\n", "b.txt": "bad\n"})
    (tmp_path / "ran").unlink(missing_ok=True)
    run = fix(ground)
    assert run.exit == 0
    assert staged(ground, "b.txt") == "bad"
    assert (ground.path / "b.txt").read_text() == "bad\n"
    assert "b.txt is left as it is" in " ".join(run.verdict("fix")["notes"])
    assert not (tmp_path / "ran").exists()


def test_an_overlooked_file_is_left_alone(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n", "b.txt": "bad\n"})
    ground.git("update-index", "--skip-worktree", "b.txt")
    run = fix(ground)
    assert (run.exit, staged(ground, "b.txt")) == (0, "bad")
    assert ground.git("ls-files", "-v", "b.txt") == "S b.txt"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'sed -i s/bad/good/ \"$@\"; exit 4' x {files}", "exit code 4"),
        ("sh -c 'echo x >> b.txt; sed -i s/bad/good/ \"$@\"' x {files}", "it touched b.txt"),
        ("sh -c 'echo x > new.txt' x {files}", "it touched new.txt"),
        ("sh -c 'rm \"$@\"' x {files}", "it touched a.txt"),
        ("sh -c 'rm \"$@\"; ln -s /etc/passwd a.txt' x {files}", "it touched a.txt"),
        ("no-such-program {files}", "no-such-program"),
    ],
)
def test_a_fixer_that_misbehaves(repository: GitRepository, command: str, said: str) -> None:
    fixers = {"first": {"run": command}, "second": {"run": "sed -i s/worse/better/ {files}"}}
    config = OFF % "" + f"fix: {json.dumps(fixers)}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": TEN, "b.txt": TEN})
    repository.stage({"a.txt": "bad, worse\n"})
    run = fix(repository)
    assert (run.exit, run.status("fix")) == (3, "error")
    assert said in run.verdict("fix")["summary"]
    assert "first" in run.verdict("fix")["summary"]
    assert (staged(repository), staged(repository, "b.txt")) == ("bad, better", TEN.strip())


def test_a_fixer_that_hangs_is_ended(repository: GitRepository) -> None:
    config = OFF % "" + "fix: {slow: {run: \"sh -c 'sleep 60' {files}\", timeout: 1}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": TEN})
    repository.stage({"a.txt": "bad\n"})
    before = repository.state()
    assert fix(repository).status("fix") == "error"
    assert repository.state() == before


def test_the_fixers_of_the_project(repository: GitRepository) -> None:
    """Ruff where the project configures it, with safe fixes only; then one's own, then white space."""
    toml = "[tool.ruff.format]\n[tool.ruff.lint]\nselect = ['F', 'RUF', 'C4', 'W']\n[tool.ruff]\nunsafe-fixes = true\n"
    own = "fix: {end-of-file: on, trailing-whitespace: on, black: off}\n"
    repository.commit({"pyproject.toml": toml, ".gatekeeper.yml": OFF % "" + own})
    unsafe = "def f(a):\n    b = 1\n    return a\n"
    repository.stage({"a.py": "import os\nx   = 1\n\n\n" + unsafe, "b.txt": "x  \n\n\n", "c.md": "two  \nx\n"})
    run = fix(repository)
    assert run.exit == 0, run.stdout
    assert run.report["fixes"]["fixers"] == ["ruff-check", "ruff-format", "trailing-whitespace", "end-of-file"]
    assert (repository.path / "a.py").read_text() == "x = 1\n\n\n" + unsafe
    assert (repository.path / "b.txt").read_text() == "x\n"
    assert (repository.path / "c.md").read_text() == "two  \nx\n"


def test_no_fixer_where_none_is_set_up(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": OFF % "", "a.py": "x = 1\n"})
    repository.stage({"a.py": "import os\nx   = 1  \n"})
    run = fix(repository)
    assert (run.exit, run.verdict("fix")["summary"]) == (0, "no fixer is set up for what changed")


def test_projects_have_fixers_of_their_own(ground: GitRepository) -> None:
    one = (
        "fix: {own: {run: \"sh -c 'test -f here.txt && sed -i s/bad/better/ \\\"$@\\\"' x {files}\", paths: ['x/*']}}\n"
    )
    ground.commit({"one/.gatekeeper.yml": one, "one/here.txt": "x\n"})
    ground.stage({"one/x/a.txt": "bad\n", "one/y/a.txt": "bad\n", "a.txt": "bad\n"})
    assert fix(ground).exit == 0
    found = [staged(ground, name) for name in ("one/x/a.txt", "one/y/a.txt", "a.txt")]
    assert found == ["better", "bad", "good"]


def hook(repository: GitRepository) -> None:
    file = repository.path / ".git/hooks/pre-commit"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\nexec {sys.executable} -m gatekeeper run --fix\n")
    file.chmod(0o755)


def test_inside_a_pre_commit_hook(ground: GitRepository) -> None:
    hook(ground)
    ground.stage({"a.txt": TEN + "bad\n"})
    ground.git("commit", "--quiet", "--message", "fixed on the way")
    assert ground.git("show", "HEAD:a.txt").endswith("good")
    assert ground.git("status", "--short") == ""
    ground.git("worktree", "add", "--quiet", "../linked", "-b", "linked")
    linked = GitRepository(ground.path.parent / "linked")
    linked.stage({"b.txt": TEN + "bad\n"})
    linked.git("commit", "--quiet", "--message", "fixed in a linked working tree")
    assert linked.git("show", "HEAD:b.txt").endswith("good")
    assert linked.git("status", "--short") == ""


@pytest.mark.parametrize("arguments", [["--all"], ["--", "a.txt"], ["--include", "--", "a.txt"]])
def test_a_temporary_index_is_refused(ground: GitRepository, arguments: list[str]) -> None:
    hook(ground)
    ground.stage({"b.txt": TEN + "fine\n"})
    ground.write("a.txt", TEN + "bad\n")
    before = ground.state()
    done = subprocess.run(["git", "commit", "-m", "x", *arguments], cwd=ground.path, capture_output=True, check=False)
    said = b" ".join(done.stderr.split())
    assert (done.returncode, b"temporary index" in said) == (1, True), done
    assert ground.state() == before


def test_the_lock_of_git_is_respected(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n"})
    before = ground.state()
    lock = ground.path / ".git/index.lock"
    lock.write_bytes(b"")
    run = fix(ground)
    assert (run.exit, "is locked" in run.verdict("fix")["summary"]) == (3, True)
    lock.unlink()
    assert ground.state() == before
    assert fix(ground).exit == 0


@pytest.mark.parametrize("what", ["index", "file"])
def test_changed_while_a_fixer_runs(repository: GitRepository, what: str) -> None:
    place = repository.path / "a.txt"
    act = f"git -C {repository.path} add other.txt" if what == "index" else f"echo mine >> {place}"
    config = OFF % "" + f"fix: {{racing: {{run: \"sh -c 'sed -i s/bad/good/ $1; {act}' x {{files}}\"}}}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": TEN})
    repository.write("other.txt", "x\n")
    repository.stage({"a.txt": "bad\n" + TEN})
    run = fix(repository)
    if what == "index":
        assert (run.exit, "the index was changed" in run.verdict("fix")["summary"]) == (3, True)
        assert place.read_text() == "bad\n" + TEN
        assert repository.git("diff", "--cached", "--name-only").split() == ["a.txt", "other.txt"]
    else:  # an edit that fits is kept as one that is not staged
        assert run.exit == 0
        assert place.read_text() == "good\n" + TEN + "mine\n"


def test_several_at_once(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n" + TEN})
    ground.write("a.txt", "bad\n" + TEN + "mine\n")
    command = [sys.executable, "-m", "gatekeeper", "run", "--fix"]
    null = subprocess.DEVNULL
    runs = [subprocess.Popen(command, cwd=ground.path, stdout=null, stderr=null) for _ in range(3)]
    assert {run.wait(120) for run in runs} <= {0, 3}
    assert staged(ground) == ("good\n" + TEN).strip()
    assert (ground.path / "a.txt").read_text() == "good\n" + TEN + "mine\n"
    assert not (ground.path / ".git/index.lock").exists()
    assert not (ground.path / ".git/gatekeeper/fix").exists()


def test_a_filter_that_only_the_index_names(ground: GitRepository) -> None:
    ground.stage({".gitattributes": "b.txt filter=loud\n", "a.txt": "bad\n", "b.txt": "bad\n"})
    (ground.path / ".gitattributes").write_text("")
    assert fix(ground).exit == 0
    assert (staged(ground), staged(ground, "b.txt")) == ("good", "bad")


def test_a_damaged_journal_is_named(ground: GitRepository) -> None:
    ground.stage({"a.txt": "bad\n"})
    journal = ground.path / ".git/gatekeeper/fix"
    journal.mkdir(parents=True)
    (journal / "manifest.json").write_text("{")
    before = ground.state()
    for run in (ground.gatekeeper("--staged"), fix(ground)):
        assert run.exit == 3
        assert "neither finished nor taken back" in run.stderr
        assert str(journal) in run.stderr
    assert ground.state() == before


def test_a_full_disk(ground: GitRepository) -> None:
    """The journal does not fit, or the index does not: all stays as it was."""
    ground.stage({"a.txt": "bad\n" * 60_000})
    before = ground.state()
    for limit in (1_000, 40_000, 200_000):
        command = [sys.executable, "-m", "gatekeeper", "run", "--fix"]
        done = subprocess.run(command, cwd=ground.path, capture_output=True, check=False, **little_room(limit))
        assert done.returncode in (1, 3), done.stderr
        assert b"Traceback" not in done.stderr
        assert ground.state() == before
        assert not (ground.path / ".git/index.lock").exists()
    assert fix(ground).exit == 0


@pytest.mark.long
def test_killed_at_random(ground: GitRepository) -> None:
    """All is as it was or all is done, once the next command has run; stash and references stay."""
    names = [f"f{number}.txt" for number in range(30)]
    ground.commit(dict.fromkeys(names, TEN))
    ground.write("a.txt", "stashed\n")
    ground.git("stash", "--quiet")
    chance = random.Random(os.urandom(4))
    command = [sys.executable, "-m", "gatekeeper", "run", "--fix", "--staged"]
    seen = set()
    for _ in range(12):
        ground.stage(dict.fromkeys(names, "bad\n" + TEN))
        ground.write("f0.txt", "bad\n" + TEN + "mine\n")
        rest = (ground.git("stash", "list"), ground.git("for-each-ref", "refs/heads", "refs/stash"))
        with subprocess.Popen(command, cwd=ground.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            journal = ground.path / ".git/gatekeeper/fix"
            while run.poll() is None and not journal.exists():
                time.sleep(0.0005)
            time.sleep(chance.random() * 0.02)
            run.send_signal(signal.SIGKILL)
        again = ground.gatekeeper("--staged")
        assert again.exit in (0, 1), again.stderr
        files = {(ground.path / name).read_text() for name in names[1:]}
        objects = {line.split()[1] for line in ground.git("ls-files", "--stage", "--", *names).splitlines()}
        assert len(files) == len(objects) == 1
        state = ground.git("show", ":f0.txt").splitlines()[0]
        seen.add(state)
        assert files == {f"{state}\n{TEN}"}
        assert (ground.path / "f0.txt").read_text() == f"{state}\n{TEN}mine\n"
        assert not (ground.path / ".git/index.lock").exists()
        assert list(ground.path.glob(".gatekeeper-*")) == []
        assert (ground.git("stash", "list"), ground.git("for-each-ref", "refs/heads", "refs/stash")) == rest
    assert seen <= {"bad", "good"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_at_random(ground: GitRepository, number: signal.Signals) -> None:
    chance = random.Random(os.urandom(4))
    command = [sys.executable, "-m", "gatekeeper", "run", "--fix", "--staged"]
    for _ in range(3):
        ground.stage({"a.txt": "bad\n" + TEN, "b.txt": "bad\n" + TEN})
        with subprocess.Popen(command, cwd=ground.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            time.sleep(0.3 + chance.random() * 0.7)
            run.send_signal(number)
            _, said = run.communicate(timeout=60)
        first = {(ground.path / name).read_text().splitlines()[0] for name in ("a.txt", "b.txt")}
        objects = {ground.git("show", f":{name}").splitlines()[0] for name in ("a.txt", "b.txt")}
        assert first == objects
        assert len(first) == 1
        if run.returncode == 130:
            assert (b"fixes that were applied stay" in said) is (first == {"good"}), said
        assert not (ground.path / ".git/index.lock").exists()
        assert not (ground.path / ".git/gatekeeper/fix").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_between_fixing_and_judging(ground: GitRepository, number: signal.Signals) -> None:
    """Nobody reads what the run prints, so that it stands where it shows what it has applied."""
    ground.stage({"a.txt": "bad\n" + TEN})
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"."):
            pass
    os.set_blocking(writer, True)
    command = [sys.executable, "-m", "gatekeeper", "run", "--fix", "--staged"]
    with (
        os.fdopen(reader, "rb"),
        subprocess.Popen(command, cwd=ground.path, stdout=writer, stderr=subprocess.PIPE) as run,
    ):
        os.close(writer)
        while not (ground.path / "a.txt").read_text().startswith("good") and run.poll() is None:
            time.sleep(0.05)
        time.sleep(0.5)
        run.send_signal(number)
        time.sleep(0.2)
        os.read(reader, 1 << 20)  # or Python waits for room at its end
        _, said = run.communicate(timeout=60)
    assert (run.returncode, staged(ground).splitlines()[0]) == (130, "good")
    assert said == b"gatekeeper: interrupted; nothing is left running, and the fixes that were applied stay\n"


@pytest.mark.parametrize("hooked", [False, True])
def test_the_next_command_says_what_it_found(ground: GitRepository, hooked: bool) -> None:
    """As after a power cut in the middle, with one file replaced and Git's lock left behind."""
    ground.stage({"a.txt": "bad\n" + TEN, "b.txt": "bad\n" + TEN})
    edge = ground.edge
    good = tuple(
        FixedBlob(name, "100644", ground.git("rev-parse", f":{name}"), ground.git("hash-object", "-w", "good"))
        for name in ("a.txt", "b.txt")
        if ground.write("good", "good\n" + TEN)
    )
    (ground.path / "good").unlink()
    with alone(edge.git_dir) as draft:
        journal, _ = prepare(edge, draft, index_tree(edge), good, own_index(edge))
    for name, step in steps(journal):
        step()
        if name == "swap 0":
            break
    if hooked:
        command = [sys.executable, "-m", "gatekeeper", "hook", "pre-commit"]
        done = subprocess.run(command, cwd=ground.path, capture_output=True, text=True, check=False)
        assert (done.returncode, Ending.FINISHED.value in done.stderr) == (0, True), done.stderr
    else:
        run = ground.gatekeeper("--staged")
        assert (run.exit, Ending.FINISHED.value in run.report["notes"]) == (0, True)
    assert (staged(ground), staged(ground, "b.txt")) == tuple([("good\n" + TEN).strip()] * 2)
    assert ground.git("status", "--short").split() == ["M", "a.txt", "M", "b.txt"]


def test_a_sha256_repository(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "sha256", "--object-format=sha256")
    repository.commit({".gatekeeper.yml": LOOK + SED, "a.txt": TEN})
    repository.stage({"a.txt": "bad\n"})
    assert fix(repository).exit == 0
    assert staged(repository) == "good"


def test_the_first_commit(repository: GitRepository) -> None:
    repository.stage({".gatekeeper.yml": LOOK + SED, "a.txt": "bad\n"})
    assert fix(repository).exit == 0
    assert staged(repository) == "good"

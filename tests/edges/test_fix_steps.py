"""A run that dies after any step of applying fixes leaves everything as it was, or completed by the next one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gatekeeper.edges.fix_apply import FixedBlob, own_index, prepare
from gatekeeper.edges.fix_files import spot
from gatekeeper.edges.fix_journal import Journal, LockedError, StaleError, alone
from gatekeeper.edges.fix_leftover import recover_fixes
from gatekeeper.edges.fix_steps import Ending, carry_out, steps
from gatekeeper.edges.index import index_tree
from gatekeeper.model.errors import GatekeeperError
from tests.repository import GitRepository

NAMES = ("a.py", "folder/b c.py", "new\nline.py")
STEPS = ["lock", "verify", "go"] + [f"{word} {number}" for word in ("prepare", "swap") for number in range(3)]
STEPS += ["index", "clear"]


@pytest.fixture
def ground(repository: GitRepository) -> GitRepository:
    """Three staged files, one of them with an edit that is not staged, and one that is executable."""
    repository.commit(dict.fromkeys(NAMES, "zero\n" * 9))
    repository.stage(dict.fromkeys(NAMES, "bad\n" + "zero\n" * 9))
    repository.write("a.py", "bad\n" + "zero\n" * 9 + "mine\n")
    (repository.path / "a.py").chmod(0o755)
    for name in NAMES:
        os.utime(repository.path / name, (1_000_000_000, 1_000_000_000))
    return repository


def blobs(repository: GitRepository) -> tuple[FixedBlob, ...]:
    good = repository.path / ".git" / "good"
    good.write_bytes(b"good\n" + b"zero\n" * 9)
    fixed = repository.git("hash-object", "-w", str(good))
    return tuple(FixedBlob(n, "100644", repository.git("rev-parse", f":{n}"), fixed) for n in NAMES)


def journal_of(repository: GitRepository, with_index: bool = True) -> Journal:
    edge = repository.edge
    with alone(edge.git_dir) as draft:
        index = own_index(edge) if with_index else ""
        journal, notes = prepare(edge, draft, index_tree(edge), blobs(repository), index)
    assert notes == ()
    return journal


def contents(repository: GitRepository) -> dict[str, tuple[bytes, int, int]]:
    """Every file of the working tree: content, mode and time."""
    return {
        str(file.relative_to(repository.path)): (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns)
        for file in sorted(repository.path.rglob("*"))
        if file.is_file() and ".git" not in file.relative_to(repository.path).parts
    }


def is_done(repository: GitRepository, with_index: bool = True) -> bool:
    good = b"good\n" + b"zero\n" * 9
    found = {name: content for name, (content, _, _) in contents(repository).items()}
    right = found == {"a.py": good + b"mine\n", "folder/b c.py": good, "new\nline.py": good}
    staged = repository.git("show", ":a.py").startswith("good")
    return right and staged is with_index


def nothing_left(repository: GitRepository) -> bool:
    home = repository.path / ".git" / "gatekeeper"
    return {f.name for f in home.iterdir()} == {"fix.lock"} and not (repository.path / ".git/index.lock").exists()


def test_the_steps_are_known(ground: GitRepository) -> None:
    assert [name for name, _ in steps(journal_of(ground))] == STEPS


@pytest.mark.parametrize("with_index", [True, False])
def test_all_of_it(ground: GitRepository, with_index: bool) -> None:
    index = (ground.path / ".git/index").read_bytes()
    carry_out(journal_of(ground, with_index))
    assert is_done(ground, with_index)
    assert (ground.path / "a.py").stat().st_mode & 0o777 == 0o755
    assert nothing_left(ground)
    assert with_index or (ground.path / ".git/index").read_bytes() == index
    ground.git("fsck")


@pytest.mark.parametrize("with_index", [True, False])
@pytest.mark.parametrize("last", STEPS)
def test_dead_after_a_step(ground: GitRepository, last: str, with_index: bool) -> None:
    before, state = contents(ground), ground.state()
    for name, step in steps(journal_of(ground, with_index)):
        step()
        if name == last:
            break
    said = recover_fixes(str(ground.path / ".git"), str(ground.path))
    if last in ("lock", "verify"):
        assert said == Ending.UNDONE.value
        assert contents(ground) == before
        assert ground.state() == state
    else:
        assert said == ("" if last == "clear" else Ending.FINISHED.value)
        assert is_done(ground, with_index)
    assert nothing_left(ground)
    assert recover_fixes(str(ground.path / ".git"), str(ground.path)) == ""


@pytest.mark.parametrize("last", STEPS[:-2])
def test_a_step_that_fails_takes_everything_back(
    ground: GitRepository, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, state = contents(ground), ground.state()
    journal = journal_of(ground)
    plan = steps(journal)
    at = [name for name, _ in plan].index(last)

    def fail() -> None:
        plan[at][1]()
        raise OSError(28, "No space left on device")

    broken = [*plan[:at], (last, fail), *plan[at + 1 :]]
    monkeypatch.setattr("gatekeeper.edges.fix_steps.steps", lambda journal: broken)
    with pytest.raises(OSError, match="No space"):
        carry_out(journal)
    assert contents(ground) == before
    assert ground.state() == state
    assert nothing_left(ground)


@pytest.mark.parametrize("last", STEPS[2:-2])
def test_edited_after_a_death(ground: GitRepository, last: str) -> None:
    """Nothing of the edit is lost, and the rest goes back to what it was."""
    before = contents(ground)
    index = (ground.path / ".git/index").read_bytes()
    for name, step in steps(journal_of(ground)):
        step()
        if name == last:
            break
    ground.write("folder/b c.py", "edited\n")
    assert recover_fixes(str(ground.path / ".git"), str(ground.path)) == Ending.UNDONE.value
    after = contents(ground)
    assert after.pop("folder/b c.py")[0] == b"edited\n"
    before.pop("folder/b c.py")
    assert after == before
    assert (ground.path / ".git/index").read_bytes() == index
    assert nothing_left(ground)


def test_the_lock_taken_away_by_hand_and_something_staged(ground: GitRepository) -> None:
    before = contents(ground)
    for name, step in steps(journal_of(ground)):
        step()
        if name == "swap 1":
            break
    (ground.path / ".git/index.lock").unlink()
    ground.stage({"other.txt": "x\n"})
    listing = ground.git("ls-files", "--stage")
    assert recover_fixes(str(ground.path / ".git"), str(ground.path)) == Ending.UNDONE.value
    after = contents(ground)
    after.pop("other.txt")
    assert after == before
    assert ground.git("ls-files", "--stage") == listing


def test_the_lock_of_somebody_else(ground: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.edges.fix_steps.PATIENCE", 0.0)
    before, state = contents(ground), ground.state()
    lock = ground.path / ".git/index.lock"
    lock.write_bytes(b"theirs")
    with pytest.raises(LockedError, match=r"index\.lock exists"):
        carry_out(journal_of(ground))
    assert lock.read_bytes() == b"theirs"
    lock.unlink()
    assert contents(ground) == before
    assert ground.state() == state


def test_a_lock_that_came_after_a_death_is_waited_for(ground: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.edges.fix_steps.PATIENCE", 0.0)
    for name, step in steps(journal_of(ground)):
        step()
        if name == "swap 1":
            break
    lock = ground.path / ".git/index.lock"
    lock.unlink()
    lock.write_bytes(b"theirs")
    assert recover_fixes(str(ground.path / ".git"), str(ground.path)) == Ending.POSTPONED.value
    lock.unlink()
    assert recover_fixes(str(ground.path / ".git"), str(ground.path)) == Ending.FINISHED.value
    assert is_done(ground)


def test_staged_or_edited_before_the_lock(ground: GitRepository) -> None:
    journal = journal_of(ground)
    ground.stage({"other.txt": "x\n"})
    with pytest.raises(StaleError, match="the index was changed"):
        carry_out(journal)
    journal = journal_of(ground)
    ground.write("a.py", "edited\n")
    before = contents(ground)
    with pytest.raises(StaleError, match=r"a\.py was edited"):
        carry_out(journal)
    assert contents(ground) == before


def test_edited_between_the_check_and_the_swap(ground: GitRepository) -> None:
    journal = journal_of(ground)
    for name, step in steps(journal):
        if name == "swap 2":
            ground.write("new\nline.py", "edited\n")
            with pytest.raises(StaleError):
                step()
            break
        step()


def test_no_step_follows_a_link(ground: GitRepository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b c.py").write_text("bad\n" + "zero\n" * 9)
    journal = journal_of(ground)
    (ground.path / "folder").rename(ground.path / "old")
    (ground.path / "folder").symlink_to(outside)
    with pytest.raises(StaleError):
        carry_out(journal)
    assert [file.name for file in outside.iterdir()] == ["b c.py"]
    with spot(str(ground.path), "folder/b c.py") as place:
        assert place is None


def test_a_repository_that_was_moved(ground: GitRepository, tmp_path: Path) -> None:
    for name, step in steps(journal_of(ground)):
        step()
        if name == "swap 0":
            break
    moved = GitRepository(ground.path.rename(tmp_path / "moved"))
    assert recover_fixes(str(moved.path / ".git"), str(moved.path)) == Ending.FINISHED.value
    assert is_done(moved)


@pytest.mark.parametrize("path", ["../outside", "/outside", "a/../../outside", ".git/hooks/x", "folder/.GIT/x", ""])
def test_a_forged_journal_writes_nowhere(ground: GitRepository, path: str) -> None:
    journal = journal_of(ground)
    for _, step in steps(journal)[:3]:
        step()
    manifest = journal.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(json.dumps(journal.paths[0]), json.dumps(path), 1))
    before = contents(ground)
    with pytest.raises(GatekeeperError, match="neither finished nor taken back"):
        recover_fixes(str(ground.path / ".git"), str(ground.path))
    assert contents(ground) == before


@pytest.mark.parametrize("text", ["[]", "{}", '{"word": "/../x", "index_marks": ["", ""], "files": []}', "[" * 99_999])
def test_a_journal_that_is_none_is_told(ground: GitRepository, text: str) -> None:
    folder = ground.path / ".git/gatekeeper/fix"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(text)
    with pytest.raises(GatekeeperError, match="neither finished nor taken back"):
        recover_fixes(str(ground.path / ".git"), str(ground.path))

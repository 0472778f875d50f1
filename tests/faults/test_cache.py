"""What Gatekeeper remembers between runs may be damaged in any way: it is made anew, and never leads to a false pass."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.faults.ground import PATIENCE, Started, everything, gates, judge, unchanged
from tests.repository import GitRepository
from tests.room import little_room

LOOK = gates(look="sh -c 'grep -q good a.txt && test ! -e planted.txt && test -x run.sh'")


def warmed(repository: GitRepository) -> Path:
    """A repository that was judged once; tells the slot that it was judged in."""
    repository.write("run.sh", "true\n").chmod(0o755)
    repository.commit({".gatekeeper.yml": LOOK, "a.txt": "base\n", "b/c.txt": "c\n", "run.sh": "true\n"})
    repository.stage({"a.txt": "good\n"})
    run = judge(repository)
    assert run.exit == 0, run.stdout + run.stderr
    (slot,) = Path(os.environ["GATEKEEPER_CACHE"]).glob("*/slot-0")
    return slot


def keeping_times(file: Path, text: str) -> None:
    """Edit a file so that neither its size nor the time of its last change tells."""
    found = file.stat()
    file.write_text(text)
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def _edited(slot: Path) -> None:
    (slot / "head/tree/a.txt").write_text("evil\n")


def _edited_unseen(slot: Path) -> None:
    keeping_times(slot / "head/tree/a.txt", "evil\n")


def _removed(slot: Path) -> None:
    (slot / "head/tree/a.txt").unlink()


def _planted(slot: Path) -> None:
    (slot / "head/tree/planted.txt").write_text("x")


def _mode(slot: Path) -> None:
    (slot / "head/tree/run.sh").chmod(0o644)


def _folder_for_file(slot: Path) -> None:
    (slot / "head/tree/a.txt").unlink()
    (slot / "head/tree/a.txt/deep").mkdir(parents=True)


def _link_for_file(slot: Path) -> None:
    (slot / "head/tree/a.txt").unlink()
    (slot / "head/tree/a.txt").symlink_to("/etc/hostname")


def _link_for_folder(slot: Path) -> None:
    outside = slot.parent / "outside"
    outside.mkdir()
    (outside / "c.txt").write_text("mine\n")
    (slot / "head/tree/b/c.txt").unlink()
    (slot / "head/tree/b").rmdir()
    (slot / "head/tree/b").symlink_to(outside)


def _ignored(slot: Path) -> None:
    (slot / "head/tree/.gitignore").write_text("planted.txt\n")
    _planted(slot)


def _a_repository_inside(slot: Path) -> None:
    (slot / "head/tree/.git/hooks").mkdir(parents=True)
    (slot / "head/tree/.git/HEAD").write_text("ref: refs/heads/main\n")
    _planted(slot)


def _truncated_index(slot: Path) -> None:
    index = slot / "head/index"
    index.write_bytes(index.read_bytes()[:40])


def _foreign_index(slot: Path) -> None:
    (slot / "head/index").write_text("garbage")


def _empty_index(slot: Path) -> None:
    (slot / "head/index").write_bytes(b"")


def _flipped_index(slot: Path) -> None:
    index = slot / "head/index"
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 0xFF
    index.write_bytes(bytes(content))


def _no_index(slot: Path) -> None:
    (slot / "head/index").unlink()


def _locked_index(slot: Path) -> None:
    for side in ("head", "base"):
        (slot / side / "index.lock").write_bytes(b"")


def _killed_while_laying_out(slot: Path) -> None:
    _locked_index(slot)
    _edited(slot)
    (slot / "head/stamp").unlink()


def _index_is_a_folder(slot: Path) -> None:
    (slot / "head/index").unlink()
    (slot / "head/index").mkdir()


def _wrong_stamp(slot: Path) -> None:
    (slot / "head/stamp").write_text("0" * 40)


def _stamp_is_garbage(slot: Path) -> None:
    (slot / "head/stamp").write_bytes(b"\xff\xfe--upload-pack=x\n")


def _stamp_is_a_folder(slot: Path) -> None:
    (slot / "head/stamp").unlink()
    (slot / "head/stamp").mkdir()


def _tree_is_a_file(slot: Path) -> None:
    shutil.rmtree(slot / "head/tree")
    (slot / "head/tree").write_text("x")


def _tree_is_a_link(slot: Path) -> None:
    outside = slot.parent / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine\n")
    shutil.rmtree(slot / "head/tree")
    (slot / "head/tree").symlink_to(outside)


def _scratch_is_a_file(slot: Path) -> None:
    (slot / "scratch/0").rmdir()
    (slot / "scratch").rmdir()
    (slot / "scratch").write_text("x")


def _closed_folder(slot: Path) -> None:
    (slot / "head/tree/b").chmod(0o500)
    (slot / "head/tree").chmod(0o500)


def _interpreter(slot: Path) -> None:
    for note in slot.glob("interpreter-*.json"):
        note.write_bytes(b'{"marks": [], "answer": \xff')


def _interpreter_of_another_shape(slot: Path) -> None:
    for note in slot.glob("interpreter-*.json"):
        note.write_text('{"marks": [], "answer": {"search_path": [1, null]}}')


def _garbage_database(slot: Path) -> None:
    for database in slot.parent.glob("*.sqlite3"):
        database.write_bytes(os.urandom(4096))


def _truncated_database(slot: Path) -> None:
    for database in slot.parent.glob("*.sqlite3"):
        database.write_bytes(database.read_bytes()[:700])


def _foreign_database(slot: Path) -> None:
    for database in slot.parent.glob("*.sqlite3"):
        database.unlink()
        with sqlite3.connect(database) as other:
            other.execute("CREATE TABLE timing (something BLOB)")
            other.execute("INSERT INTO timing VALUES (x'00')")
        other.close()


def _database_is_a_folder(slot: Path) -> None:
    for database in slot.parent.glob("*.sqlite3"):
        database.unlink()
        database.mkdir()


def _slot_is_a_file(slot: Path) -> None:
    slot.rename(slot.with_name("set aside"))
    slot.write_text("x")


DAMAGES = {
    "files": [_edited_unseen, _removed, _planted, _mode, _closed_folder, _a_repository_inside],
    "kinds": [_folder_for_file, _link_for_file, _link_for_folder, _ignored],
    "index": [_truncated_index, _foreign_index, _empty_index, _flipped_index, _no_index, _index_is_a_folder],
    "killed": [_locked_index, _killed_while_laying_out],
    "stamp": [_wrong_stamp, _stamp_is_garbage, _stamp_is_a_folder],
    "places": [_tree_is_a_file, _tree_is_a_link, _scratch_is_a_file, _slot_is_a_file],
    "interpreter": [_interpreter, _interpreter_of_another_shape],
    "database": [_garbage_database, _truncated_database, _foreign_database, _database_is_a_folder],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_mended(repository: GitRepository, name: str) -> None:
    """One damage after the other, each of them done to what the run before has mended."""
    slot = warmed(repository)
    mine = slot.parent / "outside"
    for damage in DAMAGES[name]:
        damage(slot)
        run = judge(repository)
        assert run.exit == 0, (damage, run.stdout + run.stderr)
        if mine.exists():
            assert [file.read_text() for file in mine.iterdir()] == ["mine\n"]


def test_damage_never_lets_a_bad_change_through(repository: GitRepository) -> None:
    slot = warmed(repository)
    repository.stage({"a.txt": "evil\n"})
    assert judge(repository).exit == 1
    for damage in (_edited_unseen, _link_for_file, _flipped_index, _wrong_stamp, _killed_while_laying_out):
        damage(slot)
        (slot / "head/tree/a.txt").unlink()
        (slot / "head/tree/a.txt").write_text("good\n")
        assert judge(repository).exit == 1, damage


def test_a_cache_that_cannot_be_written(repository: GitRepository, tmp_path: Path) -> None:
    """The folder for temporary files is taken instead (/proc is closed to root too)."""
    repository.commit({".gatekeeper.yml": LOOK, "a.txt": "base\n"})
    repository.write("run.sh", "true\n").chmod(0o755)
    repository.stage({"a.txt": "good\n", "run.sh": "true\n"})
    elsewhere = {"GATEKEEPER_CACHE": "/proc/nowhere", "TMPDIR": str(tmp_path)}
    assert judge(repository, env=elsewhere).exit == 0
    repository.stage({"a.txt": "bad\n"})
    assert judge(repository, env=elsewhere).exit == 1


def test_no_folder_at_all_can_be_written(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": LOOK, "a.txt": "base\n"})
    repository.stage({"a.txt": "good\n"})
    run = judge(repository, env={"GATEKEEPER_CACHE": "/proc/nowhere", "TMPDIR": "/proc/nowhere", "TEMP": "", "TMP": ""})
    assert run.exit in (1, 3), run.stdout + run.stderr


@pytest.mark.parametrize("limit", [0, 20, 5_000, 100_000])
def test_a_full_disk_is_no_pass_and_mended_by_room(repository: GitRepository, limit: int) -> None:
    """No file may grow beyond the limit: writing fails as it does on a full disk."""
    big = "good\n" * 40_000
    repository.commit({".gatekeeper.yml": gates(look="grep -q good a.txt"), "a.txt": "base\n"})
    repository.stage({"a.txt": big})
    before = everything(repository)
    started = Started(repository, **little_room(limit))
    code, output, error = started.end()
    assert code == 3, output + error
    assert "Traceback" not in error, error
    started.nothing_lives()
    unchanged(repository, before)
    assert judge(repository).exit == 0
    repository.stage({"a.txt": "bad\n"})
    assert judge(repository).exit == 1


def test_more_runs_than_slots(repository: GitRepository) -> None:
    """Every one of them gives the right verdict or says that it could not check."""
    repository.commit({".gatekeeper.yml": gates(look="sh -c 'sleep 0.3; grep -q good a.txt'"), "a.txt": "base\n"})
    repository.stage({"a.txt": "bad\n"})
    before = everything(repository)
    runs = [Started(repository) for _ in range(5)]
    assert [run.process.wait(PATIENCE) for run in runs] == [1] * 5
    for run in runs:
        run.end()
        run.nothing_lives()
    unchanged(repository, before)

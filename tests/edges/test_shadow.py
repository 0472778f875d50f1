"""The shadow holds exactly the tree, whatever a run did to it, and the user's own files are left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges import shadow
from gatekeeper.edges.in_place import is_in_place
from gatekeeper.edges.index import index_tree, worktree_tree
from tests.repository import GitRepository


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, bytecode apart."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_a_shadow_follows_the_trees(repository: GitRepository, tmp_path: Path) -> None:
    first = repository.commit({"a.py": "1", "dir/b.py": "2", "run.sh": "#!"})
    laid_out = shadow.lay_out(repository.edge, first, tmp_path / "s")
    assert content(laid_out.folder) == {"a.py": b"1", "dir/b.py": b"2", "run.sh": b"#!"}
    repository.git("rm", "--quiet", "dir/b.py")
    second = repository.commit({"a.py": "3", "c.py": "4"})
    shadow.lay_out(repository.edge, second, tmp_path / "s")
    assert content(laid_out.folder) == {"a.py": b"3", "c.py": b"4", "run.sh": b"#!"}
    assert not (laid_out.folder / "dir").exists()


def test_what_a_run_left_behind_is_gone(repository: GitRepository, tmp_path: Path) -> None:
    tree = repository.commit({"a.py": "1", "data.txt": "kept"})
    folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
    (folder / "left.py").write_text("import me")
    (folder / "data.txt").write_text("spoilt")
    (folder / "a.py").unlink()
    (folder / ".gitignore").write_text("*")
    shadow.lay_out(repository.edge, tree, tmp_path / "s")
    assert content(folder) == {"a.py": b"1", "data.txt": b"kept"}


def test_a_shadow_that_was_being_written_is_made_anew(repository: GitRepository, tmp_path: Path) -> None:
    tree = repository.commit({"a.py": "1"})
    folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
    (tmp_path / "s" / "stamp").unlink()
    (tmp_path / "s" / "index").write_bytes(b"DIRC broken")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"stale")
    shadow.lay_out(repository.edge, tree, tmp_path / "s")
    assert content(folder) == {"a.py": b"1"}
    assert not (folder / "__pycache__").exists()


def test_a_rewrite_within_a_second_runs_the_new_code(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python trusts a cached file by second and size, and both are alike here."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    seen = []
    for value in ("1", "2", "3", "4"):
        tree = repository.commit({"a.py": f"print({value})"})
        folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
        os.utime(folder / "a.py", (1_000_000_000, 1_000_000_000))
        done = subprocess.run([sys.executable, "-c", "import a"], cwd=folder, capture_output=True, check=True)
        seen.append(done.stdout.decode().strip())
    assert seen == ["1", "2", "3", "4"]


def test_bytecode_that_a_full_disk_cut_off_is_not_kept(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python before 3.12.8 and 3.13.1 leaves such a file, and does not look at the source again."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    large = "".join(f"def f{number}(a):\n    return a + {number}\n" for number in range(100))
    tree = repository.commit({"package/__init__.py": "", "package/large.py": large, "small.py": "x = 'small'\n"})
    folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
    command = [sys.executable, "-c", "import small, package.large; print(package.large.f1(1))"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    (cut,) = (folder / "package/__pycache__").glob("large.*.pyc")
    (whole,) = (folder / "__pycache__").glob("small.*.pyc")
    kept = whole.stat().st_ino
    for size in (0, 512, 4096):
        os.truncate(cut, size)
        shadow.lay_out(repository.edge, tree, tmp_path / "s")
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        assert (done.stdout, done.stderr) == (b"2\n", b"")
    assert whole.stat().st_ino == kept


def test_the_user_is_left_alone(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.py": "1", "b.py": "1"})
    repository.stage({"a.py": "2"})
    repository.write("a.py", "3")
    repository.write("untracked.py", "4")
    before = repository.state()
    tree = index_tree(repository.edge)
    folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
    assert repository.state() == before
    assert content(folder) == {"a.py": b"2", "b.py": b"1"}


def test_built_files_are_borrowed_and_no_others(repository: GitRepository, tmp_path: Path) -> None:
    tree = repository.commit({"src/p/__init__.py": "", ".gitignore": "*.so\n_version.py\nlocal.py\nnode_modules\n"})
    repository.write("src/p/fast.cpython-311-x86_64-linux-gnu.so", b"elf")
    repository.write("src/p/_version.py", "v = 1")
    repository.write("src/p/local.py", "secret = 1")
    repository.write("src/p/untracked.py", "x = 1")
    repository.write("node_modules/tool/index.js", "1")
    for _ in range(2):
        laid_out = shadow.lay_out(repository.edge, tree, tmp_path / "s")
        laid_out = shadow.borrow(repository.edge, laid_out, ["src/p"], [])
        assert laid_out.borrowed == (
            "node_modules",
            "src/p/_version.py",
            "src/p/fast.cpython-311-x86_64-linux-gnu.so",
        )
        assert not (laid_out.folder / "src/p/local.py").exists()
        assert not (laid_out.folder / "src/p/untracked.py").exists()
    assert (repository.path / "node_modules/tool/index.js").exists()


def test_a_filter_of_the_repository_runs_nothing(repository: GitRepository, tmp_path: Path) -> None:
    tree = repository.commit({"a.txt": "kept", ".gitattributes": "*.txt filter=evil\n"})
    mark = tmp_path / "ran"
    for key in ("smudge", "clean", "process"):
        repository.git("config", f"filter.evil.{key}", f"touch {mark}")
    repository.git("config", "filter.evil.required", "true")
    repository.git("config", "core.fsmonitor", f"touch {mark}")
    repository.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for name in ("post-checkout", "post-index-change"):
        (tmp_path / "hooks" / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (tmp_path / "hooks" / name).chmod(0o755)
    folder = shadow.lay_out(repository.edge, tree, tmp_path / "s").folder
    is_in_place(repository.edge, tree)
    repository.write("a.txt", "changed")
    worktree_tree(repository.edge)
    assert content(folder)["a.txt"] == b"kept"
    assert not mark.exists()


def test_a_submodule_is_laid_out_at_its_commit(repository: GitRepository, tmp_path: Path) -> None:
    inner = GitRepository.create(tmp_path / "inner")
    inner.commit({"data.txt": "one"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repository.commit({"a.py": "1"})
    (repository.path / "sub" / "data.txt").write_text("edited by the user")
    laid_out = shadow.lay_out(repository.edge, repository.git("rev-parse", "HEAD^{tree}"), tmp_path / "s")
    assert content(laid_out.folder)["sub/data.txt"] == b"one"
    assert laid_out.notes == ()
    (laid_out.folder / "sub" / "left.py").write_text("import me")
    (laid_out.folder / "sub" / "data.txt").write_text("spoilt")
    shadow.lay_out(repository.edge, repository.git("rev-parse", "HEAD^{tree}"), tmp_path / "s")
    assert {n: c for n, c in content(laid_out.folder).items() if n.startswith("sub/")} == {"sub/data.txt": b"one"}
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(repository.path), str(clone)], check=True)
    laid_out = shadow.lay_out(GitRepository(clone).edge, "HEAD", tmp_path / "t")
    assert "submodule sub is not checked out" in laid_out.notes[0]


@pytest.mark.parametrize(
    ("extra", "in_place"),
    [
        ({}, True),
        ({".venv/pyvenv.cfg": "", ".venv/lib/x.py": "1"}, True),
        ({"pkg/__pycache__/a.pyc": "1"}, True),
        ({"local_settings.py": "1"}, False),
        ({"generated/x.py": "1"}, False),
        ({"notes.txt": "untracked"}, False),
    ],
)
def test_in_place_only_when_nothing_else_could_be_imported(
    repository: GitRepository, extra: dict[str, str | bytes], in_place: bool
) -> None:
    ignored = ".venv\n__pycache__\nlocal_settings.py\ngenerated\n"
    repository.commit({"a.py": "1", ".gitignore": ignored})
    for name, text in extra.items():
        repository.write(name, text)
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert is_in_place(repository.edge, tree) is in_place


def test_in_place_where_everything_is_staged(repository: GitRepository) -> None:
    repository.stage({"a.py": "1\n"})
    first = index_tree(repository.edge)
    assert is_in_place(repository.edge, first)  # before the first commit
    repository.commit({"b.py": "1\n"})
    repository.stage({"a.py": "2\n", "c.py": "3\n"})
    assert is_in_place(repository.edge, index_tree(repository.edge))
    assert not is_in_place(repository.edge, repository.git("rev-parse", "HEAD^{tree}"))
    assert not is_in_place(repository.edge, first)
    repository.write("c.py", "4\n")
    assert not is_in_place(repository.edge, index_tree(repository.edge))


def test_not_in_place_with_an_unstaged_edit_or_another_tree(repository: GitRepository) -> None:
    first = repository.commit({"a.py": "1"})
    repository.commit({"a.py": "2"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert is_in_place(repository.edge, tree)
    assert not is_in_place(repository.edge, repository.git("rev-parse", f"{first}^{{tree}}"))
    repository.write("a.py", "3")
    assert not is_in_place(repository.edge, tree)


def test_a_commit_that_is_not_checked_out_is_not_in_place_unless_its_tree_is(repository: GitRepository) -> None:
    first = repository.commit({"a.py": "1"})
    second = repository.commit({"a.py": "2"})
    trees = {commit: repository.git("rev-parse", f"{commit}^{{tree}}") for commit in (first, second)}
    assert is_in_place(repository.edge, trees[second], second)
    assert not is_in_place(repository.edge, trees[first], first)
    repository.git("commit", "--quiet", "--amend", "--message", "Another message")
    assert is_in_place(repository.edge, trees[second], second)
    repository.git("checkout", "--quiet", "--detach", first)
    assert is_in_place(repository.edge, trees[first], first)
    assert not is_in_place(repository.edge, trees[second], second)
    repository.git("pack-refs", "--all")
    assert is_in_place(repository.edge, trees[first], first)


def test_stale_bytecode_is_suspected(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"):
        monkeypatch.delenv(name, raising=False)
    source = repository.write("a.py", "x = 1")
    subprocess.run([sys.executable, "-c", "import a"], cwd=repository.path, check=True)
    (bytecode,) = (repository.path / "__pycache__").iterdir()
    os.utime(source, (1_000_000_000.9, 1_000_000_000.9))
    for compiled, suspected in ((1_000_000_000.95, True), (1_000_000_001.1, False)):
        os.utime(bytecode, (compiled, compiled))
        assert shadow.may_hold_stale_bytecode(repository.path, ["a.py"]) is suspected


def test_a_named_file_is_borrowed_though_nobody_ignored_it(repository: GitRepository, tmp_path: Path) -> None:
    tree = repository.commit({"src/p/__init__.py": ""})
    repository.write("src/p/data.tar.gz", b"zones")
    laid_out = shadow.lay_out(repository.edge, tree, tmp_path / "s")
    assert shadow.borrow(repository.edge, laid_out, ["src/p"], []).borrowed == ()
    assert shadow.borrow(repository.edge, laid_out, ["src/p"], ["src/**/*.gz"]).borrowed == ("src/p/data.tar.gz",)


def test_an_environment_that_nobody_ignored_does_not_force_a_copy(repository: GitRepository) -> None:
    repository.commit({"a.py": "1"})
    repository.write(".venv/pyvenv.cfg", "")
    assert is_in_place(repository.edge, repository.git("rev-parse", "HEAD^{tree}"))


def test_an_extension_older_than_its_changed_source_is_named(tmp_path: Path) -> None:
    for name, second in (("p/fast.c", 200), ("p/fast.so", 100), ("p/other.so", 300)):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
        os.utime(file, (second, second))
    assert shadow.older_than_sources(tmp_path, ["p"], ["p/fast.c", "p/gone.c"]) == ("p/fast.so",)
    assert shadow.older_than_sources(tmp_path, ["p"], []) == ()


@pytest.mark.parametrize("flag", ["assume-unchanged", "skip-worktree"])
def test_not_in_place_where_git_was_told_to_overlook_edits(repository: GitRepository, flag: str) -> None:
    repository.commit({"a.py": "1\n", "b.py": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert is_in_place(repository.edge, tree)
    repository.git("update-index", f"--{flag}", "a.py")
    repository.write("a.py", "2\n")
    assert not is_in_place(repository.edge, tree)


def test_nothing_is_borrowed_through_a_link_of_the_tree(repository: GitRepository, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    repository.commit({"pkg/__init__.py": "", ".gitignore": "*.so\nnode_modules\n"})
    for name in ("native", "web"):
        (repository.path / "pkg" / name).symlink_to(elsewhere)
    repository.git("add", "--all")
    tree = repository.git("write-tree")
    for name in ("native", "web"):
        (repository.path / "pkg" / name).unlink()
    repository.write("pkg/native/fast.so", b"built")
    repository.write("pkg/web/node_modules/tool.js", "1")
    laid_out = shadow.lay_out(repository.edge, tree, tmp_path / "s")
    borrowed = shadow.borrow(repository.edge, laid_out, ["pkg", "pkg/web"], [])
    assert borrowed.borrowed == ()
    assert list(elsewhere.iterdir()) == []

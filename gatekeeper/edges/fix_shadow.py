"""The folder in which fixers work: a tree of their own, what they changed in it, and the tree that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.edges import shadow
from gatekeeper.edges.fix_apply import FixedBlob
from gatekeeper.edges.git import Repository

_DIFF_FILES = ("diff-files", "-z", "--raw", "--no-ext-diff", "--ignore-submodules=all")
_DIFF = ("diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")


@dataclass(frozen=True, slots=True)
class Touched:
    """What a fixer left behind: regular files with another content, and everything else that it did."""

    files: tuple[str, ...]
    others: tuple[str, ...]


class FixShadow:
    """A tree laid out for fixers; `tree` is the last one in which everything was in order."""

    def __init__(self, repository: Repository, tree: str, place: Path) -> None:
        self.tree = tree
        self._repository = repository
        self._place = place
        self._env = {"GIT_INDEX_FILE": str(place / "index")}
        self._lay_out()

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._place / "tree"

    def touched(self, allowed: Sequence[str]) -> Touched:
        """What differs from the last good tree, held against the files that might be changed."""
        where = str(self.folder)
        self._repository.attempt("update-index", "-q", "--refresh", env=self._env, work_tree=where)
        fields = _names(self._repository.run(*_DIFF_FILES, env=self._env, work_tree=where))
        expected = frozenset(allowed)
        files: list[str] = []
        others = sorted(self._untracked() - self._before)
        for record, path in zip(fields[::2], fields[1::2], strict=True):
            fits = path in expected and record.endswith(" M") and record.split()[1].startswith("100")
            (files if fits else others).append(path)
        return Touched(tuple(files), tuple(others))

    def accept(self, files: Sequence[str], modes: dict[str, str]) -> None:
        """Take the content of these files into the tree; each keeps its mode."""
        where = str(self.folder)
        for path in files:
            (self.folder / path).chmod(0o755 if modes[path] == "100755" else 0o644)
        listing = "".join(f"{path}\0" for path in files).encode("utf-8", "surrogateescape")
        self._repository.run(
            "-c", "core.safecrlf=false", "update-index", "-z", "--stdin", stdin=listing, env=self._env, work_tree=where
        )
        self.tree = self._repository.run("write-tree", env=self._env).decode().strip()

    def restore(self) -> None:
        """Go back to the last good tree."""
        self._lay_out()

    def _lay_out(self) -> None:
        laid_out = shadow.lay_out(self._repository, self.tree, self._place)
        shadow.borrow(self._repository, laid_out, (), ())
        self._before = self._untracked()

    def _untracked(self) -> frozenset[str]:
        arguments = ("ls-files", "--others", "--exclude-standard", "-z")
        return frozenset(_names(self._repository.run(*arguments, env=self._env, work_tree=str(self.folder))))


def changed_blobs(repository: Repository, before: str, after: str) -> tuple[FixedBlob, ...]:
    """The files in which two trees differ."""
    if before == after:
        return ()
    fields = _names(repository.run(*_DIFF, "--raw", "--full-index", before, after))
    records = (record.removeprefix(":").split() for record in fields[::2])
    return tuple(
        FixedBlob(path, mode, old, new) for (_, mode, old, new, _), path in zip(records, fields[1::2], strict=True)
    )


def line_counts(repository: Repository, before: str, after: str) -> dict[str, tuple[int, int]]:
    """How many lines came and went in each file in which two trees differ."""
    fields = _names(repository.run(*_DIFF, "--numstat", before, after))
    rows = (field.split("\t", 2) for field in fields)
    return {path: (int(added), int(removed)) for added, removed, path in rows if added.isdigit()}


def patch_of(repository: Repository, before: str, after: str) -> bytes:
    """The difference of two trees as a patch that `git apply` takes."""
    arguments = [word for word in _DIFF if word != "-z"]
    return repository.run(
        *arguments, "-p", "--full-index", "--binary", "--src-prefix=a/", "--dst-prefix=b/", before, after
    )


def unfit(repository: Repository, tree: str, names: Sequence[str], with_index: bool) -> dict[str, str]:
    """The files that are left out, with the reason: those behind a filter, and those that Git is told to overlook."""
    found: dict[str, str] = {}
    listing = "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
    for source in ((), ("--cached",)):  # the attributes of the working tree and those of the index may differ
        asked = ("check-attr", "-z", "--stdin", *source, "filter")
        answers = _names(repository.run(*asked, stdin=listing)) if names else []
        for path, value in zip(answers[::3], answers[2::3], strict=True):
            if value not in ("unspecified", "unset"):
                found[path] = f"the filter {value} stands between the file and its object"
    if with_index:
        wanted = frozenset(names)
        for entry in _names(repository.run("ls-files", "-v", "-z")):
            flag, path = entry[:1], entry[2:]
            if path in wanted and (flag == "S" or flag.islower()):
                found[path] = "Git is told to overlook it (assume-unchanged, skip-worktree)"
    return found


def _names(output: bytes) -> list[str]:
    return [field for field in output.decode("utf-8", "surrogateescape").split("\0") if field]

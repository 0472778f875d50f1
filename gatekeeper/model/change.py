"""What differs between two trees: files and lines, and the definitions that stand on lines."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath

from gatekeeper.model.frozen import dataclass


class ChangeKind(StrEnum):
    """How a file came to differ, in the words of `git diff --raw`."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type changed"


class Role(StrEnum):
    """What a file is for, judged by its path alone."""

    SOURCE = "source"
    TEST = "test"
    DOCS = "docs"
    EXAMPLE = "example"
    TOOLING = "tooling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LineSpan:
    """Lines `start` to `end`, both included, counted from 1."""

    start: int
    end: int

    def __contains__(self, line: int) -> bool:
        return self.start <= line <= self.end


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a diff without context: `old_count` lines at `old_start` became `new_count` lines at `new_start`.

    With a count of 0 the start is the line *before* the gap, as in `@@ -3,0 +4,2 @@`.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class: its dotted name inside the file, its kind and its lines."""

    name: str
    kind: str  # "function", "method" or "class"
    span: LineSpan


@dataclass(frozen=True)
class FileChange:
    """One changed file; paths are relative to the repository, with slashes.

    Bytes of a name that are not UTF-8 stand in the path as lone surrogates, the way `os.fsdecode` writes them.
    `text` and `base_text` are the two contents, or None where that side has none that can be read as text.
    """

    path: str
    kind: ChangeKind
    old_path: str | None = None
    mode: str = "100644"
    old_mode: str = "100644"
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()
    text: str | None = None
    base_text: str | None = None

    @property
    def exists(self) -> bool:
        """Whether the file is in the head tree."""
        return self.kind is not ChangeKind.DELETED

    @property
    def base_path(self) -> str | None:
        """Where the file lies in the base tree, or None where it has no forerunner there."""
        if self.kind in (ChangeKind.ADDED, ChangeKind.COPIED):
            return None
        return self.old_path or self.path

    @property
    def is_python(self) -> bool:
        """Whether the head tree holds this as a regular Python source file."""
        return self.exists and self.mode.startswith("100") and self.path.endswith(".py")

    @property
    def is_compiled(self) -> bool:
        """Whether only a build brings what this file says to the interpreter."""
        return self.role is Role.SOURCE and PurePosixPath(self.path).suffix in _COMPILED_SUFFIXES

    @property
    def is_submodule(self) -> bool:
        """Whether either side is a commit of another repository."""
        return "160000" in (self.mode, self.old_mode)

    @property
    def mode_changed(self) -> bool:
        """Whether an existing file became executable, or stopped being so."""
        return self.base_path is not None and self.exists and self.mode != self.old_mode

    @property
    def role(self) -> Role:
        """What the file is for."""
        return role_of(self.path)

    @cached_property
    def added(self) -> tuple[LineSpan, ...]:
        """The spans of head lines that the change brought."""
        return tuple(LineSpan(h.new_start, h.new_start + h.new_count - 1) for h in self.hunks if h.new_count)

    @cached_property
    def removed(self) -> tuple[LineSpan, ...]:
        """The spans of base lines that the change took away."""
        return tuple(LineSpan(h.old_start, h.old_start + h.old_count - 1) for h in self.hunks if h.old_count)

    @cached_property
    def added_lines(self) -> frozenset[int]:
        """The numbers of the head lines that the change brought."""
        return frozenset(line for span in self.added for line in range(span.start, span.end + 1))

    def touches(self, line: int) -> bool:
        """Whether the change brought this head line."""
        return line in self.added_lines

    def base_line(self, line: int) -> int | None:
        """The base line that an unchanged head line was, or None for a line that the change brought."""
        if self.touches(line):
            return None
        shift = 0
        for hunk in self.hunks:
            last = hunk.new_start + hunk.new_count - 1 if hunk.new_count else hunk.new_start
            if last >= line:
                break
            shift += hunk.old_count - hunk.new_count
        return line + shift

    def removes_base_line(self, line: int) -> bool:
        """Whether the change took this base line away."""
        return any(line in span for span in self.removed)


@dataclass(frozen=True)
class Change:
    """What differs between the base tree and the head tree; `message` is the text of the commits, if any."""

    base_tree: str
    head_tree: str
    files: tuple[FileChange, ...] = ()
    message: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the two trees are equal."""
        return not self.files

    def file(self, path: str) -> FileChange | None:
        """The change of the file that lies at this path in the head tree."""
        return next((file for file in self.files if file.exists and file.path == path), None)


_FOLDERS = (
    (frozenset({"test", "tests", "testing", "__tests__", "spec"}), Role.TEST),
    (frozenset({"doc", "docs", "documentation"}), Role.DOCS),
    (frozenset({"example", "examples", "sample", "samples", "demo", "demos"}), Role.EXAMPLE),
    (
        frozenset({"bench", "benches", "benchmark", "benchmarks", "performance", "tools", "scripts", "ci"})
        | frozenset({".github", "requirements"}),
        Role.TOOLING,
    ),
)
_TOOLING_FILES = frozenset({"setup.py", "noxfile.py", "tasks.py", "dodo.py", "conftest.py", "fabfile.py", "SConstruct"})
_DOCS_SUFFIXES = frozenset({".md", ".rst", ".txt", ".adoc"})
_COMPILED_SUFFIXES = frozenset(
    {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".pyx", ".pxd", ".pxi", ".rs", ".f", ".f90", ".i", ".go"}
)
_SOURCE_SUFFIXES = frozenset(
    {
        ".py",
        ".pyi",
        ".pyx",
        ".js",
        ".jsx",
        ".mjs",
        ".cjs",
        ".ts",
        ".tsx",
        ".go",
        ".rs",
        ".java",
        ".kt",
        ".rb",
        ".c",
        ".cc",
    }
    | {".cpp", ".h", ".hpp", ".cs", ".swift", ".php", ".scala", ".vue", ".svelte"}
)


def role_of(path: str) -> Role:
    """What the file at this path is for.

    The outermost folder tells most (`docs/examples/a.py` belongs to the docs); deeper down only a folder called `tests`
    does, since packages ship folders called `testing`, `scripts` or `examples` (`src/app/testing/x.py` is source).
    """
    pure = PurePosixPath(path)
    name, folders = pure.name, pure.parts[:-1]
    is_code = pure.suffix in _SOURCE_SUFFIXES
    if name.startswith("test_") or pure.stem.endswith(("_test", ".test", ".spec")) or name == "conftest.py":
        return Role.TEST if is_code else Role.OTHER
    if folders:
        last_word = re.split(r"[-_]", folders[0].lower())[-1]  # typing-examples, unit_tests
        for names, role in _FOLDERS:
            if last_word in names:
                return role
    if "tests" in folders or "__tests__" in folders:
        return Role.TEST
    if name in _TOOLING_FILES and not folders:
        return Role.TOOLING
    if is_code:
        return Role.SOURCE
    return Role.DOCS if pure.suffix in _DOCS_SUFFIXES else Role.OTHER

"""Reads what differs between two trees of a repository."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence

from gatekeeper.edges.git import Repository
from gatekeeper.formats.unified_diff import (
    PatchSection,
    RawChange,
    join_sections,
    read_patch,
    read_raw,
    split_output,
)
from gatekeeper.model.candidate import Target
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk

_DIFF = (
    "diff-tree", "-r", "-z", "-M", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--raw",
    "--ignore-submodules=none",
)  # fmt: skip
_PATCH = ("-p", "-U0", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short")
_MOST_NAMED = 500  # paths in one command line
_NUL_WINDOW = 8000  # Git's own rule: a NUL among the first 8,000 bytes makes a file binary


def read_change(repository: Repository, target: Target) -> Change:
    """The change of a target, with the texts of both sides."""
    if target.base_tree == target.head_tree:
        return Change(target.base_tree, target.head_tree, (), target.message)
    if target.whole:
        raw = read_raw(repository.run(*_DIFF, target.base_tree, target.head_tree))
        sections: Sequence[PatchSection] = [PatchSection()] * len(raw)
    else:
        output = repository.run(*_DIFF, *_PATCH, target.base_tree, target.head_tree)
        raw_part, patch = split_output(output)
        raw = read_raw(raw_part)
        sections = join_sections(raw, read_patch(patch))
    contents = repository.contents([r.object for r in raw] + [r.old_object for r in raw])
    sections = _unhidden(repository, target, raw, sections, contents)
    sides = zip(raw, sections, contents[: len(raw)], contents[len(raw) :], strict=True)
    files = tuple(_file(record, section, head, base) for record, section, head, base in sides)
    return Change(target.base_tree, target.head_tree, files, target.message)


def differing(repository: Repository, trees: Iterable[str], head: str) -> dict[str, int]:
    """How many paths differ between each of these trees and the head tree; without those that Git has cleared away."""
    pairs = {f"{tree} {head}".encode(): tree for tree in trees}
    if not pairs:
        return {}
    asked = ("diff-tree", "-r", "--name-only", "--no-renames", "--ignore-submodules=none", "--stdin")
    found: dict[str, int] = {}
    tree = ""
    for line in repository.run(*asked, stdin=b"".join(pair + b"\n" for pair in pairs)).splitlines():
        if line in pairs:  # stands above the paths that differ
            tree = pairs[line]
            found[tree] = 0
        else:
            found[tree] += 1
    return found


def _unhidden(
    repository: Repository, target: Target, raw: Sequence[RawChange], sections: Sequence[PatchSection],
    contents: Sequence[bytes | None],
) -> list[PatchSection]:  # fmt: skip
    """The sections, with the hunks of text that an attribute (`-diff`, `binary`) declares to be none.

    The change itself may bring such an attribute, and would hide its lines from every gate.
    """
    hidden = {
        index
        for index, section in enumerate(sections)
        if section.binary and _is_hidden(raw[index], contents[index], contents[index + len(raw)])
    }
    if not hidden:
        return list(sections)
    names = {name for index in hidden for name in (raw[index].path, raw[index].old_path) if name}
    limits = [f":(top,literal){name}" for name in sorted(names)] if len(names) <= _MOST_NAMED else []
    raw_part, patch = split_output(
        repository.run(*_DIFF, *_PATCH, "--text", target.base_tree, target.head_tree, "--", *limits)
    )
    again = read_raw(raw_part)
    shown = dict(zip(again, join_sections(again, read_patch(patch)), strict=True))
    return [
        shown.get(raw[index], _whole(contents[index], contents[index + len(raw)])) if index in hidden else section
        for index, section in enumerate(sections)
    ]


def _is_hidden(record: RawChange, head: bytes | None, base: bytes | None) -> bool:
    """Whether both sides are text; of what is too large to be read, Python sources alone are worth a second look."""
    read = (head is not None or not int(record.object, 16)) and (base is not None or not int(record.old_object, 16))
    return (read or record.path.endswith(".py")) and not _is_binary(head) and not _is_binary(base)


def _whole(head: bytes | None, base: bytes | None) -> PatchSection:
    """A section that says that every line is another one."""
    old, new = ((content or b"").count(b"\n") + 1 for content in (base, head))
    return PatchSection((Hunk(1, old, 1, new),))


def _file(record: RawChange, section: PatchSection, head: bytes | None, base: bytes | None) -> FileChange:
    text = _text(record.path, head) if record.mode.startswith("100") else None
    base_text = _text(record.old_path or record.path, base) if record.old_mode.startswith("100") else None
    hunks = section.hunks
    if not hunks and text and record.kind is ChangeKind.ADDED:
        hunks = (Hunk(0, 0, 1, text.count("\n") + (not text.endswith("\n"))),)
    if "160000" in (record.mode, record.old_mode):
        hunks = ()
    return FileChange(
        record.path, record.kind, record.old_path, record.mode, record.old_mode,
        section.binary or (head is not None and text is None and record.mode.startswith("100")),
        hunks, text, base_text,
    )  # fmt: skip


def _is_binary(content: bytes | None) -> bool:
    return b"\0" in (content or b"")[:_NUL_WINDOW]


def _text(path: str, content: bytes | None) -> str | None:
    """The content as text, or None when it is binary; Python files may declare another encoding than UTF-8."""
    if content is None or _is_binary(content):
        return None
    encoding = "utf-8"
    if path.endswith((".py", ".pyi")):
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        except SyntaxError:
            encoding = "utf-8"
    try:
        return content.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n")
    except (UnicodeDecodeError, LookupError):
        return content.decode("latin-1").replace("\r\n", "\n")

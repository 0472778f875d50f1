"""Tells which public names of Python sources a change brings, takes away, alters or only moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatekeeper.model.change import Change, FileChange, Role
from gatekeeper.model.frozen import dataclass, field

if TYPE_CHECKING:
    from gatekeeper.formats.python_outline import Outline, Symbol


@dataclass(frozen=True, slots=True)
class Outlines:
    """The outlines of the changed Python files, by the path of the change; `base` only of sources that differ.

    `broken` are the files of the head tree that are no Python which can be parsed.
    """

    head: Mapping[str, Outline] = field(default_factory=dict)
    base: Mapping[str, Outline] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiDelta:
    """What became of the definitions of product sources: each entry is (path, line, dotted name).

    `added`, `removed` and `altered` (another signature) hold public names only. `moved` holds every definition whose
    text is found in another file, or under another name, than before.
    """

    added: tuple[tuple[str, int, str], ...] = ()
    removed: tuple[tuple[str, int, str], ...] = ()
    altered: tuple[tuple[str, int, str], ...] = ()
    moved: tuple[tuple[str, int, str], ...] = ()


def read_outlines(change: Change) -> Outlines:
    """Parse every changed Python file once, and the base of product sources whose text differs."""
    head: dict[str, Outline] = {}
    base: dict[str, Outline] = {}
    broken = []
    for file in change.files:
        if (file.is_python or (file.exists and file.path.endswith(".pyi"))) and file.text is not None:
            outline = _outline(file.text)
            if outline is None:
                broken.append(file.path)
            else:
                head[file.path] = outline
        if _has_base(file) and file.base_text is not None:
            before = _outline(file.base_text)
            if before is not None:
                base[file.path] = before
    return Outlines(head, base, tuple(broken))


def _outline(text: str) -> Outline | None:
    from gatekeeper.formats.python_outline import read_outline  # noqa: PLC0415 - only where Python changed

    return read_outline(text)


def api_delta(change: Change, outlines: Outlines) -> ApiDelta:
    """Compare the definitions of both sides of all product sources together, so that moved ones are seen as moved."""
    gone: list[tuple[str, Symbol]] = []
    come: list[tuple[str, Symbol]] = []
    altered: list[tuple[str, int, str]] = []
    for file in _sources(change, outlines):
        before, after = _symbols(outlines.base.get(file.path)), _symbols(outlines.head.get(file.path))
        gone += [(file.path, before[name]) for name in before if name not in after]
        come += [(file.path, after[name]) for name in after if name not in before]
        altered += [
            (file.path, symbol.line, name)
            for name, symbol in after.items()
            if name in before and symbol.is_public and symbol.kind != "class" and symbol.header != before[name].header
        ]
    return _joined(gone, come, altered)


def is_public_path(path: str) -> bool:
    """Whether all folders can be packages and none of them, nor the module, is hidden by an underscore.

    `__init__` and `__main__` hide nothing; `typing-examples/a.py` is a script that nobody imports.
    """
    *folders, name = path.split("/")
    hidden = any(part.startswith("_") and not part.startswith("__") for part in (*folders, name))
    return not hidden and all(folder.isidentifier() for folder in folders)


def _joined(
    gone: list[tuple[str, Symbol]], come: list[tuple[str, Symbol]], altered: list[tuple[str, int, str]]
) -> ApiDelta:
    texts = Counter(symbol.text for _, symbol in gone)
    moved, added = [], []
    for path, symbol in come:
        entry = (path, symbol.line, symbol.name)
        if texts[symbol.text]:
            texts[symbol.text] -= 1
            moved.append(entry)
        elif symbol.is_public:
            added.append(entry)
    left = {symbol.name for _, symbol in gone if symbol.is_public}
    brought = {symbol.name for _, symbol in come}
    added = [entry for entry in added if entry[2] not in left]  # the same name, only in another file
    removed = [(path, symbol.line, symbol.name) for path, symbol in gone if symbol.is_public]
    return ApiDelta(
        tuple(_outermost(entry for entry in added if is_public_path(entry[0]))),
        tuple(_outermost(e for e in removed if is_public_path(e[0]) and e[2] not in brought)),
        tuple(entry for entry in altered if is_public_path(entry[0])),
        tuple(moved),
    )


def _outermost(entries: Iterable[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """Without the methods of a class that is among the entries itself."""
    known = list(entries)
    names = {(path, name) for path, _, name in known}
    return [entry for entry in known if (entry[0], entry[2].rpartition(".")[0]) not in names]


def _sources(change: Change, outlines: Outlines) -> list[FileChange]:
    """Product sources with at least one side; one that does not parse any more says nothing about its names."""
    broken = set(outlines.broken)
    return [
        file
        for file in change.files
        if file.role is Role.SOURCE
        and file.path not in broken
        and (file.path in outlines.head or file.path in outlines.base)
        and not (file.base_path is not None and file.exists and file.path not in outlines.base)
    ]


def _has_base(file: FileChange) -> bool:
    before = file.base_path
    return (
        before is not None
        and before.endswith(".py")
        and file.role is Role.SOURCE
        and file.old_mode.startswith("100")
        and file.base_text != file.text
    )


def _symbols(outline: Outline | None) -> Mapping[str, Symbol]:
    return {} if outline is None else outline.symbols

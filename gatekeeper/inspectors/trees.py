"""Holds the two trees of a request: their changed sources, and their interfaces, which are read when first needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.formats.docs_paths import is_docs
from gatekeeper.inspectors.definitions import ModuleText, read_module
from gatekeeper.inspectors.docs_files import docs_texts
from gatekeeper.inspectors.sources import Source, package_sources, read_text
from gatekeeper.inspectors.work import ChangedFile, Work
from gatekeeper.model.frozen import dataclass

if TYPE_CHECKING:
    from gatekeeper.inspectors.sides import Side

_Read = dict[str, tuple[str, ModuleText]]
_EMPTY = ModuleText({}, "", None, frozenset(), "")
_GENERATED = frozenset({"_version", "version", "__version__", "_version_info"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source of the head that does not parse; `was_readable` says that its forerunner did, or that there is none."""

    path: str
    line: int | None
    message: str
    was_readable: bool


@dataclass(frozen=True, slots=True)
class NewModule:
    """A public module that the change brought."""

    name: str
    path: str
    documented: bool


class Trees:
    """The two trees of a request."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.unreadable: list[Unreadable] = []
        self.notes: list[str] = []
        self._old: _Read = {}
        self._new: _Read = {}
        self.interface_changed = False
        for file in work.files:
            self._read(file)
        if work.whole:
            self._read_everything()

    def _read(self, file: ChangedFile) -> None:
        """Read both sides of a changed source and note whether what it offers differs."""
        old_name = self._work.module_of(file.base_path) if file.base_path and not self._work.whole else None
        new_name = self._work.module_of(file.path) if file.exists else None
        old = self._parsed(self._work.base, file.base_path)[0] if old_name and file.base_path else None
        new, problem, line = self._parsed(self._work.head, file.path) if new_name else (None, "", None)
        if problem:
            self.unreadable.append(Unreadable(file.path, line, problem, file.base_path is None or old is not None))
            return  # what it offers cannot be told, so that nothing is said of it
        if old_name and old and file.base_path:
            self._old[old_name] = (file.base_path, old)
        if new_name and new:
            self._new[new_name] = (file.path, new)
        same = old is not None and new is not None and old_name == new_name and old.skeleton == new.skeleton
        self.interface_changed = self.interface_changed or not (same or (old is None and new is None))

    def _read_everything(self) -> None:
        for package in self._work.packages:
            for source in package_sources(self._work.head, self._work.import_roots, package):
                if source.path not in self._work.paths:
                    self._read(ChangedFile(source.path, None, exists=True))

    @staticmethod
    def _parsed(tree: str, path: str) -> tuple[ModuleText | None, str, int | None]:
        text = read_text(Path(tree, path))
        if text is None:
            return None, "", None
        try:
            return read_module(text), "", None
        except SyntaxError as error:
            return None, error.msg, error.lineno
        except (ValueError, RecursionError) as error:
            return None, str(error), None

    def new_modules(self) -> Iterator[NewModule]:
        """The public modules with something in them that the base did not have."""
        renamed = {file.path for file in self._work.files if file.base_path}
        for name, (path, text) in self._new.items():
            is_private = any(part.startswith("_") for part in name.split("."))
            if path not in renamed and name not in self._old and not is_private and text.definitions:
                yield NewModule(name, path, bool(text.docstring))

    def _sources(self, tree: str, package: str) -> list[Source]:
        return list(package_sources(tree, self._work.import_roots, package))

    @cached_property
    def _packages(self) -> tuple[str, ...]:
        """The packages to read: those of the change and their neighbours, or all where docs may import any."""
        sources: dict[str, str] = {}
        for package in self._work.packages:
            found = self._sources(self._work.head, package) or self._sources(self._work.base, package)
            if found and self._work.is_product(found[0].path):
                sources[package] = "" if len(self._work.packages) == 1 else _imports_of(found)
        touched = {name.partition(".")[0] for name in (*self._old, *self._new)} & set(sources)
        if not touched or any(is_docs(file.path) for file in self._work.files):
            return tuple(sources)
        near = {
            name
            for name, imports in sources.items()
            if any(_imports(imports, other) or _imports(sources[other], name) for other in touched)
        }
        return tuple(sorted(touched | near))

    @cached_property
    def head(self) -> Side:
        """The head with its interface."""
        return self._side(self._work.head, self._new, self._old)

    @cached_property
    def base(self) -> Side:
        """The base with its interface; without one where everything is judged."""
        from gatekeeper.inspectors.sides import unread_side  # noqa: PLC0415 - griffe comes with it, as below

        return unread_side() if self._work.whole else self._side(self._work.base, self._old, {})

    def _side(self, tree: str, read: _Read, other: _Read) -> Side:
        from gatekeeper.inspectors.sides import read_side  # noqa: PLC0415 - most changes alter no interface

        sources = (source for package in self._packages for source in self._sources(tree, package))
        side, note = read_side(self._work, sources, read, dict.fromkeys(other, _EMPTY))
        self.notes += [note] if note and note not in self.notes else []
        return side

    def docs(self) -> Iterable[tuple[str, str]]:
        """The documentation of the head as (path, text)."""
        return self._docs

    @cached_property
    def _docs(self) -> list[tuple[str, str]]:
        return list(docs_texts(self._work.head, self._work.root, self._work.paths, self._work.base))

    def names(self) -> set[str]:
        """The last names of everything that the head still defines."""
        return self._names

    @cached_property
    def _names(self) -> set[str]:
        return self.head.surface.names()

    def resolves_in_head(self, name: str) -> bool:
        """Whether an import of this dotted name works in the head, or is none of the project's."""
        return not self._is_readable(name) or self._resolves(name, self.head, self._work.head)

    def resolves_in_base(self, name: str) -> bool:
        """Whether an import of this dotted name worked in the base, or was none of the project's."""
        if not self.interface_changed:
            return self.resolves_in_head(name)
        return not self._is_readable(name) or self._resolves(name, self.base, self._work.base)

    def _is_readable(self, name: str) -> bool:
        """Whether a dotted name is the project's, of a package that is read, and not made while it is built."""
        return name.partition(".")[0] in self._packages and name.rpartition(".")[2] not in _GENERATED

    @staticmethod
    def _resolves(name: str, side: Side, tree: str) -> bool:
        package, _, last = name.rpartition(".")
        if side.surface.is_served(name):
            return True
        # Beside the sources may stand what a compiler makes, in a form that is not read.
        place = side.path_of(package) if package else ""
        return bool(place) and any(Path(tree, place).parent.glob(f"{last}.*"))


def _imports_of(sources: list[Source]) -> str:
    """The lines of some sources that import something."""
    texts = (read_text(source.place) or "" for source in sources)
    return "\n".join(line for text in texts for line in text.splitlines() if "import" in line)


def _imports(lines: str, package: str) -> bool:
    return bool(re.search(rf"^\s*(from|import)\s+{re.escape(package)}\b", lines, re.MULTILINE))

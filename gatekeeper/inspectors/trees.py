"""Holds the two trees of a request: their changed sources, and their interfaces, which are read when first needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import griffe

from gatekeeper.inspectors.comparison import Side
from gatekeeper.inspectors.definitions import ModuleText, read_module
from gatekeeper.inspectors.docs_files import docs_texts, is_docs
from gatekeeper.inspectors.names_only import NamesOnly
from gatekeeper.inspectors.sources import Source, is_product, module_of, package_sources, read_text
from gatekeeper.inspectors.surface import Surface

_TROUBLE = (griffe.GriffeError, AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError)
_Read = dict[str, tuple[str, ModuleText]]
_EMPTY = ModuleText({}, "", None, frozenset(), "")
_GENERATED = frozenset({"_version", "version", "__version__", "_version_info"})


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One changed file: its path, the path of its forerunner in the base, and whether the head has it."""

    path: str
    base_path: str | None
    exists: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A request in typed form; paths are relative to the repository, `head` and `base` are folders."""

    head: str
    base: str
    root: str
    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
    search_path: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    whole: bool
    scope: str
    openapi_file: str

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> Work:
        """Read a request; raises KeyError where a field is missing."""
        return cls(
            head=request["head"],
            base=request["base"],
            root=request["root"],
            import_roots=tuple(request["import_roots"]),
            packages=tuple(request["packages"]),
            search_path=tuple(request["search_path"]),
            files=tuple(ChangedFile(item["path"], item["base_path"], item["exists"]) for item in request["files"]),
            whole=request["whole"],
            scope=request["scope"],
            openapi_file=request["openapi_file"],
        )

    @property
    def paths(self) -> frozenset[str]:
        """The paths of the changed files that the head has."""
        return frozenset(file.path for file in self.files if file.exists)

    def is_product(self, path: str) -> bool:
        """Whether a file is code of the project itself."""
        return is_product(path, self.root)

    def module_of(self, path: str) -> str | None:
        """The dotted name of a source of the project; where every definition counts, also of one outside packages."""
        if not path.endswith(".py") or not self.is_product(path):
            return None
        known = module_of(path, self.import_roots, self.packages)
        if known is None and self.scope == "all":
            return path.removesuffix(".py").replace("/", ".")
        return known


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
        if self._work.whole:
            return Side(NamesOnly({}))
        return self._side(self._work.base, self._old, {})

    def _side(self, tree: str, read: _Read, other: _Read) -> Side:
        modules = {name: text for name, (_, text) in read.items()}
        paths = {name: path for name, (path, _) in read.items()}
        full = Surface(self._work.search_path)
        surface: Surface | NamesOnly = full
        try:
            full.load((s for package in self._packages for s in self._sources(tree, package)), self._work.is_product)
        except _TROUBLE as error:
            note = f"The interface could not be followed ({type(error).__name__}), names alone were compared"
            self.notes += [] if note in self.notes else [note]
            surface = NamesOnly(dict.fromkeys(other, _EMPTY) | modules)
        return Side(surface, modules, paths, self._work.whole)

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

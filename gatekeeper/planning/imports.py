"""Finds which changed file imports which other one directly, with the line that proves it.

Direct edges are the rule: with transitive ones nearly every change is one piece, and with none every file is
independent, which it is not. The files are read one by one with `ast` and not through a package graph such as grimp's:
that one needs packages it can find on the path, while scripts, tests outside of packages and a tree that is laid out
nowhere have to be planned too, and here only the edges of the changed files count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gatekeeper.model.frozen import dataclass
from gatekeeper.planning.ground import Ground

if TYPE_CHECKING:
    from gatekeeper.formats.python_outline import Import, Outline


@dataclass(frozen=True, slots=True)
class Edge:
    """A file that needs another one, and the proof: "app/users.py:3 imports app.models"."""

    importer: str
    imported: str
    proof: str


def direct_imports(outlines: Mapping[str, Outline], texts: Mapping[str, str], ground: Ground) -> tuple[Edge, ...]:
    """The edges among the files of `outlines`, one for each pair of files: the first line that proves it.

    `texts` are the sources of these files. A file imports itself never.
    """
    reader = _Reader(outlines, ground)
    found: dict[tuple[str, str], Edge] = {}
    for path in sorted(outlines):
        for each in outlines[path].imports:
            for target, words in reader.targets(path, each, texts.get(path, "")):
                if target != path and target in outlines:
                    found.setdefault((path, target), Edge(path, target, f"{path}:{each.line} imports {words}"))
    return tuple(found[pair] for pair in sorted(found))


@dataclass(frozen=True)
class _Reader:
    outlines: Mapping[str, Outline]
    ground: Ground

    def targets(self, path: str, found: Import, text: str) -> Iterator[tuple[str, str]]:
        """The files that an import statement leads to, each with what is imported in words."""
        if found.level:
            yield from self._relative(path, found)
        elif found.name:
            yield from self._of_module(self.ground.find(found.module, path), found.module, found.name, path)
        else:
            yield from self._whole(path, found, text)

    def _relative(self, path: str, found: Import) -> Iterator[tuple[str, str]]:
        folders = PurePosixPath(path).parts[: -found.level]
        if len(PurePosixPath(path).parts) <= found.level - 1:
            return
        place = "/".join((*folders, *found.module.split("."))).rstrip("/")
        words = "." * found.level + found.module
        submodule = self.ground.file_of(f"{place}/{found.name}".lstrip("/"))
        if submodule:
            yield submodule, f"{words.rstrip('.') + '.' if found.module else words}{found.name}"
            return
        yield from self._of_name(self.ground.file_of(place), words, found.name)

    def _of_module(self, file: str, module: str, name: str, importer: str) -> Iterator[tuple[str, str]]:
        submodule = self.ground.find(f"{module}.{name}", importer)
        if submodule:
            yield submodule, f"{module}.{name}"
        elif file:
            yield from self._of_name(file, module, name)

    def _of_name(self, file: str, words: str, name: str) -> Iterator[tuple[str, str]]:
        """The file that defines a name which is imported from `file`: itself, or where a package takes it from."""
        source = self._handed_on(file).get(name)
        if source:
            yield source, f"{name} of {words}, which {file} takes from there"
        elif file:
            yield file, words

    def _whole(self, path: str, found: Import, text: str) -> Iterator[tuple[str, str]]:
        """`import a.b`: that module, and for a package the modules of the names that are used through it."""
        file = self.ground.find(found.module, path)
        if not file:
            return
        yield file, found.module
        handed_on = self._handed_on(file)
        if handed_on:
            for name in re.findall(rf"(?<![\w.]){re.escape(found.bound)}\.(\w+)", text):
                if name in handed_on:
                    yield handed_on[name], f"{found.module}, whose {name} {file} takes from there"

    def _handed_on(self, file: str) -> Mapping[str, str]:
        if not file.endswith("/__init__.py"):
            return {}
        if file not in self._packages:
            self._packages[file] = self._exports(file)
        return self._packages[file]

    @cached_property
    def _packages(self) -> dict[str, Mapping[str, str]]:
        return {}

    def _exports(self, file: str) -> Mapping[str, str]:
        """The names that a package takes from its own modules, with the files of these."""
        from gatekeeper.formats.python_outline import read_outline  # noqa: PLC0415 - only where Python changed

        outline = self.outlines.get(file) or read_outline(self.ground.texts.get(file, ""))
        exports: dict[str, str] = {}
        folder = str(PurePosixPath(file).parent)
        package = PurePosixPath(folder).name
        for each in outline.imports if outline else ():
            inner = (
                each.module if each.level == 1 else each.module.removeprefix(f"{package}.") if not each.level else ""
            )
            source = self.ground.file_of(f"{folder}/{inner.replace('.', '/')}") if inner else ""
            if source and each.name:
                exports.setdefault(each.bound, source)
        return exports

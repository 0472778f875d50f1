"""Finds the source files of a project's packages in a laid-out tree, and the dotted name that each is imported by."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.model.change import Role, role_of
from gatekeeper.model.frozen import dataclass

_MOST_FILES = 20_000
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One importable file: its dotted name, its place on the disk, its path in the repository ("" outside of it)."""

    module: str
    place: Path
    path: str
    is_package: bool


def is_product(path: str, root: str) -> bool:
    """Whether a file is code of the project in the folder `root`, and not one of its tests, examples or tools."""
    inside = path[len(root) + 1 :] if root and path.startswith(f"{root}/") else path
    return role_of(inside) is Role.SOURCE


def module_of(path: str, import_roots: tuple[str, ...], packages: tuple[str, ...]) -> str | None:
    """The dotted name of a Python file of the repository, or None where it belongs to no package of the project."""
    if not path.endswith((".py", ".pyi")):
        return None
    for root in sorted(import_roots, key=len, reverse=True):
        if root and not path.startswith(root + "/"):
            continue
        parts = path[len(root) + 1 if root else 0 :].rpartition(".")[0].split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if parts and parts[0] in packages and all(part.isidentifier() for part in parts):
            return ".".join(parts)
    return None


def read_text(place: Path) -> str | None:
    """The text of a regular file of a bearable size, or None; a symbolic link is not followed."""
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _MOST_BYTES:
            return None
        return place.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return None


def package_sources(tree: str, import_roots: tuple[str, ...], package: str) -> Iterator[Source]:
    """The sources of a top-level package or module in a tree of the repository, packages before what is in them."""
    for root in import_roots:
        found = list(_sources_at(Path(tree, root), package, f"{root}/" if root else ""))
        if found:
            yield from found
            return


def external_sources(search_path: tuple[str, ...], package: str) -> Iterator[Source]:
    """The sources of a package that is installed beside the project or comes with Python."""
    for folder in (*search_path, sysconfig.get_path("stdlib")):
        found = [Source(s.module, s.place, "", s.is_package) for s in _sources_at(Path(folder), package, "")]
        if found:
            yield from found
            return


def _sources_at(root: Path, package: str, prefix: str) -> Iterator[Source]:
    if (root / package).is_dir():
        yield from _sources_in(root / package, package, f"{prefix}{package}")
    elif (root / f"{package}.py").is_file():
        yield Source(package, root / f"{package}.py", f"{prefix}{package}.py", is_package=False)


def _sources_in(folder: Path, package: str, prefix: str) -> Iterator[Source]:
    """Walk a package; a stub counts only where no source stands beside it, and links are not followed."""
    seen = 0
    for place, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
        inside = Path(place).relative_to(folder).parts
        module, names = ".".join((package, *inside)), set(files)
        for name in sorted(names, key=lambda name: (not name.startswith("__init__."), name)):
            stem, _, ending = name.partition(".")
            if ending not in ("py", "pyi") or not stem.isidentifier() or (ending == "pyi" and f"{stem}.py" in names):
                continue
            seen += 1
            if seen > _MOST_FILES:
                return
            is_package = stem == "__init__"
            path = "/".join((prefix, *inside, name))
            yield Source(module if is_package else f"{module}.{stem}", Path(place, name), path, is_package)

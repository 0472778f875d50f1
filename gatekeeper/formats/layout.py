"""Tells from the names of a tree's files what Python can import there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from gatekeeper.model.candidate import Project
from gatekeeper.model.change import Role, role_of

_CODE_FOLDERS = ("src", "lib", "python")
_NO_MODULES = frozenset({"setup", "conftest", "noxfile", "tasks", "fabfile", "dodo", "manage", "__init__", "__main__"})


def find_layout(names: Iterable[str], root: str, source_roots: Sequence[str] = ()) -> Project:
    """The project in the folder `root`: its import roots and the top-level names that stand in them.

    `source_roots` (relative to the project) are taken as they are; otherwise the folders `src`, `lib` and `python` are
    import roots where they hold Python code, and the project's folder is one where packages or modules lie in it.
    """
    prefix = f"{root}/" if root else ""
    code = [name for name in names if name.endswith((".py", ".pyi", ".so"))]
    inner = [name[len(prefix) :] for name in code if name.startswith(prefix)]
    if source_roots:
        roots = [posixpath.normpath(prefix + folder) for folder in source_roots]
    else:
        roots = [posixpath.normpath(prefix + folder) for folder in _guess_roots(inner)]
    packages: list[str] = []
    for folder in roots:
        inside = code if folder == "." else [name[len(folder) + 1 :] for name in code if name.startswith(folder + "/")]
        packages += sorted(_top_level(inside, folder == (root or ".")))
    return Project(root, tuple("" if folder == "." else folder for folder in roots), tuple(dict.fromkeys(packages)))


def package_folders(names: Iterable[str], project: Project) -> tuple[str, ...]:
    """The folders, relative to the repository, of the project's packages."""
    places = []
    for root in project.import_roots:
        for package in project.packages:
            place = f"{root}/{package}".lstrip("/")
            if any(name.startswith(place + "/") for name in names):
                places.append(place)
    return tuple(places)


def _guess_roots(inner: Sequence[str]) -> list[str]:
    roots = [folder for folder in _CODE_FOLDERS if _is_code_folder(inner, folder)]
    if not roots or _top_level(inner, True):
        roots.append(".")
    return roots


def _is_code_folder(inner: Sequence[str], folder: str) -> bool:
    """Whether a folder of code holds packages and is no package itself."""
    return f"{folder}/__init__.py" not in inner and any(name.startswith(folder + "/") for name in inner)


def _top_level(inside: Sequence[str], is_project: bool) -> set[str]:
    """The names that can be imported with a folder on the path: packages, modules and namespace packages.

    `inside` are the paths of code below that folder. In the project's own folder only packages with an `__init__.py`
    and modules count, and no tests, docs, examples or tooling; in a folder of code everything does.
    """
    found = set()
    for name in inside:
        parts = PurePosixPath(name).parts
        if is_project and role_of(name) is not Role.SOURCE:
            continue
        if len(parts) == 1:
            module = parts[0].split(".")[0]
            if module not in _NO_MODULES:
                found.add(module)
        elif not is_project or f"{parts[0]}/__init__.py" in inside:
            found.add(parts[0])
    return {name for name in found if name.isidentifier()}

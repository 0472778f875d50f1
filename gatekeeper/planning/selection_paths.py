"""Knows what files of a project mean to its tests, by their paths and by what others have seen of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from gatekeeper.formats.test_settings import SHARED, same_for_tests
from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import TestMap

SETTLING = frozenset(
    {"pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"}
    | {".coveragerc", "conftest.py", "sitecustomize.py", "usercustomize.py", "Pipfile", "noxfile.py", ".gitattributes"}
    | {".gitmodules", "MANIFEST.in", "__init__.py"}
)
"""Files that decide how tests are found or run; one that differs concerns all tests, but for those of `is_spared`."""
_BUILDING = frozenset({"setup.py", "noxfile.py", "MANIFEST.in", "Pipfile"})
_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "pylock.toml"})
_TELLING = frozenset({".md", ".rst", ".txt", ".adoc", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico"})
_FOR_PEOPLE = frozenset({"LICENSE", "LICENCE", "AUTHORS", "NOTICE", "CODEOWNERS", "CHANGES", "CHANGELOG", "Makefile"})
_HOUSEKEEPING = (
    "docs/", "doc/",
    ".github/", ".gitignore", ".git-blame-ignore-revs", ".pre-commit-config.yaml", ".gatekeeper", ".readthedocs",
    ".editorconfig", ".flake8", ".vscode/", ".devcontainer/", ".circleci/", ".travis", ".mailmap",
)  # fmt: skip


def is_spared(file: FileChange) -> bool:
    """Whether a file that settles much settles nothing for tests that do not read it, as it is changed here.

    What requirements, lock files and files for builds bring about is an environment: installed packages, their metadata
    and entry points, and compiled modules. The run compares it with the one that the outcomes are from, and leaves
    nothing out where it is another one. In files that many tools share, pytest and coverage go by parts of their own;
    the run compares what pytest took from there too. A plugin, a conftest.py or a module that reads such a file by
    itself is seen to. One that is new or gone is not spared, since whether it exists may be asked without being seen.
    """
    if file.kind is not ChangeKind.MODIFIED or file.text is None or file.base_text is None:
        return False
    path = PurePosixPath(file.path)
    if path.name in SHARED:
        return same_for_tests(path.name, file.base_text, file.text)
    if path.suffix in (".txt", ".in"):
        return path.name.startswith(("requirements", "constraints")) or path.parent.name == "requirements"
    return path.name in _BUILDING or path.name in _LOCKS


def is_test_file(path: str) -> bool:
    """Whether a file bears a name that pytest looks for by default."""
    stem = PurePosixPath(path).stem
    return path.endswith(".py") and (stem.startswith("test_") or stem.endswith("_test"))


def is_metadata(path: str) -> bool:
    """Whether pytest may look for its plugins there."""
    return PurePosixPath(path).parent.name.endswith((".egg-info", ".dist-info"))


def is_requirement(path: str) -> bool:
    """Whether a file tells which packages, or which environment, a project needs."""
    name = PurePosixPath(path).name
    return name.endswith((".lock", ".pth", ".env")) or name.startswith((".env", "requirements", "constraints"))


def is_for_people(known: TestMap, path: str) -> bool:
    """Whether a file concerns tests only where they are seen to read it: a document or picture beside the code."""
    pure = PurePosixPath(path)
    if any(parent_of(path).startswith(folder) for folder in _code_folders(known)):
        return False
    return pure.suffix in _TELLING or pure.name in _FOR_PEOPLE or path.startswith(_HOUSEKEEPING)


def _code_folders(known: TestMap) -> frozenset[str]:
    """The folders that hold loaded files, but for that of the repository."""
    return frozenset(parent for parent in map(parent_of, known.loaded) if parent)


def folders_that_differ(files: Iterable[FileChange], names: Collection[str] | None) -> frozenset[str]:
    """The folders that came or went with files. `names` are all paths of the head.

    Without them, every folder around a file that came or went is said to have.
    """
    moved = [file for file in files if file.kind in (ChangeKind.RENAMED, ChangeKind.COPIED)]
    came = {file.path for file in files if file.kind is ChangeKind.ADDED} | {file.path for file in moved}
    gone = {file.path for file in files if file.kind is ChangeKind.DELETED}
    gone |= {file.old_path for file in moved if file.old_path and file.kind is ChangeKind.RENAMED}
    if names is None or not came | gone:
        return _folders(came | gone)
    return _folders(names) ^ _folders((set(names) - came) | gone)


def _folders(paths: Iterable[str]) -> frozenset[str]:
    """All folders around these files, but for that of the repository."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


@lru_cache(1 << 14)  # those of all loaded files are asked for again for each document that changed
def parent_of(path: str) -> str:
    """The folder of a path; empty for that of the repository."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent

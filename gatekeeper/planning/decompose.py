"""Splits a change into its smallest independent pieces: a changed file with its tests and its docs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from gatekeeper.formats.changelog import is_changelog
from gatekeeper.model.change import Change, ChangeKind, Definition, FileChange, Role
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.plan import Dependency, Unit
from gatekeeper.planning.imports import Edge

_SHARED_NAMES = frozenset(
    {"pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "noxfile.py", "conftest.py", "MANIFEST.in", "Makefile"}
    | {
        "Dockerfile",
        "CODEOWNERS",
        "AUTHORS",
        "AUTHORS.rst",
        "AUTHORS.md",
        ".gitignore",
        ".gitattributes",
        ".gitmodules",
        ".pre-commit-config.yaml",
    }
    | {"package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "go.mod", "go.sum", "Pipfile"}
)
_SHARED_SUFFIXES = frozenset({".lock"})
_CONFIGURATION = frozenset({".yml", ".yaml", ".toml", ".cfg", ".ini"})
_SHARED_FOLDERS = (".github/", ".circleci/", ".gitlab/", "requirements/")
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_LEAST_NAME = 4


@dataclass(frozen=True, slots=True)
class Pieces:
    """The units of a change, the files that several of them would meet in, and why files hang together as they do.

    `weights` are the changed lines of each path; a file without lines (binary, moved) weighs one.
    """

    units: tuple[Unit, ...]
    shared: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)


def decompose(change: Change, edges: Sequence[Edge], hints: Mapping[str, Sequence[Dependency]] | None = None) -> Pieces:
    """The units, by path. Every path of the change, old ones of moved files too, is in one unit or shared, never both.

    A test belongs to the file that it is named after, else to the only one that it imports; a doc to the only one that
    it names. What belongs to none, or to several, is a unit of its own. `edges` become the needs between units, `hints`
    (by path: co-change, owners) are soft needs and order nothing.
    """
    files = {file.path: file for file in change.files}
    met = {path for path, file in files.items() if is_shared(file)}
    owners = _owners([files[path] for path in sorted(files) if path not in met], edges)
    alone = {path for path, owner in owners.items() if path == owner and is_changelog(path)}
    owners = {path: owner for path, owner in owners.items() if path not in alone}
    shared = sorted(met | alone)
    members: dict[str, list[str]] = defaultdict(list)
    for path, owner in owners.items():
        members[owner].append(path)
    extra = _old_paths(files)
    units = [_unit(owner, paths, files, extra) for owner, paths in sorted(members.items())]
    needs = _needs(owners, edges, hints or {})
    joined = tuple(Unit(u.path, u.files, u.definitions, tuple(needs.get(u.path, ()))) for u in units)
    return Pieces(joined, tuple(sorted(shared + [extra[path] for path in shared if path in extra])), weights_of(change))


def weights_of(change: Change) -> dict[str, int]:
    """The changed lines of each path of a change, and one more; a file without lines (binary, moved) weighs one."""
    return {file.path: 1 + sum(hunk.old_count + hunk.new_count for hunk in file.hunks) for file in change.files}


def is_shared(file: FileChange) -> bool:
    """Whether several workstreams would meet in a file, so that it has to have one owner.

    An `__init__.py` is one as long as the change touches no definition in it: then it is a list of names.
    """
    pure = PurePosixPath(file.path)
    if pure.name == "__init__.py":
        return file.role is Role.SOURCE and not _touched(file)
    return (
        pure.name in _SHARED_NAMES
        or pure.suffix in _SHARED_SUFFIXES
        or pure.name.startswith(("requirements", "constraints"))
        or file.path.startswith(_SHARED_FOLDERS)
        or (len(pure.parts) == 1 and pure.suffix in _CONFIGURATION and not pure.name.startswith(("openapi", "swagger")))
        or (is_changelog(file.path) and file.kind is not ChangeKind.ADDED)  # a new fragment is met by nobody
        or file.is_submodule
    )


def _owners(files: Sequence[FileChange], edges: Sequence[Edge]) -> dict[str, str]:
    """The path of the unit that each file belongs to."""
    owners = {file.path: file.path for file in files if file.role not in (Role.TEST, Role.DOCS)}
    _join_stubs(owners)
    mains = sorted(set(owners.values()))
    sources = [main for main in mains if main.endswith(".py")]
    only = sources[0] if len(sources) == 1 else ""
    known, by_stem = set(mains), _by_stem(mains)
    imported = defaultdict(set)
    for edge in edges:
        imported[edge.importer].add(edge.imported)
    for file in files:
        if file.role is Role.TEST:
            reached = {owners[path] for path in imported[file.path] if path in known}
            owners[file.path] = _owner_of_test(file.path, by_stem, reached, only)
    names = _names(files, owners)
    for file in files:
        if file.role is Role.DOCS:
            owners[file.path] = _owner_of_doc(file, by_stem, names)
    return owners


def _join_stubs(owners: dict[str, str]) -> None:
    """A stub, or another file that differs from a source in its ending only, belongs to that source."""
    for path in owners:
        source = str(PurePosixPath(path).with_suffix(".py")) if PurePosixPath(path).suffix else path
        if source in owners:
            owners[path] = source


def _by_stem(mains: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in mains:
        pure = PurePosixPath(path)
        stem = pure.parent.name if pure.stem == "__init__" else pure.stem
        found[_plain(stem)].append(path)
    return found


def _plain(stem: str) -> str:
    return stem.strip("_").lower().replace("-", "_")


def _owner_of_test(path: str, by_stem: Mapping[str, list[str]], reached: set[str], only: str) -> str:
    stem = re.sub(r"^tests?_|_tests?$|\.(test|spec)$", "", PurePosixPath(path).stem)
    named = by_stem.get(_plain(stem), [])
    if named:
        return max(named, key=lambda main: (main in reached, _common(path, main), main))
    if len(reached) == 1:
        return next(iter(reached))
    return only if only and not reached and path.endswith(".py") else path


def _common(one: str, other: str) -> int:
    """How many folders two paths have in common, wherever they stand: `tests/api/` mirrors `src/app/api/`."""
    return len(set(PurePosixPath(one).parts[:-1]) & set(PurePosixPath(other).parts[:-1]))


def _names(files: Sequence[FileChange], owners: Mapping[str, str]) -> Mapping[str, set[str]]:
    """The units that a word of the docs may mean: by dotted module name and by touched definition."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        if file.role is not Role.SOURCE:
            continue
        parts = PurePosixPath(file.path).with_suffix("").parts
        for start in range(len(parts) - 1):
            found[".".join(parts[start:])].add(owners[file.path])
        for definition in _touched(file):
            name = definition.name.rpartition(".")[2]
            found[f"{parts[-1]}.{name}"].add(owners[file.path])
            if len(name) >= _LEAST_NAME and not name.startswith("_"):
                found[name].add(owners[file.path])
    return found


def _owner_of_doc(file: FileChange, by_stem: Mapping[str, list[str]], names: Mapping[str, set[str]]) -> str:
    named = by_stem.get(_plain(PurePosixPath(file.path).stem), [])
    if len(named) == 1:
        return named[0]
    meant = {unit for word in _changed_words(file) for unit in names.get(word, ())}
    return next(iter(meant)) if len(meant) == 1 else file.path


def _changed_words(file: FileChange) -> set[str]:
    """The words of the lines that the change brings; a dotted one stands for itself, its ends and its last part."""
    lines = (file.text or "").split("\n")
    words: set[str] = set()
    for number in file.added_lines:
        for word in _WORD.findall(lines[number - 1] if 0 < number <= len(lines) else ""):
            parts = word.strip(".").split(".")
            words.update(".".join(parts[start:]) for start in range(len(parts)))
            words.update(".".join(parts[:end]) for end in range(2, len(parts)))
    return words


def _old_paths(files: Mapping[str, FileChange]) -> dict[str, str]:
    """Where moved files lay before: whoever owns the new place owns the old one."""
    taken: set[str] = set(files)
    found = {}
    for path, file in files.items():
        if file.kind is ChangeKind.RENAMED and file.old_path and file.old_path not in taken:
            taken.add(file.old_path)
            found[path] = file.old_path
    return found


def _touched(file: FileChange) -> tuple[Definition, ...]:
    """The definitions that the change touches in a Python file."""
    if not file.is_python:
        return ()
    from gatekeeper.formats.python_source import touched_definitions  # noqa: PLC0415 - only where Python changed

    return touched_definitions(file)


def _unit(owner: str, paths: Sequence[str], files: Mapping[str, FileChange], extra: Mapping[str, str]) -> Unit:
    rest = sorted([path for path in paths if path != owner] + [extra[path] for path in paths if path in extra])
    touched = [d.name for d in _touched(files[owner])]
    innermost = [name for name in touched if not any(other.startswith(name + ".") for other in touched)]
    return Unit(owner, (owner, *rest), tuple(dict.fromkeys(innermost)))


def _needs(
    owners: Mapping[str, str], edges: Sequence[Edge], hints: Mapping[str, Sequence[Dependency]]
) -> dict[str, list[Dependency]]:
    needs: dict[str, dict[str, Dependency]] = defaultdict(dict)
    for edge in edges:
        one, other = owners.get(edge.importer), owners.get(edge.imported)
        if one and other and one != other:
            needs[one].setdefault(other, Dependency(other, "import", edge.proof))
    for path, soft in hints.items():
        for hint in soft:
            one, other = owners.get(path), owners.get(hint.on)
            if one and other and one != other:
                needs[one].setdefault(other, Dependency(other, hint.basis, hint.proof, hint=True))
    return {unit: [found[on] for on in sorted(found)] for unit, found in needs.items()}

"""Finds the ground that pylint stands on: a clean import path, what is imported, and the project's configuration.

Runs beside `lint.py` under the project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as `sys.path`, astroid and pylint want and compare them.

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
import warnings
from contextlib import suppress
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set

_NAMES = ("pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml", "pyproject.toml", "setup.cfg", "tox.ini")
_TABLE = re.compile(r"""^\s*\[+\s*["']?tool["']?\s*\.\s*["']?pylint\b""", re.M)
_SECTION = re.compile(r"^\[pylint[\].]", re.M)
_FORMATTER_TABLE = re.compile(r"^\s*\[+\s*tool\s*\.\s*(?:black|isort|ruff|yapf|autopep8)\b|^\[isort\]", re.M)
_FORMATTER_HOOK = re.compile(r"\bid:\s*['\"]?(?:black|isort|ruff-format|ruff-check|ruff|yapf|autopep8)\b")
_FORMATTER_FILES = ("ruff.toml", ".ruff.toml", ".isort.cfg", ".style.yapf")
_NO_SOURCE = ("node_modules", "venv", "site-packages", "dist-packages", "__pycache__")
_BUILT = (".so", ".pyd", ".c", ".cc", ".cpp", ".pyx", ".pyi")
_STDLIB_ENTRY = re.compile(r"(\.zip|/lib/python\d[\d.]*t?|/lib-dynload)$")


class Survey(NamedTuple):
    """The third-party top-level names that changed files cannot do without, and every foreign module they import."""

    third_party: List[str]
    unresolved: List[str]
    foreign: List[str]


def clean_path(asked: Dict[str, Any]) -> None:
    """Take every road into the user's working tree off the import path, and lay in the borrowed entries.

    A folder (of an editable install, say) that holds one of the project's packages is dropped; any other folder of
    the same checkout is replaced by that folder of the tree under judgement.
    """
    local = set(asked["packages"])
    dropped = [entry for entry in sys.path if _holds(entry, local)]
    checkouts = [top for top in map(_checkout, dropped) if top]
    borrowed = [entry for entry in asked["borrowed_path"] if not _STDLIB_ENTRY.search(entry)]
    path: List[str] = []
    for entry in [*sys.path, *borrowed]:
        moved = _moved(entry, checkouts, asked["tree"])
        if not _holds(entry, local) and moved not in path:
            path.append(moved)
    sys.path[:] = path
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _serves(finder, local)]


def survey(asked: Dict[str, Any]) -> Survey:
    """What the files of all sides import from outside of the project; what resolves is counted for some at head."""
    standard = set(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
    needed: Set[str] = set()
    foreign: Set[str] = set()
    for side in asked["sides"]:
        for file in side["files"]:
            for name, is_optional in _imports(file):
                top = name.partition(".")[0]
                if is_local(top, asked, os.path.dirname(file)):
                    continue
                foreign.add(name)
                if not is_optional and top not in standard and file in side.get("surveyed", ()):
                    needed.add(top)
    found = {name: _spec(name) for name in needed}
    for name in _lying_in(asked["tree"], {name for name in needed if found[name] is None}):
        del found[name]
    third = sorted(name for name in found if found[name] is None or is_installed(found[name].origin or "-packages"))
    return Survey(third, [name for name in third if found[name] is None], sorted(foreign - {"__future__"}))


def is_local(top: str, asked: Dict[str, Any], beside: str = "") -> bool:
    """Whether a top-level name means something of the project in any of its trees."""
    if top in asked["packages"]:
        return True
    folders = [beside] if beside else []
    for side in asked["sides"]:
        folders += [side["root"], *side["roots"]]
    return any(_has_module(folder, top) for folder in folders)


def is_installed(entry: str) -> bool:
    """Whether a folder or file belongs to Python itself, or to what is installed for it."""
    return "-packages" in entry or entry.startswith((sys.prefix + os.sep, sys.base_prefix + os.sep))


def compiled(symbol: str, text: str, roots: List[str]) -> str:
    """The module of the project that an import message misses though it is one that a build makes; else empty.

    Its source in another language, its stub or its extension lies there: pylint reads none of them, and no extension
    that was built for another Python.
    """
    names = re.findall(r"'([^']+)'", text) if symbol in ("import-error", "no-name-in-module") else []
    if not names:
        return ""
    module = str(names[-1] + "." + names[0] if symbol == "no-name-in-module" else names[-1])
    for root in roots:
        folder, stem = os.path.split(os.path.join(root, *module.split(".")))
        entries = os.listdir(folder) if os.path.isdir(folder) else []
        if any(entry.startswith(stem + ".") and entry.endswith(_BUILT) for entry in entries):
            return module
    return ""


def find_configuration(roots: List[str]) -> str:
    """The file in which pylint itself would find the project's options, or an empty text."""
    for root in roots:
        for name in _NAMES:
            text = read(os.path.join(root, name))
            if text is None or (name == "pyproject.toml" and not _TABLE.search(text)):
                continue
            if name.endswith((".cfg", ".ini")) and not _SECTION.search(text):
                continue
            return os.path.join(root, name)
    return ""


def has_formatter(root: str) -> bool:
    """Whether a formatter or an import sorter is set up in this folder."""
    if any(os.path.isfile(os.path.join(root, name)) for name in _FORMATTER_FILES):
        return True
    tables = (read(root + "/pyproject.toml") or "") + "\n" + (read(root + "/setup.cfg") or "")
    hooks = read(root + "/.pre-commit-config.yaml") or ""
    return bool(_FORMATTER_TABLE.search(tables) or _FORMATTER_HOOK.search(hooks))


def read(path: str) -> Optional[str]:
    """The text of a file, or None where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return None


def _has_module(folder: str, name: str) -> bool:
    return os.path.isdir(folder + "/" + name) or os.path.isfile(folder + "/" + name + ".py")


def _holds(entry: str, names: Set[str]) -> bool:
    """Whether a folder that is no place of installed packages holds one of the project's top-level names."""
    if not entry:
        return True
    return not is_installed(entry) and any(_has_module(entry, name) for name in names)


def _checkout(entry: str) -> str:
    folder = os.path.abspath(entry or ".")
    while folder != os.path.dirname(folder):
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        folder = os.path.dirname(folder)
    return ""


def _moved(entry: str, checkouts: List[str], tree: str) -> str:
    if not is_installed(entry):
        for top in checkouts:
            if (entry + os.sep).startswith(top + os.sep):
                return os.path.normpath(os.path.join(tree, os.path.relpath(entry, top)))
    return entry


def _serves(finder: Any, names: Set[str]) -> bool:
    """Whether an editable install's finder leads to the project's packages."""
    module = sys.modules.get(str(getattr(finder, "__module__", "")))
    return bool(names & set(getattr(module, "MAPPING", ())))


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _lying_in(tree: str, names: Set[str]) -> Set[str]:
    """Those of the names that are a module or a folder somewhere in the tree: put on the path by the tests, say."""
    lying: Set[str] = set()
    if names:
        for _, folders, files in os.walk(tree):
            folders[:] = [name for name in folders if name not in _NO_SOURCE and not name.startswith(".")]
            here = {file[:-3] for file in files if file.endswith(".py")}
            lying |= names & (set(folders) | here)
    return lying


def _is_guard(node: Any) -> bool:
    """Whether what stands in the body is tried, runs only when called, or is for type checkers or some Pythons."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    if isinstance(node, ast.If):
        return any(word in ast.dump(node.test) for word in ("TYPE_CHECKING", "version_info", "platform"))
    return isinstance(node, ast.Try) and bool(node.handlers)


def _imports(file: str) -> Iterator[Any]:
    """The absolute module names that a file imports, each with whether the file can do without it."""
    try:
        with open(file, "rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    optional: Set[int] = set()
    node: Any
    for node in ast.walk(tree):
        if _is_guard(node):
            branches = node.body + node.orelse if isinstance(node, ast.If) else node.body
            optional.update(id(inner) for statement in branches for inner in ast.walk(statement))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in optional
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, id(node) in optional


def yield_to_the_tests(step: int = 5) -> None:
    """Take the cores second: the tests are one process and mostly the longest chain, and pylint is two.

    Linux may share the cores among sessions first, and each job is one; so the session steps back as well.
    """
    with suppress(OSError):
        os.nice(step)
        with open("/proc/self/autogroup", "w") as stream:
            stream.write("5")

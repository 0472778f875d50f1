"""Holds pytest to the settings of the base where those of the change would run fewer tests, or believe more of them.

Runs beside `run_tests.py` under the project's interpreter. The settings are read by pytest's own reader. What the
change adds holds: markers, warning filters, further test paths and patterns of names.
"""

# Paths are texts here, as everywhere in this folder.

from __future__ import annotations

import os
import shlex
from typing import Any, Dict, List, Tuple

Json = Dict[str, Any]

FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
DEFAULTS = {
    "python_files": ["test_*.py", "*_test.py"],
    "python_classes": ["Test"],
    "python_functions": ["test"],
    "norecursedirs": ["*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"],
}
ADDING = ("python_files", "python_classes", "python_functions")
# Options that decide neither which tests run nor what counts as passed.
HARMLESS = (
    *("-q", "-v", "-vv", "-vvv", "-r", "-n", "-x", "-s", "-l", "-W", "--quiet", "--verbose", "--tb", "--color"),
    *("--code-highlight", "--durations", "--durations-min", "--numprocesses", "--dist", "--maxprocesses"),
    *("--strict", "--strict-markers", "--strict-config", "--no-header", "--no-summary", "--show-capture"),
    *("--showlocals", "--capture", "--full-trace", "--basetemp", "--junitxml", "--junit-xml", "--maxfail"),
    *("--exitfirst", "--import-mode", "--doctest-modules", "--randomly-seed", "--pythonwarnings", "--verbosity"),
    *("--asyncio-mode", "--html", "--self-contained-html", "--disable-warnings", "--disable-pytest-warnings"),
)
TAKING_A_WORD = ("-r", "-n", "-W", "--tb", "--color", "--durations", "--numprocesses", "--dist", "--maxfail", "-c")
ONLY_MORE = ("--strict", "--strict-markers", "--strict-config", "--doctest-modules", "-W", "--pythonwarnings")


def overriding(request: Json) -> Tuple[List[str], List[str], str]:
    """The arguments that hold pytest to the base, the settings that are held so, and why none could be read.

    `request["base"]` holds the folders "tree" and "root" of the base, or is nothing. Where the project is new there,
    its own settings hold.
    """
    base = request.get("base")
    if not base or not os.path.isdir(base["root"]):
        return [], [], ""
    folders = _folders(request)
    if not any(_differ(request["tree"], base["tree"], folder) for folder in folders):
        return [], [], ""
    try:
        head = _settings(request["tree"], folders)
        before = _settings(base["tree"], folders)
    except Exception as error:  # noqa: BLE001 - what a reader of any version raises
        return [], [], "%s: %s" % (type(error).__name__, str(error).split("\n")[0])
    if head == before:  # another part of a file changed; to pass on what holds anyway makes a run of another kind
        return [], [], ""
    arguments: List[str] = []
    held: List[str] = []
    for name, value, is_held in _decided(before, head, request["root"]):
        arguments += ["-o", "%s=%s" % (name, value)]
        if is_held:
            held.append(name)
    return arguments, held, ""


def _folders(request: Json) -> List[str]:
    """The folders in which pytest may find its settings, as paths inside of a tree, the nearest first."""
    root = os.path.relpath(request["root"], request["tree"])
    found: List[str] = []
    places = [os.path.join(root, word.split("::")[0]) for word in request["args"] if not word.startswith("-")]
    for place in [*places, root]:
        folder = os.path.normpath(place)
        while folder not in ("", ".", "..") and not folder.startswith(".." + os.sep):
            found.append(folder)
            folder = os.path.dirname(folder)
    found.append("")
    return sorted(dict.fromkeys(found), key=lambda folder: -len(folder))


def _differ(one: str, other: str, folder: str) -> bool:
    return any(_content(os.path.join(one, folder, n)) != _content(os.path.join(other, folder, n)) for n in FILES)


def _content(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _settings(tree: str, folders: List[str]) -> Json:
    """What the nearest file with settings of pytest says: texts, lists of texts, booleans and numbers."""
    from pathlib import Path

    from _pytest.config.findpaths import load_config_dict_from_file

    for folder in folders:
        for name in FILES:
            path = os.path.join(tree, folder, name)
            if os.path.isfile(path):
                found = load_config_dict_from_file(Path(path))
                if found is not None:
                    return {key: getattr(value, "value", value) for key, value in found.items()}
    return {}


def words(value: Any) -> List[str]:
    """A setting that is a list of words, however it is written."""
    if value is None:
        return []
    return shlex.split(value) if isinstance(value, str) else [str(item) for item in value]


def _decided(before: Json, head: Json, root: str) -> List[Tuple[str, str, bool]]:
    """The settings that are laid over those of the change, and whether that holds it back."""
    decided: List[Tuple[str, List[str], bool]] = []
    old, new = words(before.get("addopts")), words(head.get("addopts"))
    keeps = old != new and not harmless(old, new)
    decided.append(("addopts", old if keeps else new, keeps))
    for name in ADDING:
        old, new = words(before.get(name, DEFAULTS[name])), words(head.get(name, DEFAULTS[name]))
        decided.append((name, new + [word for word in old if word not in new], not set(old) <= set(new)))
    old, new = (words(side.get("norecursedirs", DEFAULTS["norecursedirs"])) for side in (before, head))
    keeps = not set(new) <= set(old)
    decided.append(("norecursedirs", [word for word in new if word in old], keeps))
    decided.append(("testpaths", *_test_paths(before, head, root)))
    settled = [(name, " ".join(map(shlex.quote, value)), keeps) for name, value, keeps in decided]
    strict = [name for name in ("xfail_strict", "strict_xfail", "strict") if is_true(before.get(name))]
    return settled + [(name, "true", not is_true(head.get(name))) for name in strict]


def _test_paths(before: Json, head: Json, root: str) -> Tuple[List[str], bool]:
    """Where tests are looked for: all places of both sides; none at all means everywhere."""
    old, new = words(before.get("testpaths")), words(head.get("testpaths"))
    if not old or not new:
        return [], bool(new)
    import glob

    gone = [path for path in old if path not in new and glob.glob(os.path.join(glob.escape(root), path))]
    return outermost(new + gone), bool(gone)


def outermost(paths: List[str]) -> List[str]:
    """The paths without those that lie below another one: some a pytest finds nothing where they nest."""
    plain = {path: os.path.normpath(path) + os.sep for path in paths}
    return [p for p in paths if not any(o != plain[p] and plain[p].startswith(o) for o in plain.values())]


def is_true(value: Any) -> bool:
    """Whether a setting is on, in the words of pytest."""
    return str(value).strip().lower() in ("1", "true", "yes", "on")


def harmless(old: List[str], new: List[str]) -> bool:
    """Whether two lists of options differ in nothing that decides which tests run, or what counts as passed."""
    before, after = _options(old), _options(new)
    lost = [option for option in before if option not in after]
    won = [option for option in after if option not in before]
    kept = [option for option in before if option in after] == [option for option in after if option in before]
    return kept and all(_is_harmless(o) for o in [*lost, *won]) and not any(o[0] in ONLY_MORE for o in lost)


def _options(given: List[str]) -> List[Tuple[str, str]]:
    """The options with their values; a word that is no option stands for itself."""
    found: List[Tuple[str, str]] = []
    rest = list(given)
    while rest:
        word = rest.pop(0)
        name, _, value = word.partition("=")
        if name in TAKING_A_WORD and name == word and rest:
            value = rest.pop(0)
        elif word[:2] in ("-r", "-n", "-W") and len(word) > 2:
            name, value = word[:2], word[2:]
        found.append((name, value))
    return found


def _is_harmless(option: Tuple[str, str]) -> bool:
    return option[0] in HARMLESS or option[0].startswith("--cov") or option[0] == "--no-cov"

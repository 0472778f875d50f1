"""Looks with pylint, for errors alone, at unchanged files that import a changed module and name what changed in it.

Such a file breaks when a function loses a parameter or a module a name, though nobody touched it. The head is looked at
first; the base only where the head has an error, to tell which are new. Started as a program, beside `lint.py`, under
the project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as everywhere in this folder.

from __future__ import annotations

import ast
import gc
import json
import os
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside import lint
    from gatekeeper.inside.lint_ground import clean_path, find_configuration, yield_to_the_tests
else:
    import lint
    from lint_ground import clean_path, find_configuration, yield_to_the_tests

_LARGEST = 1 << 20
_NO_SOURCE = ("node_modules", "venv", "site-packages", "dist-packages", "__pycache__")

Json = Dict[str, Any]


def main() -> None:
    """Read the request, find the files, look at them, and write the answer to the file that the request names."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]
    asked = json.loads(sys.stdin.read())
    yield_to_the_tests()
    gc.disable()
    clean_path(asked)
    head, base = asked["sides"]
    found = sorted(dependents(asked, head, base))
    kept = found[: asked["most"]]
    answer: Json = {"files": kept, "left": len(found) - len(kept), "head": None, "base": None}
    if kept:
        answer["head"] = _looked_at(asked, head, kept)
        wrong = {row["file"] for row in answer["head"]["messages"]}
        if wrong:
            kept = [file for place, file in enumerate(kept) if place in wrong]
            answer["base"] = dict(_looked_at(asked, base, kept), files=kept)
    with open(asked["output"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def _looked_at(asked: Json, side: Json, files: List[str]) -> Json:
    side = dict(side, files=[side["tree"] + "/" + file for file in files])
    configuration = find_configuration(asked["config_roots"])
    answer: Json = lint.look_at_all(dict(asked, sides=[side]), [side], configuration, [])[side["name"]]
    return answer


def dependents(asked: Json, head: Json, base: Json) -> Iterator[str]:
    """The unchanged files, relative to the tree, that import a changed module and name something that changed in it."""
    words = {module: _pattern(module, names) for module, names in asked["modules"].items()}
    changed = set(asked["changed"])
    for path in _sources(head["root"]):
        file = path[len(head["tree"].rstrip("/")) + 1 :]
        if file in changed or not os.path.isfile(base["tree"] + "/" + file):
            continue
        with open(path, "rb") as stream:
            text = stream.read(_LARGEST)
        meant = {module for module, pattern in words.items() if pattern.search(text)}
        if meant and meant & _imported(text, _module_of(path, head["roots"])):
            yield file


def _pattern(module: str, names: Optional[List[str]]) -> Any:
    """Finds the last part of the module's name, and one of the names if there are any."""
    last = re.escape(module.rpartition(".")[2].encode("utf-8", "replace"))
    if not names:
        return re.compile(rb"\b%s\b" % last)
    either = b"|".join(re.escape(name.encode("utf-8", "replace")) for name in names)
    return re.compile(rb"(?s)^(?=.*\b%s\b).*\b(?:%s)\b" % (last, either))


def _sources(top: str) -> Iterator[str]:
    for folder, inner, files in os.walk(top):
        inner[:] = sorted(name for name in inner if name not in _NO_SOURCE and not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if name.endswith(".py") and not os.path.islink(path):
                yield path


def _module_of(path: str, roots: List[str]) -> Tuple[str, bool]:
    """The dotted name of a file under the nearest of the roots, and whether it is a package."""
    above = [root.rstrip("/") for root in roots if path.startswith(root.rstrip("/") + "/")]
    parts = path[len(max(above, key=len, default="")) + 1 : -3].split("/")
    return (".".join(parts[:-1]), True) if parts[-1] == "__init__" else (".".join(parts), False)


def _imported(text: bytes, module: Tuple[str, bool]) -> Set[str]:
    """Every module that the imports of a text could mean."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = module[0].split(".")
                above = parts[: len(parts) - node.level + module[1]]
                start = ".".join([*above, *filter(None, [start])])
            found.add(start)
            found.update(start + "." + alias.name for alias in node.names)
    return found


if __name__ == "__main__":
    main()

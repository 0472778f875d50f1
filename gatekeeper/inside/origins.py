"""Tells whether the modules under test came from the tree that is judged; runs in the project's interpreter."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from typing import Any, Dict, List


def wrong(request: Dict[str, Any]) -> List[Dict[str, str]]:
    """The packages of the project that came from elsewhere: `[{"package", "expected", "found"}]`.

    A name without a regular package or module in the tree's import roots is left alone, and so is one that cannot be
    imported at all.
    """
    tree = os.path.realpath(request["tree"])
    strangers = []
    for package in request["packages"]:
        expected = place_in(request["import_roots"], package)
        found = origin_of(package) if expected else ""
        if found and not is_of(found, tree):
            strangers.append({"package": package, "expected": expected, "found": found})
    return strangers


def place_in(roots: List[str], package: str) -> str:
    """The file that an import of the package should load, or empty where there is none in these folders."""
    if package in getattr(sys, "stdlib_module_names", ()):
        return ""
    suffixes = importlib.machinery.all_suffixes()
    for root in roots:
        for name in (os.path.join(package, "__init__"), package):
            for suffix in suffixes:
                place = os.path.join(root, name + suffix)
                if os.path.isfile(place):
                    return place
    return ""


def origin_of(package: str) -> str:
    """The file of a module: of the loaded one, else of the one that an import would load; empty where there is none."""
    loaded = sys.modules.get(package)
    if loaded is not None:
        return getattr(loaded, "__file__", None) or ""
    try:
        spec = importlib.util.find_spec(package)
    except Exception:  # noqa: BLE001 - a broken finder of the project is no wrong origin
        return ""
    return (spec.origin or "") if spec and spec.has_location else ""


def is_of(file: str, tree: str) -> bool:
    """Whether a file belongs to the tree, and not to an environment that happens to lie inside of it."""
    place = os.path.realpath(file)
    if not place.startswith(tree + os.sep):
        return False
    prefix = os.path.realpath(sys.prefix)
    return not (prefix.startswith(tree + os.sep) and place.startswith(prefix + os.sep))

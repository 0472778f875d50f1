"""Adds to measured coverage what the tests cover that were left out; runs in the project's interpreter."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List, Set

Json = Dict[str, Any]


def left_out(remembered: Json) -> List[str]:
    """The tests that the run left out, by its own trace; none where the trace is not there or not that of the run."""
    try:
        with open(remembered["trace"], encoding="ascii") as file:
            trace = json.load(file)
    except (OSError, ValueError):
        return []
    return list(trace["left_out"]) if trace.get("nonce") == remembered["nonce"] else []


def add(measure: Any, remembered: Json, settings: str) -> Json:
    """Add what is remembered of the tests that were left out.

    Tells how many tests that were ("merged"), and whether nothing else may be covered by them ("exact"): what was
    covered before, by a test that ran again and does so no more, may be covered by one that was left out, too.
    """
    tests = left_out(remembered)
    data = measure.get_data()
    if not tests:
        return {"merged": 0, "exact": True}
    if remembered["settings"] != settings or remembered["branches"] != bool(data.has_arcs()):
        return {"merged": 0, "exact": False}
    of_them = set(tests)
    certain: Dict[str, Set[Any]] = {}
    unsure: Dict[str, Set[Any]] = {}
    tree = os.path.realpath(remembered["tree"])
    for test, files in remembered["by"].items():
        found = certain if test in of_them else unsure
        for path, places in files.items():
            found.setdefault(os.path.join(tree, path), set()).update(map(tuple, places))
    if remembered["branches"]:
        data.add_arcs(certain)
    else:
        data.add_lines({file: {line for (line,) in places} for file, places in certain.items()})
    return {"merged": len(tests), "exact": remembered["whole"] and is_covered(data, unsure, remembered["branches"])}


def is_covered(data: Any, files: Dict[str, Set[Any]], branches: bool) -> bool:
    """Whether all of this is among what was measured."""
    for file, places in files.items():
        known = set(data.arcs(file) or ()) if branches else {(line,) for line in data.lines(file) or ()}
        if not places <= known:
            return False
    return True

"""Tells what the interpreter that runs this has: version, search path and installed distributions, as JSON."""

from __future__ import annotations

import json
import os
import re
import sys
from importlib.metadata import distributions


def installed() -> dict[str, str]:
    """The version of each distribution, by its normalised name; the first on the path wins, as in an import."""
    found: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), distribution.version)
    return found


def main() -> None:
    """Write the answer to standard output."""
    here = os.path.dirname(os.path.abspath(__file__))
    answer = {
        "version": list(sys.version_info[:3]),
        "prefix": sys.prefix,
        "search_path": [entry for entry in sys.path if entry and os.path.abspath(entry) != here],
        "tools": installed(),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()

"""The settings that hold where nothing else is said, as data; a key that is not here is unset by default."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Settings = Mapping[str, Any]

_SHARED: Settings = {"enabled": True, "advisory": False, "paths": ()}

PROJECT: Settings = MappingProxyType({"source_roots": (), "borrow": ()})
"""What holds for every project. Unset: `python` (it is found)."""

REPOSITORY: Settings = MappingProxyType(
    {
        "fail_fast": False,
        "record": True,
        "cache": MappingProxyType({"megabytes": 200}),
        "projects": (),
        "protected": (),
        "agents": (),
    }
)
"""What holds for the whole run.

Unset: `base` (upstream or default branch), `jobs` (by the number of cores), `allow_skip` (yes, but not in CI).
"""

REVIEW: Settings = MappingProxyType(
    {**_SHARED, "minimum": 7.0, "block": "high", "ignore": (), "dependents": "ci", "timeout": 600}
)

COVERAGE: Settings = MappingProxyType({**_SHARED, "minimum": 85, "drop": "allow", "timeout": 600})

# A whole test suite takes longer than any other job.
TESTS: Settings = MappingProxyType(
    {**_SHARED, "retries": 0, "allow_empty": False, "args": (), "select": "local", "processes": 1, "timeout": 1800}
)

CRITERIA: Settings = MappingProxyType(dict.fromkeys(("D1", "D2", "D3", "D4", "D5", "D6"), "block"))

DOCS: Settings = MappingProxyType(
    {**_SHARED, "scope": "public", "criteria": CRITERIA, "exempt": "^(visit|depart)_", "timeout": 600}
)

COMMAND: Settings = MappingProxyType(
    {
        **_SHARED,
        "reads": "exit-code",
        "minimum": 85,
        "block": "high",
        "fails": (1,),
        "needs": (),
        "env": MappingProxyType({}),
        "timeout": 600,
    }
)
"""What holds for every command gate."""

GATES: Mapping[str, Settings] = MappingProxyType({"review": REVIEW, "coverage": COVERAGE, "tests": TESTS, "docs": DOCS})
"""The built-in gates in the order in which they are judged and shown."""

PRE_COMMIT: Settings = MappingProxyType({**_SHARED, "config": ".pre-commit-config.yaml", "skip": (), "timeout": 600})

OPTIONAL_GATES: Mapping[str, Settings] = MappingProxyType({"pre-commit": PRE_COMMIT})
"""The gates that come with Gatekeeper too, and that are off until a configuration names them."""

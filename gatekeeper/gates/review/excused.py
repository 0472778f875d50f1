"""Knows when a `# noqa` that was written for another linter excuses the same thing of pylint."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatekeeper.gates.review.severities import SAME_THING
from gatekeeper.model.reading import Diagnostic

_NOQA = re.compile(r"#\s*noqa(?!\w)(?P<codes>\s*:\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?", re.IGNORECASE)
_OTHER_LINTERS = {
    "bare-except": "E722",
    "broad-exception-caught": "BLE001",
    "eval-used": "S307 PGH001",
    "exec-used": "S102",
    "function-redefined": "F811",
    "global-statement": "PLW0603",
    "import-outside-toplevel": "PLC0415",
    "invalid-name": "N801 N802 N803 N806 N815 N816",
    "line-too-long": "E501",
    "multiple-imports": "E401",
    "protected-access": "SLF001",
    "redefined-builtin": "A001 A002 A003",
    "reimported": "F811",
    "singleton-comparison": "E711 E712",
    "too-complex": "C901",
    "undefined-all-variable": "F822",
    "undefined-variable": "F821",
    "ungrouped-imports": "I001",
    "unidiomatic-typecheck": "E721",
    "unnecessary-lambda-assignment": "E731",
    "unused-argument": "ARG001 ARG002 ARG003 ARG004 ARG005",
    "unused-import": "F401",
    "unused-variable": "F841",
    "wildcard-import": "F403",
    "wrong-import-order": "I001 E402",
    "wrong-import-position": "E402",
}


def twins(symbol: str) -> frozenset[str]:
    """The rules of ruff and flake8 that say what this pylint symbol says; empty where none does."""
    own = _OTHER_LINTERS.get(symbol, "").split()
    return frozenset((*own, *(rule for rule, same in SAME_THING.items() if same == symbol)))


def is_excused(message: Diagnostic, source: Sequence[str]) -> bool:
    """Whether the line of a pylint message bears a `noqa` for the same rule of ruff or flake8, or one for all rules.

    The author has looked at exactly this and let it stand; asking for a second comment in pylint's words would only
    annoy. What no other linter says is not excused.
    """
    line = message.line or 0
    same = twins(message.rule)
    found = _NOQA.search(source[line - 1]) if same and 0 < line <= len(source) else None
    if found is None:
        return False
    return found["codes"] is None or bool(same & set(re.findall(r"[A-Z]+\d+", found["codes"].upper())))

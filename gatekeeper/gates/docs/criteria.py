"""Knows the criteria D1 to D6, what a policy makes of each, and which of them a commit message skips with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.model.frozen import dataclass
from gatekeeper.model.policy import GatePolicy

CRITERIA = {
    "D1": "new and changed public definitions have docstrings",
    "D2": "docstrings name the parameters that exist",
    "D3": "a broken public API is told in the changelog",
    "D4": "removed names no longer stand in the documentation",
    "D5": "code samples parse and import what exists",
    "D6": "the OpenAPI description follows the routes",
}

_TRAILERS = (
    (re.compile(r"^changelog:\s*none\b(?P<rest>.*)$", re.IGNORECASE), ("D3",)),
    (re.compile(r"^docs:\s*skip\b(?P<rest>.*)$", re.IGNORECASE), tuple(CRITERIA)),
    (re.compile(r"^gatekeeper-skip:\s*(?P<listed>(D[1-6][\s,]*)+)(?P<rest>.*)$", re.IGNORECASE), ()),
)


@dataclass(frozen=True, slots=True)
class Skip:
    """A trailer that skips criteria; without a reason it does not count."""

    criteria: tuple[str, ...]
    line: str
    reason: str


def level(policy: GatePolicy, criterion: str) -> str:
    """What a finding of the criterion does: "block", "warn" or "off"."""
    given = (policy.value("criteria") or {}).get(criterion, "block")
    # YAML reads a bare `off` as false.
    return {False: "off", True: "block"}[given] if isinstance(given, bool) else str(given)


def skips(message: str) -> Iterator[Skip]:
    """The trailers of a commit message that skip criteria."""
    for line in message.splitlines():
        for pattern, criteria in _TRAILERS:
            found = pattern.match(line.strip())
            if found is None:
                continue
            listed = tuple(dict.fromkeys(re.findall(r"D[1-6]", found[0].partition("(")[0].upper())))
            reason = re.match(r"\s*\((.*)\)\s*$", found["rest"])
            yield Skip(criteria or listed, line.strip(), reason[1].strip() if reason else "")

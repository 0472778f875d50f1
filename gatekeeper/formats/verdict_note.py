"""The verdicts of a run as one line of a Git note, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from gatekeeper.model.policy import Policy
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.verdict import Status

SCHEMA = "gatekeeper.verdict/1"
"""The version of a line: keys may join it, but none leaves or changes its meaning without a new number."""

MOST_LINES = 20
"""How many lines of ours a note keeps; the oldest go."""

_TEXTS = ("base_tree", "kind", "base", "head", "policy", "version")
_LONGEST_REASON = 300
_MOST_OF_OTHERS = 100_000  # characters: a note that grows without end could not be read any more


def note_line(run: RunRecord) -> str:
    """One line of JSON in ASCII: what was judged against what, how it ended, and each gate with its status."""
    document = {
        "schema": SCHEMA,
        "when": run.when,
        "exit": run.exit,
        **{name: getattr(run, name) for name in _TEXTS},
        "gates": {gate.name: gate.status.value for gate in run.gates},
        "skipped": {gate.name: gate.reason[:_LONGEST_REASON] for gate in run.waived},
    }
    return json.dumps(document, separators=(",", ":"))


def read_note(tree: str, text: str) -> tuple[RunRecord, ...]:
    """The runs that the note of a tree tells of, the oldest first; lines that are none of ours are passed over."""
    runs = [run for line in text.splitlines() if (run := _run_of(tree, line))]
    return tuple(sorted(runs, key=lambda run: run.when))


def added(tree: str, text: str, run: RunRecord) -> str | None:
    """The text of a note with the run in it, or None where it already tells of an equal run.

    Lines that are none of ours stay, unless there are so many that ours would not be read, and of ours the newest.
    """
    known = read_note(tree, text)
    if any(_gist(other) == _gist(run) for other in known):
        return None
    foreign = [line for line in text.splitlines() if line.strip() and _run_of(tree, line) is None]
    if sum(map(len, foreign)) > _MOST_OF_OTHERS:
        foreign = []
    own = [note_line(other) for other in (*known, run)]
    return "\n".join([*foreign, *own[-MOST_LINES:]]) + "\n"


def policy_digest(policy: Policy) -> str:
    """Sixteen hexadecimal digits that tell one set of demands from another: the gates of all projects.

    What only says how a run is made (the number of jobs, the interpreter) is no part of it.
    """
    demands = [
        [project.root, gate.name, sorted((key, _plain(setting.value)) for key, setting in gate.settings.items())]
        for project in policy.projects
        for gate in project.gates
    ]
    return sha256(json.dumps(demands).encode()).hexdigest()[:16]


def _gist(run: RunRecord) -> tuple[object, ...]:
    """What has to be equal for two runs to say the same; one of a range tells of the very commits in it."""
    gates = sorted((gate.name, gate.status, gate.reason[:_LONGEST_REASON]) for gate in run.gates)
    return (run.base_tree, run.exit, run.policy, run.head, gates)


def _plain(value: Any) -> Any:
    """A value of the configuration in a form that is equal in writing where it is equal in meaning."""
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return f"{float(value):g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _run_of(tree: str, line: str) -> RunRecord | None:
    try:
        data = json.loads(line)
        if not isinstance(data, dict) or data["schema"] != SCHEMA:
            return None
        texts: dict[str, Any] = {name: str(data.get(name, "")) for name in _TEXTS}
        return RunRecord(int(data["when"]), head_tree=tree, exit=int(data["exit"]), gates=tuple(_gates(data)), **texts)
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _gates(data: Mapping[str, Any]) -> Iterator[GateRecord]:
    reasons = data.get("skipped", {})
    for name, status in data["gates"].items():
        yield GateRecord(str(name), Status(status), reason=str(reasons.get(name, "")))

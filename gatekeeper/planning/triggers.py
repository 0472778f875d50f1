"""Measures the triggers of modes on a change, each with the evidence for what it found."""

from __future__ import annotations

from pathlib import PurePosixPath

from gatekeeper.model.change import Change, ChangeKind, FileChange, Role, role_of
from gatekeeper.model.plan import Classification, Kind
from gatekeeper.model.trigger import Measurement, Trigger

MANY_FILES = 3
"""A change of more files than this is a multi-file operation."""
GENERATED_LINES = 50
"""A change that brings at least this many lines of code in new files is code generation."""

_HASH_COMMENTS = frozenset({".py", ".pyi", ".pyx", ".rb"})
_KINDS = {Trigger.FEATURE_REQUEST: Kind.FEATURE, Trigger.BUG_FIX: Kind.BUGFIX}


def measure_triggers(change: Change, classification: Classification) -> tuple[Measurement, ...]:
    """Every known trigger, measured; also those that did not fire say what they saw."""
    return (
        _many_files(change),
        _generation(change),
        *(_kind(trigger, kind, change, classification) for trigger, kind in _KINDS.items()),
    )


def _many_files(change: Change) -> Measurement:
    count = len(change.files)
    sign, fired = (">", True) if count > MANY_FILES else ("≤", False)
    return _measured(Trigger.MULTI_FILE_OPERATIONS, fired, f"{_count(count, 'file')} {sign} {MANY_FILES}")


def _generation(change: Change) -> Measurement:
    new = {file.path: _code_lines(file) for file in change.files if file.kind is ChangeKind.ADDED}
    with_code = [lines for lines in new.values() if lines]
    total = sum(with_code)
    sign, fired = ("≥", True) if total >= GENERATED_LINES else ("<", False)
    shows = f"{_count(total, 'line')} of code in {_count(len(with_code), 'new file')} {sign} {GENERATED_LINES}"
    return _measured(Trigger.CODE_GENERATION, fired, shows)


def _kind(trigger: Trigger, kind: Kind, change: Change, classification: Classification) -> Measurement:
    if change.is_empty:
        return _measured(trigger, False, "nothing is changed")
    found = classification.kind
    reason = next((e for e in classification.evidence if e.for_kind in (None, found)), None)
    because = f" ({reason.signal}: {reason.shows})" if reason else ""
    fired = found is kind
    shows = f"the change is a {found.noun}" + ("" if fired else f", not a {kind.noun}") + because
    return _measured(trigger, fired, shows)


def _measured(trigger: Trigger, fired: bool, shows: str) -> Measurement:
    return Measurement(trigger, fired, f"{trigger}: {shows}")


def _code_lines(file: FileChange) -> int:
    """The lines that a new file of code brings, without blank ones and those that are comments."""
    # The name alone tells whether a file is code; its folder would only tell what the code is for.
    if file.text is None or role_of(PurePosixPath(file.path).name) not in (Role.SOURCE, Role.TEST, Role.TOOLING):
        return 0
    comment = "#" if PurePosixPath(file.path).suffix in _HASH_COMMENTS else "//"
    lines = (line.strip() for line in file.text.splitlines())
    return sum(1 for line in lines if line and not line.startswith(comment))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

"""Tells of each hook who runs when Git calls it, and whether what is installed works."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from gatekeeper.edges.hook_files import HookFile, HookKind, is_renewed, legacy_of, look_at, noted, version_of
from gatekeeper.edges.hook_managers import FRAMEWORKS, HookGround, owner_of, text_of
from gatekeeper.formats.hook_script import HookScript, Program, calls_gatekeeper


class Standing(StrEnum):
    """How a hook stands: Gatekeeper's alone, Gatekeeper's before another, called by another, another's, or none."""

    OURS = "ours"
    CHAINED = "chained"
    CALLED = "called"
    THEIRS = "theirs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class HookState:
    """One hook: its file, how it stands, `caller` (what calls Gatekeeper in place of a script of ours).

    `troubles` are what keeps the hook from working, `notes` what is worth knowing. `expected` tells whether it was
    installed at some time and not taken out.
    """

    file: HookFile
    standing: Standing
    caller: str = ""
    expected: bool = False
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The hook, as Git calls it."""
        return self.file.name


def hook_state(ground: HookGround, name: str) -> HookState:
    """How a hook of a repository stands now."""
    file = look_at(ground.folder if ground.is_own else ground.file_to_edit(name).parent, name)
    expected = name in noted(ground.repository.common_dir)
    notes = _notes(ground, file)
    caller = "" if ground.is_own and file.kind == HookKind.OURS else _caller(ground, file)
    if caller:
        return HookState(file, Standing.CALLED, caller, expected, _troubles_of_caller(ground, file, caller), notes)
    if ground.is_own and file.script is not None:
        standing = Standing.CHAINED if file.script.chained else Standing.OURS
        troubles, more = _troubles(file, file.script)
        return HookState(file, standing, "", expected, troubles, (*notes, *more))
    standing = Standing.MISSING if file.kind == HookKind.MISSING else Standing.THEIRS
    state = HookState(file, standing, "", expected, (), notes)
    return replace(state, troubles=_lost(ground, state))


def _caller(ground: HookGround, file: HookFile) -> str:
    if file.kind != HookKind.MISSING and calls_gatekeeper(file.text, file.name):
        return str(file.path)
    by_configuration = ground.caller(file.name, file.owner)
    if by_configuration:
        return by_configuration
    legacy = legacy_of(file) if file.owner in FRAMEWORKS else None
    if legacy is None or (is_renewed(file) and not (legacy.script and legacy.script.yields)):
        return ""
    return str(legacy.path)


def _troubles_of_caller(ground: HookGround, file: HookFile, caller: str) -> tuple[str, ...]:
    troubles = []
    if caller == str(file.path) and not ground.is_husky and not os.access(file.path, os.X_OK):
        troubles.append(f"Git does not run it: it is not executable; chmod +x {file.path}")
    if ground.is_husky and not (ground.folder / file.name).exists():
        troubles.append(f"husky has made no {ground.folder / file.name}; run husky again")
    legacy = legacy_of(file) if caller == str(file.legacy) else None
    if legacy is not None and legacy.script is not None:
        return _troubles(legacy, legacy.script)[0]
    if shutil.which("gatekeeper") is None:
        troubles.append("it starts gatekeeper, which is not on the PATH")
    return tuple(troubles)


def _troubles(file: HookFile, script: HookScript) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What keeps a script of ours from working, and what is worth knowing of it."""
    version, trouble, note = _started(script.program)
    written = script.program.version if script.program else version
    troubles = (
        (not os.access(file.path, os.X_OK), "Git does not run it: it is not executable; run gatekeeper install"),
        (script.name != file.name, f"it is the script for {script.name}; run gatekeeper install"),
        (script.chained and not file.kept.exists(), f"the hook to call first is gone: {file.kept}"),
        (bool(trouble), trouble),
    )
    notes = (
        (not script.intact, "it was edited since it was installed"),
        (bool(file.target), f"it is a link to {file.target}"),
        (not script.chained and file.has_kept, f"{file.kept.name} lies beside it and is not called"),
        (bool(note), note),
        (bool(version) and version != written, f"it was written by version {written}, and starts version {version}"),
    )
    return tuple(words for holds, words in troubles if holds), tuple(words for holds, words in notes if holds)


def _started(program: Program | None) -> tuple[str, str, str]:
    """The version that a script starts, what is wrong with that, and what is worth knowing."""
    if program and os.access(program.python, os.X_OK) and Path(program.package).is_file():
        version, trouble = _version(program.python)
        if version:
            return version, "", ""
        return "", f"{program.python} does not start Gatekeeper: {trouble}; run gatekeeper install", ""
    found = shutil.which("gatekeeper")
    gone = f"{program.python} has no Gatekeeper any more" if program else "no interpreter is written into it"
    if found is None:
        return "", f"{gone}, and gatekeeper is not on the PATH; run gatekeeper install", ""
    return "", "", f"{gone}; it starts {found}"


@cache
def _version(python: str) -> tuple[str, str]:
    return version_of(python)


def _lost(ground: HookGround, state: HookState) -> tuple[str, ...]:
    """What became of a hook that was installed here and that Git does not come to any more."""
    outside = None if ground.folder == ground.usual else look_at(ground.usual, state.name)
    if outside is not None and outside.kind == HookKind.OURS:
        return (f"Git does not come to {outside.path}: {ground.redirected}",)
    if not state.expected:
        return ()
    if state.standing == Standing.MISSING:
        return ("it was installed, and somebody has removed it; run gatekeeper install",)
    return (f"it was installed, and {state.file.owner or 'somebody'} has replaced it; run gatekeeper install",)


def _notes(ground: HookGround, file: HookFile) -> tuple[str, ...]:
    notes = []
    for hook in ground.configured_for(file.name):
        which = f"hook.{hook.name}.command ({hook.command})"
        if not ground.runs_configured:
            version = ".".join(map(str, ground.git_version))
            notes.append(f"{which} is configured, and not run by this Git ({version}; it takes 2.54)")
        elif file.kind == HookKind.OURS and calls_gatekeeper(hook.command, file.name):
            notes.append(f"{which} starts Gatekeeper too, so that it judges twice")
        else:
            notes.append(f"Git also runs {which}")
    kept = owner_of(text_of(file.kept)) if file.kind == HookKind.OURS and file.has_kept else ""
    if kept and ground.caller(file.name, kept):
        notes.append(f"{ground.caller(file.name, kept)} starts Gatekeeper too, so that it judges twice")
    return tuple(notes)

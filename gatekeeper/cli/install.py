"""The command `gatekeeper install`: puts Git hooks in place, beside those that are there, or says what to add where."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.formats.hook_advice import framework_line, lefthook_lines, shell_line
from gatekeeper.formats.hook_script import HOOKS, goes_by_its_own_name
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.report import Exit

if TYPE_CHECKING:  # Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_files import HookFile
    from gatekeeper.edges.hook_managers import HookGround
    from gatekeeper.edges.hook_state import HookState
    from gatekeeper.formats.hook_script import Program

_DESCRIPTION = """\
Installs Git hooks that start Gatekeeper: without --hook those that judge every commit, merge and push (pre-commit,
pre-merge-commit, pre-push), and in a bare repository the one that judges what is pushed to it (pre-receive).

A hook that is there already is kept and called first. Where another program looks after the hooks (core.hooksPath,
husky, lefthook) nothing is written, and the lines to add are printed. Exits with 0 when every hook starts Gatekeeper,
with 1 when something has to be settled first; then nothing was written."""
_USUAL = ("pre-commit", "pre-merge-commit", "pre-push")
_USUAL_IN_BARE = ("pre-receive",)
_FRAMEWORKS = ("pre-commit", "prek")


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to be done about one hook: `content` is written if it is not None; `advice` makes it a refusal."""

    state: HookState
    words: str
    content: bytes | None = None
    advice: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    renews: bool = False


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument(
        "--hook", dest="hooks", action="append", choices=HOOKS, metavar="NAME",
        help=f"this hook (may be repeated): {', '.join(HOOKS)}",
    )  # fmt: skip
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Do the command and tell its exit code. Raises where a hook cannot be read or written."""
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415 - Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_files import note, noted, own_program  # noqa: PLC0415
    from gatekeeper.edges.hook_managers import hook_ground  # noqa: PLC0415
    from gatekeeper.edges.hook_state import hook_state  # noqa: PLC0415

    repository = find_repository(options.folder)
    ground = hook_ground(repository)
    usual = _USUAL if repository.top else _USUAL_IN_BARE
    states = [hook_state(ground, name) for name in dict.fromkeys(options.hooks or usual)]
    program = own_program()
    steps = [_step(ground, state, program) for state in states]
    refused = [step for step in steps if step.advice]
    if refused:
        _say(sys.stderr.write, _refusal(ground, refused))
        return int(Exit.BLOCKED)
    for step in steps:
        _carry_out(step)
        _say(sys.stdout.write, (step.words, *(f"  {line}" for line in step.more)))
    own = {step.state.name for step in steps if not step.state.caller}
    if own - noted(repository.common_dir):
        note(repository.common_dir, noted(repository.common_dir) | own)
    broken = any(step.state.caller and step.state.troubles for step in steps)
    return int(Exit.BLOCKED if broken else Exit.PASSED)


def _carry_out(step: _Step) -> None:
    from gatekeeper.edges.hook_files import forget_kept, place  # noqa: PLC0415

    if step.renews:
        forget_kept(step.state.file)
    if step.content is not None:
        place(step.state.file, step.content)


def _step(ground: HookGround, state: HookState, program: Program) -> _Step:
    """Decide what is to be done about a hook."""
    name, file = state.name, state.file
    if state.caller:
        notes = (*state.troubles, *state.notes)
        return _Step(state, f"{name}: started by {state.caller} already; nothing was written", more=notes)
    if not ground.is_own:
        return _Step(state, f"{name}: Git looks for hooks in {ground.folder}", advice=_lines_for_folder(ground, name))
    if file.script is not None:
        return _step_for_ours(state, program)
    if file.kind == "missing":
        return _step_for_missing(state, program)
    return _step_for_theirs(ground, state, program)


def _step_for_ours(state: HookState, program: Program) -> _Step:
    from gatekeeper.edges.hook_files import script_for  # noqa: PLC0415

    name, file = state.name, state.file
    content = script_for(file, program)
    if file.is_edited:
        advice = (f"keep your lines elsewhere, remove it with: rm {_quoted(str(file.path))}",)
        return _Step(state, f"{name}: {file.path} was edited since it was installed", advice=advice)
    if file.target and not state.troubles:
        return _Step(state, f"{name}: {file.path} is a link to our script {file.target}, and stays so")
    if content == file.content and not state.troubles:
        return _Step(state, f"{name}: is installed already", more=state.notes)
    return _Step(state, f"{name}: the script of Gatekeeper was brought up to date", content, more=state.notes)


def _step_for_missing(state: HookState, program: Program) -> _Step:
    from gatekeeper.edges.hook_files import script_for  # noqa: PLC0415

    again = ", since somebody had removed it" if state.expected else ""
    first = (f"{state.file.kept} is called first, as before",) if state.file.has_kept else ()
    words = f"{state.name}: installed {'again ' if again else ''}as {state.file.path}{again}"
    return _Step(state, words, script_for(state.file, program), more=(*first, *state.notes))


def _step_for_theirs(ground: HookGround, state: HookState, program: Program) -> _Step:
    """Chain somebody else's hook, or say why not and what to add."""
    from gatekeeper.edges.hook_files import is_renewed, script_for  # noqa: PLC0415

    name, file = state.name, state.file
    reason, advice = _obstacle(ground, file)
    if reason:
        return _Step(state, f"{name}: {reason}", advice=advice)
    owner = f"the hook of {file.owner}" if file.owner else "the hook that was there"
    lost = f"; {file.owner or 'somebody'} had replaced the one of Gatekeeper" if state.expected else ""
    more = [f"{owner} is kept as {file.kept.name} and called first; gatekeeper uninstall puts it back"]
    if file.owner in _FRAMEWORKS:
        more.append(f"or let {file.owner} start it: gatekeeper uninstall --hook {name}, and under repos: of its file")
        more.append(f"  {framework_line(name)}")
    words = f"{name}: installed as {file.path}{lost}"
    return _Step(state, words, script_for(file, program), more=(*more, *state.notes), renews=is_renewed(file))


def _obstacle(ground: HookGround, file: HookFile) -> tuple[str, tuple[str, ...]]:
    """Why a hook cannot be chained, and the lines that help; ("", ()) if it can."""
    from gatekeeper.edges.hook_files import is_renewed  # noqa: PLC0415

    name, path = file.name, file.path
    here, kept = _quoted(str(path)), _quoted(str(file.kept))
    if file.is_dead_link:
        return f"{path} is a link that leads nowhere ({file.target})", (f"remove it: rm {here}",)
    if not path.is_file():
        return f"{path} is no file", (f"move it away: mv {here} {_quoted(f'{path}.old')}",)
    if file.owner == "lefthook":
        place = ground.lefthook_file or "lefthook.yml"
        reason = f"lefthook wrote {path}, and would write it anew in place of ours"
        return reason, (f"add to {place} (under {name}: jobs: if that is there):", *_indented(lefthook_lines(name)))
    if goes_by_its_own_name(file.text):
        reason = f"{path} goes by the name that it is started by, so it cannot be kept under another one"
        return reason, (f"add this line to {path}:", *_indented((shell_line(name),)))
    if file.has_kept and not is_renewed(file) and not file.is_kept_too:
        reason = f"our hook was replaced by another one, and the hook from before ours is still kept as {file.kept}"
        return reason, (f"to drop the older one: rm {kept}", f"to drop the newer one: mv {kept} {here}")
    return "", ()


def _lines_for_folder(ground: HookGround, name: str) -> tuple[str, ...]:
    file = ground.file_to_edit(name)
    if ground.folder.exists() and not ground.folder.is_dir():  # /dev/null, as it is usual
        return (f"{ground.folder} is no folder, so that Git runs no hook at all: {ground.redirected}",)
    if file.exists():
        return (f"add this line to {file}:", *_indented((shell_line(name),)))
    first = () if ground.is_husky else ("#!/bin/sh",)
    last = () if ground.is_husky else (f"and make it executable: chmod +x {_quoted(str(file))}",)
    return (f"write this into a new file {file}:", *_indented((*first, shell_line(name))), *last)


def _refusal(ground: HookGround, refused: list[_Step]) -> tuple[str, ...]:
    lines = ["gatekeeper: nothing was installed, since something has to be settled first"]
    if ground.redirected and not ground.is_own:
        lines.append(f"  {ground.redirected}{', which husky looks after' if ground.is_husky else ''}")
    for step in refused:
        lines += [f"  {step.words}", *(f"    {line}" for line in step.advice)]
    return (*lines, "  Then run gatekeeper install again: it looks whether every hook starts Gatekeeper.")


def _indented(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"  {line}" for line in lines)


def _quoted(path: str) -> str:
    import shlex  # noqa: PLC0415 - only to name a file in advice

    return shlex.quote(path)


def _say(write: Callable[[str], object], lines: tuple[str, ...]) -> None:
    write("".join(f"{one_line(line)}\n" for line in lines))

"""The command `gatekeeper uninstall`: takes Gatekeeper's hooks out and puts back what was there before."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from gatekeeper.formats.hook_script import HOOKS
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.report import Exit

if TYPE_CHECKING:  # Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_files import HookFile

_DESCRIPTION = """\
Takes the hooks of Gatekeeper out of the repository, all of them or those that --hook names, and puts back the hooks
that were there before, byte for byte. Hooks of others are left alone. Exits with 1 when something is left to be done
by hand."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument(
        "--hook", dest="hooks", action="append", choices=HOOKS, metavar="NAME",
        help=f"only this hook (may be repeated): {', '.join(HOOKS)}",
    )  # fmt: skip
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Do the command and tell its exit code. Raises where a hook cannot be read or written."""
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415 - Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_files import HookKind, look_at, note, noted  # noqa: PLC0415
    from gatekeeper.edges.hook_managers import hook_ground  # noqa: PLC0415
    from gatekeeper.edges.hook_state import hook_state  # noqa: PLC0415

    ground = hook_ground(find_repository(options.folder))
    names = tuple(dict.fromkeys(options.hooks or HOOKS))
    folders = dict.fromkeys([ground.usual, *([ground.folder] if ground.is_own else [])])
    done: list[str] = []
    left: list[str] = []
    for hook in (look_at(folder, name) for folder in folders for name in names):
        words, finished = _take_out(hook)
        (done if finished else left).extend(words)
    called = [state for state in (hook_state(ground, name) for name in names) if state.caller]
    left += [f"{state.name}: started by {state.caller}; take the line out of there yourself" for state in called]
    common = ground.repository.common_dir
    gone = {name for name in names if all(look_at(folder, name).kind != HookKind.OURS for folder in folders)}
    if noted(common) & gone:
        note(common, noted(common) - gone)
    lines = [*done, *left] or ["there is no hook of Gatekeeper here"]
    sys.stdout.write("".join(f"{one_line(line)}\n" for line in lines))
    return int(Exit.BLOCKED if left else Exit.PASSED)


def _take_out(hook: HookFile) -> tuple[list[str], bool]:
    """Take one hook out; tells what was done, or what is left to do and False."""
    from gatekeeper.edges.hook_files import HookKind, forget_kept, legacy_of, take_out, take_out_legacy  # noqa: PLC0415

    name, kept, legacy = hook.name, hook.kept.name, legacy_of(hook)
    edited = next((file for file in (hook, legacy) if file is not None and file.is_edited), None)
    if edited is not None:
        by_hand = f"remove it and put back {hook.kept.name} yourself" if hook.has_kept else "remove it yourself"
        return [f"{name}: {edited.path} was edited since it was installed; {by_hand}"], False
    if hook.kind == HookKind.OURS or (hook.kind == HookKind.MISSING and hook.has_kept):
        restored = take_out(hook)
        return [f"{name}: taken out" + (f", and the hook from before put back ({kept})" if restored else "")], True
    if legacy is not None:
        restored = take_out_legacy(hook)
        how = "put back to be called by it" if restored else "taken out"
        which = "the hook from before ours was" if restored else "our hook was"
        return [
            f"{name}: {hook.owner or 'another program'} had moved our hook to {hook.legacy.name}; {which} {how}"
        ], True
    if hook.is_kept_too:
        forget_kept(hook)
        return [f"{name}: removed {kept}, which an install that was cut short had left"], True
    if hook.has_kept:
        return [f"{name}: another hook has replaced ours; the one from before ours is still kept as {hook.kept}"], False
    return [], True

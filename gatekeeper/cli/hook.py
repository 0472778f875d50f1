"""`gatekeeper hook`: what the installed hooks start; judges what Git is about to commit, merge, push or accept."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.edges.fix_leftover import recover_fixes
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.targets import staged_target
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.candidate import Target
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.report import Exit, Report

if TYPE_CHECKING:
    from gatekeeper.edges.pushes import Push
    from gatekeeper.formats.push_lines import RefUpdate

_DESCRIPTION = """\
Judges what Git is about to do, when one of Git's hooks asks for it. `gatekeeper install` sets such hooks up;
a hook written by hand is one line:

  exec gatekeeper hook pre-commit "$@"

NAME is one of pre-commit, pre-merge-commit, commit-msg, pre-push and pre-receive. The arguments, and what
pre-push and pre-receive read from the standard input, are those that Git gives to the hook of this name.
The name framework is for the pre-commit framework and prek, which tell the same in variables.
Exits as `gatekeeper run` does; anything but 0 keeps Git from going on.
"""
_NOTHING = "gatekeeper: nothing is staged that HEAD has not, so there is nothing to judge\n"
_NONE_PUSHED = "gatekeeper: Git names no reference that is pushed, so there is nothing to judge\n"
_BY_HAND = "let Git start it; by hand, `gatekeeper run --from A --to B` judges any range"
_MERGED = re.compile(r"GITHEAD_([0-9a-f]{40}|[0-9a-f]{64})")


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("name", metavar="NAME", help="the name of the hook")
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="what Git gives to the hook")


def run(options: argparse.Namespace) -> int:
    """Judge what the hook is about, and tell the exit code."""
    if options.name not in _HOOKS:
        raise UsageError(f"there is no hook called {options.name!r} here", f"choose from {', '.join(_HOOKS)}")
    repository = find_repository(".")
    if recovered := recover_fixes(repository.git_dir, repository.top):
        _say(recovered)
    return _HOOKS[options.name](repository, options.arguments)


def judge_target(target: Target, hook: str, repository: Repository | None = None) -> Report:
    """Run every gate on one target of a hook, and show it: the one place where a hook starts a run."""
    from gatekeeper.cli.run import for_people, tell_troubles  # noqa: PLC0415 - a hook that has nothing to judge needs none of it
    from gatekeeper.edges.targets import Wish  # noqa: PLC0415 - as above
    from gatekeeper.wiring import RunOptions, judge  # noqa: PLC0415 - as above

    usual = argparse.Namespace(colour="auto", format=None, quiet=False, verbose=False)
    asked = RunOptions(str(Path.cwd()), Wish(target=target), hook=hook, repository=repository)
    report = judge(asked, (for_people(usual, sys.stdout),))
    tell_troubles(report)
    return report


def _pre_commit(repository: Repository, arguments: Sequence[str]) -> int:
    return _judge_index(repository, staged_target(repository), "pre-commit")


def _pre_merge_commit(repository: Repository, arguments: Sequence[str]) -> int:
    """Judge a merge; Git has not noted yet what it merges, but tells it in names of variables."""
    named = (match[1] for match in map(_MERGED.fullmatch, os.environ) if match)
    merged = [commit for commit in named if repository.commit(commit)]
    return _judge_index(repository, staged_target(repository, merged=merged), "pre-merge-commit")


def _commit_msg(repository: Repository, arguments: Sequence[str]) -> int:
    """Judge the index with the message that it will be committed with."""
    if len(arguments) != 1:
        raise UsageError("the commit-msg hook is given one file", 'write `gatekeeper hook commit-msg "$@"` in it')
    return _judge_index(repository, staged_target(repository, _message(repository, arguments[0])), "commit-msg")


def _message(repository: Repository, name: str) -> str:
    from gatekeeper.formats.commit_message import cleaned  # noqa: PLC0415 - only this hook has a message

    try:
        text = Path(name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise GatekeeperError(f"the message in {name} cannot be read: {error.strerror}", "commit again") from error
    _, output, _ = repository.attempt("config", "--get", "core.commentChar")
    return cleaned(text, output.decode("utf-8", "replace").strip() or "#")


def _judge_index(repository: Repository, target: Target, hook: str) -> int:
    """Judge what is about to be committed, unless an earlier hook of the same `git commit` has passed it."""
    if target.base_tree == target.head_tree:
        sys.stdout.write(_NOTHING)
        return Exit.PASSED
    from gatekeeper.edges.hook_memory import has_passed, remember_passed  # noqa: PLC0415 - not where nothing is staged
    from gatekeeper.edges.policies import holds_modes  # noqa: PLC0415 - as above

    # a message can only take demands away, except where modes go by the kind of change that it speaks of
    if hook == "commit-msg" and has_passed(repository, target) and not holds_modes(repository, target):
        return Exit.PASSED
    report = judge_target(target, hook, repository)
    if report.exit is Exit.PASSED:
        remember_passed(repository, target)
    else:
        _say(f"nothing was committed; to see this again: {_again()}")
    return report.exit


def _again() -> str:
    """The command that judges the same once more: `git commit -a` and `git commit PATH` use another index."""
    index = Path(os.environ.get("GIT_INDEX_FILE") or "index").name
    return "gatekeeper run --staged" if index == "index" else "`git add` the same files, then gatekeeper run --staged"


def _framework(repository: Repository, arguments: Sequence[str]) -> int:
    """Judge what the pre-commit framework (or prek) is asked to check: a push, or what is about to be committed."""
    from gatekeeper.edges.pushes import sent  # noqa: PLC0415 - each hook imports what it needs
    from gatekeeper.formats.framework_push import read_framework_push  # noqa: PLC0415 - as above

    told = read_framework_push(os.environ, repository.commit)
    if told is None:
        return _pre_merge_commit(repository, arguments)  # which is the same where nothing is merged
    remote, update = told
    return _judge_pushes(sent(repository, remote, (update,)), "pre-push", "nothing was pushed")


def _pre_push(repository: Repository, arguments: Sequence[str]) -> int:
    from gatekeeper.edges.pushes import sent  # noqa: PLC0415 - each hook imports what it needs
    from gatekeeper.formats.push_lines import read_sent  # noqa: PLC0415 - as above

    updates = _pushed(read_sent)
    return _judge_pushes(sent(repository, arguments[0] if arguments else "", updates), "pre-push", "nothing was pushed")


def _pre_receive(repository: Repository, arguments: Sequence[str]) -> int:
    from gatekeeper.edges.pushes import received  # noqa: PLC0415 - each hook imports what it needs
    from gatekeeper.formats.push_lines import read_received  # noqa: PLC0415 - as above

    return _judge_pushes(received(repository, _pushed(read_received)), "pre-receive", "nothing was accepted")


def _pushed(read: Callable[[str], tuple[RefUpdate, ...]]) -> tuple[RefUpdate, ...]:
    """What Git says on the standard input, all of it, before anything else is started."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("Git tells this hook on its standard input what is pushed, and there is none", _BY_HAND)
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if not text.strip():  # all is up to date, or a hook before this one has read it
        sys.stdout.write(_NONE_PUSHED)
    try:
        return read(text)
    except ValueError as line:
        raise GatekeeperError(f"Git's line about a pushed reference is not understood: {line}", _BY_HAND) from line


def _judge_pushes(pushes: Sequence[Push], hook: str, refusal: str) -> int:
    """Judge one range after the other; the worst exit code wins."""
    worst: int = Exit.PASSED
    for push in pushes:
        try:
            worst = max(worst, _judge_push(push, hook))
        except GatekeeperError as error:
            _say(error.message)
            sys.stderr.write(f"  {error.hint}\n" if error.hint else "")
            worst = max(worst, error.exit_code)
    if worst:
        _say(refusal)
    return worst


def _judge_push(push: Push, hook: str) -> int:
    names = ", ".join(map(phrase, push.refs))
    if push.target is None:
        raise push.problem or GatekeeperError(f"{names} names nothing that can be judged")
    if push.target.base_tree == push.target.head_tree:
        sys.stdout.write(f"gatekeeper: {names}: nothing to judge in {phrase(push.target.title)}\n")
        return Exit.PASSED
    sys.stdout.write(f"gatekeeper: {names}\n")
    sys.stdout.flush()
    report = judge_target(push.target, hook)
    if report.exit and push.target.base:
        _say(f"to see this again: gatekeeper run --from {push.target.base[:12]} --to {push.target.head[:12]}")
    elif report.exit and hook == "pre-push":
        _say("to see this again: the same `git push` with --dry-run")
    return report.exit


def _say(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"gatekeeper: {text}\n")


_HOOKS: dict[str, Callable[[Repository, Sequence[str]], int]] = {
    "pre-commit": _pre_commit,
    "pre-merge-commit": _pre_merge_commit,
    "commit-msg": _commit_msg,
    "pre-push": _pre_push,
    "pre-receive": _pre_receive,
    "framework": _framework,
}

"""The gate that asks the project's own hooks: its `.pre-commit-config.yaml`, run over the candidate."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.formats.hook_report import HookResult, Place, places_of, read_hook_report
from gatekeeper.formats.terminal_text import cut_middle, fit, phrase, text_lines
from gatekeeper.formats.tool_output import last_words, output_tail
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.defaults import PRE_COMMIT
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

_JOB = "pre-commit.hooks"
_PATH_FIRST = "GATEKEEPER_PATH_FIRST"
_MOST_PLACES = 50
_DETAIL_LINES = 60
_COLUMNS = 400
_TROUBLES = (  # what says most comes first: the words of Git, then those of the tool
    re.compile(r"^\s*(fatal: .+)", re.MULTILINE),
    re.compile(r"(An (?:unexpected )?error has occurred.*(?:\n=.*)*)"),
    re.compile(r"^(error: .*(?:\n  caused by: .*)*)", re.MULTILINE),
)
_HUNK = re.compile(r"^@@ -(\d+)", re.MULTILINE)
_ENDED, _FAILED = 0, 1  # the exit codes of both tools after which every hook has run


class PreCommitGate:
    """Runs the hooks of the project in a repository of their own, and makes findings of what they complain of."""

    reads: tuple[tuple[str, str], ...] = ()

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """One job with all hooks, since hooks may count on their order; none where there is no file for them."""
        del outcomes
        if _nothing_to_look_at(request):
            return ()
        python = request.environment.python
        return (
            Job(
                id=_JOB,
                gate=request.policy.name,
                label=f"the hooks of {phrase(_config(request))}",
                argv=(request.own_python, f"{request.programs}/inspectors/run_pre_commit.py"),
                cwd=request.scratch,
                seconds_limit=request.policy.seconds_limit,
                env=((_PATH_FIRST, python.rpartition("/")[0]),) if "/" in python else (),
                stdin=json.dumps(_work(request)),
            ),
        )

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What the hooks say of the change."""
        if _nothing_to_look_at(request):
            return Verdict(request.policy.name, Status.SKIPPED, "no changed file matches its paths")
        outcome = outcomes.get(_JOB)
        if outcome is None or not outcome.ran:
            return _unseen(request, outcome)
        try:
            answer = json.loads(outcome.stdout)
            hooks = read_hook_report(answer["output"])
            return _judged(request, answer, hooks)
        except (ValueError, KeyError, TypeError):
            return _unseen(request, outcome)


def _nothing_to_look_at(request: Request) -> bool:
    return request.change.is_empty or (_is_limited(request) and not _files(request))


def _is_limited(request: Request) -> bool:
    """Whether the gate looks at a part of the change only."""
    return bool(request.policy.paths or request.project.root)


def _files(request: Request) -> list[str]:
    """The changed files that exist, as `git diff` would name them to the tool."""
    return [file.path for file in request.change.files if file.exists and file.mode != "160000"]


def _config(request: Request) -> str:
    return str(request.policy.value("config", PRE_COMMIT["config"]))


def _work(request: Request) -> dict[str, Any]:
    """The request to the program; HEAD is where the change starts, so that the whole change looks staged."""
    target, candidate = request.target, request.candidate
    return {
        "git_dir": request.git_dir,
        "head_tree": target.head_tree,
        "head": target.head if target.whole else target.base,
        "candidate": candidate.directory,
        "base_candidate": candidate.base_directory,
        "scratch": request.scratch,
        "config": _config(request),
        "config_of_base": target.kind is TargetKind.RANGE,
        "files": None if target.whole and not _is_limited(request) else _files(request),
        "borrowed": list(candidate.borrowed),
        "skip": list(request.policy.value("skip", ())),
        "tool": request.policy.value("tool") or "",
    }


def _judged(request: Request, answer: dict[str, Any], hooks: tuple[HookResult, ...]) -> Verdict:
    name, notes = request.policy.name, tuple(phrase(str(note)) for note in answer["notes"])
    if answer["trouble"]:
        return Verdict(
            name, Status.ERROR, phrase(str(answer["trouble"])), notes=notes, hint=phrase(str(answer["hint"]))
        )
    failed = [hook for hook in hooks if hook.failed]
    if answer["exit"] != (_FAILED if failed else _ENDED):
        return _broken(request, answer, notes)
    findings = (*_complaints(request, failed, answer["changed"]), *_alterations(request, failed, answer["changed"]))
    blind = [hook for hook in failed if hook.trouble]
    if blind:
        why = f"the hook {phrase(blind[0].label)} could not look: {phrase(blind[0].trouble)}"
        hint = "Install what the hook starts, or mend its entry; hooks of `language: system` need it in the project"
        return Verdict(name, Status.ERROR, why, findings=findings, notes=notes, hint=hint)
    if findings:
        return Verdict(name, Status.FAILED, _summary(failed, answer), findings=findings, notes=notes)
    return _clean(request, hooks, notes)


def _clean(request: Request, hooks: tuple[HookResult, ...], notes: tuple[str, ...]) -> Verdict:
    """The verdict where no hook complains: passed only where one has looked."""
    name, passed = request.policy.name, sum(hook.status == "Passed" for hook in hooks)
    idle = sum(hook.no_files for hook in hooks)
    left_out = len(hooks) - passed - idle
    if not hooks:
        hint = f"Give it hooks of the stage pre-commit, or switch the gate off: {_config(request)}"
        return Verdict(name, Status.ERROR, "no hook ran: none is of the stage pre-commit", notes=notes, hint=hint)
    if left_out:
        notes = (*notes, f"left out: {', '.join(phrase(h.name) for h in hooks if _is_left_out(h))}")
    if not passed:
        why = "no hook is for the changed files" if idle else "every hook is left out"
        return Verdict(name, Status.SKIPPED, why, notes=notes)
    summary = f"{passed} hook{'s' * (passed != 1)} passed"
    return Verdict(name, Status.PASSED, summary + (f", {idle} had no file to check" if idle else ""), notes=notes)


def _is_left_out(hook: HookResult) -> bool:
    return hook.status == "Skipped" and not hook.no_files


def _summary(failed: list[HookResult], answer: dict[str, Any]) -> str:
    names = ", ".join(phrase(hook.label) for hook in failed)
    if not failed:
        return "a hook changed files although it passed"
    summary = f"{len(failed)} hook{'s' * (len(failed) != 1)} failed: {names}"
    count = len(answer["changed"])
    return summary + (f"; {count} file{'s' * (count != 1)} would be changed" if count else "")


def _complaints(request: Request, failed: list[HookResult], changed: list[dict[str, str]]) -> Iterator[Finding]:
    """A finding for each place that a failed hook names; one for the hook where it names none."""
    known = {file.path for file in request.change.files if file.exists}
    for hook in failed:
        places = list(places_of(hook, known))[:_MOST_PLACES]
        for place in places:
            yield _at_place(request, hook, place)
        if not places and not (hook.modified and changed and not hook.exit_code):
            yield _finding(request, hook.label, _ending(hook), detail=_said(hook))


def _ending(hook: HookResult) -> str:
    if hook.trouble:
        return f"{phrase(hook.name)}: {phrase(hook.trouble)}"
    if hook.modified and not hook.exit_code:
        return f"{phrase(hook.name)} changes files"
    return f"{phrase(hook.name)} failed with exit code {hook.exit_code}"


def _said(hook: HookResult) -> str:
    lines = text_lines("\n".join(hook.lines))
    return "\n".join(fit(line, _COLUMNS) for line in cut_middle(lines, _DETAIL_LINES))


def _at_place(request: Request, hook: HookResult, place: Place) -> Finding:
    message = fit(phrase(place.message), _COLUMNS) or f"{phrase(hook.name)} complains of this line"
    return _finding(request, hook.label, message, path=place.path, line=place.line, column=place.column)


def _alterations(request: Request, failed: list[HookResult], changed: list[dict[str, str]]) -> Iterator[Finding]:
    """A finding for each file that hooks changed, with what they would make of it."""
    blamed = [phrase(hook.label) for hook in failed if hook.modified]
    rule = blamed[0] if len(blamed) == 1 else "modified"
    who = " or ".join(blamed) or "a hook"
    for file in changed:
        lines = [fit(line, _COLUMNS) for line in text_lines(file["diff"])]
        yield _finding(
            request, rule, f"{who} changes this file",
            path=file["path"],
            line=_first_line(file["diff"]),
            detail="\n".join(cut_middle(lines, _DETAIL_LINES)),
        )  # fmt: skip


def _first_line(diff: str) -> int | None:
    """The first line of the file that a diff changes, or None where it tells none."""
    start = _HUNK.search(diff)
    if start is None:
        return None
    unchanged = 0
    for line in diff[start.end() :].split("\n")[1:]:
        if not line.startswith(" "):
            break
        unchanged += 1
    return max(1, int(start[1]) + unchanged)


def _finding(request: Request, rule: str, message: str, **place: Any) -> Finding:
    return Finding(request.policy.name, phrase(rule), message, Severity.HIGH, blocks=True, **place)


def _broken(request: Request, answer: dict[str, Any], notes: tuple[str, ...]) -> Verdict:
    """The verdict where the tool itself did not get to its end."""
    tool = phrase(str(answer["tool"]))
    said = f"{answer['output']}\n{answer['errors']}"
    why = f"{tool} ended with exit code {answer['exit']}: {_reason(said)}"
    lines = [fit(line, _COLUMNS) for line in cut_middle(text_lines(said), _DETAIL_LINES)]
    finding = _finding(request, "did-not-look", why, detail="\n".join(lines))
    return Verdict(
        request.policy.name, Status.ERROR, why, findings=(finding,), notes=notes, hint=_hint(request, tool, said)
    )


def _reason(said: str) -> str:
    """The words of the output that most likely say what went wrong."""
    telling = next((match for pattern in _TROUBLES if (match := pattern.search(said))), None)
    words = phrase(telling[1]) if telling else last_words(said)
    return fit(words or "it said nothing", _COLUMNS)


def _hint(request: Request, tool: str, said: str) -> str:
    config = phrase(_config(request))
    if re.search(r"InvalidConfig|InvalidManifest|Failed to parse|is not a file|MinimumVersion", said):
        return f"Mend {config}, and see what is wrong with it: {tool} validate-config {config}"
    if re.search(r"CalledProcessError|Failed to (clone|install|init)|unable to access|Could not resolve", said):
        return f"Its environments cannot be installed here; where there is a network, run: {tool} install-hooks"
    if re.search(r"UnicodeEncodeError|invalid UTF-8", said):
        return f"{tool} cannot handle a name that is not UTF-8: rename the file, or leave it out by `paths`"
    return f"See it by hand: {tool} run --all-files --config {config}"


def _unseen(request: Request, outcome: Outcome | None) -> Verdict:
    """The verdict where the program behind the gate did not answer."""
    name = request.policy.name
    if outcome is None:
        return Verdict(name, Status.ERROR, "the hooks were not run", hint="Run the gate again")
    why = outcome.problem or "the answer of the hooks' program cannot be read"
    words = last_words(outcome.stderr)
    hint = f"Set a larger `timeout` for the gate {name}" if "time limit" in why else f"It said: {words}"
    finding = _finding(request, "did-not-look", why, detail=output_tail(outcome))
    return Verdict(name, Status.ERROR, why, findings=(finding,), hint=hint)


GATE = PreCommitGate()

"""The gate for everything else: any command, judged by its exit code or by the standard reports that it writes."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from gatekeeper.formats.command_line import batches, reads_of, wants_files, words_of
from gatekeeper.formats.places import placed
from gatekeeper.formats.terminal_text import fit, one_line
from gatekeeper.formats.tool_environment import tool_environment
from gatekeeper.gates.command.judgement import Seen, judge_seen
from gatekeeper.gates.command.trouble import could_not_look, unusable
from gatekeeper.model.job import Job, Need
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

_LABEL_COLUMNS = 60
_EXIT_CODE_ALONE = "exit-code"
_LAST_JOBS = {
    "tests": ("tests.pytest", "tests.command"),
    "coverage": ("coverage.report",),
    "review": ("review.lint", "review.command"),
    "docs": ("docs.inspect",),
}
"""The jobs by which a built-in gate may do its work; every other gate runs a command."""


class CommandGate:
    """Starts the command of the gate's policy on the changed files, and judges what it reports."""

    reads: tuple[tuple[str, str], ...] = ()

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """One job, several where the files do not fit into one argument list, none without a file to look at.

        Nothing is planned either for a command that cannot be started; `judge` says what is wrong with it.
        """
        del outcomes
        try:
            argvs = () if _nothing_to_look_at(request) else batches(request.policy.command, _files(request))
            outputs = tuple(_output(request, file) for _, file in _reports(request) if file)
            fails = _fails(request)
        except ValueError:
            return ()
        jobs: list[Job] = []
        for argv in argvs:
            # Jobs that write the same file would overwrite each other's report.
            earlier = (
                (Need(jobs[-1].id, f"writes the same {posixpath.basename(outputs[0])}"),) if jobs and outputs else ()
            )
            jobs.append(
                Job(
                    id=f"{request.policy.name}.command{len(jobs) + 1 if jobs else ''}",
                    gate=request.policy.name,
                    label=fit(one_line(request.policy.command), _LABEL_COLUMNS),
                    argv=argv,
                    cwd=request.root,
                    seconds_limit=request.policy.seconds_limit,
                    looked=frozenset({0, *fails}),
                    env=_environment(request),
                    outputs=outputs,
                    needs=earlier or _needs(request),
                )
            )
        return tuple(jobs)

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What the exit codes and reports of the command say of the change."""
        try:
            words_of(request.policy.command)
            _fails(request)
            reports = [(format, _output(request, file) if file else "") for format, file in _reports(request)]
            nothing = _nothing_to_look_at(request)
        except ValueError as error:
            return unusable(request, str(error))
        if nothing:
            return Verdict(request.policy.name, Status.SKIPPED, "no changed file matches its paths")
        jobs = self.plan(request, outcomes)
        found = [outcomes.get(job.id) for job in jobs]
        for job, outcome in zip(jobs, found, strict=True):
            if outcome is None or not outcome.ran:
                return could_not_look(request, job, outcome)
        return judge_seen(Seen(request, tuple(outcome for outcome in found if outcome), tuple(reports)))


def _nothing_to_look_at(request: Request) -> bool:
    if wants_files(request.policy.command):
        return not _files(request)
    return bool(request.policy.paths) and request.change.is_empty


def _files(request: Request) -> tuple[str, ...]:
    """The changed regular files that exist, relative to the project: a link or a submodule is not theirs to check."""
    start = f"{request.project.root}/" if request.project.root else ""
    return tuple(
        file.path.removeprefix(start) for file in request.change.files if file.exists and file.mode.startswith("100")
    )


def _reports(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in reads_of(request.policy.value("reads")) if pair[0] != _EXIT_CODE_ALONE)


def _output(request: Request, file: str) -> str:
    """The absolute place of a report; the agent removes it first, so it must lie inside the project."""
    inside = placed(file, request.root)
    if inside.startswith("/"):
        raise ValueError(f"the report {file} must lie inside the project")
    return f"{request.root}/{inside}"


def _fails(request: Request) -> frozenset[int]:
    """The exit codes that mean "looked, and it is bad"."""
    codes = request.policy.value("fails", (1,))
    if not isinstance(codes, list | tuple) or not all(type(code) is int for code in codes):
        raise ValueError("`fails` must be a list of exit codes")
    return frozenset(codes)


def _environment(request: Request) -> tuple[tuple[str, str], ...]:
    """What the command is given: the project's own tools and code first, then what the policy lays over it."""
    own = request.policy.value("env", {})
    laid_over = {str(key): str(own[key]) for key in own} if isinstance(own, Mapping) else {}
    return tuple({**tool_environment(request), **laid_over}.items())


def _needs(request: Request) -> tuple[Need, ...]:
    """The jobs of the gates that this one is declared to wait for, where they are judged in this run."""
    named = request.policy.value("needs", ())
    return tuple(
        Need(job, f"declared in the configuration: needs: [{name}]", order_only=True)
        for name in ((named,) if isinstance(named, str) else named)
        if name in request.selected and name != request.policy.name
        for job in _LAST_JOBS.get(name, (f"{name}.command",))
    )


GATE = CommandGate()

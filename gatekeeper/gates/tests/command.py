"""Plans and judges tests that a command of the project's own runs, by its exit code and its JUnit report."""

from __future__ import annotations

from gatekeeper.formats.command_line import expand, reads_of
from gatekeeper.formats.pytest_request import COMMAND, environment_of
from gatekeeper.formats.reports import TEST_FORMATS, UnreadableReport, read_tests
from gatekeeper.formats.tool_environment import tool_environment
from gatekeeper.gates.tests.wording import could_not_look, failure_finding, no_tests, share_passed, summary_of
from gatekeeper.model.frozen import replace
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.reading import TestCase
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

LOOKED = frozenset(range(126))
"""From 126 on the shell's codes mean that nothing was run, or that a signal ended it."""


def command_job(request: Request) -> tuple[Job, ...]:
    """The job of the command, with every file that `reads` names among its outputs; none where the policy is wrong."""
    try:
        argv = expand(request.policy.command, _files(request))
        outputs = tuple(_place(request, file) for _, file in reads_of(request.policy.value("reads")) if file)
    except ValueError:
        return ()
    tree = request.candidate.directory
    return (
        Job(
            id=COMMAND,
            gate="tests",
            label=request.policy.command,
            argv=argv,
            cwd=request.root,
            seconds_limit=request.policy.seconds_limit,
            looked=LOOKED,
            env=tuple({**tool_environment(request), **dict(environment_of(request, tree))}.items()),
            outputs=outputs,
        ),
    )


def judge_command(request: Request, outcome: Outcome | None) -> Verdict:
    """What the command and its report say; they must agree."""
    try:
        expand(request.policy.command, _files(request))
        reads = reads_of(request.policy.value("reads"))
    except ValueError as error:
        return could_not_look(str(error), hint="Mend `run` or `reads` of the tests gate.")
    if outcome is None:
        return could_not_look("the command was not run")
    if not outcome.ran:
        return could_not_look(outcome.problem, outcome)
    reports = [(format, file) for format, file in reads if format in TEST_FORMATS]
    if not reports:
        return _by_exit_code(outcome)
    try:
        tests = tuple(case for format, file in reports for case in _cases(request, outcome, format, file))
    except UnreadableReport as error:
        return could_not_look(str(error), outcome)
    return _by_report(request, outcome, tests)


def _place(request: Request, file: str) -> str:
    return f"{request.root}/{file}"


def _files(request: Request) -> tuple[str, ...]:
    """The changed files that exist, in relation to the project."""
    prefix = f"{request.project.root}/" if request.project.root else ""
    return tuple(file.path.removeprefix(prefix) for file in request.change.files if file.exists)


def _cases(request: Request, outcome: Outcome, format: str, file: str) -> tuple[TestCase, ...]:
    text = outcome.files.get(_place(request, file)) if file else outcome.stdout
    if text is None:
        raise UnreadableReport(f"the command left no {format} report at {file}")
    root = request.project.root
    cases = read_tests(format, text)
    return tuple(replace(case, path=_in_repository(request, root, case.path)) for case in cases)


def _in_repository(request: Request, root: str, path: str) -> str:
    """A path of a report in relation to the repository; empty for one outside of it."""
    if path.startswith("/"):
        tree = f"{request.candidate.directory}/"
        return path.removeprefix(tree) if path.startswith(tree) else ""
    return f"{root}/{path}" if root and path else path


def _by_exit_code(outcome: Outcome) -> Verdict:
    if outcome.exit_code == 0:
        return Verdict("tests", Status.PASSED, f"the command ended well in {outcome.seconds:.1f} s")
    told = could_not_look(f"the command ended with exit code {outcome.exit_code}", outcome)
    return replace(told, status=Status.FAILED, summary=f"the command ended with exit code {outcome.exit_code}")


def _by_report(request: Request, outcome: Outcome, tests: tuple[TestCase, ...]) -> Verdict:
    bad = tuple(test for test in tests if test.outcome not in ("passed", "skipped"))
    if bad and outcome.exit_code == 0:
        return could_not_look(f"exit code 0, although {len(bad)} tests did not pass", outcome)
    if not bad and outcome.exit_code != 0:
        return could_not_look(f"exit code {outcome.exit_code}, although the report names no failed test", outcome)
    if all(test.outcome == "skipped" for test in tests):
        reason = f"all {len(tests)} tests were skipped" if tests else "the report holds no tests"
        return no_tests(reason, bool(request.policy.value("allow_empty", False)), outcome)
    return Verdict(
        gate="tests",
        status=Status.FAILED if bad else Status.PASSED,
        summary=summary_of(tests, outcome.seconds),
        measured=share_passed(tests),
        required=100.0,
        unit="%",
        findings=tuple(map(failure_finding, bad)),
    )

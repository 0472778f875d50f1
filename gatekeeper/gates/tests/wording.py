"""Puts what tests did into words: the summary line, the findings, and the verdicts that both kinds of run share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.reading import TestCase
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

LAST_LINES = 15
_MISSING = re.compile(r"No module named '([\w.]+)'")


def summary_of(tests: Iterable[TestCase], seconds: float, flaky: int = 0) -> str:
    """Such as "492 passed, 3 skipped, 1 xfailed in 4.1 s", the words of pytest: people compare the two."""
    outcomes = ["xfailed" if _is_expected_failure(test) else test.outcome for test in tests]
    words = ("failed", "error", "passed", "skipped", "xfailed")
    counts = {word: outcomes.count(word) for word in words}
    errors = "errors" if counts["error"] > 1 else "error"
    parts = [f"{counts[word]} {errors if word == 'error' else word}" for word in words if counts[word]]
    if flaky:
        parts.append(f"{flaky} flaky")
    return f"{', '.join(parts) or 'no tests'} in {seconds:.1f} s"


def _is_expected_failure(test: TestCase) -> bool:
    return test.outcome == "skipped" and test.message == "expected to fail"


def share_passed(tests: Iterable[TestCase], reused: int = 0) -> float:
    """The tests that passed among those that ran, in %, rounded down to one decimal: only all of them are 100.

    `reused` are tests that passed before, and whose outcome holds.
    """
    outcomes = [test.outcome for test in tests if test.outcome != "skipped"]
    if not outcomes and not reused:
        return 0.0
    return math.floor(1000 * (outcomes.count("passed") + reused) / (len(outcomes) + reused)) / 10


def failure_finding(test: TestCase, rule: str = "test-failed") -> Finding:
    """The finding about one test that did not pass, or one file that could not be collected."""
    reason = test.message.strip().split("\n")[0] or "no reason was given"
    return Finding(
        gate="tests",
        rule=rule,
        message=f"{_short(test.id)}: {reason}",
        severity=Severity.HIGH,
        path=test.path,
        line=test.line,
        detail=test.detail or f"{test.id}\n{test.message}",
        blocks=True,
    )


def flaky_finding(test: TestCase) -> Finding:
    """The finding about a test that failed at first and passed when it was run again."""
    return Finding(
        gate="tests",
        rule="flaky-test",
        message=f"{_short(test.id)} failed at first and passed when it was run again",
        severity=Severity.LOW,
        path=test.path,
        line=test.line,
        detail=test.detail,
    )


def could_not_look(reason: str, outcome: Outcome | None = None, hint: str = "") -> Verdict:
    """The error verdict, with the end of what the run printed."""
    tail = last_lines(outcome) if outcome else ""
    findings: tuple[Finding, ...] = ()
    if tail:
        message = f"the last lines of the output, since {reason}"
        findings = (Finding("tests", "could-not-look", message, Severity.HIGH, detail=tail, blocks=True),)
    return Verdict(
        "tests", Status.ERROR, f"the tests say nothing: {reason}", findings=findings, hint=hint or _remedy(reason)
    )


def _remedy(reason: str) -> str:
    if "time limit" in reason:
        return "Find out what hangs, or set a larger `timeout` for the tests gate."
    if reason.startswith("there is no folder"):
        return "First merge a change that takes the configuration of this project away, then remove its folder."
    return "Run the tests by hand, or `gatekeeper run --gate tests --verbose` to see all that they printed."


def missing_package(request: Request, said: str) -> str:
    """What to do where something that is not of the project could not be imported; empty where that was not said."""
    names = [name.partition(".")[0] for name in _MISSING.findall(said)]
    foreign = [name for name in names if name not in request.project.packages]
    if not foreign:
        return ""
    python = request.environment
    return (
        f"{foreign[0]} is not installed for the interpreter that ran the tests, {python.python} ({python.reason}). "
        "Install there what the tests need, or name the right one: `python: PATH` in .gatekeeper.yml."
    )


def no_tests(reason: str, allowed: bool, outcome: Outcome) -> Verdict:
    """The verdict on a run without tests: an error, unless the policy allows it."""
    if allowed:
        return Verdict("tests", Status.SKIPPED, reason)
    hint = (
        "Add a test, or name the command that runs them: `gates: {tests: {run: …}}`. For a project that has none: "
        "`gates: {tests: {allow_empty: true}, coverage: off}`"
    )
    return could_not_look(reason, outcome, hint)


def last_lines(outcome: Outcome) -> str:
    """The end of the output, what went to standard error last."""
    lines = [line.rstrip() for text in (outcome.stdout, outcome.stderr) for line in text.splitlines() if line.strip()]
    return "\n".join(line[:300] for line in lines[-LAST_LINES:])


def _short(test_id: str) -> str:
    """The name of a test without its file."""
    return test_id.split("::", 1)[1] if "::" in test_id else test_id

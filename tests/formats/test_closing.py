"""The sentences that sum up a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.formats.closing import longest_chain, outcome, parallelism
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status, Verdict
from tests.reporters.sample import METRICS, REPORT


def verdict(gate, status, summary="", advisory=False):
    return Verdict(gate, status, summary, advisory=advisory)


PASSED, FAILED, ERROR, SKIPPED = Status.PASSED, Status.FAILED, Status.ERROR, Status.SKIPPED


@pytest.mark.parametrize(
    ("code", "verdicts", "text"),
    [
        (Exit.PASSED, [("a", PASSED)], "Passed."),
        (Exit.PASSED, [("a", SKIPPED), ("b", SKIPPED)], "Passed: nothing to check."),
        (Exit.PASSED, [("a", PASSED), ("b", FAILED, "", True)], "Passed. Advisory only: b failed."),
        (
            Exit.PASSED,
            [("a", ERROR, "", True), ("b", FAILED, "", True)],
            "Passed. Advisory only: a could not be checked and b failed.",
        ),
        (Exit.BLOCKED, [("a", FAILED), ("b", FAILED), ("c", FAILED)], "Blocked: a, b and c failed."),
        (Exit.COULD_NOT_CHECK, [("a", ERROR, "pytest is missing.")], "Could not check: a (pytest is missing)."),
        (
            Exit.COULD_NOT_CHECK,
            [("a", ERROR, "no report"), ("b", FAILED)],
            "Could not check: a (no report). Blocked as well: b failed.",
        ),
        (Exit.COULD_NOT_CHECK, [], "Could not check."),
        (Exit.INTERRUPTED, [("a", ERROR)], "Interrupted."),
        (Exit.BLOCKED, [], "Blocked."),
    ],
)
def test_outcome(code, verdicts, text):
    report = replace(REPORT, exit=code, verdicts=tuple(verdict(*values) for values in verdicts))
    assert outcome(report) == text


def test_parallelism_names_figures_and_chain():
    assert parallelism(REPORT) == (
        "4 gates in 6.1 s; work 9.9 s, speed-up 1.68x of a possible 1.71x on 2 cores "
        "(longest chain 5.8 s: tests.pytest → coverage.report)"
    )


def test_parallelism_is_silent_where_nothing_ran():
    assert parallelism(replace(REPORT, outcomes=())) == ""
    assert parallelism(replace(REPORT, metrics=replace(METRICS, makespan=0.0))) == ""


def chain(needs, took):
    jobs = tuple(Job(name, "g", "", (), "/", 1, needs=tuple(Need(n, "") for n in ns)) for name, ns in needs.items())
    outcomes = tuple(Outcome(name, seconds=seconds) for name, seconds in took.items())
    return longest_chain(replace(REPORT, jobs=jobs, outcomes=outcomes))


def test_the_longest_chain_is_that_of_the_longest_time():
    needs = {"d": ["b", "c"], "a": [], "b": ["a"], "c": ["a"], "e": []}
    assert chain(needs, {"a": 1, "b": 3, "c": 2, "d": 1, "e": 4}) == ("a", "b", "d")
    assert chain(needs, {"a": 1, "b": 1, "c": 1, "d": 1, "e": 9}) == ("e",)
    assert chain(needs, {}) == ()


def test_a_ring_or_an_unknown_need_harms_nothing():
    assert chain({"a": ["b"], "b": ["a"], "c": ["elsewhere"]}, {"a": 1, "b": 1, "c": 1}) == ("c",)

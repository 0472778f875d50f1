"""One run with something of everything, for tests and for the examples in docs/output.md."""

from __future__ import annotations

from gatekeeper.model.candidate import Candidate, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.events import (
    Event,
    GateJudged,
    JobEnded,
    JobSaid,
    JobsPlanned,
    JobStarted,
    RunEnded,
    RunStarted,
    Tick,
)
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.report import Exit, Metrics, Report
from gatekeeper.model.verdict import Status, Verdict

ORDERS = """\
\"\"\"Orders of the shop.\"\"\"

import subprocess


def total(order, rate):
    \"\"\"The sum of an order, with tax.\"\"\"
    if not order.lines:
        return 0
    return sum(line.price for line in order.lines) * (1 + rate)


def print_label(order, printer):
    subprocess.run(f"lpr -P {printer} {order.label}", shell=True)
"""

CHANGE = Change(
    base_tree="4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    head_tree="9c1f0e1f8a8f4c1b6a6d7c3e2f1a0b9c8d7e6f5a",
    files=(
        FileChange(
            path="src/shop/orders.py",
            kind=ChangeKind.MODIFIED,
            hunks=(Hunk(5, 2, 6, 9),),
            text=ORDERS,
            base_text="",
        ),
        FileChange(
            path="tests/test_orders.py",
            kind=ChangeKind.ADDED,
            hunks=(Hunk(0, 0, 1, 6),),
            text="from shop.orders import total\n\n\ndef test_total(order):\n    assert total(order, 0.2) == 120\n",
        ),
    ),
)

TARGET = Target(
    kind=TargetKind.STAGED,
    base_tree=CHANGE.base_tree,
    head_tree=CHANGE.head_tree,
    title="what is staged, against HEAD",
    base="1f3870be274f6c49b3e31a0c6728957f2c1e0a9d",
)

_PYTHON = "/srv/shop/.venv/bin/python"
PYLINT = Job(
    id="review.lint",
    gate="review",
    label="pylint on 2 files",
    argv=(_PYTHON, "/opt/gatekeeper/inside/lint.py"),
    cwd="/srv/shop",
    seconds_limit=600,
    estimate=3.0,
)
RUFF = Job(
    id="review.security",
    gate="review",
    label="ruff S,B,ASYNC,PERF on 2 files",
    argv=("ruff", "check", "--", "./src/shop/orders.py", "./tests/test_orders.py"),
    cwd="/srv/shop",
    seconds_limit=60,
)
PYTEST = Job(
    id="tests.pytest",
    gate="tests",
    label="running the tests",
    argv=(_PYTHON, "/opt/gatekeeper/inside/run_tests.py"),
    cwd="/srv/shop",
    seconds_limit=600,
    looked=frozenset({0, 1}),
    estimate=5.0,
)
REPORT_JOB = Job(
    id="coverage.report",
    gate="coverage",
    label="reading the coverage data",
    argv=(_PYTHON, "/opt/gatekeeper/inside/report_coverage.py"),
    cwd="/srv/shop",
    seconds_limit=60,
    needs=(Need("tests.pytest", "reads the coverage data that the tests write"),),
    estimate=0.5,
)
DOCS = Job(
    id="docs.inspect",
    gate="docs",
    label="compare the public interface and its documentation",
    argv=("/opt/gatekeeper/bin/python", "/opt/gatekeeper/inspectors/api.py"),
    cwd="/srv/shop",
    seconds_limit=60,
)
JOBS = (PYLINT, RUFF, PYTEST, REPORT_JOB, DOCS)

OUTCOMES = (
    Outcome("review.lint", 0, "{}", "", {}, 0.02, 3.1, 2.9),
    Outcome("review.security", 0, "[]", "", {}, 0.02, 0.2, 0.1),
    Outcome("tests.pytest", 1, ".F\n1 failed, 491 passed\n", "", {}, 0.03, 5.3, 5.0),
    Outcome("coverage.report", 0, "", "", {}, 5.4, 0.5, 0.4),
    Outcome("docs.inspect", 0, "", "", {}, 0.3, 0.8, 0.7),
)

REVIEW = Verdict(
    gate="review",
    status=Status.FAILED,
    summary="0 critical, 1 high (W 7 / S 10)",
    measured=3.0,
    required=7.0,
    unit="/10",
    findings=(
        Finding(
            gate="review",
            rule="missing-function-docstring",
            message="Missing function or method docstring",
            severity=Severity.LOW,
            path="src/shop/orders.py",
            line=13,
            column=1,
        ),
        Finding(
            gate="review",
            rule="S602",
            message="`subprocess` call with `shell=True` identified, security issue",
            severity=Severity.HIGH,
            path="src/shop/orders.py",
            line=14,
            column=5,
            blocks=True,
        ),
    ),
    notes=("pylint options: pyproject.toml",),
    hint="Mend the 1 finding of severity high or worse",
    seconds=3.1,
)
TESTS = Verdict(
    gate="tests",
    status=Status.FAILED,
    summary="1 failed, 491 passed in 4.9 s",
    measured=100 * 491 / 492,
    required=100,
    unit="%",
    findings=(
        Finding(
            gate="tests",
            rule="test-failed",
            message="test_total: assert 119.99 == 120",
            severity=Severity.HIGH,
            path="tests/test_orders.py",
            line=5,
            detail="    def test_total(order):\n>       assert total(order, 0.2) == 120\n"
            "E       assert 119.99 == 120\nE        +  where 119.99 = total(Order(lines=3), 0.2)",
            blocks=True,
        ),
    ),
    hint="Run it alone: pytest tests/test_orders.py::test_total",
    seconds=5.3,
)
COVERAGE = Verdict(
    gate="coverage",
    status=Status.PASSED,
    summary="7 of 8 changed lines and branches are run by tests (87.5 %)",
    measured=87.5,
    required=85.0,
    unit="%",
    findings=(
        Finding(
            gate="coverage",
            rule="not-covered",
            message="line 14 is run by no test",
            severity=Severity.LOW,
            path="src/shop/orders.py",
            line=14,
        ),
    ),
    seconds=0.5,
)
DOCUMENTED = Verdict(
    gate="docs",
    status=Status.SKIPPED,
    summary="nothing to document: no public name is altered",
    seconds=0.8,
)
VERDICTS = (REVIEW, COVERAGE, TESTS, DOCUMENTED)

METRICS = Metrics(
    cores=2,
    makespan=5.9,
    work=9.9,
    cpu=9.1,
    critical_path=5.8,
    bound=5.8,
    speed_up=1.68,
    possible=1.71,
    launch_spread=0.01,
)
REPORT = Report(
    target=TARGET,
    change=CHANGE,
    policy_source=".gatekeeper.yml",
    verdicts=VERDICTS,
    exit=Exit.BLOCKED,
    metrics=METRICS,
    jobs=JOBS,
    outcomes=OUTCOMES,
    seconds=6.1,
)

STARTED = RunStarted(
    target=TARGET,
    change=CHANGE,
    candidate=Candidate("/srv/shop", "/tmp/base", in_place=True),
    gates=("review", "coverage", "tests", "docs"),
    policy_source=".gatekeeper.yml",
)


def events() -> list[tuple[float, Event]]:
    """The events of the run with the time of each in seconds."""
    steps: list[tuple[float, Event]] = [(0.0, STARTED), (0.0, JobsPlanned(JOBS))]
    steps += [(0.02, JobStarted(job, 0.02)) for job in (PYLINT, RUFF, PYTEST)]
    steps += [(0.2, JobEnded(RUFF, OUTCOMES[1])), (0.3, JobStarted(DOCS, 0.3))]
    steps += [(0.5 + i * 0.24, JobSaid("tests.pytest", "1 failed" if i > 11 else "", i * 25, 492)) for i in range(20)]
    steps += [(1.1, JobEnded(DOCS, OUTCOMES[4])), (1.1, GateJudged(DOCUMENTED))]
    steps += [(3.1, JobEnded(PYLINT, OUTCOMES[0])), (3.1, GateJudged(REVIEW))]
    steps += [(5.3, JobEnded(PYTEST, OUTCOMES[2])), (5.35, GateJudged(TESTS))]
    steps += [(5.4, JobStarted(REPORT_JOB, 5.4)), (5.9, JobEnded(REPORT_JOB, OUTCOMES[3]))]
    steps += [(5.9, GateJudged(COVERAGE))]
    steps += [(i / 10, Tick(i / 10)) for i in range(1, 60)]
    steps.sort(key=lambda step: step[0])
    return [*steps, (6.1, RunEnded(REPORT))]

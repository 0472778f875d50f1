"""Reports on changes, for the tests of what follows from them."""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.plan import ChangePlan, Pillar
from gatekeeper.model.policy_change import PolicyChange
from gatekeeper.model.report import Exit, Metrics, Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.agents import Selector
from gatekeeper.planning.api import ApiDelta
from gatekeeper.planning.planner import Demand, make_plan
from tests.planning.sample import RULES, change, changed, ground

A, B, C = "src/app/a.py", "src/core/b.py", "src/web/c.py"
TEST_A = "tests/test_a.py"
LARGE = "x = 1\n" * 200
FILES = tuple(changed(path, LARGE) for path in (A, B, C, TEST_A))
KNOWN = (A, B, C, TEST_A, "tests/core/test_b.py", "CHANGELOG.md", "README.md")


def plan_of(*files: str) -> ChangePlan:
    """The plan of a change of these files, or of all of them."""
    chosen = [file for file in FILES if not files or file.path in files]
    return make_plan(change(*chosen), ground(*KNOWN), Demand(RULES))


def choose(pillar: Pillar, scope: object) -> tuple[str, str]:
    """The built-in agents."""
    return Selector(change(*FILES), ApiDelta()).choose(pillar, scope)  # type: ignore[arg-type]


def found(
    gate: str, path: str = "", rule: str = "rule", *, blocks: bool = True, detail: str = "", line: int = 1
) -> Finding:
    """A finding of a gate."""
    return Finding(gate, rule, f"bad {rule}", Severity.HIGH, path, line if path else None, detail=detail, blocks=blocks)


def failed(*findings: Finding, measured: float | None = None, gate: str = "") -> Verdict:
    """The verdict of the gate of these findings."""
    name = gate or findings[0].gate
    least = None if measured is None else 85.0
    return Verdict(name, Status.FAILED, "it is bad", measured, least, "%" if least else "", findings)


def report(
    *verdicts: Verdict, changes: tuple[PolicyChange, ...] = (), tree: str = "head", files: object = FILES
) -> Report:
    """A report with these verdicts, and the exit that belongs to them."""
    statuses = {verdict.status for verdict in verdicts if verdict.blocks}
    end = Exit.COULD_NOT_CHECK if Status.ERROR in statuses else Exit.BLOCKED if statuses else Exit.PASSED
    whole = replace(change(*files), head_tree=tree)  # type: ignore[misc]
    target = Target(TargetKind.RANGE, "base", tree, "t", "b", "h")
    return Report(target, whole, "", verdicts, end, Metrics(1, 0, 0, 0, 0, 0, 1, 1, 0), policy_changes=changes)

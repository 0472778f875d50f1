"""What an override covers, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gatekeeper.engine.overriding import overridden, settled
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.gate_override import GateOverride, OverrideRecord, OverrideState
from gatekeeper.model.verdict import Status, Verdict

OVERRIDE = GateOverride("review", "Jo", "why", date(2027, 1, 1))


def finding(rule="S602", path="src/a.py", blocks=True):
    return Finding("review", rule, "m", Severity.HIGH, path, 1, blocks=blocks)


def verdict(*findings, status=Status.FAILED, **more):
    return Verdict("review", status, "s", findings=findings, **more)


def is_covered(override, given):
    return not overridden(given, [override]).blocks


def test_a_failure_becomes_advisory_and_says_why():
    made = overridden(verdict(finding()), [OVERRIDE])
    assert (made.blocks, made.status, made.override) == (False, Status.FAILED, OVERRIDE)
    assert made.notes[0].startswith("overridden by Jo until 2027-01-01: why")


def test_nothing_else_is_touched():
    for given in (verdict(status=Status.ERROR), verdict(status=Status.PASSED), replace(verdict(), gate="docs")):
        assert overridden(given, [OVERRIDE]) == given


def test_limits_cover_only_what_matches():
    limited = replace(OVERRIDE, paths=("src/**",), rules=("S602",))
    assert is_covered(limited, verdict(finding(), finding("X1", blocks=False)))
    assert not is_covered(limited, verdict(finding(), finding(path="lib/a.py")))
    assert not is_covered(limited, verdict(finding(), finding("S307")))
    assert not is_covered(limited, verdict())
    assert not is_covered(limited, verdict(finding(path="")))


def test_a_figure_that_is_too_low_is_the_fault_of_all_findings():
    limited = replace(OVERRIDE, rules=("S602",))
    assert not is_covered(limited, verdict(finding(), finding("X1", blocks=False), measured=3, required=7))
    assert is_covered(limited, verdict(finding(), finding(blocks=False), measured=3, required=7))


def test_what_became_of_them():
    record = OverrideRecord("f:1", OverrideState.UNUSED, "its gate did not fail", OVERRIDE)
    expired = replace(record, state=OverrideState.EXPIRED)

    def state(*verdicts):
        return settled([record], verdicts)[0].state.value

    assert state(overridden(verdict(finding()), [OVERRIDE])) == "applied"
    assert state(verdict(status=Status.PASSED)) == "unused"
    assert state() == "unused"
    assert state(verdict(status=Status.ERROR)) == "not covered"
    assert state(verdict(finding())) == "not covered"
    assert settled([expired], [verdict(finding())]) == (expired,)

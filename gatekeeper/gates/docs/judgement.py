"""Judges checked items by the policy: levels, skips, findings, the measured share, and the words of the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import floor
from typing import Any

from gatekeeper.gates.docs.checks import Item
from gatekeeper.gates.docs.criteria import CRITERIA, level, skips
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request


def verdict_of(request: Request, facts: Mapping[str, Any], items: Sequence[Item], nothing: str) -> Verdict:
    """The verdict over all items; `nothing` is said where there was none to check."""
    levels = {criterion: level(request.policy, criterion) for criterion in CRITERIA}
    skipped = {c: skip.reason for skip in skips(request.change.message) if skip.reason for c in skip.criteria}
    heard = [item for item in items if levels[item.criterion] != "off"]
    judged = [item for item in heard if not item.excuse and not (item.criterion in skipped and item.message)]
    findings = sorted((_finding(request, item, levels) for item in judged if item.message), key=lambda f: f.order)
    notes = (*_skip_notes(request, heard, skipped), *_notes(facts))
    counted = [item for item in judged if not item.hint and levels[item.criterion] == "block"]
    done, total = _share(counted)
    blocking = Counter(finding.rule for finding in findings if finding.blocks)
    if not total and not findings:
        return Verdict(request.policy.name, Status.SKIPPED, nothing, notes=notes)
    summary = f"{done} of {total} documented" if total else "nothing that has to be documented"
    if blocking:
        summary += ": " + ", ".join(f"{rule} {_counted(count)}" for rule, count in sorted(blocking.items()))
    return Verdict(
        gate=request.policy.name,
        status=Status.FAILED if blocking else Status.PASSED,
        summary=summary,
        measured=floor(1000 * done / total) / 10 if total else None,
        required=100.0 if total else None,
        unit="%" if total else "",
        findings=tuple(findings),
        notes=notes,
        hint=_hint(blocking, request.target.kind),
    )


def _share(items: Sequence[Item]) -> tuple[int, int]:
    """How many of the checked things are in order, and how many there are; places of one thing count once."""
    bad = [item for item in items if item.message]
    failed = len({(item.criterion, item.part_of) for item in bad if item.part_of}) + sum(not i.part_of for i in bad)
    return len(items) - len(bad), len(items) - len(bad) + failed


def _finding(request: Request, item: Item, levels: Mapping[str, str]) -> Finding:
    blocks = levels[item.criterion] == "block" and not item.hint
    severity = item.severity if blocks else Severity.LOW
    return Finding(
        request.policy.name,
        item.criterion,
        item.message,
        severity,
        item.path,
        item.line,
        detail=item.detail,
        blocks=blocks,
    )


def _skip_notes(request: Request, items: Sequence[Item], skipped: Mapping[str, str]) -> Iterator[str]:
    for skip in skips(request.change.message):
        if not skip.reason:
            yield f"'{skip.line}' does not count: a skip needs a reason in parentheses"
            continue
        bad = sum(bool(item.message) and not item.hint for item in items if item.criterion in skip.criteria)
        yield f"'{skip.line}' skips {', '.join(skip.criteria)}: {_counted(bad)} let through"
    for item in items:
        if item.excuse and item.criterion not in skipped:
            place = f"{item.path}:{item.line}" if item.line else item.path
            yield f"{item.criterion} at {place} is let through by its no-doc mark: {item.excuse}"


def _notes(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from facts["notes"]
    if facts["doctests"]:
        yield f"The project runs its samples as tests ({facts['doctests']}), so the tests gate judges what they do"


def _hint(blocking: Mapping[str, int], kind: TargetKind) -> str:
    """How to let through what is right as it is; only a range of commits has messages that could say so."""
    if not blocking:
        return ""
    if set(blocking) <= {"D1", "D2"}:
        return (
            "Write what the findings name. Where a docstring would say nothing, mark the definition's line with "
            "`# gatekeeper: no-doc(reason)`"
        )
    listed = ",".join(sorted(blocking))
    trailer = "Changelog: none (reason)" if listed == "D3" else f"Gatekeeper-Skip: {listed} (reason)"
    if kind is TargetKind.RANGE:
        return f"Where this is right as it is, end the commit message with '{trailer}'"
    warned = ", ".join(f"{criterion}: warn" for criterion in sorted(blocking))
    return (
        f"Write what the findings name. Where this is right as it is, set `criteria: {{{warned}}}` under gates: docs; "
        f"runs on commits also heed '{trailer}' at the end of a message"
    )


def _counted(count: int) -> str:
    return f"{count} finding" if count == 1 else f"{count} findings"

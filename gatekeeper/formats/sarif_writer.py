"""Writes a report as SARIF 2.1.0, for code scanning and for editors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gatekeeper import __version__
from gatekeeper.formats.json_values import json_value
from gatekeeper.formats.terminal_text import fit, name_bytes, phrase, text_lines
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

MOST_RESULTS = 25_000
"""As many results as GitHub takes of a run; the best come in, and a notification counts the rest."""

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_LONGEST = 1_000
_DETAIL_LINES = 30
_PYLINT_HELP = "https://pylint.readthedocs.io/en/stable/user_guide/messages/messages_overview.html"
_RUFF_HELP = "https://docs.astral.sh/ruff/rules/"
_GATES = {
    "review": "Judges the lines that a change brings by pylint and ruff.",
    "coverage": "Demands that tests run the lines and branches that a change brings.",
    "tests": "Demands that all tests pass.",
    "docs": "Demands that what is public is documented.",
}


def sarif_document(report: Report) -> dict[str, Any]:
    """The log as values that any JSON encoder takes: one run, a rule for each rule that has a finding."""
    findings = [(finding, verdict) for verdict in report.verdicts for finding in verdict.findings]
    findings.sort(key=lambda pair: (*pair[0].order, pair[0].fingerprint))
    shown = findings[:MOST_RESULTS]
    ids = list(dict.fromkeys(_rule_id(finding, verdict) for finding, verdict in shown))
    first = {_rule_id(finding, verdict): (finding, verdict) for finding, verdict in reversed(shown)}
    run = {
        "tool": {
            "driver": {
                "name": "Gatekeeper",
                "semanticVersion": __version__,
                "rules": [_rule(rule_id, *first[rule_id]) for rule_id in ids],
            }
        },
        "automationDetails": {"id": "gatekeeper/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, len(findings) - len(shown))],
        "results": _results(shown, ids),
    }
    clean: dict[str, Any] = json_value({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    return clean


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    """Whether the run got to its end; what could not be checked is a failed run, for it found nothing there."""
    notes = [
        _notification("error", f"{phrase(v.name)} could not be checked: {phrase(v.summary)}")
        for v in report.verdicts
        if v.status is Status.ERROR
    ]
    if left_out:
        notes.append(_notification("warning", f"{left_out} more findings are in the JSON report"))
    return {
        "executionSuccessful": report.exit in (Exit.PASSED, Exit.BLOCKED),
        "exitCode": int(report.exit),
        "toolExecutionNotifications": notes,
    }


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": fit(text, _LONGEST)}}


def _rule_id(finding: Finding, verdict: Verdict) -> str:
    return f"{phrase(verdict.gate)}/{phrase(finding.rule) or 'finding'}"


def _rule(rule_id: str, finding: Finding, verdict: Verdict) -> dict[str, Any]:
    gate, rule = phrase(verdict.gate), phrase(finding.rule) or "finding"
    about = _GATES.get(verdict.gate, f"Runs the command of the gate {gate}.")
    hint = phrase(verdict.hint)
    help_uri = _help_uri(finding, verdict)
    return {
        "id": rule_id,
        "name": rule,
        "shortDescription": {"text": f"{gate}: {rule}"},
        "fullDescription": {"text": about},
        "help": {"text": f"{about} {hint}".strip()},
        **({"helpUri": help_uri} if help_uri else {}),
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"tags": [gate]},
    }


def _help_uri(finding: Finding, verdict: Verdict) -> str:
    """Where a rule of the review gate is explained: ruff's are letters and digits, pylint's words with hyphens."""
    if verdict.gate != "review" or not finding.rule.isascii():
        return ""
    if finding.rule.isalnum() and finding.rule[:1].isupper() and finding.rule[-1:].isdigit():
        return _RUFF_HELP
    return _PYLINT_HELP if finding.rule.replace("-", "").isalnum() and "-" in finding.rule else ""


def _results(pairs: Sequence[tuple[Finding, Verdict]], ids: Sequence[str]) -> list[dict[str, Any]]:
    """The results; equal fingerprints are numbered, since two findings of the same text are two."""
    places, seen, results = {rule_id: index for index, rule_id in enumerate(ids)}, Counter[str](), []
    for finding, verdict in pairs:
        seen[finding.fingerprint] += 1
        detail = [fit(line, 200) for line in text_lines(finding.detail)[:_DETAIL_LINES]]
        said = fit(phrase(finding.message) or phrase(finding.rule) or "finding", _LONGEST)
        rule_id, blocks = _rule_id(finding, verdict), finding.blocks and verdict.blocks
        result: dict[str, Any] = {
            "ruleId": rule_id,
            "ruleIndex": places[rule_id],
            "level": "error" if blocks else _LEVELS[finding.severity],
            "message": {"text": "\n".join([said, *detail])},
            "partialFingerprints": {"gatekeeper/v1": f"{finding.fingerprint}:{seen[finding.fingerprint]}"},
            "properties": {"blocks": blocks, "severity": finding.severity.value},
        }
        if finding.path:
            result["locations"] = [{"physicalLocation": _place(finding)}]
        results.append(result)
    return results


def _place(finding: Finding) -> dict[str, Any]:
    uri = quote(name_bytes(finding.path), safe="/")
    # a first step such as "a:b" would be read as a scheme, had quote not written the colon as %3A
    place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if finding.line and finding.line > 0:
        region = {"startLine": finding.line}
        if finding.column and finding.column > 0:
            region["startColumn"] = finding.column
        if finding.end_line and finding.end_line >= finding.line:
            region["endLine"] = finding.end_line
        place["region"] = region
    return place

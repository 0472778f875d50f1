"""Writes a report as JUnit XML, so that any CI can show the gates as test suites."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gatekeeper.formats.figures import figure
from gatekeeper.formats.terminal_text import phrase, text_lines
from gatekeeper.model.finding import Finding
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict

_TOTALS = ("tests", "failures", "errors", "skipped")


def junit_document(report: Report) -> str:
    """The document in ASCII, ending in a newline: a suite for each gate, in it a case for the gate and each finding.

    A gate or finding that blocks is a failure, a gate that could not check an error, a skipped gate is skipped. What
    does not block passes, and says what it is in its output.
    """
    root = Element("testsuites", name="gatekeeper", time=f"{report.seconds:.3f}")
    for verdict in report.verdicts:
        root.append(_suite(verdict))
    totals: Counter[str] = Counter()
    for suite in root:
        for name in _TOTALS:
            totals[name] += int(suite.get(name, "0"))
    for name in _TOTALS:
        root.set(name, str(totals[name]))
    indent(root)
    document: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
    return document.decode("ascii") + "\n"


def _suite(verdict: Verdict) -> Element:
    suite = Element("testsuite", name=_text(verdict.name), time=f"{verdict.seconds:.3f}")
    cases = [_gate_case(verdict), *(_finding_case(finding, verdict) for finding in _ordered(verdict))]
    suite.extend(cases)
    kinds = Counter(child.tag for case in cases for child in case)
    counts = (len(cases), kinds["failure"], kinds["error"], kinds["skipped"])
    for name, count in zip(_TOTALS, counts, strict=True):
        suite.set(name, str(count))
    return suite


def _ordered(verdict: Verdict) -> list[Finding]:
    return sorted(verdict.findings, key=lambda finding: finding.order)


def _gate_case(verdict: Verdict) -> Element:
    case = Element(
        "testcase", classname="gatekeeper", name=_text(verdict.name), time=f"{max(verdict.seconds, 0.0):.3f}"
    )
    said = ", ".join(part for part in (figure(verdict), phrase(verdict.summary)) if part)
    rest = [
        *(phrase(note) for note in verdict.notes),
        *([f"What to do: {phrase(verdict.hint)}"] if verdict.hint else []),
    ]
    if verdict.blocks:
        _said(case, "error" if verdict.status is Status.ERROR else "failure", verdict.status.value, said, rest)
    elif verdict.status is Status.SKIPPED:
        SubElement(case, "skipped", message=_text(said))
    else:
        advisory = f"advisory, {verdict.status.value}: " if verdict.status is not Status.PASSED else ""
        _output(case, [f"{advisory}{said}", *rest])
    return case


def _finding_case(finding: Finding, verdict: Verdict) -> Element:
    place = finding.path + (f":{finding.line}" if finding.line else "") if finding.path else "(no file)"
    name = f"{phrase(place)} {phrase(finding.rule)}".strip()
    case = Element("testcase", classname=_text(f"gatekeeper.{verdict.name}"), name=_text(name), time="0.000")
    if finding.path:
        case.set("file", _text(finding.path))
        if finding.line:
            case.set("line", str(finding.line))
    message, detail = f"{finding.severity}: {phrase(finding.message)}", text_lines(finding.detail)
    if finding.blocks and verdict.blocks:
        _said(case, "failure", finding.severity.value, message, detail)
    else:
        _output(case, [message, *detail])
    return case


def _said(case: Element, tag: str, kind: str, message: str, lines: list[str]) -> None:
    child = SubElement(case, tag, message=_text(message), type=_text(kind))
    child.text = "\n".join(_text(line) for line in [message, *lines])


def _output(case: Element, lines: list[str]) -> None:
    SubElement(case, "system-out").text = "\n".join(_text(line) for line in lines)


def _text(text: str) -> str:
    """The text without what XML cannot hold; `phrase` and `text_lines` leave nothing else of the kind."""
    return phrase(text) if not text.isprintable() else text

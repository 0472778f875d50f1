"""Makes the sections of a comment or a job summary out of a report: each row of Markdown whole, each with its rank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.formats.closing import accounted, counted, outcome, parallelism
from gatekeeper.formats.comment_budget import Row, Section
from gatekeeper.formats.comment_links import blob_link
from gatekeeper.formats.durations import duration
from gatekeeper.formats.figures import figure
from gatekeeper.formats.markdown_text import block_lines, code, encoded, fence, prose
from gatekeeper.formats.plan_markdown import plan_markdown
from gatekeeper.formats.policy_text import override_sentences, policy_sentences
from gatekeeper.formats.terminal_text import cut_middle
from gatekeeper.formats.text_style import MARKS, WORDS
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.finding import Finding
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

_BAD = (Status.FAILED, Status.ERROR)
_ALL = 10**9
_SIGN = re.compile("<!--/?v-->")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a document shows: findings and notes of a gate, lines of a finding's detail, characters of the plan."""

    findings: int
    notes: int
    detail: int
    plans: tuple[int, ...]


COMMENT = Extent(10, 5, 12, (25_000, 12_000, 5_000, 2_500))
SUMMARY = Extent(_ALL, _ALL, 40, (300_000, 100_000, 25_000, 5_000))

# what comes in first when there is little room
_GATES, _BLOCKING, _POLICY, _PLAN, _OTHER, _PASSED, _NOTES, _METRICS = range(1, 9)


def volatile(text: str) -> str:
    """The text between two signs that no reader sees, so that it can be told from what a result is."""
    return f"<!--v-->{text}<!--/v-->" if text else ""


def headline(report: Report) -> str:
    """The outcome, what it rests on in numbers, and what to do, on one line."""
    mark = {Exit.PASSED: "✓", Exit.BLOCKED: "✗"}.get(report.exit, "!")
    return f"**{mark} {prose(outcome(report))}** {prose(_next_step(report), 400)}\n"


def _next_step(report: Report) -> str:
    match report.exit:
        case Exit.PASSED:
            return f"{_found(report)}Nothing has to be done."
        case Exit.BLOCKED:
            return f"{_found(report)}Mend what is listed below and push again."
        case Exit.COULD_NOT_CHECK:
            return "Do what stands below, then run it again."
        case Exit.INTERRUPTED:
            return "This says nothing about the code. Run it again."
        case _:
            return "Correct the configuration, then run it again."


def _found(report: Report) -> str:
    """The gates and findings in numbers."""
    if not report.verdicts:
        return ""
    gates = counted(len(report.verdicts), "gate")
    blocking = [verdict for verdict in report.verdicts if verdict.blocks]
    if not blocking:
        findings = sum(len(verdict.findings) for verdict in report.verdicts)
        rest = f"{counted(findings, 'finding')} that {'does' if findings == 1 else 'do'} not block"
        return f"{gates}, {rest if findings else 'no findings'}. "
    found = sum(finding.blocks for verdict in blocking for finding in verdict.findings)
    named = f", with {counted(found, 'blocking finding')}" if found else ""
    return f"{len(blocking)} of {gates} {'blocks' if len(blocking) == 1 else 'block'}{named}. "


def gate_table(report: Report) -> list[Section]:
    """A row for each gate: what blocks stands first in rank, though the order is that of the policy."""
    if not report.verdicts:
        return []
    rows = tuple(Row(_GATES if verdict.blocks else _GATES + 1, (_gate_row(verdict),)) for verdict in report.verdicts)
    head = "\n| | Gate | Result | Time | |\n|---|---|---|---:|---|\n"
    return [Section(_GATES, head, rows, noun="gate")]


def _gate_row(verdict: Verdict) -> str:
    time = "reused" if verdict.reused else duration(verdict.seconds)
    if verdict.status is Status.SKIPPED and not verdict.reused:
        time = ""
    cells = (
        _unbroken(f"{MARKS[verdict.status]} {WORDS[verdict.status].capitalize()}"),
        _title(verdict),
        _unbroken(_figure(verdict)),
        volatile(_unbroken(time)),
        prose(verdict.summary),
    )
    return f"| {' | '.join(cells)} |\n"


def _unbroken(text: str) -> str:
    """Markdown that stays on one line of a narrow cell."""
    return text.replace(" ", "&nbsp;")


def _figure(verdict: Verdict) -> str:
    """The figure; a unit that is none of those with a sign is a word of the document."""
    return encoded(figure(verdict)) if verdict.unit in ("/10", "%") else prose(figure(verdict))


def _title(verdict: Verdict) -> str:
    note = " (override)" if verdict.override else " (advisory)" if verdict.advisory else ""
    return prose(verdict.name, 120) + note


def policy_section(report: Report, extent: Extent) -> list[Section]:
    """The overrides and what the change relaxes, loud, right below the table."""
    changes = report.policy_changes
    shown = changes[: extent.findings]
    told = [*override_sentences(report.overrides), *policy_sentences(shown, len(shown))]
    if not told:
        return []
    rows = tuple(Row(_POLICY, (f"- {prose(line, 400)}\n",)) for line in told)
    return [Section(_POLICY, "\n#### Policy changes and overrides\n\n", rows, more=len(changes) - len(shown))]


def failed_gates(report: Report, context: CommentContext | None, extent: Extent) -> list[Section]:
    """An open section for each gate that failed or could not check, those that block first."""
    bad = sorted((v for v in report.verdicts if v.status in _BAD), key=lambda verdict: not verdict.blocks)
    return [_failed_gate(verdict, context, extent) for verdict in bad]


def _failed_gate(verdict: Verdict, context: CommentContext | None, extent: Extent) -> Section:
    ordered = sorted(verdict.findings, key=lambda finding: finding.order)
    rows = [
        Row(_BLOCKING if finding.blocks else _OTHER, _finding_forms(finding, context, extent))
        for finding in ordered[: extent.findings]
    ]
    rows += [Row(_NOTES, (f"- Note: {prose(note)}\n",)) for note in verdict.notes[: extent.notes]]
    parts = [f"{counted(len(ordered), 'finding')}"] if ordered else []
    blocking = sum(finding.blocks for finding in ordered)
    if blocking and blocking < len(ordered):
        parts.append(f"{blocking} blocking")
    said = [shown, *parts] if (shown := _figure(verdict)) else parts
    # a summary line takes no Markdown: what stands in it is HTML, and encoded
    head = f"<b>{MARKS[verdict.status]} {_title(verdict)}</b>{': ' if said else ''}{', '.join(said)}"
    if verdict.status is Status.ERROR:
        head = f"<b>{MARKS[verdict.status]} {_title(verdict)}</b> could not be checked"
    hint = f"\n**What to do:** {prose(verdict.hint, 600)}\n" if verdict.hint else ""
    return Section(
        _BLOCKING if verdict.blocks else _OTHER,
        f"\n<details open>\n<summary>{head}</summary>\n\n",
        tuple(rows),
        f"{hint}\n</details>\n",
        more=max(0, len(ordered) - extent.findings),
        noun="finding",
    )


def _finding_forms(finding: Finding, context: CommentContext | None, extent: Extent) -> tuple[str, ...]:
    """A list item with the detail in a fence below it, and the same without."""
    first = f"- {_finding_line(finding, context)}\n"
    # a fence holds its text as it is: the signs of what is volatile are nobody else's
    detail = [_SIGN.sub("<!-- v -->", line) for line in cut_middle(block_lines(finding.detail), extent.detail)]
    if not detail:
        return (first,)
    return (first + "".join(f"  {line}\n" for line in fence(detail, "text")), first)


def _finding_line(finding: Finding, context: CommentContext | None) -> str:
    place = code((finding.path + (f":{finding.line}" if finding.line else "")) if finding.path else "", 240)
    link = blob_link(context, finding.path, finding.line, finding.end_line)
    linked = f"[{place}]({link})" if link and place else place
    rule = code(finding.rule, 80)
    return " ".join(part for part in (linked, f"**{finding.severity}**", rule, prose(finding.message)) if part)


def passed_gates(report: Report, context: CommentContext | None, extent: Extent) -> list[Section]:
    """One folded section for what passed or was skipped, as far as it has anything to say."""
    told = [v for v in report.verdicts if v.status not in _BAD and (v.findings or v.notes)]
    if not told:
        return []
    rows = []
    for verdict in told:
        name = prose(verdict.name, 120)
        ordered = sorted(verdict.findings, key=lambda finding: finding.order)[: extent.findings]
        rows += [Row(_PASSED, (f"- {name}: {_finding_line(finding, context)}\n",)) for finding in ordered]
        rows += [Row(_NOTES, (f"- {name}: {prose(note)}\n",)) for note in verdict.notes[: extent.notes]]
    total = sum(len(verdict.findings) for verdict in told)
    found = f"{counted(total, 'finding')} of gates that passed" if total else "Notes of gates that passed"
    head = f"\n<details>\n<summary>{found}</summary>\n\n"
    hidden = sum(max(0, len(verdict.findings) - extent.findings) for verdict in told)
    return [Section(_PASSED, head, tuple(rows), "\n</details>\n", more=hidden, noun="finding")]


def plan_section(report: Report, extent: Extent) -> list[Section]:
    """The plan of the change, as much of it as there is room for, and how the run carried it out."""
    sections = []
    if report.plan is not None:
        forms = tuple(dict.fromkeys(f"\n{plan_markdown(report.plan, longest)}" for longest in extent.plans))
        sections.append(Section(_PLAN, "", (Row(_PLAN, forms),), noun="part of the plan"))
    lines = [*accounted(report, apart=True), *([parallel] if (parallel := parallelism(report)) else [])]
    if lines:
        text = "".join(f"- {prose(line, 600)}\n" for line in lines)
        sections.append(Section(_METRICS, "\n" + volatile(f"\n{text}\n") + "\n"))
    return sections


def notes_section(notes: Sequence[str]) -> list[Section]:
    """What else is worth knowing about the run."""
    rows = tuple(Row(_NOTES, (f"- {prose(note)}\n",)) for note in notes)
    return [Section(_NOTES, "\n", rows, noun="note")] if rows else []

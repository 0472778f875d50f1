"""The end of a run as text for people: verdict table, findings, what to do, outcome."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.closing import accounted, counted, outcome, parallelism
from gatekeeper.formats.policy_text import SHOWN as POLICY_SHOWN
from gatekeeper.formats.policy_text import override_sentences, policy_sentences
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import phrase, wrap
from gatekeeper.formats.text_style import MARKS, Role, TextStyle, verdict_role
from gatekeeper.formats.verdict_table import verdict_lines
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

FINDINGS_SHOWN = 10
_NOTES_SHOWN = 5
_BAD = (Status.FAILED, Status.ERROR)


def report_lines(report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    """All lines of the final text; none when everything passed and only failures were asked for."""
    if options.quiet:
        return _quiet(report, options, style)
    lines = verdict_lines(report.verdicts, style)
    for verdict in _worst_first(report.verdicts):
        lines += _section(verdict, report, options, style)
    lines += _policy(report, options, style)
    lines += _elsewhere(report, options, style)
    if options.verbose:
        from gatekeeper.formats.job_text import job_lines  # noqa: PLC0415 - seldom asked for

        lines += job_lines(report.jobs, report.outcomes, style)
    return lines + _ending(report, style)


def _quiet(report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    bad = [verdict for verdict in _worst_first(report.verdicts) if verdict.status in _BAD]
    waived = [verdict for verdict in report.verdicts if verdict.waived]  # nobody skips a gate in silence
    if not bad and not waived and report.exit is Exit.PASSED:
        return _troubles(report, style)
    lines = verdict_lines([*bad, *waived], style)
    for verdict in bad:
        lines += _section(verdict, report, options, style)
    return [*lines, *_troubles(report, style), *([""] if bad else []), _outcome(report, style)]


def _worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What blocks first, then other failures, then the rest; otherwise in the order of the plan."""
    return sorted(verdicts, key=lambda verdict: (not verdict.blocks, verdict.status not in _BAD))


def _section(verdict: Verdict, report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    """What a gate found, its notes and what to do; empty where there is nothing to tell."""
    bad = verdict.status in _BAD
    body: list[str] = []
    if bad or options.verbose:
        body += _findings(verdict, report, options, style)
        body += _notes(verdict, options, style)
    if verdict.hint and (bad or options.verbose):
        body += ["", *_labelled("What to do: ", phrase(verdict.hint), Role.ACCENT, style)]
    if not body and not bad:
        return []
    mark = style.paint(style.signs(MARKS[verdict.status]), verdict_role(verdict))
    return ["", f"{mark} {style.paint(phrase(verdict.name), Role.TITLE)}{_count(verdict)}", *body]


def _count(verdict: Verdict) -> str:
    total = len(verdict.findings)
    blocking = sum(finding.blocks for finding in verdict.findings)
    if total < 2 or not blocking:
        return f"  {counted(total, 'finding')}" if total else ""
    return f"  {counted(total, 'finding')}, {'all' if blocking == total else blocking} blocking"


def _findings(verdict: Verdict, report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    ordered = sorted(verdict.findings, key=lambda finding: finding.order)
    shown = ordered if options.verbose else ordered[:FINDINGS_SHOWN]
    if not shown:
        return []
    from gatekeeper.formats.finding_text import finding_lines  # noqa: PLC0415 - most runs find nothing

    lines: list[str] = []
    for finding in shown:
        block = finding_lines(finding, report.change, style)
        # findings of one line each stand close together; the taller ones get air
        if len(block) > 1 or not lines or lines[-1].startswith("    "):
            lines.append("")
        lines += block
    if len(ordered) > len(shown):
        rest = len(ordered) - len(shown)
        lines += ["", style.paint(f"  and {rest} more (--verbose or --format json shows all)", Role.QUIET)]
    return lines


def _notes(verdict: Verdict, options: ReporterOptions, style: TextStyle) -> list[str]:
    shown = verdict.notes if options.verbose else verdict.notes[:_NOTES_SHOWN]
    lines = [line for note in shown for line in _labelled("note: ", phrase(note), Role.QUIET, style)]
    if len(verdict.notes) > len(shown):
        rest = counted(len(verdict.notes) - len(shown), "more note")
        lines.append(style.paint(f"  and {rest} (--verbose shows all)", Role.QUIET))
    return ["", *lines] if lines else []


def _policy(report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    """What the change relaxes, and the overrides, a line each."""
    shown = len(report.policy_changes) if options.verbose else POLICY_SHOWN
    lines = []
    for text in override_sentences(report.overrides):
        lines += _labelled("! ", text, Role.WARN, style)
    for text in policy_sentences(report.policy_changes, shown):
        lines += _labelled("policy change: ", text, Role.WARN, style)
    return ["", *lines] if lines else []


def _elsewhere(report: Report, options: ReporterOptions, style: TextStyle) -> list[str]:
    """What gates that passed still have to say, in a line each, and the notes of the run."""
    lines: list[str] = []
    for verdict in report.verdicts if not options.verbose else ():
        if verdict.status in _BAD:
            continue
        if verdict.findings:
            count = counted(len(verdict.findings), "finding")
            do = "do" if len(verdict.findings) > 1 else "does"
            text = (
                f"{phrase(verdict.name)}: {count} that {do} not block; --verbose shows {'them' if do == 'do' else 'it'}"
            )
            lines += _labelled("", text, Role.QUIET, style)
        for note in verdict.notes[:_NOTES_SHOWN]:
            lines += _labelled("note: ", f"{phrase(verdict.name)}: {phrase(note)}", Role.QUIET, style)
    for note in report.notes:
        lines += _labelled("note: ", phrase(note), Role.QUIET, style)
    return ["", *lines] if lines else []


def _ending(report: Report, style: TextStyle) -> list[str]:
    lines = _troubles(report, style)
    parallel = parallelism(report)
    if parallel:
        told = (parallel, *accounted(report))
        lines += [
            "",
            *(style.paint(line, Role.QUIET) for text in told for line in wrap(style.signs(text), style.width)),
        ]
    return [*lines, "", _outcome(report, style)]


def _troubles(report: Report, style: TextStyle) -> list[str]:
    lines = [line for text in report.troubles for line in _labelled("trouble: ", phrase(text), Role.WARN, style)]
    return ["", *lines] if lines else []


def _outcome(report: Report, style: TextStyle) -> str:
    role = Role.GOOD if report.exit is Exit.PASSED else Role.BAD
    return style.paint(style.signs(outcome(report)), role)


def _labelled(label: str, text: str, role: Role, style: TextStyle) -> list[str]:
    """A paragraph behind its label, with the lines below it indented."""
    first, *rest = wrap(style.signs(text), style.width - 2 - len(label))
    painted = [style.paint(line, Role.PLAIN if role is Role.ACCENT else role) for line in (first, *rest)]
    return [f"  {style.paint(label, role)}{painted[0]}", *(f"  {' ' * len(label)}{line}" for line in painted[1:])]

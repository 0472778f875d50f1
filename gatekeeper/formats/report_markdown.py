"""The end of a run as GitHub-flavoured Markdown, for a comment on a pull request or a file."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper import __version__
from gatekeeper.formats.closing import accounted, counted, outcome, parallelism
from gatekeeper.formats.durations import duration
from gatekeeper.formats.figures import figure
from gatekeeper.formats.finding_text import DETAIL_LINES, shown_excerpt
from gatekeeper.formats.job_text import command_line
from gatekeeper.formats.markdown_text import block_lines, code, encoded, fence, prose
from gatekeeper.formats.plan_markdown import plan_markdown
from gatekeeper.formats.policy_text import override_sentences, policy_sentences
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import cut_middle, fit
from gatekeeper.formats.text_style import MARKS, WORDS
from gatekeeper.model.finding import Finding
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict

LONGEST = 60_000
"""Characters; a comment on GitHub holds 65,536."""

_BAD = (Status.FAILED, Status.ERROR)
_PLAN_CHARACTERS = 15_000


def report_markdown(report: Report, options: ReporterOptions, longest: int = LONGEST) -> str:
    """The whole document, ending in a newline.

    It shows at most ten findings of a gate (all of them when verbose), and fewer where it would be longer than
    `longest` characters; the rest is counted.
    """
    everything = max((len(verdict.findings) for verdict in report.verdicts), default=0)
    for shown in (everything,) if options.verbose and everything > 10 else ():
        if len(text := _document(report, options, shown)) <= longest:
            return text
    for shown in (10, 5, 2):
        if len(text := _document(report, options, shown)) <= longest:
            return text
    return _shortest(report, longest)


def _document(report: Report, options: ReporterOptions, shown: int) -> str:
    bad = [verdict for verdict in report.verdicts if verdict.status in _BAD]
    good = [verdict for verdict in report.verdicts if verdict.status not in _BAD]
    lines = [f"**{prose(outcome(report))}**", ""]
    lines += _table([v for v in report.verdicts if v in bad or v.waived] if options.quiet else report.verdicts)
    for verdict in sorted(bad, key=lambda verdict: not verdict.blocks):
        lines += [f"### {_title(verdict)}", "", *_section(verdict, report, shown)]
    if good and not options.quiet:
        lines += _passed(good, report, options, shown)
    if options.verbose:
        lines += _commands(report)
    if report.plan is not None and not options.quiet:
        lines += [plan_markdown(report.plan, _PLAN_CHARACTERS), *(f"- {prose(line)}" for line in accounted(report)), ""]
    lines += _policy(report)
    told = [f"- {prose(note)}" for note in (*report.notes, *report.troubles)]
    lines += [*told, ""] if told else []
    return "\n".join([*lines, _footer(report)]) + "\n"


def _shortest(report: Report, longest: int) -> str:
    """The outcome and as many rows of the table as there is room for, what blocks first."""
    head, footer = f"**{prose(outcome(report))}**\n\n", _footer(report) + "\n"
    rows = _table(sorted(report.verdicts, key=lambda verdict: not verdict.blocks))
    room = longest - len(head) - len(footer) - 100
    while rows and sum(len(row) + 1 for row in rows) > room:
        rows.pop()
    return head + "\n".join(rows) + "\n\nThe JSON report holds all that found no room here.\n\n" + footer


def _policy(report: Report) -> list[str]:
    """The overrides and what the change relaxes, under a heading of their own."""
    told = (*override_sentences(report.overrides), *policy_sentences(report.policy_changes))
    return ["### Policy changes", "", *(f"- {prose(line, 400)}" for line in told), ""] if told else []


def _table(verdicts: Sequence[Verdict]) -> list[str]:
    if not verdicts:
        return []
    rows = ["| | Gate | Measured | Time | |", "|---|---|---|---:|---|"]
    for verdict in verdicts:
        time = "reused" if verdict.reused else duration(verdict.seconds)
        if verdict.status is Status.SKIPPED and not verdict.reused:
            time = ""
        word = WORDS[verdict.status].capitalize()
        cells = (
            f"{MARKS[verdict.status]} {word}",
            _title(verdict),
            encoded(figure(verdict)),
            time,
            prose(verdict.summary),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return [*rows, ""]


def _title(verdict: Verdict) -> str:
    return prose(verdict.name) + (" (advisory)" if verdict.advisory else "")


def _section(verdict: Verdict, report: Report, shown: int) -> list[str]:
    ordered = sorted(verdict.findings, key=lambda finding: finding.order)
    lines = [line for finding in ordered[:shown] for line in _finding(finding, report)]
    if len(ordered) > shown:
        lines += [f"And {counted(len(ordered) - shown, 'more finding')}; the JSON report holds all of them.", ""]
    lines += [f"Note: {prose(note)}\n" for note in verdict.notes[:5]]
    if verdict.hint:
        lines += [f"**What to do:** {prose(verdict.hint, 600)}", ""]
    return lines


def _finding(finding: Finding, report: Report) -> list[str]:
    place = finding.path or "(no file)"
    if finding.line is not None:
        place += f":{finding.line}" + (f":{finding.column}" if finding.column is not None else "")
    rule = f" {code(finding.rule, 80)}" if finding.rule else ""
    detail = cut_middle(block_lines(finding.detail), DETAIL_LINES)
    source = [
        f"{'>' if line.marked else ' '} {line.number:>4} │ {fit(line.text, 160)}".rstrip()
        for line in shown_excerpt(finding, report.change, detail)
    ]
    lines = [f"{code(place, 300)} **{finding.severity}**{rule} {prose(finding.message)}".rstrip(), ""]
    if source or detail:
        lines += [*fence([*source, *([""] if source and detail else []), *detail]), ""]
    return lines


def _passed(verdicts: Sequence[Verdict], report: Report, options: ReporterOptions, shown: int) -> list[str]:
    """What passed or was skipped, folded; a summary line takes no Markdown, so it holds our own words only."""
    told = [verdict for verdict in verdicts if verdict.findings or verdict.notes]
    if not told:
        return []
    total = sum(len(verdict.findings) for verdict in told)
    title = f"{counted(total, 'finding')} of gates that passed" if total else "Notes"
    lines = ["<details>", f"<summary>{title}</summary>", ""]
    for verdict in told:
        lines += [f"### {_title(verdict)}", "", *_section(verdict, report, shown if options.verbose else min(shown, 5))]
    return [*lines, "</details>", ""]


def _commands(report: Report) -> list[str]:
    outcomes = {outcome.job: outcome for outcome in report.outcomes}
    body = []
    for job in report.jobs:
        seen = outcomes.get(job.id)
        ending = f"exit code {seen.exit_code}, {duration(seen.seconds)}" if seen else "not started"
        body += [fit(f"$ {command_line(job)}", 400), f"  {ending}"]
    if not body:
        return []
    return ["<details>", "<summary>Commands</summary>", "", *fence(cut_middle(body, 100)), "", "</details>", ""]


def _footer(report: Report) -> str:
    tree = code(report.target.head_tree[:12])
    parts = [
        f"Judged {prose(report.target.title)}",
        f"tree {tree}" if tree else "",
        f"policy: {prose(report.policy_source)}",
    ]
    parallel = parallelism(report)
    parts += [prose(parallel, 400)] if parallel else []
    return "; ".join(part for part in parts if part) + f". Gatekeeper {__version__}."

"""Writes findings as annotations of GitHub Actions, and keeps foreign text from being taken for a command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatekeeper.formats.terminal_text import REPLACEMENT, fit, phrase, text_lines, without_surrogates
from gatekeeper.model.change import FileChange
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict

MOST = 10
"""How many annotations of a level GitHub shows for a step; the rest vanish without a word."""

_LEVELS = ("error", "warning", "notice")
_TITLE = 200
_MESSAGE = 1_000
_DETAIL_LINES = 8
_TOKEN = re.compile(r"[A-Za-z0-9-]{16,}")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: its level, its place (`path` is empty where it has none), its title and its message."""

    level: str
    title: str
    message: str
    path: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None


def annotation_lines(report: Report, most: int = MOST) -> list[str]:
    """The workflow commands, a line each: of each level the best, and where there are more, last how many.

    The best are those within the lines that the change brought, then the most severe, then by their place. What blocks
    is an error, of the rest what is low is a notice and all else a warning.
    """
    found = list(all_annotations(report))
    lines = []
    for level in _LEVELS:
        of_level = [annotation for annotation in found if annotation.level == level]
        shown = of_level if len(of_level) <= most else of_level[: most - 1]
        lines += [command(annotation) for annotation in shown]
        if len(of_level) > len(shown):
            more = f"+{len(of_level) - len(shown)} more; the job summary has all of them"
            lines.append(command(Annotation(level, "Gatekeeper", more)))
    return lines


def command(annotation: Annotation) -> str:
    """The annotation as one workflow command on one line, with everything escaped that could end a part of it."""
    properties: list[tuple[str, object]] = [("title", fit(annotation.title, _TITLE))]
    if annotation.path:
        places = (("line", annotation.line), ("endLine", annotation.end_line), ("col", annotation.column))
        properties = [("file", annotation.path), *((name, value) for name, value in places if value), *properties]
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties)
    return f"::{annotation.level} {written}::{_data(annotation.message)}"


def stop_commands(token: str) -> str:
    """The line from which on no text is a command, until `resume_commands` with the same token.

    The token has to be one that nobody can guess. Raises ValueError for a short one.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token that stops commands needs 16 letters or digits or more")
    return f"::stop-commands::{token}"


def resume_commands(token: str) -> str:
    """The line that lets commands be commands again."""
    return f"::{token}::"


def all_annotations(report: Report) -> Iterator[Annotation]:
    """All of them, what could not be checked first, then the best findings first."""
    for verdict in report.verdicts:
        if verdict.status is Status.ERROR or (verdict.blocks and not any(f.blocks for f in verdict.findings)):
            yield _whole(verdict)
    files = {file.path: file for file in report.change.files if file.exists}
    findings = [(finding, verdict) for verdict in report.verdicts for finding in verdict.findings]
    findings.sort(key=lambda pair: (not _in_change(pair[0], files), *pair[0].order[1:], pair[0].fingerprint))
    for finding, verdict in findings:
        yield _of_finding(finding, verdict)


def _in_change(finding: Finding, files: Mapping[str, FileChange]) -> bool:
    file = files.get(finding.path)
    return file is not None and any((finding.line or 0) in span for span in file.added)


def _whole(verdict: Verdict) -> Annotation:
    level = "error" if verdict.blocks else "warning"
    said = "could not be checked" if verdict.status is Status.ERROR else "failed"
    text = "\n".join(part for part in (phrase(verdict.summary), phrase(verdict.hint)) if part)
    return Annotation(level, f"{phrase(verdict.name)} {said}", text or said)


def _of_finding(finding: Finding, verdict: Verdict) -> Annotation:
    blocks = finding.blocks and verdict.blocks
    level = "error" if blocks else "notice" if finding.severity is Severity.LOW else "warning"
    detail = text_lines(finding.detail)[:_DETAIL_LINES]
    title = ": ".join(part for part in (phrase(verdict.name), phrase(finding.rule)) if part)
    return Annotation(
        level=level,
        title=title,
        message="\n".join([phrase(finding.message) or phrase(finding.rule) or "finding", *detail]),
        path=finding.path,
        line=finding.line,
        end_line=finding.end_line if finding.line and (finding.end_line or 0) >= finding.line else None,
        column=finding.column,
    )


def _data(text: str) -> str:
    return _escaped(fit(text, _MESSAGE))


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    """Line ends as GitHub escapes them; other characters that move the cursor or reorder text as U+FFFD."""
    escaped = without_surrogates(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped if escaped.isprintable() else "".join(c if c.isprintable() else REPLACEMENT for c in escaped)

"""Shows what fixers did: as a verdict, as text for people, and as part of the JSON report."""

from __future__ import annotations

from typing import Any

from gatekeeper.formats.json_values import json_path
from gatekeeper.formats.terminal_text import one_line, phrase
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.fix import Fixes, FixState
from gatekeeper.model.frozen import replace
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

_LINES_SHOWN = 400
_ROLES = {"+": Role.GOOD, "-": Role.BAD, "@": Role.ACCENT}
_HEADERS = ("diff ", "index ", "--- ", "+++ ")


def with_fixes(report: Report, fixes: Fixes) -> Report:
    """The report with the fixes, and with their verdict in front of those of the gates."""
    verdict = fix_verdict(fixes)
    exit = Exit.COULD_NOT_CHECK if verdict.blocks else report.exit
    return replace(report, fixes=fixes, verdicts=(verdict, *report.verdicts), exit=exit)


def fix_verdict(fixes: Fixes) -> Verdict:
    """What became of the fixes, as the verdict `fix`: an error where they could not be made or applied."""
    done = f"fixed {_extent(fixes)}" if fixes.state is FixState.APPLIED else "nothing to fix"
    where = f"the fixes are kept in {fixes.patch}" if fixes.patch else ""
    if fixes.state is FixState.REFUSED:
        hint = "; ".join(part for part in (fixes.hint, where) if part)
        return Verdict("fix", Status.ERROR, fixes.problem, notes=(*fixes.failures, *fixes.notes), hint=hint)
    if fixes.failures:
        said = "; ".join(fixes.failures)
        hint = "run the fixer by hand on the changed files, or switch it off under `fix` in the configuration"
        return Verdict("fix", Status.ERROR, f"{done}; {said}", notes=fixes.notes, hint=hint)
    if fixes.state is FixState.APPLIED:
        return Verdict("fix", Status.PASSED, f"{done} by {_by(fixes)}", notes=fixes.notes)
    summary = f"{done}, said {', '.join(fixes.fixers)}" if fixes.fixers else "no fixer is set up for what changed"
    return Verdict("fix", Status.SKIPPED, summary, notes=fixes.notes)


def fix_lines(fixes: Fixes, style: TextStyle) -> list[str]:
    """The patch for people, with a heading, and where it is kept; none where nothing was fixed."""
    if not fixes.diff:
        return []
    heading = {
        FixState.APPLIED: f"Fixed {_extent(fixes)}:",
        FixState.REFUSED: f"These fixes of {_extent(fixes)} were not applied:",
    }.get(fixes.state, f"To be fixed are {_extent(fixes)}:")
    lines = [style.paint(heading, Role.TITLE), ""]
    patch = fixes.diff.rstrip("\n").split("\n")
    lines += [_painted(line, style) for line in patch[:_LINES_SHOWN]]
    if len(patch) > _LINES_SHOWN:
        lines.append(style.signs(f"… {len(patch) - _LINES_SHOWN} more lines"))
    if fixes.patch:
        lines += ["", style.paint(f"The patch is kept in {one_line(fixes.patch)}", Role.QUIET)]
    return [*lines, ""]


def trouble_lines(fixes: Fixes) -> list[str]:
    """What a run that only shows has to say beside the patch."""
    return [phrase(text) for text in (*fixes.failures, *fixes.notes)]


def fixes_document(fixes: Fixes) -> dict[str, Any]:
    """The fixes for the JSON report."""
    return {
        "state": fixes.state.value,
        "fixers": list(fixes.fixers),
        "files": [
            {**json_path("path", file.path), "added": file.added, "removed": file.removed, "fixers": list(file.fixers)}
            for file in fixes.files
        ],
        "diff": fixes.diff,
        "patch": fixes.patch,
        "problem": fixes.problem,
        "hint": fixes.hint,
        "failures": list(fixes.failures),
        "notes": list(fixes.notes),
    }


def _by(fixes: Fixes) -> str:
    """The fixers that changed something."""
    busy = {name for file in fixes.files for name in file.fixers}
    return ", ".join(name for name in fixes.fixers if name in busy)


def _extent(fixes: Fixes) -> str:
    added = sum(file.added for file in fixes.files)
    removed = sum(file.removed for file in fixes.files)
    return f"{len(fixes.files)} file{'' if len(fixes.files) == 1 else 's'} (+{added} -{removed} lines)"


def _painted(line: str, style: TextStyle) -> str:
    safe = one_line(line.removesuffix("\r").replace("\t", "    "))
    role = Role.TITLE if line.startswith(_HEADERS) else _ROLES.get(line[:1], Role.PLAIN)
    return style.paint(safe, role)

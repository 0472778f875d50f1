"""Makes a check run out of a report, within what GitHub takes, and plans what has to be sent so that it is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gatekeeper.formats.annotations import Annotation, all_annotations
from gatekeeper.formats.closing import outcome
from gatekeeper.formats.comment import stable_part
from gatekeeper.formats.comment_links import run_link
from gatekeeper.formats.report_reader import read_report
from gatekeeper.formats.summary import render_summary
from gatekeeper.formats.terminal_text import without_surrogates
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.forge import ForgeCheck
from gatekeeper.model.report import Exit

BATCH = 50
"""How many annotations GitHub takes with one request."""

MOST = 300
"""How many annotations a check run gets; each batch of them is a request more, and the summary names the rest."""

_SUMMARY = 65_535
_TITLE = 255
_MESSAGE = 8_000
_LAST_LINE = 10_000_000
_ROOM = 160  # for the line that counts what has no annotation
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}
_STEPS = frozenset({"", ".", ".."})
_EXTERNAL_ID = re.compile(
    r"gatekeeper:v1:(?P<id>[A-Za-z0-9._-]{1,60}):(?P<run>[0-9]{1,19})\.(?P<attempt>[0-9]{1,9}):(?P<digest>[0-9a-f]{16})"
)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """The check run that shall be there; `annotations` are entries as GitHub takes them, `run` number and attempt."""

    name: str
    head_sha: str
    run: tuple[int, int]
    external_id: str
    conclusion: str
    title: str
    summary: str
    details_url: str
    annotations: tuple[Mapping[str, object], ...]

    def document(self, start: int) -> dict[str, Any]:
        """What is sent to have all of it, with the annotations from `start` on as far as one request takes them."""
        batch = list(self.annotations[start : start + BATCH])
        output = {"title": self.title, "summary": self.summary, **({"annotations": batch} if batch else {})}
        link = {"details_url": self.details_url} if self.details_url else {}
        # every request completes the run: one that was broken off between two batches must not look as if it went on
        fixed = {"external_id": self.external_id, "status": "completed", "conclusion": self.conclusion}
        return {**fixed, **link, "output": output}


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """What is to be done: make a run, or bring the run `keep` up to date with the annotations from `start` on.

    `said` tells why nothing is.
    """

    create: bool = False
    keep: int = 0
    start: int = 0
    said: str = ""


def render_check(report: Mapping[str, Any], context: CommentContext, name: str) -> CheckRun:
    """The check run for a report. The same report and context give the same.

    Only what passed is a success: also what could not be checked is a failure, and its title says so. Raises
    UnreadableReport for a document that is no report.
    """
    read = read_report(report).report
    found = list(all_annotations(read))
    entries = [entry for annotation in found if (entry := _entry(annotation))][:MOST]
    rest = len(found) - len(entries)
    told = f"\n+{rest} more of what was found {'has' if rest == 1 else 'have'} no annotation here.\n" if rest else ""
    summary = render_summary(report, context, _SUMMARY - _ROOM) + told
    digest = sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()[:16]
    return CheckRun(
        name=name,
        head_sha=context.head_sha,
        run=(context.run_id, context.attempt),
        external_id=f"gatekeeper:v1:{context.id}:{context.run_id}.{context.attempt}:{digest}",
        conclusion="success" if read.exit is Exit.PASSED else "failure",
        title=_cut(outcome(read), _TITLE),
        summary=summary,
        details_url=run_link(context),
        annotations=tuple(entries),
    )


def own_checks(checks: Iterable[ForgeCheck], wanted: CheckRun, app: str) -> list[ForgeCheck]:
    """The runs that the app made for this name and id, the oldest first."""
    identity = _fields(wanted.external_id)["id"]
    found = [
        check
        for check in checks
        if check.app.lower() == app.lower()
        and check.name == wanted.name
        and _fields(check.external_id).get("id") == identity
    ]
    return sorted(found, key=lambda check: check.id)


def plan_check(own: list[ForgeCheck], wanted: CheckRun) -> CheckPlan:
    """What to do, given the own runs of the commit (oldest first).

    GitHub cannot take an annotation back, so a run which has other ones is left, and a new one of the same name made:
    the latest of a name is the one that counts. What an interrupted run left unsent is sent.
    """
    if not own:
        return CheckPlan(create=True)
    newest = max(_run(check) for check in own)
    if newest > wanted.run:
        return CheckPlan(said=f"the result of a newer run ({newest[0]}.{newest[1]}) is already shown")
    last = own[-1]
    if _fields(last.external_id)["digest"] != _fields(wanted.external_id)["digest"]:
        return CheckPlan(keep=last.id) if last.annotations == 0 else CheckPlan(create=True)
    shown = (last.conclusion, last.title, stable_part(last.summary))
    same = shown == (wanted.conclusion, wanted.title, stable_part(wanted.summary))
    # what another run made gets this one's number, or a run that came between the two could still replace it
    if same and _run(last)[0] == wanted.run[0] and last.annotations >= len(wanted.annotations):
        return CheckPlan(said="the check run says so already")
    return CheckPlan(keep=last.id, start=last.annotations)


def _fields(external_id: str) -> dict[str, str]:
    found = _EXTERNAL_ID.fullmatch(external_id)
    return found.groupdict() if found else {}


def _run(check: ForgeCheck) -> tuple[int, int]:
    fields = _fields(check.external_id)
    return int(fields["run"]), int(fields["attempt"])


def _entry(annotation: Annotation) -> dict[str, object]:
    """The annotation as GitHub takes it; empty for one without a place that can be named there.

    One entry that GitHub refuses makes it refuse all of them, so columns, which bring rules of their own, stay out.
    """
    path, line = annotation.path, annotation.line or 1
    last = max(line, annotation.end_line or line)
    if not path.isprintable() or _STEPS & {*path.split("/")} or last > _LAST_LINE:
        return {}
    return {
        "path": path,
        "start_line": line,
        "end_line": last,
        "annotation_level": _LEVELS[annotation.level],
        "title": _cut(annotation.title, _TITLE),
        "message": _cut(annotation.message, _MESSAGE),
    }


def _cut(text: str, most: int) -> str:
    """The text with at most `most` bytes of UTF-8, which is safe however GitHub counts characters."""
    text = without_surrogates(text)
    content = text.encode("utf-8")
    return text if len(content) <= most else content[: most - 3].decode("utf-8", "ignore") + "…"

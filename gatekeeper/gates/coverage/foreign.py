"""Takes coverage from a standard report that a test command wrote, whatever the language."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath

from gatekeeper.formats.command_line import reads_of
from gatekeeper.formats.pytest_request import COMMAND
from gatekeeper.formats.reports import COVERAGE_FORMATS, UnreadableReport, read_coverage
from gatekeeper.gates.coverage.concerned import product_files
from gatekeeper.gates.coverage.measured import Coverage, NotMeasured
from gatekeeper.model.change import FileChange
from gatekeeper.model.frozen import replace
from gatekeeper.model.job import Outcome
from gatekeeper.model.reading import FileCoverage
from gatekeeper.ports import Outcomes, Request

COMMENTS = ("//", "/*", "*", "#", "--")


def foreign_coverage(request: Request, outcomes: Outcomes) -> Coverage:
    """What the report that `reads` names says; raises NotMeasured.

    A product file that such a report should hold and does not has been loaded by no test: all of its added lines are
    missing. It should hold a file if it holds others of the same kind in the same top folder.
    """
    files: list[FileCoverage] = []
    for format, name in _reads(request):
        text = _text(request, outcomes, format, name)
        try:
            files += read_coverage(format, text, request.root)
        except UnreadableReport as error:
            raise NotMeasured(str(error)) from error
    if not files:
        raise NotMeasured("the report names no file")
    placed = tuple(replace(file, path=_in_repository(request, file.path)) for file in files)
    known = {file.path for file in placed}
    homes = {(PurePosixPath(path).suffix, _top(request, path)) for path in known}
    absent, left_out = [], []
    for file in product_files(request.change):
        if file.path in known:
            continue
        if (PurePosixPath(file.path).suffix, _top(request, file.path)) in homes:
            absent.append(FileCoverage(file.path, executed=frozenset(), missing=_statements(file)))
        else:
            left_out.append((file.path, "not in the report"))
    return Coverage((*placed, *absent), tuple(left_out))


def _reads(request: Request) -> tuple[tuple[str, str], ...]:
    try:
        reads = reads_of(request.policy.value("reads"))
    except ValueError as error:
        raise NotMeasured(str(error), "Mend `reads` of the coverage gate.") from error
    unknown = [format for format, _ in reads if format not in COVERAGE_FORMATS]
    if unknown:
        raise NotMeasured(f"{unknown[0]} is no coverage format; known are {', '.join(sorted(COVERAGE_FORMATS))}")
    return reads


def _text(request: Request, outcomes: Outcomes, format: str, name: str) -> str:
    outcome = outcomes.get(COMMAND)
    hint = f"Give gates: tests: a `run`, and `reads` that name this file too: {{{format}: {name or 'FILE'}}}."
    if outcome is None:
        raise NotMeasured("no test command was run", hint)
    if not outcome.ran:
        raise NotMeasured(f"the test command could not be run: {outcome.problem}")
    if not name:
        return _only_report(outcome, format, hint)
    text = outcome.files.get(f"{request.root}/{name}")
    if text is None:
        raise NotMeasured(f"the test command left no {format} report at {name}", hint)
    return text


def _only_report(outcome: Outcome, format: str, hint: str) -> str:
    """The one report of this format among what the tests gate reads, where `reads` names the format alone."""
    readable = []
    for text in outcome.files.values():
        with suppress(UnreadableReport):
            readable += [text] if read_coverage(format, text, "/") else []
    if len(readable) != 1:
        raise NotMeasured(f"the test command left {len(readable)} reports that read as {format}, not one", hint)
    return readable[0]


def _in_repository(request: Request, path: str) -> str:
    """A path of the report in relation to the repository."""
    tree = f"{request.candidate.directory}/"
    if path.startswith("/"):
        return path.removeprefix(tree)
    return f"{request.project.root}/{path}" if request.project.root else path


def _top(request: Request, path: str) -> str:
    """The first folder of a path below the project; empty for a file that lies in the project's own folder."""
    root = request.project.root
    parts = PurePosixPath(path.removeprefix(f"{root}/") if root else path).parts
    return parts[0] if len(parts) > 1 else ""


def _statements(file: FileChange) -> frozenset[int]:
    """The added lines that look like code."""
    lines = (file.text or "").split("\n")
    return frozenset(
        number
        for number in file.added_lines
        if number <= len(lines) and lines[number - 1].strip() and not lines[number - 1].strip().startswith(COMMENTS)
    )

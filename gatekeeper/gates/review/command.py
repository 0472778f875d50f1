"""Reviews by the report of any other tool: the same score and the same verdict, over lines instead of statements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatekeeper.formats.command_line import expand, reads_of
from gatekeeper.formats.reports import DIAGNOSTIC_FORMATS, UnreadableReport, read_diagnostics
from gatekeeper.formats.tool_environment import tool_environment
from gatekeeper.formats.tool_output import last_words
from gatekeeper.gates.review.judgement import Unseen, Weighed, finding, heaviest
from gatekeeper.gates.review.severities import level_severity
from gatekeeper.model.change import FileChange
from gatekeeper.model.frozen import replace
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.reading import Diagnostic
from gatekeeper.ports import Outcomes, Request

COMMAND = "review.command"
_WEIGHTS = {"error": 5, "warning": 1}
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*/|\*\s|\*$|--|<!--|-->|;)")


def plan(request: Request, files: Sequence[FileChange]) -> tuple[Job, ...]:
    """The job that runs the configured command; none where it cannot be used, which `weigh` then tells."""
    try:
        argv, reads = expand(request.policy.command, [_inside(request, file.path) for file in files]), _reads(request)
    except ValueError:
        return ()
    return (
        Job(
            id=COMMAND,
            gate=request.policy.name,
            label=f"{argv[0]} on {len(files)} file{'s' if len(files) != 1 else ''}",
            argv=argv,
            cwd=request.root,
            seconds_limit=request.policy.seconds_limit,
            looked=frozenset({0, 1, 2}),
            env=tuple(tool_environment(request).items()),
            outputs=tuple(f"{request.root}/{file}" for _, file in reads if file),
        ),
    )


def read(request: Request, outcome: Outcome) -> tuple[Diagnostic, ...]:
    """The messages of the tool, with paths of the repository; raises UnreadableReport."""
    found: list[Diagnostic] = []
    for format, file in _reads(request):
        text = outcome.files.get(f"{request.root}/{file}", "") if file else outcome.stdout
        said = read_diagnostics(format, text, request.root)
        found += [replace(message, path=repository_path(request, message.path)) for message in said]
    return tuple(found)


def weigh(request: Request, files: Sequence[FileChange], outcomes: Outcomes) -> Weighed:
    """What the tool says of added lines; raises Unseen where it said nothing that can be read."""
    try:
        _reads(request)
        said = read(request, outcomes[COMMAND])
    except UnreadableReport as error:
        words = last_words(outcomes[COMMAND].stderr)
        reason = f"the report of the command cannot be used: {error}" + (f" ({words})" if words else "")
        raise Unseen(reason, "Run with --verbose to see all that it printed") from None
    except (KeyError, ValueError) as error:
        raise Unseen(f"the command cannot be used: {error}", "Mend `run` and `reads` of this gate") from None
    named = {file.path: file for file in files}
    ignored = set(map(str, request.policy.value("ignore", ()) or ()))
    fresh = [m for m in said if m.rule not in ignored and _is_fresh(request, named.get(m.path), m)]
    return Weighed(
        weight=sum(map(weight, fresh)),
        size=sum(size(file, request.target.whole) for file in files),
        findings=tuple(finding(request, message, level_severity(message)) for message in fresh),
        heaviest=heaviest([(message.rule, weight(message)) for message in fresh]),
    )


def _is_fresh(request: Request, file: FileChange | None, message: Diagnostic) -> bool:
    """Whether a message is about an added line, or about a new file as a whole."""
    if file is None:
        return False
    if request.target.whole:
        return True
    return file.touches(message.line) if message.line else file.base_path is None


def weight(message: Diagnostic) -> int:
    """5 for an error, 1 for a warning, 0 for a note."""
    return _WEIGHTS.get(message.level, 0)


def size(file: FileChange, is_whole: bool) -> int:
    """How many lines that are neither blank nor a comment the change brought, or the file has."""
    lines = (file.text or "").split("\n")
    return sum(
        bool(line.strip()) and not _COMMENT.match(line)
        for number, line in enumerate(lines, 1)
        if is_whole or file.touches(number)
    )


def repository_path(request: Request, path: str) -> str:
    """The path in the repository of a path that is relative to the project."""
    return f"{request.project.root}/{path}" if request.project.root and not path.startswith("/") else path


def _inside(request: Request, path: str) -> str:
    return path.removeprefix(f"{request.project.root}/") if request.project.root else path


def _reads(request: Request) -> tuple[tuple[str, str], ...]:
    reads = reads_of(request.policy.value("reads"))
    formats = " or ".join(sorted(DIAGNOSTIC_FORMATS))
    if not reads:
        raise ValueError(f"`run` of this gate needs `reads`: the format of the tool's report ({formats})")
    for format, _ in reads:
        if format not in DIAGNOSTIC_FORMATS:
            raise ValueError(f"`reads` names the format {format!r}; this gate reads {formats}")
    return reads

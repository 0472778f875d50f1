"""Looks for errors in unchanged files that import a changed module: where that is wanted, and what is new in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gatekeeper.formats.pylint_messages import Dependents, read_dependents
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.gates.review import jobs
from gatekeeper.gates.review.judgement import Unseen
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.job import Job
from gatekeeper.model.reading import Diagnostic
from gatekeeper.ports import Outcomes, Request

JOB = "review.dependents"
_MOST = 40


def plan(request: Request) -> tuple[Job, ...]:
    """The job that finds and looks at these files; none where it is not wanted, or where no module changed."""
    modules = dict(_modules(request)) if _is_wanted(request) else {}
    if not modules:
        return ()
    sides = [jobs.side(request, name, ()) for name in ("head", "base")]
    paths = {path for file in request.change.files for path in (file.path, file.base_path) if path}
    asked = {
        **jobs.ground(request),
        "output": _place(request),
        "sides": sides,
        "modules": modules,
        "changed": sorted(paths),
        "most": _MOST,
        "errors_only": True,
    }
    return (jobs.pylint_job(request, JOB, "lint_dependents.py", "pylint for errors on dependents", asked),)


def new_errors(request: Request, outcomes: Outcomes) -> tuple[tuple[Diagnostic, ...], tuple[str, ...]]:
    """The errors that the base does not have, and notes on what was looked at; raises Unseen."""
    if JOB not in outcomes:
        return (), ()
    try:
        seen = read_dependents(outcomes[JOB].files.get(_place(request), ""))
    except UnreadableReport as error:
        raise Unseen(str(error), "Run with --verbose to see what pylint printed") from None
    for side in (seen.head, seen.base):
        if side.problem:
            raise Unseen(
                f"pylint could not look at files that import what changed: {side.problem}",
                "Run pylint on the file by hand, or set `dependents: never` for the review gate",
            )
    known = Counter(map(_same, seen.base.messages))
    fresh = []
    for message in seen.head.messages:
        known[_same(message)] -= 1
        if message.level in "EF" and known[_same(message)] < 0:
            fresh.append(message)
    return tuple(fresh), _notes(seen)


def _is_wanted(request: Request) -> bool:
    wanted = request.policy.value("dependents", "ci")
    in_ci = request.in_ci and request.target.kind is TargetKind.RANGE
    return request.target.has_base and not request.target.whole and (wanted == "always" or (wanted == "ci" and in_ci))


def _modules(request: Request) -> Iterable[tuple[str, list[str] | None]]:
    """The modules of the project that changed, each with the names of what changed in it; None for any name."""
    roots = sorted(request.project.import_roots, key=len, reverse=True)
    for file in request.change.files:
        path = file.base_path
        is_same = file.exists and file.path == path and not file.hunks
        if not path or not path.endswith(".py") or file.role is not Role.SOURCE or is_same:
            continue
        root = next((root for root in roots if not root or path.startswith(f"{root}/")), "")
        name = path[len(root) :].lstrip("/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        yield name, _names(file) if file.exists and file.path == path else None


def _names(file: FileChange) -> list[str] | None:
    """The last parts of the names of all definitions that the change touches; None where it touches other lines too."""
    from gatekeeper.formats.python_source import definitions  # noqa: PLC0415 - seldom asked for

    found: set[str] = set()
    for text, spans in ((file.text, file.added), (file.base_text, file.removed)):
        for span in spans:
            touched = definitions(text or "", (span,))
            outer = [each for each in touched if "." not in each.name]
            lines = {line for each in outer for line in range(each.span.start, each.span.end + 1)}
            rows = (text or "").split("\n")
            if any(line not in lines and rows[line - 1].strip() for line in range(span.start, span.end + 1)):
                return None
            found.update(each.name.rpartition(".")[2] for each in touched)
    return sorted(found)


def _same(message: Diagnostic) -> tuple[object, ...]:
    return message.path, message.line, message.column, message.rule, message.message


def _place(request: Request) -> str:
    return f"{request.scratch}/{JOB}.json"


def _notes(seen: Dependents) -> tuple[str, ...]:
    if not seen.files:
        return ()
    named = ", ".join(seen.files[:3]) + (f" and {len(seen.files) - 3} more" if len(seen.files) > 3 else "")
    left = f"; {seen.left} more were not looked at, since {_MOST} are the most" if seen.left else ""
    many = "file that imports" if len(seen.files) == 1 else "files that import"
    return (f"pylint looked for errors in {len(seen.files)} unchanged {many} what changed: {named}{left}",)

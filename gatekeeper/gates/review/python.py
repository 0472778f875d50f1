"""Weighs changed Python files by the answers of pylint and ruff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.formats.pylint_messages import LintAnswer, LintSide, read_lint_answer
from gatekeeper.formats.python_source import definitions, lines_for_some_pythons, statements, statements_touched
from gatekeeper.formats.ruff_messages import SYNTAX, name_in_report, read_ruff_messages
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.gates.review import jobs, profile
from gatekeeper.gates.review.excused import is_excused
from gatekeeper.gates.review.guessed import without_guesses
from gatekeeper.gates.review.introduced import introduced
from gatekeeper.gates.review.judgement import Unseen, Weighed, finding, heaviest
from gatekeeper.gates.review.located import introduced_unlocated
from gatekeeper.gates.review.score import is_fatal, weight
from gatekeeper.gates.review.severities import SAME_THING, pylint_severity, ruff_severity
from gatekeeper.model.change import FileChange, LineSpan, Role
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.reading import Diagnostic
from gatekeeper.ports import Outcomes, Request

_MOST_UNRESOLVED = 0.2
_INSTALL = "install what the project imports into its environment, or name the right interpreter with `python:`"
_FINE_IN_TESTS = ("S1", "S301", "S311", "S603", "S607", "S701", "S404", "B011", "B017")
Said = dict[str, list[Diagnostic]]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What decides which messages count: pylint's answer, the project's names, and whether imports resolve."""

    answer: LintAnswer
    packages: frozenset[str]
    is_degraded: bool

    def is_ours(self, module: str) -> bool:
        return module.startswith(".") or module.partition(".")[0] in self.packages

    def counts(self, message: Diagnostic, role: Role) -> bool:
        if profile.is_foreign_import(message, self.is_ours) or (self.is_degraded and profile.rests_on_imports(message)):
            return False
        if self.answer.configuration:
            return message.level != "I"
        return profile.counts(message, role is Role.TEST, self.answer.formatter)


def weigh_python(request: Request, files: Sequence[FileChange], outcomes: Outcomes) -> Weighed:
    """What the change introduces in these files; raises Unseen where a tool could not look."""
    answer = _answer(request, files, outcomes)
    ruff_head, ruff_base = _ruff(request, files, outcomes)
    _check_syntax(request, answer, ruff_head)
    missing = len(answer.unresolved) > _MOST_UNRESOLVED * len(answer.third_party)
    ground = _Ground(answer, frozenset(request.project.packages), missing)
    head, base = answer.sides["head"], answer.sides.get("base", LintSide((), frozenset()))
    lint_head, lint_base = _by_path(head.messages), _by_path(base.messages)
    findings: list[Finding] = []
    heavy: list[Diagnostic] = []
    size = 0
    for file in files:
        if file.path in head.looked:
            size += _statements(request, file)
        fresh = _lint(request, file, ground, (lint_head, lint_base))
        heavy += fresh
        findings += [finding(request, m, _severity(m, file, ground)) for m in fresh]
        findings += _ruff_findings(request, file, fresh, (ruff_head, ruff_base))
    return Weighed(
        weight=sum(map(weight, heavy)),
        size=size,
        findings=tuple(findings),
        notes=tuple(_notes(request, files, ground)),
        heaviest=heaviest([(message.rule, weight(message)) for message in heavy]),
        is_fatal=any(map(is_fatal, heavy)),
        reused=head.reused if all(side.reused for side in answer.sides.values()) else None,
    )


def _answer(request: Request, files: Sequence[FileChange], outcomes: Outcomes) -> LintAnswer:
    asked = {"head": jobs.head_paths(files), "base": jobs.base_paths(request, files)}
    text = outcomes[jobs.LINT].files.get(jobs.answer_path(request), "")
    try:
        answer = read_lint_answer(text, {name: paths for name, paths in asked.items() if paths})
    except UnreadableReport as error:
        raise Unseen(str(error), "Run with --verbose to see what pylint printed") from None
    for name, side in answer.sides.items():
        if side.problem:
            where = "" if name == "head" else " (on the base of the change)"
            hint = "Run pylint on the file by hand; a crash of pylint itself is mended by another version of it"
            raise Unseen(f"pylint could not look{where}: {side.problem}", hint)
    if not outcomes[jobs.LINT].remembered:
        return answer
    trees = {"head": request.target.head_tree, "base": request.target.base_tree}
    return replace(answer, sides={n: replace(s, reused=s.reused or trees[n]) for n, s in answer.sides.items()})


def _ruff(request: Request, files: Sequence[FileChange], outcomes: Outcomes) -> tuple[Said, Said]:
    """What ruff says of the head files and of the base files, by path of the repository."""
    candidate = request.candidate
    head = {name_in_report(f"{candidate.directory}/{path}"): path for path in jobs.head_paths(files)}
    base = {name_in_report(f"{candidate.base_directory}/{path}"): path for path in jobs.base_paths(request, files)}
    said: tuple[Said, Said] = ({}, {})
    for job in jobs.plan(request, files)[1:]:
        try:
            messages = read_ruff_messages(outcomes[job.id].files.get(jobs.said_path(request, job.id), ""))
        except UnreadableReport as error:
            raise Unseen(str(error), "Run with --verbose to see what ruff printed") from None
        for message in messages:
            for places, by_path in ((head, said[0]), (base, said[1])):
                path = places.get(message.path)
                if path is not None:
                    by_path.setdefault(path, []).append(replace(message, path=path))
    return said


def _check_syntax(request: Request, answer: LintAnswer, ruff: Said) -> None:
    """A syntax error that only an older Python sees is no error of the file: then pylint could not look."""
    ours, theirs = answer.python[:2], request.environment.version[:2]
    if not theirs or ours >= theirs:
        return
    for message in answer.sides["head"].messages:
        if message.rule == "syntax-error" and not any(m.rule == SYNTAX for m in ruff.get(message.path, ())):
            told = ".".join(map(str, theirs))
            raise Unseen(
                f"pylint ran on Python {'.'.join(map(str, ours))} and cannot read {message.path}, written for {told}",
                f"Install pylint in the environment of the project: {request.environment.python} -m pip install pylint",
            )


def _by_path(messages: Iterable[Diagnostic]) -> Said:
    by_path: Said = {}
    for message in messages:
        by_path.setdefault(message.path, []).append(message)
    return by_path


def _severity(message: Diagnostic, file: FileChange, ground: _Ground) -> Severity:
    """How bad a pylint message is. A function's own helper that is defined anew may have been used in between."""
    severity = pylint_severity(message, ground.is_ours(profile.quoted_module(message)))
    if message.rule != "function-redefined" or severity is not Severity.HIGH:
        return severity
    above = definitions(file.text or "", (LineSpan(message.line or 0, message.line or 0),))[:-1]
    return Severity.MEDIUM if any(found.kind != "class" for found in above) else severity


def _statements(request: Request, file: FileChange) -> int:
    if file.text is None:
        return 0
    return len(statements(file.text)) if request.target.whole else statements_touched(file.text, file.added_lines)


def _lint(request: Request, file: FileChange, ground: _Ground, said: tuple[Said, Said]) -> tuple[Diagnostic, ...]:
    source = (file.text or "").split("\n")
    head = [message for message in said[0].get(file.path, ()) if ground.counts(message, file.role)]
    head = without_guesses([message for message in head if not is_excused(message, source)], file.text or "")
    if any(map(profile.rests_on_python, head)):
        elsewhere = lines_for_some_pythons(file.text or "")
        head = [m for m in head if not (profile.rests_on_python(m) and m.line in elsewhere)]
    if request.target.whole or not head:
        return tuple(head)
    return introduced(file, head, said[1].get(file.base_path or "", ()))


def _ruff_findings(
    request: Request, file: FileChange, lint: Sequence[Diagnostic], said: tuple[Said, Said]
) -> list[Finding]:
    told = {(message.rule, message.line) for message in lint}
    drop = {*jobs.ignored(request), SYNTAX}  # a syntax error is pylint's to tell
    head = [m for m in said[0].get(file.path, ()) if m.rule not in drop and not _is_fine_in_tests(m, file)]
    base = said[1].get(file.base_path or "", ())
    fresh = head if request.target.whole else introduced_unlocated(file, head, base)
    return [finding(request, m, ruff_severity(m)) for m in fresh if (SAME_THING.get(m.rule, ""), m.line) not in told]


def _is_fine_in_tests(message: Diagnostic, file: FileChange) -> bool:
    """Asserts, throw-away passwords and folders, started programs, random numbers, pickles: tests live of them."""
    return file.role is Role.TEST and message.rule.startswith(_FINE_IN_TESTS)


def _notes(request: Request, files: Sequence[FileChange], ground: _Ground) -> Iterable[str]:
    answer = ground.answer
    if ground.is_degraded:
        names = ", ".join(answer.unresolved[:5])
        part = f"{len(answer.unresolved)} of {len(answer.third_party)}"
        yield (
            f"review degraded: {part} third-party imports do not resolve ({names}), so import and member errors "
            f"are not counted; {_INSTALL}"
        )
    skipped = [file.path for file in files if file.path not in answer.sides["head"].looked]
    unparsed = {message.path for message in answer.sides["head"].messages if is_fatal(message)}
    skipped = [path for path in skipped if path not in unparsed]
    if skipped:
        yield f"left out by the project's pylint configuration: {', '.join(skipped[:5])}"
    yield from answer.sides["head"].notes
    if jobs.uses_own_pylint(request) and not request.environment.own:
        yield f"pylint {answer.pylint} is Gatekeeper's own, since the environment of the project has none from 3.0 on"
    yield from (_reused_note(name, side) for name, side in answer.sides.items() if side.reused)
    yield from _configuration_notes(request, answer)


def _reused_note(name: str, side: LintSide) -> str:
    return f"pylint looked at the {name} in an earlier run (tree {side.reused[:9]}), and nothing that it reads differs"


def _configuration_notes(request: Request, answer: LintAnswer) -> Iterable[str]:
    trees = (request.candidate.base_directory, request.candidate.directory)
    path = next(
        (answer.configuration.removeprefix(f"{t}/") for t in trees if answer.configuration.startswith(f"{t}/")), ""
    )
    if path:
        touched = any(path in (file.path, file.old_path) for file in request.change.files)
        which = "the base's version" if jobs.judged_by_base(request) else "the new version"
        yield f"pylint options: {path}" + (f" (this change edits it; {which} judged)" if touched else "")
    else:
        yield "pylint options: Gatekeeper's default profile"

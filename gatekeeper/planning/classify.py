"""Tells what kind of change it is, from several signals in the order of how much each is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from gatekeeper.formats.changelog import is_changelog
from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.change import Change, ChangeKind, FileChange, Role
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import Classification, Evidence, Kind
from gatekeeper.planning.api import ApiDelta, api_delta, read_outlines

SMALL_FIX_LINES = 120
"""The most lines of product source, added and removed, that count as a small diff."""

_WORDS: Mapping[str, Kind] = {
    **dict.fromkeys(("feature", "feat", "features", "enhancement"), Kind.FEATURE),
    **dict.fromkeys(("bugfix", "fix", "bug", "hotfix", "bug_fix", "regression"), Kind.BUGFIX),
    **dict.fromkeys(("refactor", "refactoring", "cleanup"), Kind.REFACTOR),
    **dict.fromkeys(("docs", "doc", "documentation"), Kind.DOCS),
    **dict.fromkeys(("tests", "test", "testing"), Kind.TESTS),
    **dict.fromkeys(("chore", "build", "ci", "style", "dependencies", "deps", "maintenance"), Kind.CHORE),
    **dict.fromkeys(("performance", "perf", "optimization"), Kind.PERFORMANCE),
}
_COMPANIONS = frozenset({Kind.DOCS, Kind.TESTS, Kind.CHORE})
_CONVENTIONAL = lazy_pattern(r"^(?P<type>[a-z]+)(?:\([^()\n]*\))?!?:[ \t]+\S", re.MULTILINE)
_ISSUE = lazy_pattern(
    r"\b(?:fix(?:es|ed)?|clos(?:e|es|ed)|resolv(?:e|es|ed))[:,]?\s+(?:[\w.-]+/[\w.-]+)?(?:#|GH-|issue\s+#?)\d+"
    r"|\bGH-\d+|#\d+|[:{](?:issue|gh)[:}]`\d+`",
    re.IGNORECASE,
)
_PULL_REQUEST = lazy_pattern(r"\(#\d+\)[ \t]*$", re.MULTILINE)
_SUBJECT_WORDS = (
    (Kind.DOCS, lazy_pattern(r"^\W*(\w+ )?(the )?(docs?|documentation|docstrings?|readme|typos?|faq)\b")),
    (Kind.CHORE, lazy_pattern(  # to please a tool is no bug fix: there is no behaviour that a test could show
        r"\bfix(es|ed|ing)? (\w+ ){0,2}?"
        r"(typing|type (errors?|hints?|annotations?)|mypy|pyright|ruff|flake8|pylint|lint\w*|ci)\b"
    )),
    (Kind.BUGFIX, lazy_pattern(r"\b(fix(es|ed|ing)?|bugs?|regressions?|crash(es)?|correct(ly)?|broken|prevent)\b")),
    (Kind.REFACTOR, lazy_pattern(r"\b(refactor\w*|renam\w+|mov(e|ed|ing)|clean(s|ed)?[ -]?up|simplif\w+|rewrite)\b")),
    (Kind.PERFORMANCE, lazy_pattern(r"\b(speed\w*|perf|performance|faster|optimi[sz]\w+)\b")),
    (Kind.CHORE, lazy_pattern(r"\b(bump|upgrade|pin|chores?|release|version|lint|drop support|drop python)\b")),
    (Kind.FEATURE, lazy_pattern(r"\b(add(s|ed)?|support(s)?|new|allows?|introduce[sd]?|implement\w*|deprecate)\b")),
)  # fmt: skip


def classify(
    change: Change, *, declared: str = "", labels: Sequence[str] = (), branch: str = "", api: ApiDelta | None = None
) -> Classification:
    """The kind of a change: what the most trusted signal that speaks says; where that one is mixed, a feature.

    The order of trust: the declared type, labels, the prefix of the branch, Conventional Commits, what the diff holds,
    the words of the first line of the message. Signals that were outranked stay in the evidence. Raises UsageError for
    a declared type that is none. `api` spares reading the sources again where it is known.
    """
    delta = api_delta(change, read_outlines(change)) if api is None else api
    tiers = (
        _declared(declared),
        [_evidence("label", label, kind) for label in labels if (kind := _label_kind(label))],
        _branch(branch),
        _conventional(change.message),
        _only(change.files),
        _diff(change, delta),
        _subject(change),
    )
    evidence = tuple(each for tier in tiers for each in tier)
    for tier in tiers:
        kinds = _strongest({each.for_kind for each in tier if each.for_kind})
        if len(kinds) == 1:
            return Classification(kinds.pop(), evidence)
        if kinds:
            mixed = _evidence(tier[0].signal, "mixed: " + ", ".join(sorted(kinds)), Kind.FEATURE)
            return Classification(Kind.FEATURE, (mixed, *evidence))
    nothing = _evidence("no signal", "nothing tells the kind, so the demands of a feature hold", Kind.FEATURE)
    return Classification(Kind.FEATURE, (*evidence, nothing))


def issue_references(message: str) -> tuple[str, ...]:
    """The references to issues in a message, each once: "fixes #12", "GH-7".

    A number in brackets at the end of a line is that of the pull request, which a forge adds to every squashed commit.
    """
    if not any(map(str.isdecimal, message)):
        return ()  # there is none without a number, and the pattern is a slow one to compile
    return tuple(dict.fromkeys(match[0] for match in _ISSUE().finditer(_PULL_REQUEST().sub("", message))))


def _evidence(signal: str, shows: str, kind: Kind | None) -> Evidence:
    return Evidence(signal, shows, kind)


def _strongest(kinds: set[Kind]) -> set[Kind]:
    """Tests, docs and chores accompany other work, so they count only among themselves."""
    return kinds - _COMPANIONS or kinds


def _declared(word: str) -> list[Evidence]:
    if not word:
        return []
    kind = _WORDS.get(word.lower())
    if kind is None:
        raise UsageError(f"{word!r} is no type of change", f"use one of: {', '.join(Kind)}")
    return [_evidence("declared type", word, kind)]


def _label_kind(label: str) -> Kind | None:
    """The kind that a label names, also as the last part of "type: bug" or "kind/feature"."""
    return _WORDS.get(re.split(r"[:/]", label)[-1].strip().lower().replace(" ", "_"))


def _branch(branch: str) -> list[Evidence]:
    for part in branch.split("/")[:-1]:
        kind = _WORDS.get(part.lower())
        if kind is not None:
            return [_evidence("branch prefix", f"{part}/", kind)]
    return []


def _conventional(message: str) -> list[Evidence]:
    found = []
    for match in _CONVENTIONAL().finditer(message):
        kind = _WORDS.get(match["type"])
        if kind is not None:
            line = message[match.start() :].split("\n", 1)[0]
            found.append(_evidence("Conventional Commit", _cut(line), kind))
    return list(dict.fromkeys(found))


def _only(files: Sequence[FileChange]) -> list[Evidence]:
    """What holds for every file of the change."""
    checks: tuple[tuple[Kind, str, Callable[[FileChange], bool]], ...] = (
        (Kind.DOCS, "only documentation", _is_docs),
        (Kind.TESTS, "only tests", lambda file: file.role is Role.TEST),
        (Kind.CHORE, "only tooling and configuration", _is_tooling),
        (Kind.TESTS, "only tests and their surroundings", lambda file: file.role is Role.TEST or _is_side(file)),
        (Kind.CHORE, "no product source", _is_side),
    )
    for kind, words, holds in (*checks, (Kind.DOCS, "only documentation, docstrings and comments", _is_prose)):
        witness = any(file.role is Role.TEST for file in files) if kind is Kind.TESTS else bool(files)
        if witness and all(holds(file) for file in files):
            return [_evidence("files", f"{words} ({_count(len(files), 'file')})", kind)]
    return []


def _is_docs(file: FileChange) -> bool:
    return (file.role is Role.DOCS and not _is_requirements(file)) or is_changelog(file.path)


def _is_prose(file: FileChange) -> bool:
    """Whether no statement differs: only docs, docstrings and comments do."""
    if _is_docs(file) or not (file.is_python and file.text and file.base_text and file.hunks):
        return _is_docs(file)
    from gatekeeper.formats.python_source import statements_touched  # noqa: PLC0415 - only where Python changed

    gone = {line for span in file.removed for line in range(span.start, span.end + 1)}
    return not statements_touched(file.text, file.added_lines) and not statements_touched(file.base_text, gone)


def _is_requirements(file: FileChange) -> bool:
    return PurePosixPath(file.path).name.startswith(("requirements", "constraints"))


def _is_tooling(file: FileChange) -> bool:
    return file.role in (Role.TOOLING, Role.OTHER) or _is_requirements(file)


def _is_side(file: FileChange) -> bool:
    return _is_docs(file) or _is_tooling(file)


def _diff(change: Change, delta: ApiDelta) -> list[Evidence]:
    """What the contents of the diff speak for."""
    found = []
    if delta.added:
        path, line, name = delta.added[0]
        more = f" and {len(delta.added) - 1} more" if len(delta.added) > 1 else ""
        found.append(_evidence("new public symbol", f"{path}:{line} {name}{more}", Kind.FEATURE))
    moved = _moved(change, delta)
    if moved and not (delta.added or delta.removed or delta.altered):
        found.append(_evidence("moved code, equal API", moved, Kind.REFACTOR))
    fix = _fix(change)
    if fix and not delta.added:
        found.append(_evidence("small diff with a test and an issue reference", fix, Kind.BUGFIX))
    return found


def _moved(change: Change, delta: ApiDelta) -> str:
    renamed = [f for f in change.files if f.kind is ChangeKind.RENAMED and f.role is Role.SOURCE]
    if renamed:
        return f"{renamed[0].old_path} is now {renamed[0].path}" + _more(renamed)
    if delta.moved:
        path, line, name = delta.moved[0]
        return f"{name} stands unaltered in {path}:{line}" + _more(delta.moved)
    return ""


def _fix(change: Change) -> str:
    lines = sum(changed_lines(file) for file in change.files if file.role is Role.SOURCE)
    issues = issue_references(change.message) or issue_references("\n".join(_changelog_lines(change)))
    said = _words_of(change.message.strip().split("\n", 1)[0])
    fixes = any(issue.lower().startswith("fix") for issue in issues)
    if said and said[0] is not Kind.BUGFIX and (said[0] is Kind.FEATURE or not fixes):
        return ""  # a feature closes issues too, and "fixes" is what forges are told for that
    has_test = any(file.role is Role.TEST and file.exists for file in change.files)
    if not (0 < lines <= SMALL_FIX_LINES and issues and has_test):
        return ""
    return f"{_count(lines, 'line')} of source, {issues[0]}"


def _changelog_lines(change: Change) -> tuple[str, ...]:
    """The lines that the change brings into changelogs, where many projects say what kind it is."""
    found: list[str] = []
    for file in change.files:
        if is_changelog(file.path) and file.text:
            lines = file.text.split("\n")
            found += (lines[number - 1] for number in sorted(file.added_lines) if number <= len(lines))
    return tuple(found)


def _subject(change: Change) -> list[Evidence]:
    """What the first line of the message says, or else the first entry that it brings into a changelog."""
    subject = change.message.strip().split("\n", 1)[0]
    entries = (line for line in _changelog_lines(change) if line.lstrip().startswith(("-", "*")))
    entry = next((line for line in entries if _words_of(line)), "")
    for signal, line in (("words of the subject", subject), ("words of the changelog", entry.strip())):
        found = _words_of(line)
        if found:
            return [_evidence(signal, f"{found[1]!r} in {_cut(line)!r}", found[0])]
    return []


def _words_of(line: str) -> tuple[Kind, str] | None:
    """The first kind whose words stand in a line; kinds are tried from the most telling words on."""
    for kind, words in _SUBJECT_WORDS:
        match = words().search(line.lower())
        if match:
            return kind, match[0]
    return None


def changed_lines(file: FileChange) -> int:
    """How many lines the change adds to and removes from a file."""
    return sum(hunk.old_count + hunk.new_count for hunk in file.hunks)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _more(entries: Sequence[object]) -> str:
    return f" and {len(entries) - 1} more" if len(entries) > 1 else ""


def _cut(line: str) -> str:
    return line if len(line) <= 72 else line[:71] + "…"

"""Reads the answer of `inside/lint.py`: what pylint said of the head and of the base of a change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.reading import Diagnostic

_LETTERS = {"fatal": "F", "error": "E", "warning": "W", "refactor": "R", "convention": "C", "info": "I"}


@dataclass(frozen=True, slots=True)
class LintSide:
    """What pylint said of one tree: its messages, the files that it looked at, and why it could not look, if so.

    The rule of a message is pylint's symbol, its level the letter of the category. `notes` are complaints about the
    configuration. `reused` is the tree in which pylint said so, where that was in an earlier run.
    """

    messages: tuple[Diagnostic, ...]
    looked: frozenset[str]
    problem: str = ""
    notes: tuple[str, ...] = ()
    reused: str = ""


@dataclass(frozen=True, slots=True)
class LintAnswer:
    """What pylint said of both trees, and on what ground it stood.

    `configuration` is the path of the project's own options, empty for none; `formatter` says that one is set up.
    `third_party` are the top-level names that head files need, `unresolved` those of them that cannot be imported.
    """

    python: tuple[int, ...]
    pylint: str
    configuration: str
    formatter: bool
    third_party: tuple[str, ...]
    unresolved: tuple[str, ...]
    sides: Mapping[str, LintSide]


@dataclass(frozen=True, slots=True)
class Dependents:
    """What `inside/lint_dependents.py` looked at, how many files it left, and what pylint said of both trees."""

    files: tuple[str, ...]
    left: int
    head: LintSide
    base: LintSide


def read_dependents(text: str) -> Dependents:
    """The answer as a record; the base has said nothing where it was not asked. Raises UnreadableReport."""
    nothing = LintSide((), frozenset())
    try:
        answer = json.loads(text)
        files, base = tuple(map(str, answer["files"])), answer["base"]
        head = _side(answer["head"], files) if answer["head"] else nothing
        before = _side(base, tuple(map(str, base["files"]))) if base else nothing
        return Dependents(files, int(answer["left"]), head, before)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _unreadable(error) from None


def read_lint_answer(text: str, files: Mapping[str, Sequence[str]]) -> LintAnswer:
    """The answer as records; `files` maps the name of each side to the paths that were asked for, in that order.

    Raises UnreadableReport where the answer is not whole.
    """
    try:
        answer = json.loads(text)
        return LintAnswer(
            python=tuple(int(part) for part in answer["python"]),
            pylint=str(answer["pylint"]),
            configuration=str(answer["configuration"]),
            formatter=bool(answer["formatter"]),
            third_party=tuple(map(str, answer["third_party"])),
            unresolved=tuple(map(str, answer["unresolved"])),
            sides={name: _side(answer["sides"][name], paths) for name, paths in files.items()},
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> UnreadableReport:
    return UnreadableReport(f"the answer of pylint cannot be read ({type(error).__name__}: {error})")


def _side(side: Mapping[str, Any], paths: Sequence[str]) -> LintSide:
    return LintSide(
        messages=tuple(_message(row, paths) for row in side["messages"]),
        looked=frozenset(paths[place] for place in side["looked"]),
        problem=str(side["problem"]),
        notes=tuple(map(str, side["notes"])),
        reused=str(side.get("reused", "")),
    )


def _message(row: Mapping[str, Any], paths: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        path=paths[row["file"]],
        line=row["line"] or None,
        rule=str(row["symbol"]),
        message=str(row["message"]),
        level=_LETTERS[row["type"]],
        column=row["column"],
        end_line=row["endLine"],
        obj=str(row["obj"]),
        confidence=str(row["confidence"]),
    )

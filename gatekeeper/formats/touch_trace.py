"""Reads what `inside/record.py` wrote of the tests that it saw run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gatekeeper.formats.json_parts import read_parts
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.selection import Covered

Places = Mapping[str, frozenset[int]]
"""First lines of functions, by the path of their file."""


@dataclass(frozen=True, slots=True)
class SeenBucket:
    """What was done on behalf of somebody; `uses` are the fixtures that did more of it.

    With `starts` programs were started, and what these opened is among `reads`: a folder with a slash at its end.
    """

    entered: Places
    reads: frozenset[str]
    lists: frozenset[str]
    everything: str
    lines: bool
    uses: tuple[str, ...] = ()
    path: str = ""
    texts: frozenset[str] = frozenset()
    starts: bool = False


@dataclass(frozen=True, slots=True)
class TouchTrace:
    """What a run saw. `problem` says why nothing may be concluded from it, `refused` why no test was left out.

    `covered` is what the tests that ran cover; it is not there where that was not measured, or could not be told.
    `outside` is how the places looked that the environment consists of; `is_plain` tells whether tests were looked for
    in Python files alone, and `patterns` by which names of these, where that is known. Tests that touched the same have
    the same bucket.
    """

    problem: str
    refused: str
    left_out: tuple[str, ...]
    environment: Mapping[str, str]
    modules: Mapping[str, str]
    edges: frozenset[tuple[str, str]]
    asked: frozenset[tuple[str, str]]
    kept: Places
    session: SeenBucket
    fixtures: Mapping[str, SeenBucket]
    tests: Mapping[str, SeenBucket]
    always: frozenset[str]
    blobs: Mapping[str, str]
    covered: Covered | None = None
    outside: Mapping[str, str] = field(default_factory=dict)
    is_plain: bool = False
    patterns: tuple[str, ...] = ()
    made: frozenset[tuple[str, str]] = frozenset()


def read_trace(text: str, nonce: str) -> TouchTrace:
    """The trace in this text, which must carry this nonce; raises UnreadableReport where it is none."""
    try:
        share = _Shared()
        data = read_parts(text, {"rows": share.bucket})
        if data.get("nonce") != nonce:
            raise UnreadableReport("what the tests touched was not written by this run")
        kept: dict[str, set[int]] = {}
        for path, line in data["kept"]:
            kept.setdefault(str(path), set()).add(int(line))
        rows = data["rows"]
        return TouchTrace(
            problem=str(data["problem"]),
            refused=str(data["refused"]),
            left_out=tuple(map(str, data["left_out"])),
            environment=_texts(data["environment"]),
            modules=_texts(data["modules"]),
            edges=frozenset((str(importer), str(imported)) for importer, imported in data["edges"]),
            asked=frozenset((str(importer), str(name)) for importer, name in data["asked"]),
            kept={path: frozenset(lines) for path, lines in kept.items()},
            session=share.bucket(data["session"]),
            fixtures={str(name): share.bucket(each) for name, each in data["fixtures"].items()},
            tests={str(name): rows[number] for name, number in data["tests"].items()},
            always=frozenset(map(str, data["always"])),
            blobs=_texts(data["blobs"]),
            covered=_covered(data["covered"]) if data.get("covered") else None,
            outside=_texts(data["outside"]),
            is_plain=bool(data["is_plain"]),
            patterns=tuple(map(str, data["patterns"])),
            made=frozenset((str(importer), str(path)) for importer, path in data["made"]),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableReport(f"what the tests touched cannot be read ({type(error).__name__})") from error


def _covered(data: dict[str, Any]) -> Covered:
    by = {
        str(test): {str(path): frozenset(tuple(map(int, place)) for place in places) for path, places in files.items()}
        for test, files in data["by"].items()
    }
    return Covered(str(data["settings"]), bool(data["branches"]), by)


def _texts(data: dict[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in data.items()}


class _Shared:
    """Makes buckets. Thousands of them name the same files and the same lines, so that what is equal is there once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.lines: dict[frozenset[int], frozenset[int]] = {}
        self.sets: dict[frozenset[str], frozenset[str]] = {}

    def bucket(self, data: dict[str, Any]) -> SeenBucket:
        """The bucket that is told by this."""
        return SeenBucket(
            entered={self.text(path): self.numbers(lines) for path, lines in data["entered"].items()},
            reads=self.names(data["reads"]),
            lists=self.names(data["lists"]),
            everything=self.text(data["everything"]),
            lines=bool(data["lines"]),
            uses=tuple(map(self.text, data["uses"])),
            path=self.text(data.get("path", "")),
            texts=self.names(data["texts"]),
            starts=bool(data["starts"]),
        )

    def text(self, value: Any) -> str:
        """The text that was there first of those that are equal to this value."""
        text = str(value)
        return self.texts.setdefault(text, text)

    def numbers(self, values: Iterable[Any]) -> frozenset[int]:
        """The same for a set of numbers."""
        numbers = frozenset(map(int, values))
        return self.lines.setdefault(numbers, numbers)

    def names(self, values: Iterable[Any]) -> frozenset[str]:
        """The same for a set of texts."""
        names = frozenset(map(self.text, values))
        return self.sets.setdefault(names, names)

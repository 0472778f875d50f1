"""Reads Cobertura XML, the coverage report that nearly every language has a writer for."""

from __future__ import annotations

import posixpath
import re
from xml.etree.ElementTree import Element

from gatekeeper.formats.places import placed
from gatekeeper.formats.safe_xml import local_name, number, parse_xml
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import FileCoverage

_CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")

_Lines = dict[int, tuple[bool, bool, int, int]]
"""By line: whether it was seen to run, whether it was seen not to run, branches taken, branches there are."""


def read_cobertura(text: str, root: str) -> tuple[FileCoverage, ...]:
    """The coverage of each file; what several classes say of one file is merged.

    A file name is relative to one of the `<sources>`, and the report does not say which: with several, the file comes
    out once for each, and a line counts as run only where no class of that name says otherwise. Cobertura does not say
    where a branch leads, so the branches of a line lead to 0, -1, -2 … Raises UnreadableReport.
    """
    tree = parse_xml(text, "cobertura", frozenset({"coverage"}))
    sources = _sources(tree)
    files: dict[str, _Lines] = {}
    for element in tree.iter():
        if local_name(element) == "class":
            name = element.get("filename")
            if not name:
                raise UnreadableReport("the cobertura report has a class without a filename")
            _read_lines(element, files.setdefault(name, {}))
    if not files:
        raise UnreadableReport("the cobertura report names no file")
    return tuple(
        _coverage(placed(posixpath.join(source, name), root), lines, strict=len(sources) > 1)
        for name, lines in files.items()
        for source in sources
    )


def _sources(tree: Element) -> tuple[str, ...]:
    found = [(element.text or "").strip() for element in tree.iter() if local_name(element) == "source"]
    return tuple(dict.fromkeys(found)) or ("",)


def _read_lines(group: Element, lines: _Lines) -> None:
    """The lines of a class; those of its methods are repeated there by some tools, and stand only there in others."""
    for element in group.iter():
        if local_name(element) != "line":
            continue
        line, hits = number(element, "number"), number(element, "hits")
        if line is None or hits is None:
            raise UnreadableReport("the cobertura report has a line without a number or hits")
        counts = _CONDITIONS.search(element.get("condition-coverage", ""))
        taken, there = (int(counts[1]), int(counts[2])) if counts else (0, 0)
        ran, not_ran, most_taken, most = lines.get(line, (False, False, 0, 0))
        lines[line] = (ran or hits > 0, not_ran or hits == 0, max(most_taken, taken), max(most, there))


def _coverage(path: str, lines: _Lines, strict: bool) -> FileCoverage:
    executed = frozenset(line for line, (ran, not_ran, *_) in lines.items() if ran and not (strict and not_ran))
    branches = [(line, -n, n < taken) for line, (*_, taken, there) in lines.items() for n in range(there)]
    return FileCoverage(
        path=path,
        executed=executed,
        missing=frozenset(lines) - executed,
        executed_branches=frozenset((line, to) for line, to, taken in branches if taken),
        missing_branches=frozenset((line, to) for line, to, taken in branches if not taken),
    )

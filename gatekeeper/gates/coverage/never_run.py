"""Takes out of a measurement what no run can reach: what stands there for type checkers alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gatekeeper.formats.python_source import parse
from gatekeeper.model.change import FileChange
from gatekeeper.model.frozen import replace
from gatekeeper.model.reading import FileCoverage

_MARK = "TYPE_CHECKING"


def runnable(seen: FileCoverage, file: FileChange) -> FileCoverage:
    """The same without the lines below `if TYPE_CHECKING:`, and without the branches that lead to them.

    coverage leaves them out by itself only from 7.10 on, and only where the module is called `typing`.
    """
    if _MARK not in (file.text or "") or not file.path.endswith(".py"):
        return seen
    lines = frozenset(_for_type_checkers(file.text or ""))
    return replace(
        seen,
        missing=seen.missing - lines,
        missing_branches=frozenset(branch for branch in seen.missing_branches if lines.isdisjoint(branch)),
    )


def _for_type_checkers(text: str) -> Iterator[int]:
    tree = parse(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.If) and getattr(node.test, "attr", getattr(node.test, "id", "")) == _MARK:
            for inner in node.body:
                yield from range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)

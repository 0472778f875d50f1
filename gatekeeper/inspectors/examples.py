"""Checks the Python samples of documentation: that they parse, and that what they import from the project exists."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from gatekeeper.formats.docs_paths import markup_of
from gatekeeper.formats.docs_text import CodeBlock, code_blocks, python_source
from gatekeeper.model.frozen import dataclass

Resolves = Callable[[str], bool]
"""Tells whether a dotted name of the project leads to something."""

# A sample that is a template, takes its text from elsewhere, or shows a syntax error on purpose is not for a parser.
_TEMPLATE = re.compile(r"--8<--|\{[%!*]|SyntaxError|^\s*<<<|^\s*\.\.\.[ ]?\w+.*\.\.\.$", re.MULTILINE)
# Syntax that a later Python may have brought than the one which looks: `type X = …`, `def f[T]`, t-strings, PEP 758.
_LATER = re.compile(r"^\s*(type\s+\w+.*=|(def|class)\s+\w+\[|except\s+[\w.]+\s*,)|\bt[\"']", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One checked sample: its file, the line of its trouble or of its start, and what is wrong ("" for nothing)."""

    path: str
    line: int
    problem: str = ""


def check_samples(path: str, text: str, base_text: str | None, head: Resolves, base: Resolves) -> Iterator[Sample]:
    """Check every Python sample of a changed file; one that was as broken in the base is not charged."""
    markup = markup_of(path)
    before = [b for b in code_blocks(base_text, markup) if b.is_python] if base_text else []
    known = {block.text for block in before}
    for block in code_blocks(text, markup):
        if not block.is_python or not block.text.strip() or _TEMPLATE.search(block.text):
            continue
        tree, problem, line = _parsed(block)
        if tree is None:
            excused = block.text in known or _may_be_later(block, problem) or _was_broken(block, before)
            yield Sample(path, line, "" if excused else problem)
            continue
        missing = [(name, at) for name, at in first_party(tree) if not head(name)]
        charged = [(name, at) for name, at in missing if block.text not in known or base(name)]
        if charged:
            name, at = charged[0]
            yield Sample(path, block.line + at - 1, f"imports {name}, which does not exist")
        else:
            yield Sample(path, block.line)


def stale_imports(path: str, text: str, head: Resolves, base: Resolves) -> Iterator[Sample]:
    """The samples of an unchanged file that import what the change took away."""
    for block in code_blocks(text, markup_of(path)):
        tree = _parsed(block)[0] if block.is_python else None
        for name, at in first_party(tree) if tree is not None else ():
            if not head(name) and base(name):
                yield Sample(path, block.line + at - 1, f"imports {name}, which this change removes")


def first_party(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The dotted names that a sample imports without catching the error, each with its line in the sample."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Try):
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = (node.module if alias.name == "*" else f"{node.module}.{alias.name}" for alias in node.names)
            yield from ((name, node.lineno) for name in names)


def _parsed(block: CodeBlock) -> tuple[ast.Module | None, str, int]:
    """The tree of a sample, or why there is none and on which line of the file."""
    source = python_source(block)
    try:
        return ast.parse(source), "", block.line
    except SyntaxError as error:
        tree = _completed(source)
        if tree is not None:
            return tree, "", block.line
        # In a dialogue the prompts' lines were taken out, so that only its start can be named.
        line = block.line if ">>>" in block.text else block.line + (error.lineno or 1) - 1
        return None, f"does not parse as Python: {error.msg}", line
    except (ValueError, RecursionError) as error:
        return None, f"does not parse as Python: {error}", block.line


def _completed(source: str) -> ast.Module | None:
    """The tree of a sample that shows the head of something only: a decorator, or a definition without its body."""
    for rest in ("\ndef _(): ...\n", "\n    ...\n", "\n        ...\n"):
        try:
            return ast.parse(source.rstrip() + rest)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return None


def _may_be_later(block: CodeBlock, problem: str) -> bool:
    """Whether a later Python than this one may read the sample."""
    return bool(_LATER.search(block.text)) or (sys.version_info < (3, 12) and "f-string" in problem)


def _was_broken(block: CodeBlock, before: list[CodeBlock]) -> bool:
    """Whether the base has a much alike sample that does not parse either."""
    return any(
        _parsed(old)[0] is None and SequenceMatcher(None, old.text, block.text, autojunk=False).ratio() > 0.6
        for old in before
    )

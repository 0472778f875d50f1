"""Comments are found by where literals stand, as the tokenizer of Python finds them."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

import gatekeeper
from gatekeeper.formats.code_units import _walked, read_units
from gatekeeper.formats.comments import without_comments
from gatekeeper.model.selection import AT_IMPORT

SOURCES = [*sorted(Path(gatekeeper.__file__).parent.rglob("*.py"))[::7], Path(ast.__file__), Path(tokenize.__file__)]


def cut(text: str) -> list[str]:
    """The lines of a text without comments."""
    return [line.rstrip() for line in without_comments(text.split("\n"), _walked(ast.parse(text))[0])]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_it_takes_out_what_the_tokenizer_takes_for_comments(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    ours, wanted = cut(text), [line.rstrip() for line in lines]
    for number, (one, other) in enumerate(zip(ours, wanted, strict=True), 1):
        assert one == other or (one.startswith(other) and "#" in one), number
    assert sum(one != other for one, other in zip(ours, wanted, strict=True)) <= len(lines) / 100


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("x = 1  # one", "x = 1"),
        ("x = '#'  # '", "x = '#'"),
        ('x = "ü#" + "#"  # ü', 'x = "ü#" + "#"'),
        ("x = b'#'  # #", "x = b'#'"),
        ("x = f'{1}#{2}'  # three", "x = f'{1}#{2}'"),
        ("x = ''''''  # nothing", "x = ''''''"),
        ('x = """a\n# b\nc # d"""  # e', 'x = """a\n# b\nc # d"""'),
        ("x = ('a'  # b\n     'c')  # d", "x = ('a'  # b\n     'c')"),
        ("# coding: utf-8\nx = 1", "# coding: utf-8\nx = 1"),
        ("# nothing", ""),
    ],
)
def test_what_looks_like_a_comment_in_a_literal_stays(text: str, left: str) -> None:
    assert cut(text) == left.split("\n")


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("X = {}  # type: Dict[str, int]\n", "X = {}  # type: dict[str, int]\n", set()),
        ("X = 1\n", "X = 1  # one\n", set()),
        ("X = '# one'\n", "X = '# two'\n", {AT_IMPORT}),
        ("X = 1 # a\rY = 2\n", "X = 1 # a\rY = 3\n", {AT_IMPORT}),
        ("def f():\n    return 1  # one\n", "def f():\n    return 1\n", set()),
        ("def f():\n    return '# one'\n", "def f():\n    return '# two'\n", {0}),
        ("# coding: utf-8\nX = 1\n", "# coding: latin-1\nX = 1\n", {AT_IMPORT}),
        ("def f(a):  # one\n    return a\n", "def f(a):  # two\n    return a\n", set()),
    ],
)
def test_a_comment_behind_code_is_no_change_of_it(old: str, new: str, changed: set[int]) -> None:
    assert read_units(old).changed(read_units(new)) == changed

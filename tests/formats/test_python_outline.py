"""What a Python source imports and defines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.python_outline import Import, read_outline

SOURCE = """
import os, a.b as ab
from .. import c
if x:
    from d import e as f
else:
    def late(): pass
try:
    import g
except ImportError:
    import h
class A(Base):
    @property
    def m(self): import i
    class Inner:
        def deep(self): ...
def _hidden():
    def inner(): from j import k
match x:
    case 1:
        import l
"""


def test_imports_at_every_depth() -> None:
    outline = read_outline(SOURCE)
    assert outline is not None
    assert [(found.line, found.module, found.name, found.level, found.bound) for found in outline.imports] == [
        (2, "os", "", 0, "os"),
        (2, "a.b", "", 0, "ab"),
        (3, "", "c", 2, "c"),
        (5, "d", "e", 0, "f"),
        (9, "g", "", 0, "g"),
        (11, "h", "", 0, "h"),
        (14, "i", "", 0, "i"),
        (18, "j", "k", 0, "k"),
        (21, "l", "", 0, "l"),
    ]


def test_symbols_of_the_module_and_of_its_classes() -> None:
    outline = read_outline(SOURCE)
    assert outline is not None
    assert [(s.name, s.kind, s.is_public) for s in outline.symbols.values()] == [
        ("late", "function", True),
        ("A", "class", True),
        ("A.m", "method", True),
        ("A.Inner", "class", True),
        ("A.Inner.deep", "method", True),
        ("_hidden", "function", False),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(a, b): return 1", "def f(\n    a,\n    b,\n):\n    return 2", True),
        ("def f(a): ...", "def f(a, b): ...", False),
        ("def f(a): ...", "def f(a) -> int: ...", False),
    ],
)
def test_headers_without_what_formatting_changes(one: str, other: str, same: bool) -> None:
    headers = []
    for text in (one, other):
        outline = read_outline(text)
        assert outline is not None
        headers.append(outline.symbols["f"].header)
    assert (headers[0] == headers[1]) is same


def test_overloads_count_together() -> None:
    first = read_outline("@overload\ndef f(a: int): ...\ndef f(a): ...\n")
    second = read_outline("@overload\ndef f(a: str): ...\ndef f(a): ...\n")
    assert first is not None
    assert second is not None
    assert first.symbols["f"].header != second.symbols["f"].header


@given(st.text() | st.just("def f(:") | st.just("(" * 5000) | st.just("\0"))
def test_any_text_is_borne(text: str) -> None:
    outline = read_outline(text)
    assert outline is None or all(isinstance(found, Import) for found in outline.imports)

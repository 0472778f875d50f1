"""Statements by their own lines, and the definitions that enclose lines."""

from __future__ import annotations

import ast
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatekeeper
from gatekeeper.formats import python_source
from gatekeeper.formats.python_source import (
    WHOLE,
    definitions,
    innermost,
    lines_for_some_pythons,
    parse,
    parse_once,
    statements,
    statements_touched,
    touched_definitions,
)
from gatekeeper.model.change import ChangeKind, Definition, FileChange, Hunk, LineSpan

SOURCE = '''"""Module."""
import os


@decorate(
    1,
)
class Shape(
    Base,
):
    """Docstring."""

    def area(self,
             unit=None):
        """Docstring
        of two lines."""
        value = call(
            1,
        )
        try:
            pass
        except (
            ValueError
        ) as error:
            raise

        def inner():
            return value
        match value:
            case 1:
                return 2
'''


def test_own_lines() -> None:
    spans = [(span.start, span.end) for span in statements(SOURCE)]
    assert spans == [
        (2, 2),  # import
        (5, 9),  # class with its decorator
        (13, 14),  # def over two lines
        (17, 19),  # a simple statement owns all of its lines
        (20, 20),  # try
        (21, 21),
        (22, 23),  # except
        (25, 25),
        (27, 27),
        (28, 28),
        (29, 29),  # match
        (31, 31),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((1,), 0), ((2,), 1), ((6,), 1), ((11,), 0), ((15, 16), 0), ((18,), 1), ((17, 18, 19), 1), (range(1, 32), 12)],
)
def test_statements_touched(lines: tuple[int, ...], expected: int) -> None:
    assert statements_touched(SOURCE, lines) == expected


OWN = [file.read_text("utf-8") for file in sorted(Path(gatekeeper.__file__).parent.glob("formats/python_*.py"))]


@given(st.sampled_from([SOURCE, *OWN]), st.sets(st.integers(1, 240), max_size=6))
def test_what_is_passed_over_holds_no_statement_that_is_touched(text: str, lines: set[int]) -> None:
    touched = [span for span in statements(text) if lines & set(range(span.start, span.end + 1))]
    assert statements_touched(text, lines) == len(touched)


def test_definitions() -> None:
    found = definitions(SOURCE, WHOLE)
    assert found == (
        Definition("Shape", "class", LineSpan(5, 31)),
        Definition("Shape.area", "method", LineSpan(13, 31)),
        Definition("Shape.area.inner", "function", LineSpan(27, 28)),
    )
    assert [d.name for d in definitions(SOURCE, (LineSpan(17, 17),))] == ["Shape", "Shape.area"]
    assert definitions(SOURCE, ()) == ()
    assert [innermost(found, line) for line in (2, 6, 14, 28, 30)] == [
        "",
        "Shape",
        "Shape.area",
        "Shape.area.inner",
        "Shape.area",
    ]


def test_definitions_below_conditions_are_found() -> None:
    text = (
        "if x:\n    def a(): pass\nelse:\n    try:\n        class B: pass\n    except E:\n        async def c(): pass\n"
    )
    assert [d.name for d in definitions(text, WHOLE)] == ["a", "B", "c"]


@pytest.mark.parametrize(
    ("hunks", "expected"),
    [
        ((Hunk(2, 1, 2, 1),), ["A", "A.f"]),
        ((Hunk(2, 1, 2, 1), Hunk(7, 1, 6, 2)), ["A", "A.f", "g"]),
        ((Hunk(3, 0, 4, 2),), []),
        ((Hunk(4, 1, 3, 0),), ["A", "A.f"]),  # gone from below line 3
        ((Hunk(6, 1, 5, 0),), ["g"]),  # gone from above line 6
        ((), []),
    ],
)
def test_touched_definitions(hunks: tuple[Hunk, ...], expected: list[str]) -> None:
    text = "class A:\n    def f(self):\n        return 1\n\n\ndef g():\n    return 2\n"
    file = FileChange("a.py", ChangeKind.MODIFIED, hunks=hunks, text=text)
    assert [definition.name for definition in touched_definitions(file)] == expected


@pytest.mark.parametrize(
    "file",
    [
        FileChange("a.py", ChangeKind.MODIFIED, hunks=(Hunk(1, 1, 1, 1),)),
        FileChange("a.pyi", ChangeKind.MODIFIED, hunks=(Hunk(1, 1, 1, 1),), text="def f(): ...\n"),
        FileChange("a.py", ChangeKind.TYPE_CHANGED, mode="120000", hunks=(Hunk(1, 1, 1, 1),), text="def f(): ...\n"),
        FileChange("a.py", ChangeKind.DELETED, hunks=(Hunk(1, 1, 0, 0),), base_text="def f(): ...\n"),
    ],
)
def test_what_holds_no_python_touches_no_definition(file: FileChange) -> None:
    assert touched_definitions(file) == ()


@pytest.mark.parametrize(
    "text", ["def f(:", "x = '\0'", "x = '\udc80'", "(" * 100_000, "\ufeff(", "return " + "-" * 50_000 + "1"]
)
def test_what_cannot_be_parsed_is_empty(text: str) -> None:
    assert (parse(text), statements(text), definitions(text, WHOLE)) == (None, (), ())


def test_a_byte_order_mark_is_no_error() -> None:
    assert len(statements("\ufeffx = 1\n")) == 1


def test_warnings_are_not_heard() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        parse("x = '\\d'\ny = 1 is 1\nassert (1, 'x')\n")
    assert heard == []


def count_parses(monkeypatch: pytest.MonkeyPatch, most: int) -> list[str]:
    """Bound what is held to so many characters, and note each text that is parsed."""
    parsed: list[str] = []

    def counted(text: str) -> ast.Module | None:
        parsed.append(text)
        time.sleep(0.02)  # lets the other threads come
        return parse_once(text)

    monkeypatch.setattr(python_source, "_TREES", python_source._Trees(most))
    monkeypatch.setattr(python_source, "parse_once", counted)
    return parsed


@pytest.mark.parametrize(
    ("most", "asked", "parsed"),
    [
        (12, "ab" * 3, "ab"),
        (12, "abc" + "abc", "abcabc"),  # three times five characters are too many
        (12, "ab" + "a" + "c" + "ab", "abcb"),  # what was used last stays
        (4, "aaba", "aba"),  # a single one is held whatever its length
        (1000, "abcdefghijklmnop" * 2, "abcdefghijklmnop"),
    ],
)
def test_trees_are_held_within_bounds(most: int, asked: str, parsed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = count_parses(monkeypatch, most)
    for name in asked:
        tree = parse(f"{name} = 1")
        assert tree is not None and ast.unparse(tree) == f"{name} = 1"
    assert [text[0] for text in found] == list(parsed)


def test_what_cannot_be_parsed_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = count_parses(monkeypatch, 100)
    assert [parse("def f(:"), parse("def f(:")] == [None, None]
    assert len(found) == 1


def test_two_threads_do_not_parse_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    found = count_parses(monkeypatch, 1000)
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse, ["a = 1", "b = 1"] * 16))
    assert sorted(found) == ["a = 1", "b = 1"]
    assert len(set(map(id, trees))) == 2


def test_as_many_as_ast_counts() -> None:
    for file in sorted(Path(gatekeeper.__file__).parent.glob("formats/*.py")):
        text = file.read_text("utf-8")
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.stmt, ast.ExceptHandler))]
        texts = [n for n in nodes if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
        assert 0 <= len(statements(text)) - (len(nodes) - len(texts)) <= len(texts)


def test_lines_for_some_pythons() -> None:
    text = (
        "import sys\nif sys.version_info >= (3, 13):\n    a = 1\nelif DEBUG:\n    a = (\n        2)\nelse:\n    a = 3\n"
        "if sys.platform.startswith('win'):\n    def f():\n        pass\nif a:\n    b = 1\n"
    )
    assert lines_for_some_pythons(text) == {3, 4, 5, 6, 7, 8, 10, 11}
    assert lines_for_some_pythons("def f(:") == frozenset()


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    statements(text)
    definitions(text, WHOLE)

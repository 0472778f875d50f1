"""What of a Python text an import executes, and what is the body of a function."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats import code_units
from gatekeeper.formats.code_units import read_units, read_units_once
from gatekeeper.model.selection import ANNOTATIONS, AT_IMPORT, DOCSTRINGS

TEXT = textwrap.dedent('''\
    """Module."""
    import os.path
    from . import near
    from ..far import thing, other

    SIZE = 3  # how many

    @decorated(lambda: 1)
    def first(a, b=SIZE):
        """First."""
        # a comment
        x = """
        # no comment
        """
        return x

    class Thing:
        """Thing."""
        size = SIZE

        def grow(self) -> int:
            def inner():
                yield 1
            return inner

    if os:
        async def third(): return 3
    else:
        def fourth(
            a,
        ):
            pass
''')


def changed(old: str, new: str, text: str = TEXT) -> set[int]:
    assert text.count(old) == 1
    return set(read_units(text).changed(read_units(text.replace(old, new))))


def test_functions_are_numbered_in_the_order_of_the_text() -> None:
    units = read_units(TEXT)
    first_lines = [TEXT.split("\n")[unit.first - 1].strip() for unit in units.units]
    assert first_lines == [
        "@decorated(lambda: 1)",
        "def grow(self) -> int:",
        "async def third(): return 3",
        "def fourth(",
    ]
    assert [units.number(line) for line in (1, 8, 9, 15, 18, 22, 27, 29)] == [-1, 0, 0, 0, AT_IMPORT, 1, 2, 3]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return x", "return  x", {0}),
        ("# no comment", "# still none", {0}),
        ("# a comment", "# another", set()),
        ("# a comment\n", "\n\n\n", set()),
        ("yield 1", "yield 2", {1}),
        ("return inner", "return inner  # pragma: no cover", set()),
        ("SIZE = 3  # how many", "SIZE = 3", set()),
        ("SIZE = 3", "SIZE = 4", {AT_IMPORT}),
        ("b=SIZE", "b=1", {AT_IMPORT}),
        ("lambda: 1", "lambda: 2", {AT_IMPORT}),
        ('"""First."""', '"""Second."""', {DOCSTRINGS}),
        ('"""First."""', '"""First.\n\n    More.\n    """', {DOCSTRINGS}),
        ('"""First."""', "'First.'", set()),
        ('    """First."""\n', "", {DOCSTRINGS}),
        ('"""First."""', 'f"""First."""', {0, DOCSTRINGS}),
        ('"""First."""', '"""First."""; y = 1', {AT_IMPORT}),
        ('"""First."""', '"""First."""  # more', {AT_IMPORT}),
        ('"""Module."""', '"""Package."""', {DOCSTRINGS}),
        ('"""Module."""\n', "", {DOCSTRINGS}),
        ('"""Module."""', '"""Module. PYTEST_DONT_REWRITE"""', {AT_IMPORT}),
        ('"""Module."""', '"""# coding: latin-1"""', {DOCSTRINGS}),
        ('"""Module."""', '"""\n# coding: latin-1\n"""', {AT_IMPORT}),
        ('"""Thing."""', '"""Another thing."""', {DOCSTRINGS}),
        ('    """Thing."""\n', "", {AT_IMPORT}),
        ('"""Thing."""', '""', {AT_IMPORT}),
        ('"""Thing."""', '"""Thing\\n\\x20\\\\ ."""', {DOCSTRINGS}),
        ('"""Thing."""', '"""Thing\\d."""', {AT_IMPORT}),
        ('"""Thing."""', '"""Thing\\400."""', {AT_IMPORT}),
        ('"""Thing."""', '("Thing"\n     "s.")', {DOCSTRINGS}),
        ("-> int:", "-> int:\n        '''Grow.'''", {DOCSTRINGS}),
        ("-> int:", "-> int:\n        '''Grow.'''\n        pass", {DOCSTRINGS, 1}),
        ('"""Thing."""', '"""Thing."""\n    """And more."""', {AT_IMPORT}),
        ("def inner():", "def inner():\n            '''Inner.'''", {1}),
        ("size = SIZE", "size = 1", {AT_IMPORT}),
        ("-> int", "-> str", {AT_IMPORT}),
        ("return 3", "return 4", {AT_IMPORT}),
        ("        return inner", "        yield inner", {AT_IMPORT}),
        ("if os:", "if not os:", {AT_IMPORT}),
        ("        pass\n", "        pass\n\ndef fifth():\n    pass\n", {AT_IMPORT}),
        ("return x", "return (", {AT_IMPORT}),
    ],
)
def test_an_edit_changes_the_part_that_it_stands_in(old: str, new: str, expected: set[int]) -> None:
    assert changed(old, new) == expected


def test_a_declared_encoding_is_no_mere_comment() -> None:
    text = "# coding: utf-8\nx = 1\n"
    assert changed("utf-8", "latin-1", text) == {AT_IMPORT}


def test_imports_are_told_with_what_is_taken_from_them_and_names_in_texts() -> None:
    names = set(read_units(TEXT + "\nPLUGINS = ['app.plugins.one', 'no name']\n").imports)
    assert {"os.path", ".", ".near", "..far", "..far.thing", "..far.other", "app.plugins.one"} <= names
    assert "no name" not in names


@pytest.mark.parametrize("text", ["", "(", "\0", "x = " + "(" * 300 + ")" * 300, "x = " + "-" * 5000 + "1"])
def test_what_cannot_be_parsed_is_executed_as_a_whole(text: str) -> None:
    assert set(read_units(text).changed(read_units(text + "\n1 +"))) == {AT_IMPORT}


LINES = st.sampled_from(
    [
        "x = 1",
        "def f(a=1):",
        "    return 1",
        "    x = 2",
        "class A:",
        "    def g(self):",
        "        pass",
        "# c",
        "",
        '"""',
        "if x:",
    ]
)


@given(st.lists(LINES, max_size=12), st.integers(0, 11), LINES)
def test_a_changed_line_of_code_is_never_overlooked(lines: list[str], place: int, new: str) -> None:
    before, after = "\n".join(lines), "\n".join([*lines[:place], new, *lines[place + 1 :]])
    said = [
        [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
        for text in (before, after)
    ]
    if said[0] != said[1]:
        assert read_units(before).changed(read_units(after))


def test_the_number_of_a_line_is_that_of_the_function_around_it() -> None:
    text = "a = 1\n@deco\ndef f():\n    return 1\n\n\nclass C:\n    def g(self):\n        return 2\n    b = 3\n"
    units = read_units(text)
    assert [units.number(line) for line in range(12)] == [-1, -1, 0, 0, 0, -1, -1, -1, 1, 1, -1, -1]


@pytest.mark.parametrize(
    ("body", "makes_a_generator"),
    [("return 'yield'", False), ("yield", True), ("x = [(\n        yield 1)]", True), ("lambda: (yield)", False)],
)
def test_a_function_that_becomes_a_generator_is_another_one(body: str, makes_a_generator: bool) -> None:
    plain = read_units("def f():\n    return 1\n")
    assert (AT_IMPORT in plain.changed(read_units(f"def f():\n    {body}\n"))) is makes_a_generator


def test_lines_that_moved_are_found_again_behind_a_docstring_that_grew() -> None:
    old, new = (read_units(text) for text in (TEXT, TEXT.replace("Thing.", "Thing.\n\n    More.\n    ")))
    moved = old.moved(new)
    assert [moved.get(line) for line in (1, 15, 18, 19, 21, 24)] == [1, 15, 18, 22, 24, 27]


@pytest.mark.parametrize("header", ["def f(): ", "class A: ", "x = 1; ", "if x: "])
def test_a_text_beside_something_else_is_part_of_it(header: str) -> None:
    assert changed("a text", "another", f"{header}'a text'\n") <= {AT_IMPORT, 0}


@given(st.lists(LINES, max_size=12), st.integers(0, 12), st.sampled_from(["'a'", "    'a'", "    'a'; x = 2"]))
def test_a_text_that_came_is_never_overlooked(lines: list[str], place: int, new: str) -> None:
    before, after = "\n".join(lines), "\n".join([*lines[:place], new, *lines[place:]])
    assert read_units(before).changed(read_units(after))


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        ("Thing.", "Other.", True),
        ("Thing.", "Thing.\n", False),
        ("return x", "return 2", True),
        ("return x", "y = 1\n    return x", False),
        ("# a comment", "# another", True),
        ("# a comment", "# a\n    # b", False),
        ("size = SIZE", "size = 1", False),
    ],
)
def test_lines_stay_where_nothing_comes_above_them(old: str, new: str, stays: bool) -> None:
    assert read_units(TEXT).stays(read_units(TEXT.replace(old, new))) is stays


def test_lines_that_say_something_are_in_parts() -> None:
    units = read_units(TEXT)
    assert units.parts([1, 5, 10, 11, 18]) == frozenset()
    assert units.parts([6, 12, 13, 22]) == {AT_IMPORT, 0, 1}
    assert read_units("(").parts([1]) == {AT_IMPORT}


@pytest.mark.parametrize("text", [TEXT, TEXT + "\n1 +"])
def test_a_text_that_is_read_once_is_read_alike_and_not_held(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held = read_units.cache_info().misses
    with monkeypatch.context() as patched:
        patched.setattr(code_units, "parse", None)  # it would hold the tree
        once = read_units_once(text)
    assert read_units.cache_info().misses == held
    assert once == read_units(text)


FUTURE = "from __future__ import annotations\n"
HEADS = FUTURE + textwrap.dedent('''\
    SIZE = 3

    @decorated
    def first(a: int, b: str = SIZE) -> str:
        """First."""
        return b

    class Thing:
        def grow(
            self,
            *much: int,  # how much
            **more: complex,
        ) -> int:
            def inner(x: int):
                return x
            return inner

        @overload
        def small(self, a: int) -> int: ...

        def odd(self): return 3

    if SIZE:
        def fourth(): pass
    else:
        x = 1
''')


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("b: str = SIZE) -> str", "b: bytes = SIZE) -> str", {ANNOTATIONS}),
        ("b: str = SIZE) -> str", "b=SIZE)", {ANNOTATIONS}),
        ("a: int, b", "a: Other[int, 'x'] | None, b", {ANNOTATIONS}),
        ("first(a: int, b: str = SIZE)", "first(\n    a: int,\n    b: str = SIZE,\n)", set()),
        ("*much: int,  # how much\n        **more: complex,", "*much: int, **more: bool", {ANNOTATIONS}),
        ("self, a: int) -> int: ...", "self, a: bool) -> bool: ...", {ANNOTATIONS}),
        ("self, a: int) -> int: ...", "self, a: int) -> int: pass", {AT_IMPORT}),
        ("def odd(self): return 3", "def odd(self) -> int: return 3", {AT_IMPORT}),
        ("def inner(x: int)", "def inner(x: bool)", {1}),
        ("b: str = SIZE", "b: str = 4", {AT_IMPORT}),
        ("b: str = SIZE", "c: str = SIZE", {AT_IMPORT}),
        ("a: int, b: str", "a: int, /, b: str", {AT_IMPORT}),
        ("def first", "def second", {AT_IMPORT}),
        ("def first", "async def first", {AT_IMPORT}),
        ("@decorated", "@decorated(1)", {AT_IMPORT}),
        ("a: int, b", "a: (y := 1), b", {AT_IMPORT}),
        ("a: int, b", "a: '\\d', b", {AT_IMPORT}),
        ("a: int, b", "a: call(1), b", {AT_IMPORT}),
        ("*much: int,", "*much: *Ts,", {AT_IMPORT}),
        ("**more: complex", "**more: tuple[*Ts]", {AT_IMPORT}),
        ("    def fourth(): pass\nelse:\n    x = 1", "    x = 1\nelse:\n    def fourth(): pass", {AT_IMPORT}),
        ("if SIZE:\n    def fourth(): pass", "if SIZE:\n    pass\ndef fourth(): pass\nif SIZE:\n    pass", {AT_IMPORT}),
        (FUTURE, "", {AT_IMPORT}),
    ],
)
def test_annotations_that_are_kept_as_texts_stand_apart(old: str, new: str, expected: set[int]) -> None:
    assert changed(old, new, HEADS) == expected


def test_where_a_lambda_stands_in_a_head_is_executed() -> None:
    old = FUTURE + "def f(\n    a: int = 1, b=lambda: g(),\n    c=2,\n): pass\n"
    assert changed("1, b=lambda: g(),\n", "1,\n    b=lambda: g(), ", old) == {AT_IMPORT}
    assert changed("g(),\n    c", "g(), c", old) == set()
    assert changed(FUTURE, FUTURE + "\n\n", old) == set()


@pytest.mark.parametrize(
    "future",
    ["", "from __future__ import division\n", "import annotations\n", "from .__future__ import annotations\n"],
)
def test_annotations_that_are_executed_do_not_stand_apart(future: str) -> None:
    assert changed("b: str", "b: bytes", HEADS.replace(FUTURE, future)) == {AT_IMPORT}


ARGUMENT = st.sampled_from(["a", "a: int", "a: str", "a=1", "a: int = 1", "a: str = 1", "a: int = 2", "*a: int", "*a"])
RESULT = st.sampled_from(["", " -> int", " -> str"])
BLOCKS = st.builds(
    lambda shape, *parts: shape.format(*parts),
    st.sampled_from(
        [
            "def f({0}){1}:\n    return {2}\n",
            "def f({0}){1}: ...\n",
            "def f({0}){1}: return {2}\n",
            "@d\nasync def f(\n    {0}\n){1}:\n    'Text.'\n    return {2}\n",
            "class C:\n    def g(self, {0}){1}:\n        return {2}\n",
            "class C:\n    pass\ndef g(self, {0}){1}:\n        return {2}\n",
            "if x:\n    y = 1\nelse:\n    def h({0}){1}: pass\n",
            "if x:\n    def h({0}){1}: pass\nelse:\n    y = 1\n",
        ]
    ),
    ARGUMENT,
    RESULT,
    st.sampled_from(["1", "2"]),
)


class _Bare(ast.NodeTransformer):
    """Takes away the annotations of functions that are inside of no other one."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        node.returns = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]


@given(st.lists(BLOCKS, min_size=1, max_size=4), st.integers(0, 3), BLOCKS)
def test_texts_that_differ_in_annotations_alone_are_the_same_without_them(
    blocks: list[str], place: int, new: str
) -> None:
    other = [*blocks[:place], new, *blocks[place + 1 :]]
    old_text, new_text = FUTURE + "".join(blocks), FUTURE + "".join(other)
    told = read_units(old_text).changed(read_units(new_text))
    bare = [ast.dump(_Bare().visit(ast.parse(text))) for text in (old_text, new_text)]
    if told <= {ANNOTATIONS}:
        assert bare[0] == bare[1]
        assert bool(told) == (ast.dump(ast.parse(old_text)) != ast.dump(ast.parse(new_text)))


def test_lines_of_heads_are_executed_by_imports_and_found_again() -> None:
    units = read_units(HEADS)
    lines = {text: HEADS.split("\n").index(text) + 1 for text in HEADS.split("\n") if text.strip()}
    assert units.parts([lines["def first(a: int, b: str = SIZE) -> str:"]]) == {AT_IMPORT}
    assert units.parts([lines["    return b"]]) == {0}
    longer = HEADS.replace("first(a: int, b: str = SIZE)", "first(\n    a: bool, b: str = SIZE\n)")
    moved = units.moved(read_units(longer))
    assert moved[lines["def first(a: int, b: str = SIZE) -> str:"]] == lines["def first(a: int, b: str = SIZE) -> str:"]
    assert moved[lines["    return b"]] == lines["    return b"] + 2
    assert not units.stays(read_units(longer))
    assert units.stays(read_units(HEADS.replace("a: int, b", "a: bool, b")))
    assert not units.stays(read_units(HEADS.replace("\ndef", "\n\ndef").replace("self,\n        *much", "self, *much")))

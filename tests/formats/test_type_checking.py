"""What a Python text says to type checkers alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from gatekeeper.formats.code_units import read_units
from gatekeeper.formats.type_checking import unexecuted
from gatekeeper.model.selection import AT_IMPORT

IMPORT = "from typing import TYPE_CHECKING\n"
BLOCK = "if TYPE_CHECKING:\n    from thing import Thing\n"


def kept(text: str) -> str:
    """The text without what is left out."""
    lines = textwrap.dedent(text).split("\n")
    gone = unexecuted(ast.parse("\n".join(lines)), lines)
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in gone)


@pytest.mark.parametrize(
    "text",
    [
        IMPORT + BLOCK,
        IMPORT.replace("typing", "typing_extensions") + BLOCK,
        "import typing\nif typing.TYPE_CHECKING:\n    from thing import Thing\n",
        "import typing as t\nif t.TYPE_CHECKING:\n    from thing import Thing\n",
        "import typing_extensions as te\nif te.TYPE_CHECKING:\n    import thing\n",
        "from typing import TYPE_CHECKING as CHECKS\nif CHECKS:\n    import thing\n",
        IMPORT + "if (\n    TYPE_CHECKING\n):\n    import thing\n",
        IMPORT
        + "if TYPE_CHECKING:\n    import a\n    # why\n\n    Both = a.One | a.Two['int'] | None\n    T = a.T('T', bound=a.X)\n",
        IMPORT + "class A:\n    x = 1\n    if TYPE_CHECKING:\n        from thing import Thing\n",
        IMPORT + "try:\n    import os\nexcept ImportError:\n    if TYPE_CHECKING:\n        import os\n    else_ = 1\n",
        IMPORT + "def f(TYPE_CHECKING, t):\n    TYPE_CHECKING = 1\n" + BLOCK,
    ],
)
def test_a_block_is_left_out_with_its_header(text: str) -> None:
    remaining = kept(text)
    assert "TYPE_CHECKING:" not in remaining.replace("(TYPE_CHECKING, ", "")
    assert "Thing" not in remaining and "import thing" not in remaining and "CHECKS:" not in remaining
    ast.parse(remaining)


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        BLOCK + IMPORT,
        IMPORT + "TYPE_CHECKING = True\n" + BLOCK,
        IMPORT + BLOCK + "for TYPE_CHECKING in (): pass\n",
        IMPORT + "try:\n    from mine import TYPE_CHECKING\nexcept ImportError: pass\n" + BLOCK,
        IMPORT + "from mine import *\n" + BLOCK,
        IMPORT + "def f():\n    global TYPE_CHECKING\n    TYPE_CHECKING = 1\n" + BLOCK,
        IMPORT + "def f(x=(TYPE_CHECKING := True)): ...\n" + BLOCK,
        "from .typing import TYPE_CHECKING\n" + BLOCK,
        "from mine import TYPE_CHECKING\n" + BLOCK,
        "import typing\ntyping.TYPE_CHECKING = True\nif typing.TYPE_CHECKING:\n    import thing\n",
        "import typing.io\nif typing.TYPE_CHECKING:\n    import thing\n",
        "import mine as t\nif t.TYPE_CHECKING:\n    import thing\n",
        IMPORT + "if not TYPE_CHECKING:\n    import thing\n",
        IMPORT + "if TYPE_CHECKING or x:\n    import thing\n",
        IMPORT + BLOCK + "else:\n    import thing\n",
        IMPORT + "if TYPE_CHECKING: import thing\n",
        IMPORT + "if TYPE_CHECKING:\n    x: int = 1\n",
        IMPORT + "if TYPE_CHECKING:\n    x = '\\\\d'\n",
        IMPORT + "if TYPE_CHECKING:\n    x = 1 is 2\n",
        IMPORT + "if TYPE_CHECKING:\n    x = 'a'()\n",
        IMPORT + "if TYPE_CHECKING:\n    x = 'a'['b']\n",
        IMPORT + "if TYPE_CHECKING:\n    def f(): ...\n",
        IMPORT + "if TYPE_CHECKING:\n    assert (1, 2)\n",
        IMPORT + "def f():\n    if TYPE_CHECKING:\n        import thing\n    return thing\n",
        IMPORT + "class A:\n    TYPE_CHECKING = 1\n    if TYPE_CHECKING:\n        import thing\n",
    ],
)
def test_what_an_import_may_go_by_stays(text: str) -> None:
    assert kept(text) == text


def test_to_bring_change_and_take_away_a_block_changes_nothing_for_an_import() -> None:
    rest = "\n\ndef f():\n    return 1\n"
    none, one = IMPORT + rest, IMPORT + BLOCK + rest
    other = one.replace("Thing", "Else")
    for old, new in ((none, one), (one, other), (other, none)):
        assert read_units(old).changed(read_units(new)) == frozenset()
    assert read_units(one).changed(read_units(one.replace("return 1", "return 2"))) == {0}
    assert read_units(one).changed(read_units(one.replace("import Thing", "import (Thing"))) == {AT_IMPORT}

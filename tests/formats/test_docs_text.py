"""Code in Markdown and reStructuredText."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.docs_paths import markup_of
from gatekeeper.formats.docs_text import CodeBlock, code_blocks, code_spans, python_source

BLOCKS = {
    "fence": ("markdown", "a\n```python\nx\ny\n```\n", ("python", 3, "x\ny")),
    "tilde": ("markdown", "~~~ py title='a'\nx\n~~~\n", ("py", 2, "x")),
    "attributes": ("markdown", "``` {.python .numberLines}\nx\n```\n", ("python", 2, "x")),
    "longer fence": ("markdown", "````python\n```\n````\n", ("python", 2, "```")),
    "in a list": ("markdown", "- a\n\n  ```python\n  if x:\n      y\n  ```\n", ("python", 4, "if x:\n    y")),
    "in a quote": ("markdown", "> ```python\n> x\n> ```\n", ("python", 2, "x")),
    "open end": ("markdown", "```python\nx\n", ("python", 2, "x")),
    "myst": ("markdown", "```{code-block} python\n:linenos:\nx\n```\n", ("python", 3, "x")),
    "no language": ("markdown", "```\nx\n```\n", ("", 2, "x")),
    "directive": (
        "rst",
        "a::\n\n.. code-block:: python\n   :caption: a\n\n   x\n\n   y\n\nb\n",
        ("python", 6, "   x\n\n   y"),
    ),
    "code": ("rst", ".. code:: python\n\n    x\n", ("python", 3, "    x")),
    "doctest": ("rst", "a\n\n>>> x\n1\n\nb\n", ("pycon", 3, ">>> x\n1")),
    "ipython": ("rst", ".. ipython::\n\n   In [1]: x\n", ("ipython", 3, "   In [1]: x")),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks(name: str) -> None:
    markup, text, expected = BLOCKS[name]
    (block,) = code_blocks(text, markup)
    assert (block.language, block.line, block.text) == expected


SPANS = {
    "code": ("markdown", "a `x.y` b\n", [(1, "x.y", "")]),
    "double": ("markdown", "a ``x`y`` b\n", [(1, "x`y", "")]),
    "not in a block": ("markdown", "```python\n`x`\n```\n`y`\n", [(4, "y", "")]),
    "reference": ("markdown", "[a][pkg.x]\n", [(1, "pkg.x", "auto")]),
    "mkdocstrings": ("markdown", "::: pkg.x\n", [(1, "pkg.x", "auto")]),
    "literal": ("rst", "a ``x(1)`` b\n", [(1, "x(1)", "")]),
    "role": ("rst", ":py:func:`~pkg.x` and :class:`a B <pkg.B>`\n", [(1, "pkg.x", "func"), (1, "pkg.B", "class")]),
    "default role": ("rst", "a `x` b `link <y>`_\n", [(1, "x", "")]),
    "autodoc": ("rst", ".. autoclass:: pkg.B\n", [(1, "pkg.B", "auto")]),
    "not in a directive": ("rst", ".. code-block:: python\n\n   ``x``\n", []),
}


@pytest.mark.parametrize("name", SPANS)
def test_spans(name: str) -> None:
    markup, text, expected = SPANS[name]
    assert [(span.line, span.text, span.role) for span in code_spans(text, markup)] == expected


@pytest.mark.parametrize(
    ("block", "source"),
    [
        (CodeBlock("python", 1, "    x\n    y"), "x\ny"),
        (CodeBlock("pycon", 1, ">>> def f():\n...     x\n...\n>>> f()\n1\n"), "def f():\n    x\n\nf()"),
        (CodeBlock("ipython", 1, "In [1]: x\nIn [2]: %time y\nOut[2]: 1"), "x\n\n"),
    ],
)
def test_the_python_of_a_block(block: CodeBlock, source: str) -> None:
    assert block.is_python
    assert python_source(block) == source


@pytest.mark.parametrize(("path", "markup"), [("a.MD", "markdown"), ("b.rst", "rst"), ("c.txt", "rst"), ("d.py", "")])
def test_the_markup_of_a_path(path: str, markup: str) -> None:
    assert markup_of(path) == markup


_TEXTS = st.lists(
    st.sampled_from(
        ["```python", "```", "~~~", "> ```py", ".. code:: python", "   x", ">>> x", "", "`a` ``b``", ":func:`x`", "\t"]
    )
    | st.text(max_size=20),
    max_size=20,
).map("\n".join)


@given(_TEXTS, st.sampled_from(["markdown", "rst"]))
def test_every_place_lies_in_the_text(text: str, markup: str) -> None:
    lines = text.splitlines()
    for block in code_blocks(text, markup):
        assert 1 <= block.line <= len(lines) + 1
        python_source(block)
    for span in code_spans(text, markup):
        assert span.text in lines[span.line - 1]

"""Which folders belong on the path, and what can be imported from them."""

from __future__ import annotations

import pytest

from gatekeeper.formats.layout import find_layout, package_folders

_SRC = [
    "src/flask/__init__.py",
    "src/flask/app.py",
    "tests/test_app.py",
    "tests/conftest.py",
    "docs/conf.py",
    "setup.py",
]
_FLAT = ["rich/__init__.py", "rich/a.py", "tests/__init__.py", "examples/__init__.py", "noxfile.py", "tool.py"]


@pytest.mark.parametrize(
    ("names", "roots", "packages"),
    [
        (_SRC, ("src",), ("flask",)),
        (_FLAT, ("",), ("rich", "tool")),
        (["src/ns/part/mod.py", "single.py"], ("src", ""), ("ns", "single")),
        (["lib/thing/__init__.py"], ("lib",), ("thing",)),
        (["src/__init__.py", "src/a.py"], ("",), ("src",)),
        (["README.md"], ("",), ()),
    ],
)
def test_layouts(names: list[str], roots: tuple[str, ...], packages: tuple[str, ...]) -> None:
    layout = find_layout(names, "")
    assert (layout.import_roots, layout.packages) == (roots, packages)


def test_a_project_below_the_root() -> None:
    names = ["packages/a/src/one/__init__.py", "packages/b/two/__init__.py", "packages/a/tests/test_x.py"]
    assert find_layout(names, "packages/a").import_roots == ("packages/a/src",)
    assert find_layout(names, "packages/b").import_roots == ("packages/b",)
    assert package_folders(names, find_layout(names, "packages/b")) == ("packages/b/two",)


def test_configured_roots_are_taken_as_they_are() -> None:
    layout = find_layout(["code/py/x/__init__.py", "y/__init__.py"], "", ["code/py"])
    assert (layout.import_roots, layout.packages) == (("code/py",), ("x",))

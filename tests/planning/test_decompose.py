"""Units: which test and which document belongs to which file, and what is shared."""

from __future__ import annotations

import pytest

from gatekeeper.model.change import Change, FileChange
from gatekeeper.planning.api import read_outlines
from gatekeeper.planning.decompose import Pieces, decompose, is_shared
from gatekeeper.planning.imports import direct_imports
from tests.planning.sample import change, changed, ground


def pieces(*files: FileChange) -> Pieces:
    """The pieces of a change of these files."""
    whole: Change = change(*files)
    texts = {file.path: file.text or "" for file in files}
    return decompose(whole, direct_imports(read_outlines(whole).head, texts, ground(*texts)))


def units(*files: FileChange) -> dict[str, tuple[str, ...]]:
    """The files of each unit beside its own."""
    return {unit.path: unit.files[1:] for unit in pieces(*files).units}


def test_a_file_with_its_tests_docs_stub_and_fragment() -> None:
    assert units(
        changed("src/app/users.py", "def list_users(): ...\n"),
        changed("src/app/users.pyi", "def list_users() -> None: ...\n"),
        changed("src/app/models.py", "x = 1\n"),
        changed("tests/test_users.py", "x = 1\n"),
        changed("tests/app/users_test.py", "x = 1\n"),
        changed("docs/users.md", "about\n"),
        changed("docs/guide.md", "Call `list_users` for all of them.\n"),
        changed("docs/both.md", "See app.users and app.models.\n"),
        changed("changelog.d/12.md", "`app.users.list_users` is new.\n"),
    ) == {
        "src/app/users.py": (
            "changelog.d/12.md", "docs/guide.md", "docs/users.md", "src/app/users.pyi", "tests/app/users_test.py",
            "tests/test_users.py",
        ),
        "src/app/models.py": (),
        "docs/both.md": (),
    }  # fmt: skip


def test_a_test_mirrors_the_folders_of_its_file() -> None:
    found = units(
        changed("src/app/api/users.py", "x = 1\n"),
        changed("src/app/db/users.py", "x = 1\n"),
        changed("tests/db/test_users.py", "x = 1\n"),
        changed("tests/api/test_users.py", "x = 1\n"),
    )
    assert found == {
        "src/app/api/users.py": ("tests/api/test_users.py",),
        "src/app/db/users.py": ("tests/db/test_users.py",),
    }


def test_a_test_without_a_namesake_goes_by_what_it_imports() -> None:
    files = (changed("src/app/a.py", "x = 1\n"), changed("src/app/b.py", "x = 1\n"))
    assert units(*files, changed("tests/test_x.py", "import app.a\n"))["src/app/a.py"] == ("tests/test_x.py",)
    both = pieces(*files, changed("tests/test_x.py", "import app.a\nimport app.b\n"))
    assert [(n.on, n.basis, n.proof) for n in both.units[-1].needs] == [
        ("src/app/a.py", "import", "tests/test_x.py:1 imports app.a"),
        ("src/app/b.py", "import", "tests/test_x.py:2 imports app.b"),
    ]
    assert units(*files, changed("tests/test_x.py", "x = 1\n"))["tests/test_x.py"] == ()
    assert units(files[0], changed("tests/test_x.py", "x = 1\n")) == {"src/app/a.py": ("tests/test_x.py",)}


def test_the_innermost_touched_definitions_are_named() -> None:
    (unit,) = pieces(changed("src/app/a.py", "class A:\n    def m(self): ...\ndef f(): ...\n")).units
    assert unit.definitions == ("A.m", "f")


@pytest.mark.parametrize(
    ("path", "text", "shared"),
    [
        ("pyproject.toml", "", True),
        ("sub/poetry.lock", "", True),
        ("requirements-dev.txt", "", True),
        ("requirements/dev.txt", "", True),
        ("tests/conftest.py", "", True),
        (".github/workflows/ci.yml", "", True),
        ("azure-pipelines.yml", "", True),
        ("openapi.yml", "", False),
        ("config/app.yml", "", False),
        ("src/app/__init__.py", "from .a import f\n", True),
        ("src/app/__init__.py", "def f(): ...\n", False),
        ("tests/__init__.py", "", False),
        ("src/app/a.py", "", False),
    ],
)
def test_what_several_workstreams_meet_in(path: str, text: str, shared: bool) -> None:
    assert is_shared(changed(path, text, "x = 0\n")) is shared


def test_a_changelog_is_shared_and_a_new_fragment_that_names_nothing_too() -> None:
    found = pieces(
        changed("CHANGES.rst", "x\n", "y\n"), changed("changelog.d/7.md", "Faster.\n"), changed("src/a.py", "x = 1\n")
    )
    assert found.shared == ("CHANGES.rst", "changelog.d/7.md")
    assert [unit.path for unit in found.units] == ["src/a.py"]

"""Direct imports among changed files, each with the line that proves it."""

from __future__ import annotations

import pytest

from gatekeeper.formats.python_outline import read_outline
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.imports import direct_imports
from tests.planning.sample import ground

NAMES = (
    "src/app/__init__.py", "src/app/models.py", "src/app/users.py", "src/app/api/__init__.py", "src/app/api/routes.py",
    "src/app/types.py", "tests/test_users.py", "tests/support.py", "scripts/load.py", "scripts/shared.py", "tests/types.py",
)  # fmt: skip


def proofs(files: dict[str, str], around: Ground | None = None) -> list[str]:
    """The proofs of all edges among these files."""
    outlines = {path: outline for path, text in files.items() if (outline := read_outline(text))}
    return [edge.proof for edge in direct_imports(outlines, files, around or ground(*NAMES))]


@pytest.mark.parametrize(
    ("importer", "text", "imported", "proof"),
    [
        ("src/app/users.py", "import app.models", "src/app/models.py", "src/app/users.py:1 imports app.models"),
        ("src/app/users.py", "import os\nimport app.models as m", "src/app/models.py", "src/app/users.py:2 imports app.models"),
        ("src/app/users.py", "from app import models", "src/app/models.py", "src/app/users.py:1 imports app.models"),
        ("src/app/users.py", "from app.models import User", "src/app/models.py", "src/app/users.py:1 imports app.models"),
        ("src/app/users.py", "from . import models", "src/app/models.py", "src/app/users.py:1 imports .models"),
        ("src/app/users.py", "from .models import User", "src/app/models.py", "src/app/users.py:1 imports .models"),
        ("src/app/api/routes.py", "from ..models import *", "src/app/models.py", "src/app/api/routes.py:1 imports ..models"),
        ("src/app/api/routes.py", "from .. import models", "src/app/models.py", "src/app/api/routes.py:1 imports ..models"),
        ("src/app/api/__init__.py", "from .routes import x", "src/app/api/routes.py", "src/app/api/__init__.py:1 imports .routes"),
        ("tests/test_users.py", "def f():\n  if x:\n    import app.users", "src/app/users.py", "tests/test_users.py:3 imports app.users"),
        ("tests/test_users.py", "import support", "tests/support.py", "tests/test_users.py:1 imports support"),
        ("tests/test_users.py", "from tests.support import x", "tests/support.py", "tests/test_users.py:1 imports tests.support"),
        ("scripts/load.py", "try:\n  import shared\nexcept E: ...", "scripts/shared.py", "scripts/load.py:2 imports shared"),
    ],
)  # fmt: skip
def test_an_edge(importer: str, text: str, imported: str, proof: str) -> None:
    assert proofs({importer: text, imported: "x = 1"}) == [proof]


@pytest.mark.parametrize(
    ("importer", "text", "other"),
    [
        ("src/app/users.py", "import types", "src/app/types.py"),  # absolute: the one of the standard library
        ("src/app/users.py", "from .... import models", "src/app/models.py"),  # beyond the top
        ("src/app/users.py", "import app.users", "src/app/models.py"),  # itself
        ("src/app/users.py", "# import app.models", "src/app/models.py"),
        ("src/app/users.py", "import app.models\ndef broken(:", "src/app/models.py"),
        ("src/app/users.py", "from app import nothing", "src/app/models.py"),
    ],
)
def test_no_edge(importer: str, text: str, other: str) -> None:
    assert proofs({importer: text, other: "x = 1"}) == []


def test_only_the_first_line_counts_and_transitive_edges_do_not() -> None:
    found = proofs(
        {
            "tests/test_users.py": "import app.users\nfrom app.users import f\n",
            "src/app/users.py": "import app.models\n",
            "src/app/models.py": "",
        }
    )
    assert found == ["src/app/users.py:1 imports app.models", "tests/test_users.py:1 imports app.users"]


def test_a_name_that_a_package_hands_on_is_followed() -> None:
    around = Ground(
        frozenset(NAMES),
        ground(roots=("src",)).projects,
        {"src/app/__init__.py": "from .users import User as Person\nfrom app.models import Model\n"},
    )
    files = {"src/app/users.py": "", "src/app/models.py": ""}
    assert proofs(files | {"tests/test_users.py": "from app import Person"}, around) == [
        "tests/test_users.py:1 imports Person of app, which src/app/__init__.py takes from there"
    ]
    assert proofs(files | {"tests/test_users.py": "import app as a\na.Model()\nb.a.Person()"}, around) == [
        "tests/test_users.py:1 imports app, whose Model src/app/__init__.py takes from there"
    ]

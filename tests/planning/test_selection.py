"""Every rule by which a test is run again, over one project whose tests were really run once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import TestMap
from gatekeeper.planning.selection import select
from tests.inside.learning import added, affected, deleted, edit, renamed

FILES = {
    "app/__init__.py": "",
    "app/core.py": """
        LIMIT = 3

        def decorated(function):
            return function

        @decorated
        def add(a, b=0):
            '''Add.'''
            return a + b

        def sub(a, b):
            return a - b

        class Thing:
            size = 1

            def grow(self):
                return [n + self.size for n in (1, 2)]

            def shrink(self):
                def inner():
                    return self.size - 1
                return inner()
        """,
    "app/registry.py": """
        names = []

        def register(name):
            names.append(name.upper())
        """,
    "app/plugins.py": "from app.registry import register\nregister('one')\n",
    "app/cached.py": """
        from functools import lru_cache

        @lru_cache
        def table():
            return build()

        def build():
            return 7
        """,
    "app/shared.py": """
        _known = {}

        def get(key):
            if key not in _known:
                _known[key] = make(key)
            return _known[key]

        def make(key):
            return key * 2
        """,
    "app/words.py": """
        import functools, pathlib

        @functools.lru_cache
        def words():
            return pathlib.Path(__file__).with_name("words.txt").read_text()
        """,
    "app/words.txt": "one\n",
    "app/late.py": "VALUE = 1\n",
    "app/dynamic.py": "VALUE = 1\n",
    "app/unused.py": "VALUE = 1\n",
    "tests/conftest.py": """
        import pytest
        from app.core import Thing

        @pytest.fixture(scope="session")
        def service():
            thing = Thing()
            yield thing.grow()
            thing.shrink()

        @pytest.fixture
        def small():
            return 1

        def pytest_collection_modifyitems(items):
            ordered(items)

        def ordered(items):
            items.sort(key=lambda item: item.nodeid)
        """,
    "tests/test_core.py": """
        import pytest
        from app.core import Thing, add, sub

        def test_add():
            assert add(1, 2) == 3

        def test_sub(small):
            assert sub(3, 1) == 2

        @pytest.mark.parametrize("n", [1, 2])
        def test_many(n):
            assert n

        class TestThing:
            def test_shrink(self):
                assert Thing().shrink() == 0
        """,
    "tests/test_service.py": """
        def test_first(service):
            assert service == [2, 3]

        def test_second(service):
            assert service
        """,
    "tests/test_plugins.py": "from app import plugins\n\ndef test_names():\n    from app.registry import names\n    assert names == ['ONE']\n",
    "tests/test_cached.py": "from app.cached import table\n\ndef test_one():\n    assert table() == 7\n\ndef test_two():\n    assert table() == 7\n",
    "tests/test_shared.py": "from app.shared import get\n\ndef test_a():\n    assert get(1) == 2\n\ndef test_b():\n    assert get(1) == 2\n",
    "tests/test_late.py": "def test_late():\n    from app.late import VALUE\n    assert VALUE\n\ndef test_early():\n    pass\n",
    "tests/test_dynamic.py": "import importlib\n\ndef test_dynamic():\n    assert importlib.import_module('app.' + 'dynamic').VALUE\n\ndef test_again():\n    assert importlib.import_module('app.' + 'dynamic').VALUE\n",
    "tests/test_files.py": """
        import os, pathlib, sqlite3
        HERE = pathlib.Path(__file__).parent

        def test_reads():
            assert (HERE / "data.json").read_text()

        def test_lists():
            assert os.listdir(HERE / "cases")

        def test_missing():
            assert not (HERE / "cases").joinpath("none.txt").exists()

        def test_tries():
            try:
                open(HERE.parent / "notes.md").close()
            except OSError:
                pass

        def test_version():
            assert "version" in (HERE.parent / "pyproject.toml").read_text()

        def test_requires():
            assert open(HERE.parent / "requirements.txt").read()

        def test_untracked():
            open(HERE.parent / "untracked.txt").close()
        """,
    "tests/data.json": "{}\n",
    "tests/unread.json": "{}\n",
    "tests/cases/one.txt": "1\n",
    "untracked.txt": "1\n",
    "README.md": "Read me.\n",
    "examples/app/__init__.py": "ONE = 1\n",
    "setup.cfg": "[metadata]\nname = app\n[tool:pytest]\nmarkers =\n    # slow\n    quick\n[coverage:run]\nbranch = 0\n",
    "pyproject.toml": "[project]\nversion = '1'\n[tool.black]\nline-length = 3\n[tool.coverage.run]\nbranch = false\n",
    "setup.py": "from setuptools import setup\n",
    "requirements.txt": "one==1\n",
    "requirements/dev.in": "two==2\n",
    "uv.lock": "version = 1\n",
    "tests/app.egg-info/entry_points.txt": "[pytest11]\n",
    "tests/test_words.py": "from app.words import words\n\ndef test_words():\n    assert words()\n\ndef test_same():\n    assert words()\n",
    "tests/test_process.py": "import os, subprocess, sys\n\ndef test_process():\n    subprocess.run([sys.executable, '-c', ''], check=True, preexec_fn=os.getpid)\n\ndef test_fork():\n    child = os.fork()\n    if not child:\n        os._exit(0)\n    os.waitpid(child, 0)\n",
    "tests/test_lines.py": "import inspect, traceback\nfrom app.core import add\n\ndef test_source():\n    assert 'return' in inspect.getsource(add)\n",
    "tests/test_threads.py": "import threading\nfrom app.core import sub\n\ndef test_thread():\n    worker = threading.Thread(target=sub, args=(1, 1))\n    worker.start()\n    worker.join()\n",
    "tests/test_bad.py": "import pytest\n\ndef test_bad():\n    assert 0\n\n@pytest.mark.skip\ndef test_skipped():\n    pass\n\n@pytest.mark.xfail\ndef test_expected():\n    assert 0\n",
}  # fmt: skip
ALWAYS = {"test_bad", "test_untracked"}
EVERYTHING = {"test_process", "test_fork"}


def test_without_a_change_only_those_run_that_have_to(known: TestMap) -> None:
    assert affected(known) == ALWAYS


CORE = {"test_add", "test_sub", "test_many[1]", "test_many[2]", "TestThing::test_shrink"}
Change = Callable[[Path], FileChange]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: edit(t, "app/core.py", "a + b", "b + a"), {"test_add"}),
        (lambda t: edit(t, "app/core.py", "a - b", "a - b + 0"), {"test_sub", "test_thread"}),
        (lambda t: edit(t, "app/core.py", "self.size - 1", "0"), {"TestThing::test_shrink", "test_first", "test_second"}),
        (lambda t: edit(t, "app/core.py", "n + self.size", "n"), {"test_first", "test_second"}),
        (lambda t: edit(t, "app/core.py", "return function", "return  function"), "is there for all tests"),
        (lambda t: edit(t, "app/plugins.py", "'one'", "'two'"), {"test_names"}),
        (lambda t: edit(t, "app/registry.py", "name.upper()", "name"), {"test_names"}),
        (lambda t: edit(t, "app/cached.py", "return 7", "return 8"), {"test_one", "test_two"}),
        (lambda t: edit(t, "app/shared.py", "key * 2", "key"), {"test_a", "test_b"}),
        (lambda t: edit(t, "app/late.py", "1", "2"), {"test_late", "test_early"}),
        (lambda t: edit(t, "app/dynamic.py", "1", "2"), {"test_dynamic", "test_again"}),
        (lambda t: edit(t, "app/unused.py", "1", "2"), set()),
        (lambda t: edit(t, "tests/test_core.py", "add(1, 2) == 3", "add(2, 1) == 3"), {"test_add"}),
        (lambda t: edit(t, "tests/test_core.py", "[1, 2]", "[1, 3]"), CORE),
        (lambda t: edit(t, "tests/conftest.py", "return 1", "return 2"), {"test_sub"}),
        (lambda t: edit(t, "tests/conftest.py", "thing.shrink()", "pass"), {"test_first", "test_second"}),
        (lambda t: edit(t, "tests/conftest.py", "items.sort(key=lambda item: item.nodeid)", "pass"), "outside of any test"),
        (lambda t: edit(t, "tests/data.json", "{}", "[]"), {"test_reads"}),
        (lambda t: edit(t, "tests/unread.json", "{}", "[]"), "nothing was seen to read it"),
        (lambda t: edit(t, "tests/cases/one.txt", "1", "2"), "nothing was seen to read it"),
        (lambda t: added("tests/cases/two.txt"), "is new"),
        (lambda t: added("notes.md"), {"test_tries"}),
        (lambda t: added("docs/notes.md"), set()),
        (lambda t: added("docs/_static/logo.svg"), set()),
        (lambda t: added("artwork/logo.png"), set()),
        (lambda t: added("app/logo.png"), "is new"),
        (lambda t: added("docs/pytest.ini"), "docs/pytest.ini changed"),
        (lambda t: edit(t, "examples/app/__init__.py", "1", "2"), set()),
        (lambda t: deleted(t, "examples/app/__init__.py"), "examples/app/__init__.py is gone"),
        (lambda t: edit(t, "README.md", "me", "it"), set()),
        (lambda t: edit(t, "setup.cfg", "pytest", "pytes"), "setup.cfg changed"),
        (lambda t: edit(t, "setup.cfg", "# slow", "# slower"), "setup.cfg changed"),
        (lambda t: edit(t, "setup.cfg", "branch = 0", "branch = 1"), "setup.cfg changed"),
        (lambda t: edit(t, "setup.cfg", "name = app", "name = other"), set()),
        (lambda t: edit(t, "pyproject.toml", "false", "true"), "pyproject.toml changed"),
        (lambda t: edit(t, "pyproject.toml", "[tool.black]", "[tool.pytest.ini_options]"), "pyproject.toml changed"),
        (lambda t: edit(t, "pyproject.toml", "[tool.black]", "[tool.black"), "pyproject.toml changed"),
        (lambda t: edit(t, "pyproject.toml", "line-length = 3", "line-length = 4"), {"test_version"}),
        (lambda t: deleted(t, "pyproject.toml"), "pyproject.toml changed"),
        (lambda t: edit(t, "setup.py", "setup\n", "setup \n"), set()),
        (lambda t: deleted(t, "setup.py"), "setup.py is gone"),
        (lambda t: edit(t, "requirements.txt", "1", "2"), {"test_requires"}),
        (lambda t: edit(t, "requirements/dev.in", "==2", "==3"), set()),
        (lambda t: edit(t, "uv.lock", "1", "2"), set()),
        (lambda t: deleted(t, "uv.lock"), "uv.lock changed"),
        (lambda t: edit(t, "tests/app.egg-info/entry_points.txt", "1]", "2]"), "tells what the package is"),
        (lambda t: edit(t, "app/words.txt", "one", "two"), "outside of any test, it reads app/words.txt"),
        (lambda t: added("tests/test_new.py"), set()),
        (lambda t: added("other/test_core.py"), "may be imported in place of"),
        (lambda t: added("app/more.py"), "may be imported in place of"),
        (lambda t: added("tests/sub/conftest.py"), "may be imported in place of"),
        (lambda t: added("json.py"), "may be imported in place of"),
        (lambda t: deleted(t, "tests/test_late.py"), {"test_late", "test_early"}),
        (lambda t: deleted(t, "app/late.py"), "app/late.py is gone"),
        (lambda t: deleted(t, "tests/conftest.py"), "is gone"),
        (lambda t: renamed(t, "tests/test_late.py", "tests/test_later.py"), {"test_late", "test_early"}),
        (lambda t: renamed(t, "app/late.py", "app/later.py"), "app/late.py is gone"),
        (lambda t: FileChange("app/core.py", ChangeKind.MODIFIED, mode="100755"), "its mode changed"),
        (lambda t: FileChange("lib", ChangeKind.MODIFIED, mode="160000", old_mode="160000"), "a submodule"),
        (lambda t: FileChange("app/late.py", ChangeKind.TYPE_CHANGED, mode="120000"), "is a link"),
        (lambda t: FileChange("app/late.py", ChangeKind.MODIFIED), "cannot be read as text"),
        (lambda t: added("requirements-dev.txt"), "changed"),
    ],
)  # fmt: skip
def test_a_change_runs_what_it_can_affect(tree: Path, known: TestMap, change: Change, expected: set[str] | str) -> None:
    runs = affected(known, change(tree))
    if isinstance(expected, str):
        assert isinstance(runs, str), runs
        assert expected in runs
    else:
        assert not isinstance(runs, str), runs
        assert runs == expected | ALWAYS | EVERYTHING | (runs & {"test_source"})


@pytest.mark.parametrize(
    ("old", "new"),
    [("LIMIT = 3", "LIMIT = 4"), ("b=0", "b=1"), ("@decorated", "@ decorated"), ("size = 1", "size = 2")],
)  # fmt: skip
def test_what_an_import_executes_concerns_all_that_import_it(tree: Path, known: TestMap, old: str, new: str) -> None:
    runs = affected(known, edit(tree, "app/core.py", old, new))
    assert isinstance(runs, str), "a conftest.py imports the file"
    assert "tests/conftest.py is there for all tests" in runs


def test_comments_and_blank_lines_change_nothing_but_numbers_of_lines(tree: Path, known: TestMap) -> None:
    runs = affected(known, edit(tree, "app/core.py", "LIMIT = 3\n", "# three\n\nLIMIT = 3\n"))
    assert runs == ALWAYS | EVERYTHING | {"test_source"}


def test_a_test_that_covers_new_lines_runs_although_its_outcome_is_known(tree: Path, known: TestMap) -> None:
    assert affected(known, covered=[edit(tree, "app/core.py", "a + b", "b + a")]) == ALWAYS | EVERYTHING | {"test_add"}


def test_every_reason_is_said(tree: Path, known: TestMap) -> None:
    selection = select(known, [edit(tree, "app/core.py", "a + b", "b + a")])
    reasons = {test.split("::")[-1]: reason for test, reason in selection.runs.items()}
    assert reasons["test_add"] == "it runs what changed in app/core.py"
    assert reasons["test_bad"] == "it did not pass the last time (failed)"
    assert reasons["test_process"] == "it starts another process"
    assert reasons["test_untracked"] == "it reads untracked.txt, which is no part of the tree"
    assert reasons["test_source"].startswith("it asks for numbers of lines") or "reads" in reasons["test_source"]


def test_a_docstring_concerns_those_that_read_docstrings_or_the_file(tree: Path, known: TestMap) -> None:
    runs = select(known, [edit(tree, "app/core.py", "'''Add.'''", "'''Sum.'''")]).runs
    assert {test.split("::")[1] for test in runs} == ALWAYS | EVERYTHING | {"test_source"}

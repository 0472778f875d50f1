"""A docstring that changed has the tests run that can see it, and all that an import made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.model.selection import TestMap
from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app/__init__.py": "",
    "app/core.py": """
        '''The core.'''

        import contextlib
        import functools

        def told(function):
            return function.__doc__

        def asked(thing):
            return getattr(thing, "__doc__", None)

        def looked_up(thing):
            return thing.__dict__.get("__doc__", 1)

        def asked_of_another(thing):
            thing = thing or asked
            return getattr(thing, "__doc__", None)

        def asked_of_a_part(thing):
            return getattr(thing.__class__, "__doc__", None)

        def quiet():
            '''Say nothing.'''
            return 1

        def loud():
            '''Say much.'''
            return 2

        def own():
            return __doc__

        @contextlib.contextmanager
        def context():
            '''Be around.'''
            yield 1

        def passed_on(function):
            @functools.wraps(function)
            def inner():
                return function()
            return inner

        class Thing:
            '''A thing.'''

            @property
            def size(self):
                '''How large it is.'''
                return 1

            def grow(self):
                '''Grow.'''
                return 2
        """,
    "app/other.py": """
        '''The other.'''

        def far():
            '''Far away.'''
            return 3

        class Moved:
            '''It has moved.'''

        Moved.__module__ = "app.core"
        """,
    "tests/test_app.py": """
        import inspect, pydoc, unittest
        import pytest
        from app import core, other

        def test_quiet():
            assert core.quiet() == 1
            assert core.Thing().size == 1
            with core.context() as one:
                assert one

        def test_passed_on():
            assert core.passed_on(core.quiet)() == 1

        def test_far():
            assert other.far() == 3

        def test_told():
            assert core.told(other.far)

        def test_told_of_a_wrapper():
            assert core.told(core.passed_on(other.far))

        def test_told_of_a_method():
            assert core.told(core.Thing().grow)

        def test_told_of_a_class():
            assert core.told(core.Thing)

        def test_told_of_a_module():
            assert core.told(other)

        def test_told_of_an_object():
            assert core.told(core.Thing())

        def test_told_of_nothing_here():
            assert core.told(len) and core.told(inspect.getdoc) and core.told(1)

        def test_told_of_a_class_that_moved():
            assert core.told(other.Moved)

        def test_formatted():
            assert "{0.__doc__}".format(core)

        def test_asked():
            assert core.asked(len)

        def test_asked_of_a_function():
            assert core.asked(other.far)

        def test_looked_up():
            assert core.looked_up(other.far)

        def test_asked_of_another():
            assert core.asked_of_another(len)

        def test_asked_of_a_part():
            assert core.asked_of_a_part(1)

        def test_own():
            assert core.own()

        def test_getdoc():
            assert inspect.getdoc(other.far)

        def test_pydoc():
            assert pydoc.render_doc(other)

        def test_all_values():
            assert [value for value in vars(other).values() if isinstance(value, str)]

        def test_evaluated():
            assert eval("core.quiet.__doc__")

        def test_constants():
            assert core.quiet.__code__.co_consts

        @pytest.fixture(scope="module")
        def described():
            return core.told(other.far)

        def test_described(described):
            assert described

        def test_described_too(described):
            assert described

        class TestCase(unittest.TestCase):
            def test_case(self):
                '''A case.'''
                assert core.quiet()

            def test_short(self):
                '''A short one.'''
                assert self.shortDescription()
        """,
}
ANY = {
    *(
        "test_told_of_an_object",
        "test_asked_of_another",
        "test_asked_of_a_part",
        "test_pydoc",
        "test_all_values",
        "test_evaluated",
        "test_constants",
    ),
    *("TestCase::test_short", "test_formatted"),
}
OTHER = {
    "test_told",
    "test_told_of_a_class_that_moved",
    "test_told_of_a_wrapper",
    "test_asked_of_a_function",
    "test_looked_up",
    "test_getdoc",
    "test_described",
    "test_described_too",
} | ANY
CORE = {"test_told_of_a_method", "test_told_of_a_class", "test_own", "test_told_of_a_wrapper"} | ANY


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TestMap]:
    """The project, and what is known of its tests."""
    tree = written(tmp_path_factory.mktemp("docs") / "tree", FILES)
    found, report = learn(tree)
    assert not report.failures
    return tree, found


@pytest.mark.parametrize(
    ("path", "old", "expected"),
    [
        ("app/core.py", "The core.", CORE),
        ("app/core.py", "Say nothing.", CORE),
        ("app/core.py", "A thing.", CORE),
        ("app/core.py", "Be around.", CORE),
        ("app/core.py", "How large it is.", CORE),
        ("app/other.py", "Far away.", OTHER | {"test_told_of_a_module"}),
        ("app/other.py", "The other.", OTHER | {"test_told_of_a_module"}),
        ("tests/test_app.py", "A case.", ANY),
    ],
)
def test_those_run_that_read_a_docstring_of_the_file(
    known: tuple[Path, TestMap], path: str, old: str, expected: set[str]
) -> None:
    tree, found = known
    assert affected(found, edit(tree, path, old, "Other words.")) == expected


def test_a_docstring_and_a_body_add_up(known: tuple[Path, TestMap]) -> None:
    tree, found = known
    change = edit(tree, "app/other.py", "'''Far away.'''\n    return 3", "return 4")
    assert affected(found, change) == OTHER | {"test_told_of_a_module", "test_far"}


SMALL = {
    "app.py": "'''The app.'''\n\ndef one():\n    '''One.'''\n    return 1\n",
    "far.py": "'''Far.'''\n\ndef two():\n    '''Two.'''\n    return 2\n",
    "test_app.py": "import app, far\n\ndef test_one():\n    assert app.one()\n\ndef test_two():\n    assert far.two()\n",
    "test_far.py": "import far\n\ndef test_far():\n    assert far.two()\n",
}
READER = """
    import app, far

    def described(function):
        return (function, function.__doc__)

    def looked_up(function):
        return (function, getattr(function, "__doc__"))
    """
BOTH = {"test_one", "test_two"}
ALL = {"test_one", "test_two", "test_far"}


@pytest.mark.parametrize(
    ("files", "app", "far"),
    [
        ({}, set(), set()),
        ({"reader.py": READER}, set(), set()),
        ({"test_app.py": "from reader import *\nKEPT = described(app.one)\n"}, BOTH, set()),
        ({"test_app.py": "from reader import *\nKEPT = looked_up(app.one)\n"}, BOTH, set()),
        ({"test_app.py": "import app, far\nKEPT = far.two.__doc__\n"}, BOTH, ALL),
        ({"test_app.py": "import app, far\nCOPIED = ('__name__', '__doc__')\n"}, BOTH, ALL),
        ({"test_app.py": "import app, far, inspect\nT = inspect.getdoc(far.two)\n"}, set(), ALL),
        ({"far.py": "\nTEXT = __doc__ and __doc__.upper()\n"}, set(), ALL),
        ({"conftest.py": "import inspect, far\n\ndef pytest_configure():\n    inspect.getdoc(far)\n"}, set(), "all"),
        ({"conftest.py": "import far\n\ndef pytest_collection_modifyitems():\n    far.__doc__\n"}, BOTH, "all"),
        ({"test_app.py": "import functools\n@functools.lru_cache\ndef kept():\n    return far.two.__doc__\n"
          "def test_kept():\n    assert kept()\n"}, BOTH | {"test_kept"}, ALL | {"test_kept"}),
    ],
)  # fmt: skip
def test_what_an_import_or_a_plugin_made_of_a_docstring_outlives_tests(
    tmp_path: Path, files: dict[str, str], app: set[str] | str, far: set[str] | str
) -> None:
    texts = dict(SMALL, **{"reader.py": READER})
    for path, text in files.items():
        texts[path] = SMALL[path] + text if path.startswith("far") else text + SMALL.get(path, "")
    tree = written(tmp_path / "tree", texts)
    known, report = learn(tree)
    assert not report.failures
    for path, old, expected in (("app.py", "One.", app), ("far.py", "Two.", far)):
        told = affected(known, edit(tree, path, old, "Other words."))
        assert ("all" if isinstance(told, str) else told) == expected


def test_examples_in_docstrings_are_tests(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", {**SMALL, "setup.cfg": "[tool:pytest]\naddopts = --doctest-modules\n"})
    known, _ = learn(tree)
    assert "there for all tests" in affected(known, edit(tree, "app.py", "One.", "\n    >>> 1\n    2\n    "))


def test_a_library_is_heard_and_so_is_a_process(tmp_path: Path) -> None:
    text = """
        import argparse, subprocess, sys, unittest.mock
        import app, far

        def test_parser():
            parser = argparse.ArgumentParser(description=app.__doc__)
            assert "app" in parser.format_help()

        def test_mock():
            assert unittest.mock.create_autospec(app.one)

        def test_process():
            subprocess.run([sys.executable, "-c", "import app"], check=True)
        """
    tree = written(tmp_path / "tree", {**SMALL, "test_more.py": text})
    known, report = learn(tree)
    assert not report.failures
    assert affected(known, edit(tree, "app.py", "The app.", "Another.")) == {"test_parser", "test_process"}


def test_workers_tell_of_docstrings(tmp_path: Path) -> None:
    more = "import app, inspect\nTEXT = inspect.getdoc(app)\n\ndef test_more():\n    assert app.one.__doc__\n"
    addopts = "[tool:pytest]\naddopts = -p xdist -n 2\n"
    tree = written(tmp_path / "tree", {**SMALL, "test_more.py": more, "setup.cfg": addopts})
    known, _ = learn(tree)
    assert affected(known, edit(tree, "app.py", "The app.", "Another.")) == {"test_one", "test_two", "test_more"}
    assert affected(known, edit(tree, "far.py", "Far.", "Another.")) == {"test_more"}

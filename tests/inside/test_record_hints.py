"""An annotation that changed has the tests run that can see it, and all that an import made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.inside.record_texts import LIBRARY, runs_tests
from gatekeeper.model.selection import TestMap
from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app/__init__.py": "",
    "app/core.py": """
        from __future__ import annotations

        import functools

        def told(function):
            return function.__annotations__

        def asked(thing):
            return getattr(thing, "__annotations__", None)

        def listed(thing):
            return [getattr(thing, name, None) for name in dir(thing)]

        def quiet(one: int = 1) -> str:
            return "quiet"

        def loud(one: int = 1) -> bytes:
            return b"loud"

        def passed_on(function):
            @functools.wraps(function)
            def inner(*given, **named):
                return function(*given, **named)
            return inner

        def passed_off(function):
            inner = passed_on(function)
            del inner.__wrapped__
            return inner

        def passed_off_as_its_own(function):
            @functools.wraps(function)
            def inner(one=1.0):
                return function(one)
            del inner.__wrapped__
            return inner

        class Called:
            def __init__(self, function):
                functools.update_wrapper(self, function)

            def __call__(self):
                return self.__wrapped__()

        class Kept:
            def __init__(self, function):
                functools.update_wrapper(self, function)
                self.hints = self.__annotations__

        class Thing:
            size: int = 1

            def grow(self, much: complex) -> Thing:
                return self
        """,
    "app/other.py": """
        from __future__ import annotations

        def far(
            one: float = 1.0,
        ) -> float:
            return one
        """,
    "tests/test_app.py": """
        from __future__ import annotations

        import functools, inspect, operator, typing
        import pytest
        from app import core, other

        def test_quiet(tmp_path: object) -> None:
            assert core.quiet() == "quiet"
            assert core.Thing().grow(1).size == 1

        def test_passed_on():
            assert core.passed_on(core.quiet)() == "quiet"

        def test_far():
            assert other.far() == 1

        def test_told():
            assert core.told(other.far)

        def test_told_of_a_wrapper():
            assert core.told(core.passed_on(other.far))

        def test_told_of_a_wrapper_of_its_own():
            assert core.told(core.passed_off(other.far))

        def test_told_of_a_wrapper_with_the_same_arguments():
            assert core.told(core.passed_off_as_its_own(other.far))

        def test_told_of_a_class_that_wraps():
            assert core.told(functools.update_wrapper(type("Class", (), {}), other.far, updated=()))

        def test_told_by_what_wraps():
            assert core.Kept(other.far).hints

        def test_named_with_dots():
            assert operator.attrgetter("quiet.__annotations__")(core)

        def test_told_of_a_method():
            assert core.told(core.Thing().grow)

        def test_told_of_a_class():
            assert core.told(core.Thing)

        def test_told_of_an_object():
            assert core.told(core.Thing())

        def test_told_of_what_is_called():
            assert core.told(core.Called(other.far))

        def test_asked():
            assert core.asked(len) is None

        def test_asked_of_a_function():
            assert core.asked(other.far)

        def test_listed_of_a_class():
            assert core.listed(core.Thing)

        def test_listed_of_a_function():
            assert core.listed(other.far)

        def test_signature():
            assert inspect.signature(other.far).parameters

        def test_signature_of_a_class():
            assert inspect.signature(core.Called)

        def test_signature_of_a_partial():
            assert inspect.signature(functools.partial(other.far, 2))

        def test_hints():
            assert typing.get_type_hints(other.far)

        def test_hints_of_a_class():
            assert typing.get_type_hints(core.Thing)

        def test_evaluated():
            assert eval("core.quiet.__annotations__")

        @pytest.fixture(scope="module")
        def described() -> str:
            return str(inspect.signature(other.far))

        def test_described(described: str):
            assert described

        def test_described_too(described: str):
            assert described
        """,
}
ANY = {
    *("test_told_of_a_wrapper_of_its_own", "test_told_of_a_wrapper_with_the_same_arguments", "test_evaluated"),
    *("test_named_with_dots", "test_told_by_what_wraps"),
}
OTHER = {
    *("test_told", "test_told_of_a_wrapper", "test_told_of_what_is_called", "test_asked_of_a_function"),
    *("test_listed_of_a_function", "test_signature", "test_signature_of_a_partial", "test_hints"),
    "test_told_of_a_class_that_wraps",
    *("test_described", "test_described_too"),
} | ANY
CORE = {"test_told_of_a_method", "test_told_of_a_wrapper", "test_signature_of_a_class"} | ANY


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TestMap]:
    """The project, and what is known of its tests."""
    tree = written(tmp_path_factory.mktemp("hints") / "tree", FILES)
    found, report = learn(tree)
    assert not report.failures
    return tree, found


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("app/core.py", "one: int = 1) -> str", "one: str = 1) -> str", CORE),
        ("app/core.py", "def quiet(one: int = 1) -> str", "def quiet(one = 1)", CORE),
        (
            "app/core.py",
            "much: complex) -> Thing:",
            "\n        much: complex,\n    ) -> typing.Any | list[Thing]:",
            CORE,
        ),
        ("app/other.py", "    one: float = 1.0,\n", "    one: float | int = 1.0,\n", OTHER),
        ("app/other.py", "(\n    one: float = 1.0,\n) -> float", "(one: int = 1.0) -> int", OTHER),
        ("tests/test_app.py", "tmp_path: object", "tmp_path: str", ANY),
        ("tests/test_app.py", "def described() -> str", "def described() -> object", ANY),
    ],
)
def test_those_run_that_read_an_annotation_of_the_file(
    known: tuple[Path, TestMap], path: str, old: str, new: str, expected: set[str]
) -> None:
    tree, found = known
    assert affected(found, edit(tree, path, old, new)) == expected


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("app/core.py", "size: int = 1", "size: str = 1"),
        ("app/core.py", "one: int = 1) -> str", "one: int = 2) -> str"),
        ("app/core.py", "def loud(one: int = 1)", "def loud(two: int = 1)"),
        ("app/core.py", "def loud(one: int = 1)", "async def loud(one: int = 1)"),
        ("app/core.py", "def loud(one: int = 1)", "def loud(one: (yield) = 1)"),
        ("app/core.py", "from __future__ import annotations", "from __future__ import division"),
    ],
)
def test_all_else_of_a_head_is_what_an_import_executes(
    known: tuple[Path, TestMap], path: str, old: str, new: str
) -> None:
    tree, found = known
    assert len(affected(found, edit(tree, path, old, new))) == len(found.tests)


def test_an_annotation_and_a_body_add_up(known: tuple[Path, TestMap]) -> None:
    tree, found = known
    change = edit(tree, "app/other.py", ") -> float:\n    return one", ") -> int:\n    return one + 0")
    assert affected(found, change) == OTHER | {"test_far"}


def test_lines_that_were_rewritten_are_covered_by_collecting(known: tuple[Path, TestMap]) -> None:
    tree, found = known
    change = edit(tree, "app/other.py", "    one: float = 1.0,\n", "    one: int = 1.0,\n")
    assert affected(found, change, covered=[change]) == OTHER


FUTURE = "from __future__ import annotations\n"
SMALL = {
    "app.py": FUTURE + "\ndef one(x: int = 1) -> int:\n    return x\n",
    "far.py": FUTURE + "\ndef two(x: int = 2) -> int:\n    return x\n",
    "test_app.py": "import app, far\n\ndef test_one():\n    assert app.one()\n\ndef test_two():\n    assert far.two()\n",
    "test_far.py": "import far\n\ndef test_far():\n    assert far.two()\n",
}
READER = """
    import functools, inspect

    def described(function):
        return (function, function.__annotations__)

    def signed(function):
        function.signed = inspect.signature(function)
        return function
    """
BOTH = {"test_one", "test_two"}
ALL = {"test_one", "test_two", "test_far"}
LOADER = """
    import importlib.machinery, sys

    class Loader(importlib.machinery.SourceFileLoader):
        pass

    class Finder(importlib.machinery.PathFinder):
        @classmethod
        def find_spec(cls, name, path=None, target=None):
            spec = super().find_spec(name, path, target)
            if spec and name == "far":
                spec.loader = Loader(name, spec.origin)
            return spec

    sys.meta_path.insert(0, Finder)
    """


@pytest.mark.parametrize(
    ("files", "app", "far"),
    [
        ({}, set(), set()),
        ({"reader.py": READER}, set(), set()),
        ({"test_app.py": "import app\nfrom reader import *\nKEPT = described(app.one)\n"}, BOTH, set()),
        ({"test_app.py": "import app\nfrom reader import *\nKEPT = signed(app.one)\n"}, BOTH, set()),
        ({"test_app.py": "import app, far\nKEPT = far.two.__annotations__\n"}, BOTH, ALL),
        ({"test_app.py": "import app, far\nCOPIED = ('__name__', '__annotations__')\n"}, BOTH, ALL),
        ({"far.py": "from reader import *\ntwo = signed(two)\n"}, set(), ALL),
        ({"far.py": "import functools\n@functools.singledispatch\ndef each(x): pass\n"
          "@each.register\ndef whole(x: int): pass\n"}, set(), ALL),
        ({"conftest.py": "import inspect, far\n\ndef pytest_configure():\n    inspect.signature(far.two)\n"}, set(), "all"),
        ({"conftest.py": LOADER}, set(), ALL),
    ],
)  # fmt: skip
def test_what_an_import_or_a_plugin_made_of_an_annotation_outlives_tests(
    tmp_path: Path, files: dict[str, str], app: set[str] | str, far: set[str] | str
) -> None:
    texts = dict(SMALL, **{"reader.py": READER})
    for path, text in files.items():
        texts[path] = SMALL[path] + text if path.startswith("far") else text + SMALL.get(path, "")
    tree = written(tmp_path / "tree", texts)
    known, report = learn(tree)
    assert not report.failures
    for path, old, new, expected in (
        ("app.py", "x: int = 1", "x: str = 1", app),
        ("far.py", "x: int = 2", "x: str = 2", far),
    ):
        told = affected(known, edit(tree, path, old, new))
        assert ("all" if isinstance(told, str) else told) == expected


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/src/app/.venv/lib/python3.12/site-packages/_pytest/compat.py", True),
        ("/src/pytest/src/_pytest/compat.py", True),
        ("/src/pluggy/.venv/lib/python3.12/site-packages/reader.py", False),
        ("/src/app/.venv/lib/python3.12/site-packages/reader/coverage/lines.py", False),
        (LIBRARY + "inspect.py", False),
    ],
)
def test_what_runs_the_tests_is_told_by_its_package(file: str, expected: bool) -> None:
    assert runs_tests(file) == expected


def test_a_process_is_heard(tmp_path: Path) -> None:
    text = "import subprocess, sys\n\ndef test_process():\n    subprocess.run([sys.executable, '-c', ''], check=True)\n"
    tree = written(tmp_path / "tree", {**SMALL, "test_more.py": text})
    known, _ = learn(tree)
    assert affected(known, edit(tree, "app.py", "x: int = 1", "x: str = 1")) == {"test_process"}


def test_workers_tell_of_annotations(tmp_path: Path) -> None:
    more = "import app, inspect\nTEXT = inspect.signature(app.one)\n\ndef test_more():\n    assert app.one.__annotations__\n"
    addopts = "[tool:pytest]\naddopts = -p xdist -n 2\n"
    tree = written(tmp_path / "tree", {**SMALL, "test_more.py": more, "setup.cfg": addopts})
    known, _ = learn(tree)
    assert affected(known, edit(tree, "app.py", "x: int = 1", "x: str = 1")) == {"test_one", "test_two", "test_more"}
    assert affected(known, edit(tree, "far.py", "x: int = 2", "x: str = 2")) == {"test_more"}
